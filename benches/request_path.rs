//! What the pure parts of a request cost: a chunk in, a chunk out, a price, a name.

use std::hint::black_box;

use bytes::BytesMut;
use criterion::{Criterion, criterion_group, criterion_main};
use generative_gateway::{
    config::Routing,
    dialect::{Dialect, openai::server::ChunkWriter},
    pb::{self, chat_event::Event},
    routing::{catalog::Snapshot, resolve::resolve},
    service::pricing::{self, Price},
};

const CHUNK: &[u8] = br#"{"id":"gen-1","provider":"Example","model":"author/slug","object":"chat.completion.chunk","created":1,"choices":[{"index":0,"delta":{"role":"assistant","content":" hello"},"finish_reason":null,"native_finish_reason":null,"logprobs":null}]}"#;

fn chunks(criterion: &mut Criterion) {
    criterion.bench_function("read a chunk", |bencher| {
        let mut reader = Dialect::OpenRouter.chat_reader(true);
        let mut pieces = Vec::new();
        bencher.iter(|| {
            pieces.clear();
            reader.read(black_box(CHUNK), &mut pieces).expect("a chunk");
        });
    });
    criterion.bench_function("write a chunk", |bencher| {
        let token = pb::TokenEvent { text: " hello".to_owned(), ..pb::TokenEvent::default() };
        let event = pb::ChatEvent { sequence: 2, event: Some(Event::Token(token)) };
        let mut writer = ChunkWriter::new(1, true);
        let mut out = BytesMut::new();
        bencher.iter(|| {
            out.clear();
            writer.write(black_box(&event), &mut out);
        });
    });
}

fn decisions(criterion: &mut Criterion) {
    let price = pb::Price {
        input: Some("0.000003".to_owned()),
        output: Some("0.000015".to_owned()),
        cache_read: Some("0.0000003".to_owned()),
        ..pb::Price::default()
    };
    let price = Price::parse(&price).expect("decimal prices");
    let usage = pb::Usage {
        input_tokens: Some(1200),
        cache_read_tokens: Some(800),
        output_tokens: Some(300),
        ..pb::Usage::default()
    };
    criterion.bench_function("price a call", |bencher| {
        bencher.iter(|| pricing::cost(black_box(&usage), black_box(&price)));
    });
    let (snapshot, settings) = (Snapshot::built_in(), Routing::default());
    for name in ["anthropic/claude-sonnet-4.5", "sonnet 4.5"] {
        criterion.bench_function(&format!("resolve {name:?}"), |bencher| {
            bencher.iter(|| resolve(black_box(name), &snapshot, &settings, |provider| provider == "openrouter"));
        });
    }
}

criterion_group!(request_path, chunks, decisions);
criterion_main!(request_path);
