//! What a second attempt buys: time to the first token through the whole gateway, with a provider in this process whose
//! first token is slow in one of twenty calls. Prints a table; `cargo bench --bench hedging`.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use futures::{StreamExt as _, stream};
use generative_gateway::{
    app,
    config::{Config, Durability, Hedge, Provider},
    pb::{self, AttemptKind, chat_event::Event},
    provider::Registry,
    routing::catalog::Entry,
    service::{Caller, ChatCall, Gateway},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_util::task::TaskTracker;

const REQUESTS: u64 = 2_000;
const AT_ONCE: usize = 16;

const USUAL: Duration = Duration::from_millis(40);
const SLOW: Duration = Duration::from_millis(800);
/// Each so many calls one is slow.
const ONE_OF: u64 = 20;

const ANSWER: &str = "data: {\"id\":\"up\",\"model\":\"a/b\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hello\"},\"finish_reason\":null}]}\n\n\
    data: {\"id\":\"up\",\"model\":\"a/b\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":8,\"completion_tokens\":1,\"total_tokens\":9,\"cost\":0.00001}}\n\n\
    data: [DONE]\n\n";

/// What one way of asking came to.
struct Row {
    first_tokens: Vec<Duration>,
    sent: u64,
    cost: f64,
    losers: f64,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        println!(
            "{REQUESTS} streams, {AT_ONCE} at once; first token after {USUAL:?}, one of {ONE_OF} after {SLOW:?}\n"
        );
        println!("{:<26}{:>10}{:>10}{:>10}{:>13}{:>16}", "hedge", "p50", "p95", "p99", "extra load", "losers' cost");
        let ways = [
            ("none", None, 0.1),
            ("after 80 ms", Some(Hedge::DelayMs(80)), 0.1),
            ("after the 0.9 quantile", Some(Hedge::Quantile(0.9)), 0.1),
            ("after 80 ms, budget 2 %", Some(Hedge::DelayMs(80)), 0.02),
        ];
        for (name, hedge, budget) in ways {
            print(name, run(hedge, budget).await);
        }
    });
}

fn print(name: &str, mut row: Row) {
    row.first_tokens.sort_unstable();
    let quantile = |percent: usize| {
        let at = (row.first_tokens.len() - 1) * percent / 100;
        format!("{:.0} ms", row.first_tokens[at].as_secs_f64() * 1e3)
    };
    let share = |part: f64, whole: f64| format!("{:.1} %", 100.0 * part / whole);
    let extra = share((row.sent - REQUESTS) as f64, REQUESTS as f64);
    let losers = share(row.losers, row.cost);
    println!("{name:<26}{:>10}{:>10}{:>10}{extra:>13}{losers:>16}", quantile(50), quantile(95), quantile(99));
}

async fn run(hedge: Option<Hedge>, budget: f64) -> Row {
    let (base_url, sent) = provider().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.database.url = Some(format!("sqlite://{}?mode=rwc", folder.path().join("books.db").display()));
    config.database.durability = Durability::Process;
    config.routing.hedge = hedge;
    config.routing.hedge_budget = budget;
    config.providers.insert("openrouter".to_owned(), Provider { base_url: Some(base_url), ..Provider::default() });
    let providers = Registry::from_config(&config, |_| None).unwrap();
    let gateway = app::assemble(config, providers, app::Role::Server).await.unwrap();
    // As the answers state it: a loser's input is estimated by it.
    let price = pb::Price { input: Some("0.000001".into()), output: Some("0.000002".into()), ..pb::Price::default() };
    let model = pb::Model { id: "a/b".to_owned(), price: Some(price), ..pb::Model::default() };
    gateway.catalog.replace(gateway.catalog.snapshot().with_entries([Entry::listed("openrouter", model)]));
    let row = measure(&gateway, &sent).await;
    app::close(gateway).await;
    row
}

async fn measure(gateway: &Gateway, sent: &AtomicU64) -> Row {
    let chats = stream::iter(0..REQUESTS).map(|_| chat(gateway)).buffer_unordered(AT_ONCE);
    let ended: Vec<(Duration, String)> = chats.collect().await;
    let (mut cost, mut losers) = (0.0, 0.0);
    for (_, id) in &ended {
        let request = pb::GetGenerationRequest { generation_id: id.clone() };
        let found = gateway.get_generation(&Caller::operator(), request).await.unwrap();
        cost += found.generation.unwrap().cost_usd.unwrap();
        let lost = found.attempts.iter().filter(|attempt| !attempt.won);
        losers += lost.filter_map(|attempt| attempt.cost_usd).sum::<f64>();
        assert!(found.attempts.iter().skip(1).all(|attempt| attempt.kind() == AttemptKind::Hedge));
    }
    let first_tokens = ended.into_iter().map(|(first, _)| first).collect();
    Row { first_tokens, sent: sent.load(Relaxed), cost, losers }
}

/// The time to the first token of one stream, and its generation, which is settled.
async fn chat(gateway: &Gateway) -> (Duration, String) {
    let messages = vec![pb::Message::text(pb::Role::User, "what does a second attempt buy?")];
    let request = pb::ChatRequest { model: "a/b".to_owned(), messages, ..pb::ChatRequest::default() };
    let call = ChatCall { request: Box::new(request), stream: true, ..ChatCall::default() };
    let (begun, mut first) = (Instant::now(), None);
    let mut events = gateway.stream_chat(Caller::operator(), call).await.unwrap();
    while let Some(event) = events.next().await {
        if let Some(Event::Token(_)) = event.unwrap().event {
            first.get_or_insert_with(|| begun.elapsed());
        }
    }
    (first.unwrap(), events.generation_id.clone())
}

/// A provider at a loopback port, and how often it was asked.
async fn provider() -> (String, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/api/v1", listener.local_addr().unwrap());
    let sent = Arc::new(AtomicU64::new(0));
    let (tasks, count) = (TaskTracker::new(), sent.clone());
    let serving = tasks.clone();
    tasks.spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            serving.spawn(serve(socket, count.clone()));
        }
    });
    (base_url, sent)
}

/// Answers what comes on a connection, one after another. Who hangs up is not answered.
async fn serve(mut socket: TcpStream, sent: Arc<AtomicU64>) {
    let mut buffer = vec![0; 64 << 10];
    let mut filled = 0;
    while let Ok(read @ 1..) = socket.read(&mut buffer[filled..]).await {
        filled += read;
        let text = String::from_utf8_lossy(&buffer[..filled]);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if body.len() < length.parse().unwrap() {
            continue;
        }
        filled = 0;
        let number = sent.fetch_add(1, Relaxed);
        // Spread by a multiplier that visits every remainder, so that the slow ones are not neighbours.
        let slow = (number * 7 + number / ONE_OF * 3).is_multiple_of(ONE_OF);
        tokio::time::sleep(if slow { SLOW } else { USUAL }).await;
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length:";
        if socket.write_all(format!("{head} {}\r\n\r\n{ANSWER}", ANSWER.len()).as_bytes()).await.is_err() {
            return;
        }
    }
}
