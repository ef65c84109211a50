//! The listener on real sockets: both protocols on one port, and an end that lets running requests finish.

use std::{
    ffi::OsStr,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use axum::{Router, routing::get};
use generative_gateway::{api::listener, config::Server};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Semaphore,
};
use tokio_rustls::TlsConnector;
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
        Self::configured(Server { drain_seconds: drain, ..Server::default() }).await
    }

    async fn configured(server: Server) -> Self {
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

/// A certificate for `localhost` and its key, made by the system's openssl; none where there is none.
fn certificate(folder: &Path) -> Option<(PathBuf, PathBuf)> {
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args([OsStr::new("-out"), certificate.as_os_str(), OsStr::new("-keyout"), key.as_os_str()])
        .output();
    made.is_ok_and(|output| output.status.success()).then_some((certificate, key))
}

#[tokio::test]
async fn with_a_certificate_tls_offers_both_protocols() {
    let folder = tempfile::tempdir().unwrap();
    let Some((certificate, key)) = certificate(folder.path()) else {
        println!("skipped: there is no openssl to make a certificate with");
        return;
    };
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&certificate).unwrap()).unwrap();
    let server = Server { tls_certificate: Some(certificate), tls_key: Some(key), ..Server::default() };
    let slow = Slow::configured(server).await;
    slow.may_answer.add_permits(1);

    let mut client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.alpn_protocols = vec![b"h2".to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TcpStream::connect(slow.address).await.unwrap();
    let stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut send, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let tasks = TaskTracker::new();
    tasks.spawn(connection);
    let request = axum::http::Request::get("https://localhost/").body(String::new()).unwrap();
    assert_eq!(send.send_request(request).await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_trail_names_the_peer_and_not_what_a_header_says() {
    let app = crate::app::TestApp::start().await;
    let socket = listener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let (address, shutdown, tasks) = (socket.local_addr().unwrap(), CancellationToken::new(), TaskTracker::new());
    let (router, stop) = (app.router(), shutdown.clone());
    let served = tasks.spawn(async move {
        listener::serve(socket, router, &Server::default(), stop, TaskTracker::new()).await.unwrap();
    });
    let body = r#"{"name":"Team Red"}"#;
    let head = format!(
        "POST /api/v1/projects HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-forwarded-for: 203.0.113.9\r\n\
         authorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        app.key,
        body.len()
    );
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all([head.as_str(), body].concat().as_bytes()).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    shutdown.cancel();
    served.await.unwrap();

    let request = axum::http::Request::get("/api/v1/audit?action=project.create").body(axum::body::Body::empty());
    let trail = crate::app::json(app.send(request.unwrap()).await).await;
    let told: Vec<_> = trail["events"].as_array().unwrap().iter().map(|event| &event["address"]).collect();
    assert!(told.contains(&&serde_json::json!("127.0.0.1")), "{trail}");
}
