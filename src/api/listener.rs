//! A listener: HTTP/1.1, HTTP/2 and TLS on one port, and an end that cuts nobody off who can be waited for.

mod tls;

use std::{io, net::SocketAddr, time::Duration};

use axum::{Router, extract::ConnectInfo};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::Instant,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

use crate::config::Server;

/// Connections that wait to be accepted. tokio asks for 128, which drops some when a thousand clients reconnect.
const BACKLOG: i32 = 4096;
/// Longest wait for a request's head or a TLS handshake: clients that trickle bytes hold a connection no longer. Also
/// how long an HTTP/1.1 connection may idle, so more than the minute that client pools keep one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);
const TLS_TIMEOUT: Duration = Duration::from_secs(10);
/// HTTP/2 keep-alive pings: half of what balancers cut idle connections after.
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// Streams of one HTTP/2 connection.
const MAX_STREAMS: u32 = 1024;
/// HTTP/2 flow control: prompts with images should not wait for window updates.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 4 << 20;
/// Wait after a failed accept, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The gateway ends what runs when the time to drain is over; this is for telling the clients.
const FAREWELL: Duration = Duration::from_secs(2);

/// Binds an address; port 0 is any free one.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Serves until `shutdown`; then accepts nobody, tells clients to go, waits for what is running up to
/// `server.drain_seconds`, and cuts the rest. `tasks` gets the connections, and is closed and empty in the end.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    server: &Server,
    shutdown: CancellationToken,
    tasks: TaskTracker,
) -> anyhow::Result<()> {
    let cut = CancellationToken::new();
    let host = Host {
        builder: builder(&tasks),
        router,
        tls: tls::acceptor(server)?,
        max_age: server.max_connection_age_seconds,
        drain: shutdown.clone(),
    };
    while let Some((stream, peer)) = accept(&listener, &shutdown).await {
        let (host, cut) = (host.clone(), cut.clone());
        tasks.spawn(async move { cut.run_until_cancelled(host.welcome(stream, peer)).await });
    }
    drop(listener);
    tasks.close();
    if tokio::time::timeout(server.drain_seconds + FAREWELL, tasks.wait()).await.is_err() {
        tracing::warn!(connections = tasks.len(), "the time to drain is over; what still runs is cut");
        cut.cancel();
        tasks.wait().await;
    }
    Ok(())
}

/// The next connection, or none when it is time to stop.
async fn accept(listener: &TcpListener, shutdown: &CancellationToken) -> Option<(TcpStream, SocketAddr)> {
    loop {
        match shutdown.run_until_cancelled(listener.accept()).await? {
            Ok(accepted) => return Some(accepted),
            // The client has gone again; that says nothing of the next.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// What each connection gets.
#[derive(Clone)]
struct Host {
    builder: auto::Builder<Owned>,
    router: Router,
    tls: Option<TlsAcceptor>,
    max_age: Duration,
    drain: CancellationToken,
}

impl Host {
    async fn welcome(self, stream: TcpStream, peer: SocketAddr) {
        // Small writes are tokens: they must not wait for each other.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let Some(tls) = self.tls.clone() else { return self.attend(stream, peer).await };
        match tokio::time::timeout(TLS_TIMEOUT, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.attend(stream, peer).await,
            Ok(Err(error)) => tracing::debug!(%error, "no TLS handshake"),
            Err(_) => tracing::debug!("the TLS handshake took too long"),
        }
    }

    /// Serves a connection to its end, which is asked for when it is old or when the gateway stops.
    async fn attend(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, peer: SocketAddr) {
        let doors = self.router.map_request(move |mut request: http::Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        });
        let connection = self.builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(doors));
        let mut connection = std::pin::pin!(connection);
        let age = tokio::time::sleep_until(Instant::now() + jitter(self.max_age));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = async { tokio::select! { () = self.drain.cancelled() => {}, () = age => {} } } => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(error, "a connection broke");
        }
    }
}

/// Between nine and eleven tenths, so that clients which came together do not all leave at once.
fn jitter(age: Duration) -> Duration {
    age.mul_f64(rand::random_range(0.9..1.1))
}

fn builder(tasks: &TaskTracker) -> auto::Builder<Owned> {
    let mut builder = auto::Builder::new(Owned(tasks.clone()));
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .max_concurrent_streams(MAX_STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW);
    builder
}

/// Spawns HTTP/2 streams where they are waited for.
#[derive(Clone)]
struct Owned(TaskTracker);

impl<F: Future<Output: Send + 'static> + Send + 'static> hyper::rt::Executor<F> for Owned {
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_differ_but_little() {
        let ages: Vec<_> = (0..64).map(|_| jitter(Duration::from_secs(100))).collect();
        assert!(ages.iter().all(|age| (90..=110).contains(&age.as_secs())));
        assert!(ages.iter().any(|age| *age != ages[0]));
    }
}
