//! What the books cost: CPU time of the whole process for admitting and settling one request, 16 at once.
//!
//! Criterion's "time" is CPU time here. The clock of `/proc` ticks every 10 ms, hence the many requests a sample.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use criterion::{Criterion, criterion_group, criterion_main};
use futures::future::join_all;
use generative_gateway::{
    config::Durability,
    pb,
    service::ledger::Ledger,
    store::{
        Store,
        ledger::{Admission, AttemptEnd, AttemptStart, Settlement},
    },
};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

const AT_ONCE: u64 = 16;

fn ledger(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ledger");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(5));
    for (name, durability) in [("power", Durability::Power), ("process", Durability::Process)] {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime can be made");
        let directory = tempfile::tempdir().expect("a directory can be made");
        let tasks = TaskTracker::new();
        let ledger = runtime.block_on(async {
            let url = format!("sqlite://{}?mode=rwc", directory.path().join("gateway.db").display());
            let store = Store::connect(&url, durability).await.expect("the database opens");
            store.migrate().await.expect("the database takes its shape");
            Ledger::start(store, Uuid::now_v7(), &tasks).await.expect("the writer starts")
        });
        let mut wall = (Duration::ZERO, 0);
        group.bench_function(format!("admit+settle/16/{name}"), |bencher| {
            bencher.iter_custom(|requests| {
                let (cpu, began) = (cpu_time(), Instant::now());
                runtime.block_on(async {
                    let workers = (0..AT_ONCE).map(|worker| {
                        let ledger = ledger.clone();
                        let share = requests / AT_ONCE + u64::from(worker < requests % AT_ONCE);
                        tasks.spawn(async move {
                            for _ in 0..share {
                                call(&ledger).await;
                            }
                        })
                    });
                    join_all(workers).await
                });
                wall = (wall.0 + began.elapsed(), wall.1 + requests);
                cpu_time() - cpu
            });
        });
        let (elapsed, requests) = wall;
        println!("{name}: {requests} requests, {:.0}/s", requests as f64 / elapsed.as_secs_f64());
    }
    group.finish();
}

async fn call(ledger: &Ledger) {
    let admission = admission();
    let settlement = settlement(&admission);
    ledger.admit(admission).await.expect("the books are open");
    ledger.settle(black_box(settlement)).await.expect("the books are open");
}

fn admission() -> Admission {
    let id = Uuid::now_v7();
    Admission {
        id,
        project_id: Uuid::from_u128(1),
        key_id: "k3yk3yk3yk3y".to_owned(),
        door: pb::Door::Openai,
        operation: pb::Operation::Chat,
        model: pb::ModelResolution {
            requested: "openai/gpt-4o-mini".to_owned(),
            resolved: "openai/gpt-4o-mini".to_owned(),
            rule: pb::ResolutionRule::Exact.into(),
            confidence: 1.0,
        },
        price_version: Some(Uuid::from_u128(2)),
        created_at_ms: now_ms(),
        attempt: AttemptStart {
            generation_id: id,
            index: 1,
            kind: pb::AttemptKind::Primary,
            provider: "openrouter".to_owned(),
            credential: "default".to_owned(),
            upstream_model: "openai/gpt-4o-mini".to_owned(),
            started_at_ms: now_ms(),
        },
        ..Admission::default()
    }
}

fn settlement(admission: &Admission) -> Settlement {
    let usage = pb::Usage {
        input_tokens: Some(100),
        output_tokens: Some(200),
        total_input_tokens: Some(100),
        total_output_tokens: Some(200),
        source: pb::UsageSource::Provider.into(),
        ..pb::Usage::default()
    };
    Settlement {
        id: admission.id,
        project_id: admission.project_id,
        key_id: admission.key_id.clone(),
        model: admission.model.resolved.clone(),
        created_at_ms: admission.created_at_ms,
        state: pb::GenerationState::Completed,
        finish_reason: pb::FinishReason::Stop,
        provider: "openrouter".to_owned(),
        upstream_provider: "OpenAI".to_owned(),
        usage,
        cost_nano_usd: Some(135_000),
        cost_source: pb::CostSource::Provider,
        computed_cost_nano_usd: Some(135_000),
        ended_at_ms: admission.created_at_ms + 900,
        first_token_us: Some(300_000),
        total_us: 900_000,
        overhead_us: 400,
        attempts: vec![AttemptEnd {
            start: admission.attempt.clone(),
            upstream_id: "gen-1769860800-abcdefghijklmnop".to_owned(),
            http_status: Some(200),
            usage,
            cost_nano_usd: Some(135_000),
            raw_usage: Some(
                r#"{"prompt_tokens":100,"completion_tokens":200,"total_tokens":300,"cost":0.000135}"#.to_owned(),
            ),
            first_token_at_ms: Some(admission.created_at_ms + 300),
            ended_at_ms: admission.created_at_ms + 900,
            won: true,
            ..AttemptEnd::default()
        }],
        ..Settlement::default()
    }
}

fn now_ms() -> i64 {
    generative_gateway::service::clock::now_ms()
}

/// User and system time of this process, all threads.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("this bench needs Linux");
    // The name in parentheses may hold spaces; utime and stime are fields 14 and 15 of `man 5 proc_pid_stat`.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

criterion_group!(benches, ledger);
criterion_main!(benches);
