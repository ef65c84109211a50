//! The listener on real sockets: both protocols on one port, and an end that lets running requests finish.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, routing::get};
use generative_gateway::{api::listener, config::Server};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// A server whose one route tells when it is asked, and answers when it may.
struct Slow {
    address: SocketAddr,
    asked: Arc<Semaphore>,
    may_answer: Arc<Semaphore>,
    shutdown: CancellationToken,
    ended: tokio::task::JoinHandle<()>,
    /// Holds the server.
    _tasks: TaskTracker,
}

impl Slow {
    async fn start(drain: Duration) -> Self {
        let socket = listener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let (asked, may_answer) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let handler = {
            let (asked, may_answer) = (asked.clone(), may_answer.clone());
            async move || {
                asked.add_permits(1);
                may_answer.acquire().await.expect("never closed").forget();
                "answered"
            }
        };
        let router = Router::new().route("/", get(handler));
        let server = Server { drain_seconds: drain, ..Server::default() };
        let (address, shutdown, tasks) =
            (socket.local_addr().expect("bound"), CancellationToken::new(), TaskTracker::new());
        let stop = shutdown.clone();
        let ended = tasks.spawn(async move {
            listener::serve(socket, router, &server, stop, TaskTracker::new()).await.expect("no TLS to fail");
        });
        std::future::ready(Self { address, asked, may_answer, shutdown, ended, _tasks: tasks }).await
    }

    async fn ask(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.expect("it listens");
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("it reads");
        self.asked.acquire().await.expect("never closed").forget();
        stream
    }
}

async fn rest(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it closes in order");
    answer
}

#[tokio::test]
async fn what_runs_at_shutdown_ends_well_and_nobody_new_is_let_in() {
    let slow = Slow::start(Duration::from_secs(60)).await;
    let running = slow.ask().await;
    let idle = TcpStream::connect(slow.address).await.unwrap();
    slow.shutdown.cancel();
    // The idle connection is closed at once, which also says that the stop was noticed.
    assert_eq!(rest(idle).await, "");
    assert!(TcpStream::connect(slow.address).await.is_err(), "nobody listens");

    slow.may_answer.add_permits(1);
    let answer = rest(running).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("answered"), "{answer}");
    slow.ended.await.unwrap();
}

#[tokio::test]
async fn what_does_not_end_is_cut_when_the_time_to_drain_is_over() {
    let slow = Slow::start(Duration::ZERO).await;
    let running = slow.ask().await;
    slow.shutdown.cancel();
    slow.ended.await.unwrap();
    assert_eq!(rest(running).await, "");
}

#[tokio::test]
async fn http_2_is_spoken_in_clear_text_and_told_to_go_away() {
    let slow = Slow::start(Duration::from_secs(60)).await;
    let stream = TcpStream::connect(slow.address).await.unwrap();
    let (mut send, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let tasks = TaskTracker::new();
    let gone = tasks.spawn(connection);
    let request = axum::http::Request::get(format!("http://{}/", slow.address)).body(String::new()).unwrap();
    let answer = send.send_request(request);
    let served = async {
        slow.asked.acquire().await.unwrap().forget();
        slow.shutdown.cancel();
        slow.may_answer.add_permits(1);
    };
    let (answer, ()) = tokio::join!(answer, served);
    assert_eq!(answer.unwrap().status(), 200);
    // GOAWAY ends the connection without an error.
    gone.await.unwrap().unwrap();
    slow.ended.await.unwrap();
}
