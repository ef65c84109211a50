//! Providers that misbehave, as local servers that write raw bytes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::StreamExt as _;
use generative_gateway::{
    config::Config,
    dialect::{OutgoingChat, Piece},
    error::{Error, Reason},
    pb::{self, chat_event::Event},
    provider::{Answer, Provider, Registry, Upstream},
};
use secrecy::SecretString;

use crate::host::{End, Host, STREAM, chunk, whole};

/// A host, and the provider that reaches it.
struct Server {
    provider: Arc<Provider>,
    host: Host,
}

impl Server {
    async fn start(answers: Vec<(String, End)>) -> Self {
        let host = Host::start(answers).await;
        Self { provider: provider(&host.base_url), host }
    }

    async fn answering(bytes: String, end: End) -> Self {
        Self::start(vec![(bytes, end)]).await
    }
}

fn provider(base_url: &str) -> Arc<Provider> {
    let mut config = Config::default();
    let settings = config.providers.entry("openrouter".to_owned()).or_default();
    settings.base_url = Some(base_url.to_owned());
    settings.headers = [("X-Title".to_owned(), "tests".to_owned())].into();
    let registry = Registry::from_config(&config, |_| Some(SecretString::from("secret"))).unwrap();
    registry.find("openrouter").unwrap().clone()
}

async fn ask(provider: &Arc<Provider>, stream: bool, deadline: Option<Instant>) -> Result<Answer, Error> {
    let messages = vec![pb::Message::text(pb::Role::User, "hello")];
    let request = pb::ChatRequest { messages, ..pb::ChatRequest::default() };
    let outgoing = OutgoingChat { request: &request, source: None, model: "a/b", facts: None, stream };
    Upstream::default().chat(provider, 0, outgoing, deadline).await
}

/// Reads an answer to its end: its text, whether it ended well, and its error.
async fn read(answer: Answer) -> (String, bool, Option<Error>) {
    let (mut text, mut ended, mut failed) = (String::new(), false, None);
    let mut pieces = answer.pieces;
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(Piece::Begun(_)) => assert!(text.is_empty() && !ended, "begun comes first"),
            Ok(Piece::Event(Event::Token(token))) => text.push_str(&token.text),
            Ok(Piece::Event(_)) => {}
            Ok(Piece::Ended(_)) => ended = true,
            Err(error) => failed = Some(error),
        }
    }
    (text, ended, failed)
}

fn event(delta: &str, rest: &str) -> String {
    chunk(&format!(
        "data: {{\"id\":\"gen-1\",\"model\":\"a/b\",\"choices\":[{{\"index\":0,\"delta\":{delta}{rest}}}]}}\n\n"
    ))
}

fn text(text: &str) -> String {
    event(&format!("{{\"role\":\"assistant\",\"content\":\"{text}\"}}"), ",\"finish_reason\":null")
}

fn finish() -> String {
    event("{\"role\":\"assistant\",\"content\":\"\"}", ",\"finish_reason\":\"stop\"")
}

#[tokio::test]
async fn a_request_carries_key_headers_and_path_and_its_answer_comes_in_pieces() {
    let alive = chunk(": OPENROUTER PROCESSING\n\n");
    let stream =
        [STREAM, &alive, &text("Hel"), &text("lo"), &finish(), &chunk("data: [DONE]\n\n"), "0\r\n\r\n"].concat();
    let mut server = Server::answering(stream, End::Close).await;
    let answer = ask(&server.provider, true, None).await.unwrap();
    assert_eq!(answer.status, 200);
    let (text, ended, failed) = read(answer).await;
    assert_eq!((text.as_str(), ended), ("Hello", true), "{failed:?}");

    let request = server.host.requests.recv().await.unwrap();
    assert!(request.starts_with("POST /api/v1/chat/completions HTTP/1.1\r\n"), "{request}");
    for header in ["authorization: Bearer secret", "x-title: tests", "content-type: application/json"] {
        assert!(request.contains(&format!("\r\n{header}\r\n")), "{header} in {request}");
    }
}

#[tokio::test]
async fn a_refusal_keeps_its_status_and_what_it_says_about_waiting() {
    let body = r#"{"error":{"code":429,"message":"slow down"}}"#;
    let server = Server::answering(whole("429 Too Many Requests", "retry-after: 7\r\n", body), End::Close).await;
    let error = ask(&server.provider, true, None).await.err().unwrap();
    assert_eq!(error.reason, Reason::ProviderRateLimited);
    assert_eq!((error.provider.as_deref(), error.provider_status), (Some("openrouter"), Some(429)));
    assert_eq!(error.retry_after, Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn two_hundred_is_not_yet_success() {
    let body = format!("{}{}", " \n".repeat(50), r#"{"error":{"code":429,"message":"slow down"}}"#);
    let in_stream = [
        STREAM,
        &chunk(": alive\n\n"),
        &event("{}", ",\"finish_reason\":null"),
        &chunk("data: {\"error\":{\"code\":429,\"message\":\"slow down\"}}\n\n"),
    ]
    .concat();
    for (bytes, stream) in [(whole("200 OK", "", &body), false), (whole("200 OK", "", &body), true), (in_stream, true)]
    {
        let server = Server::answering(bytes, End::Close).await;
        let error = ask(&server.provider, stream, None).await.err().unwrap();
        assert_eq!(error.reason, Reason::ProviderRateLimited, "{error:?}");
    }
}

#[tokio::test]
async fn what_was_asked_for_as_a_stream_may_come_whole_and_the_reverse() {
    let body = r#"{"id":"gen-1","model":"a/b","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}"#;
    let server = Server::answering(whole("200 OK", "content-type: text/plain\r\n", body), End::Close).await;
    let (said, ended, _) = read(ask(&server.provider, true, None).await.unwrap()).await;
    assert_eq!((said.as_str(), ended), ("hi", true));

    let stream = [STREAM, &text("hi"), &finish(), "0\r\n\r\n"].concat();
    let server = Server::answering(stream, End::Close).await;
    let (said, ended, _) = read(ask(&server.provider, false, None).await.unwrap()).await;
    assert_eq!((said.as_str(), ended), ("hi", true));
}

#[tokio::test]
async fn a_provider_that_breaks_before_its_answer_is_told_apart() {
    let check = async |bytes: &str, end, expected| {
        let server = Server::answering(bytes.to_owned(), end).await;
        let error = ask(&server.provider, true, None).await.err().unwrap();
        assert_eq!((error.reason, error.retryable()), (expected, true), "{bytes:?}: {error:?}");
        assert_eq!(error.provider.as_deref(), Some("openrouter"));
    };
    check("", End::Close, Reason::ProviderUnreachable).await;
    check("", End::Reset, Reason::ProviderUnreachable).await;
    check("HTTP/1.1 200 OK\r\ncontent-ty", End::Close, Reason::ProviderUnreachable).await;
    check("SSH-2.0-OpenSSH_9.9\r\n", End::Close, Reason::ProviderMalformedResponse).await;
    check(&[STREAM, "0\r\n\r\n"].concat(), End::Close, Reason::ProviderStreamTruncated).await;

    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = ask(&provider(&format!("http://{nobody}")), true, None).await.err().unwrap();
    assert_eq!(error.reason, Reason::ProviderUnreachable, "{error:?}");
    assert!(!format!("{error:?}").contains("secret"));
}

#[tokio::test]
async fn a_provider_that_breaks_within_its_answer_leaves_what_it_said_and_an_error() {
    let check = async |rest: &str, end, expected: &[Reason]| {
        let server = Server::answering([STREAM, &text("some"), rest].concat(), end).await;
        let (said, ended, failed) = read(ask(&server.provider, true, None).await.unwrap()).await;
        let failed = failed.unwrap();
        assert_eq!((said.as_str(), ended), ("some", false), "{rest:?}");
        assert!(expected.contains(&failed.reason), "{rest:?}: {failed:?}");
        assert_eq!((failed.provider.as_deref(), failed.provider_status), (Some("openrouter"), Some(200)));
        failed
    };
    let truncated = &[Reason::ProviderStreamTruncated];
    check("", End::Close, truncated).await;
    check("", End::Reset, truncated).await;
    check("0\r\n\r\n", End::Close, truncated).await;
    check("xyz\r\n", End::Close, truncated).await;
    check(&[chunk("data: {\"id\":\"gen-1\",\"cho"), "0\r\n\r\n".to_owned()].concat(), End::Close, truncated).await;
    // A dialect may skip a frame that it cannot read; the end is then missing.
    let garbled = &[Reason::ProviderMalformedResponse, Reason::ProviderStreamTruncated];
    check(&[chunk("data: {\"choices\":[<html>\n\n"), "0\r\n\r\n".to_owned()].concat(), End::Close, garbled).await;
    let usage = ",\"finish_reason\":null}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5},\"x\":[{\"y\":1";
    let failed = check(&event("{\"content\":\"\"}", usage), End::Close, truncated).await;
    assert_eq!(failed.usage.and_then(|usage| usage.total_output_tokens), Some(2));
}

#[tokio::test]
async fn an_answer_that_had_all_come_is_whole_although_the_connection_broke() {
    for end in [End::Close, End::Reset] {
        let server = Server::answering([STREAM, &text("all"), &finish()].concat(), end).await;
        let (said, ended, failed) = read(ask(&server.provider, true, None).await.unwrap()).await;
        assert_eq!((said.as_str(), ended), ("all", true), "{failed:?}");
    }
}

#[tokio::test]
async fn a_half_body_is_truncated_not_malformed() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"id\":\"gen-1\",\"choices\":[";
    let server = Server::answering(half.to_owned(), End::Close).await;
    let error = ask(&server.provider, false, None).await.err().unwrap();
    assert_eq!(error.reason, Reason::ProviderStreamTruncated);
}

#[tokio::test]
async fn silence_is_a_timeout_before_and_within_an_answer() {
    let mut server = Server::answering(String::new(), End::Hold).await;
    let provider = server.provider.clone();
    let (answer, ()) = tokio::join!(ask(&provider, true, None), async {
        server.host.requests.recv().await.unwrap();
        tokio::time::pause();
    });
    let error = answer.err().unwrap();
    assert_eq!(error.reason, Reason::ProviderTimeout);
    tokio::time::resume();
    server.host.left.recv().await.unwrap();

    let server = Server::answering([STREAM, &text("some")].concat(), End::Hold).await;
    let answer = ask(&server.provider, true, None).await.unwrap();
    tokio::time::pause();
    let before = tokio::time::Instant::now();
    let (said, _, failed) = read(answer).await;
    assert_eq!((said.as_str(), failed.unwrap().reason), ("some", Reason::ProviderTimeout));
    assert_eq!(before.elapsed().as_secs(), 120);
}

#[tokio::test]
async fn a_deadline_ends_the_wait_before_and_within_an_answer() {
    let soon = || Some(tokio::time::Instant::now().into_std() + Duration::from_secs(60));
    let mut server = Server::answering(String::new(), End::Hold).await;
    let provider = server.provider.clone();
    let (answer, ()) = tokio::join!(ask(&provider, true, soon()), async {
        server.host.requests.recv().await.unwrap();
        tokio::time::pause();
    });
    assert_eq!(answer.err().unwrap().reason, Reason::DeadlineExceeded);
    tokio::time::resume();

    let server = Server::answering([STREAM, &text("some")].concat(), End::Hold).await;
    let answer = ask(&server.provider, true, soon()).await.unwrap();
    tokio::time::pause();
    let (said, _, failed) = read(answer).await;
    assert_eq!((said.as_str(), failed.unwrap().reason), ("some", Reason::DeadlineExceeded));
}

#[tokio::test]
async fn a_dropped_answer_cancels_the_call() {
    let mut server = Server::answering([STREAM, &text("some")].concat(), End::Hold).await;
    drop(ask(&server.provider, true, None).await.unwrap());
    server.host.left.recv().await.unwrap();

    let mut server = Server::answering(String::new(), End::Hold).await;
    let provider = server.provider.clone();
    tokio::select! {
        _ = ask(&provider, true, None) => panic!("nothing was answered"),
        request = server.host.requests.recv() => assert!(request.is_some()),
    }
    server.host.left.recv().await.unwrap();
}

#[tokio::test]
async fn models_come_from_both_lists_and_the_second_may_lack() {
    let list = |id: &str| whole("200 OK", "", &format!("{{\"data\":[{{\"id\":\"{id}\"}}]}}"));
    let missing = whole("404 Not Found", "", "{}");
    for (second, expected) in [(list("c/d"), 2), (missing, 1)] {
        let mut server = Server::start(vec![(list("a/b"), End::Close), (second, End::Close)]).await;
        let models = Upstream::default().models(&server.provider).await.unwrap();
        assert_eq!(models.len(), expected);
        let mut paths = [server.host.requests.recv().await.unwrap(), server.host.requests.recv().await.unwrap()];
        paths.sort();
        assert!(paths[0].starts_with("GET /api/v1/embeddings/models ") && paths[1].starts_with("GET /api/v1/models "));
    }
}
