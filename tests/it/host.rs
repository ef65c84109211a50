//! A provider on the network, as a script: a local server that writes raw bytes, an answer a connection.

use std::time::Duration;

use generative_gateway::config::{Config, Hedge, Member, Provider, Routing, Streams, VirtualModel};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_util::task::TaskTracker;

/// How a server ends what it wrote.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Close,
    Reset,
    /// Writes no more and waits for the client to leave.
    Hold,
}

/// A scripted provider.
pub(crate) struct Host {
    pub(crate) base_url: String,
    /// Requests as they came.
    pub(crate) requests: mpsc::Receiver<String>,
    /// Clients that left a server which held the connection.
    pub(crate) left: mpsc::Receiver<()>,
    _tasks: TaskTracker,
}

impl Host {
    /// A server that gives these answers, in their order.
    pub(crate) async fn start(answers: Vec<(String, End)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/api/v1", listener.local_addr().unwrap());
        let ((told, requests), (leaving, left), tasks) = (mpsc::channel(8), mpsc::channel(8), TaskTracker::new());
        tasks.spawn(async move {
            for (bytes, end) in answers {
                let (mut socket, _) = listener.accept().await.unwrap();
                let request = read_request(&mut socket).await;
                told.send(request).await.unwrap();
                // Who was told enough may have left before the end.
                if socket.write_all(bytes.as_bytes()).await.is_err() {
                    continue;
                }
                match end {
                    End::Close => {}
                    End::Reset => {
                        socket2::SockRef::from(&socket).set_linger(Some(Duration::ZERO)).unwrap();
                    }
                    End::Hold => {
                        while socket.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {}
                        leaving.send(()).await.unwrap();
                    }
                }
            }
        });
        Self { base_url, requests, left, _tasks: tasks }
    }

    /// A server that answers once, as the test has it write: what is sent, until the sender is dropped.
    pub(crate) async fn by_hand() -> (Self, mpsc::Sender<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/api/v1", listener.local_addr().unwrap());
        let ((told, requests), (leaving, left), tasks) = (mpsc::channel(8), mpsc::channel(8), TaskTracker::new());
        let (sender, mut writes) = mpsc::channel::<String>(8);
        tasks.spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            told.send(read_request(&mut socket).await).await.unwrap();
            let (mut reads, mut socket) = socket.into_split();
            loop {
                tokio::select! {
                    read = reads.read_u8() => {
                        assert!(read.is_err(), "a client says no more");
                        return leaving.send(()).await.unwrap();
                    }
                    bytes = writes.recv() => match bytes {
                        Some(bytes) if socket.write_all(bytes.as_bytes()).await.is_ok() => {}
                        Some(_) => return leaving.send(()).await.unwrap(),
                        None => return,
                    }
                }
            }
        });
        (Self { base_url, requests, left, _tasks: tasks }, sender)
    }

    /// How many requests came.
    pub(crate) fn asked(&mut self) -> usize {
        std::iter::from_fn(|| self.requests.try_recv().ok()).count()
    }
}

/// A gateway's configuration with this host as its provider, and short waits: also for clients that left.
pub(crate) fn config(base_url: &str) -> Config {
    let openrouter = Provider { base_url: Some(base_url.to_owned()), ..Provider::default() };
    let milliseconds = Duration::from_millis;
    let routing = Routing { retry_base_ms: milliseconds(1), retry_max_ms: milliseconds(5), ..Routing::default() };
    let streams = Streams { resume_grace_seconds: Duration::ZERO, ..Streams::default() };
    Config { routing, streams, providers: [("openrouter".to_owned(), openrouter)].into(), ..Config::default() }
}

/// Two providers of the virtual model `pool`, the second of which is asked when the first is slow.
pub(crate) fn hedged(slow: &Host, fast: &Host) -> Config {
    let mut config = config(&slow.base_url);
    let own = Provider {
        base_url: Some(fast.base_url.clone()),
        dialect: Some("openrouter".to_owned()),
        ..Provider::default()
    };
    config.providers.insert("own".to_owned(), own);
    let member = |provider: &str| Member { model: "a/b".to_owned(), provider: Some(provider.to_owned()), weight: 1.0 };
    let pool = VirtualModel {
        targets: vec![member("openrouter"), member("own")],
        hedge: Some(Hedge::DelayMs(5)),
        ..VirtualModel::default()
    };
    config.routing.models = [("pool".to_owned(), pool)].into();
    config
}

async fn read_request(socket: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = socket.read(&mut buffer).await.unwrap();
        request.extend_from_slice(&buffer[..read]);
        let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let (head, body) = (std::str::from_utf8(&request[..end]).unwrap(), &request[end + 4..]);
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if read == 0 || body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return String::from_utf8(request).unwrap();
        }
    }
}

/// The head of an event stream.
pub(crate) const STREAM: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/// The end of a body in chunks.
pub(crate) const OVER: &str = "0\r\n\r\n";

pub(crate) fn chunk(data: &str) -> String {
    format!("{:x}\r\n{data}\r\n", data.len())
}

/// An event with text.
pub(crate) fn said(text: &str) -> String {
    let delta = format!("{{\"role\":\"assistant\",\"content\":\"{text}\"}}");
    chunk(&format!(
        "data: {{\"id\":\"up-1\",\"model\":\"a/b\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":null}}]}}\n\n"
    ))
}

/// The events of a good end: 3 tokens in, 2 out, and what they cost.
pub(crate) fn good_end() -> String {
    let finish = "data: {\"id\":\"up-1\",\"model\":\"a/b\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5,\"cost\":0.00125}}\n\n";
    [chunk(finish).as_str(), &chunk("data: [DONE]\n\n"), OVER].concat()
}

/// A whole stream.
pub(crate) fn good(text: &str) -> String {
    [STREAM, &said(text), &good_end()].concat()
}

/// A whole answer.
pub(crate) fn whole(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}", body.len())
}
