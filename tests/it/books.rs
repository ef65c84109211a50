//! The books: nothing is lost, nothing is booked twice.

mod schedules;

use futures::future::join_all;
use generative_gateway::{
    config::Durability,
    error::Reason,
    pb,
    service::{keys::Keys, ledger::Ledger},
    store::{
        Store,
        ledger::{Admission, AttemptEnd, AttemptStart, Settlement},
        usage::Sight,
    },
};
use sea_orm::ConnectionTrait as _;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::database::{self, Sql};

/// 2026-01-31T12:00:00Z.
pub(crate) const NOON_MS: i64 = 1_769_860_800_000;

/// An admission as the chat path makes it.
pub(crate) fn admission() -> Admission {
    let id = Uuid::now_v7();
    Admission {
        id,
        project_id: Uuid::from_u128(1),
        key_id: "key1".to_owned(),
        end_user: "ann".to_owned(),
        metadata: [("team".to_owned(), "red".to_owned())].into(),
        door: pb::Door::Openai,
        operation: pb::Operation::Chat,
        model: pb::ModelResolution {
            requested: "sonnet".to_owned(),
            resolved: "anthropic/claude-sonnet-4.5".to_owned(),
            rule: pb::ResolutionRule::Alias.into(),
            confidence: 1.0,
        },
        streamed: true,
        created_at_ms: NOON_MS,
        candidates: vec![pb::Candidate { provider: "openrouter".to_owned(), chosen: true, ..pb::Candidate::default() }],
        attempt: attempt(id, 1),
        ..Admission::default()
    }
}

fn attempt(generation_id: Uuid, index: u32) -> AttemptStart {
    let kind = if index == 1 { pb::AttemptKind::Primary } else { pb::AttemptKind::Fallback };
    let provider = if index == 1 { "openrouter" } else { "anthropic" };
    AttemptStart {
        generation_id,
        index,
        kind,
        provider: provider.to_owned(),
        credential: "default".to_owned(),
        upstream_model: "claude-sonnet-4.5".to_owned(),
        started_at_ms: NOON_MS,
    }
}

/// The end of what was admitted, after that many attempts of which the last one cost something.
pub(crate) fn settlement(admission: &Admission, attempts: u32, cost_nano_usd: Option<i64>) -> Settlement {
    let usage = pb::Usage {
        input_tokens: Some(10),
        cache_read_tokens: Some(0),
        output_tokens: Some(5),
        source: pb::UsageSource::Provider.into(),
        ..pb::Usage::default()
    };
    let end = |index| {
        let won = index == attempts;
        AttemptEnd {
            start: attempt(admission.id, index),
            http_status: Some(if won { 200 } else { 529 }),
            error_reason: if won { pb::ErrorReason::Unspecified } else { pb::ErrorReason::ProviderOverloaded },
            usage: if won { usage } else { pb::Usage::default() },
            cost_nano_usd: cost_nano_usd.filter(|_| won),
            raw_usage: won.then(|| r#"{"prompt_tokens":10}"#.to_owned()),
            ended_at_ms: NOON_MS + 900,
            won,
            ..AttemptEnd::default()
        }
    };
    Settlement {
        id: admission.id,
        project_id: admission.project_id,
        key_id: admission.key_id.clone(),
        end_user: admission.end_user.clone(),
        model: admission.model.resolved.clone(),
        created_at_ms: admission.created_at_ms,
        price_version: admission.price_version,
        state: pb::GenerationState::Completed,
        finish_reason: pb::FinishReason::Stop,
        provider: attempt(admission.id, attempts).provider,
        usage,
        cost_nano_usd,
        cost_source: pb::CostSource::Provider,
        ended_at_ms: admission.created_at_ms + 900,
        first_token_us: Some(300_000),
        total_us: 900_000,
        overhead_us: 450,
        attempts: (1..=attempts).map(end).collect(),
        ..Settlement::default()
    }
}

/// A writer on that store, and the tasks that it runs in.
pub(crate) async fn start(store: &Store) -> (Ledger, TaskTracker) {
    let tasks = TaskTracker::new();
    (Ledger::start(store.clone(), Uuid::now_v7(), &tasks).await.unwrap(), tasks)
}

/// Ends a writer as a process ends that was told to stop.
pub(crate) async fn stop((ledger, tasks): (Ledger, TaskTracker)) {
    drop(ledger);
    tasks.close();
    tasks.wait().await;
}

/// The invariants that hold at any time.
pub(crate) async fn assert_balanced(sql: &Sql) {
    let sums = "CAST(COALESCE(SUM(requests), 0) AS BIGINT), CAST(COALESCE(SUM(failed_requests), 0) AS BIGINT), \
                CAST(COALESCE(SUM(extra_attempts), 0) AS BIGINT), CAST(COALESCE(SUM(total_input_tokens), 0) AS BIGINT), \
                CAST(COALESCE(SUM(cost_nano_usd), 0) AS BIGINT), \
                CAST(COALESCE(SUM(unknown_cost_requests), 0) AS BIGINT)";
    let hourly = |by: &str| format!("SELECT {sums} FROM usage_hourly WHERE {by}");
    let booked = |by: &str| {
        format!(
            "SELECT {sums} FROM (SELECT 1 AS requests, CASE WHEN state = 'failed' THEN 1 ELSE 0 END AS failed_requests, \
             attempt_count - 1 AS extra_attempts, COALESCE(input_tokens, 0) AS total_input_tokens, \
             COALESCE(cost_nano_usd, 0) AS cost_nano_usd, \
             CASE WHEN cost_nano_usd IS NULL THEN 1 ELSE 0 END AS unknown_cost_requests \
             FROM generations WHERE state <> 'admitted' AND {by}) rows"
        )
    };
    for by in ["provider = 'openrouter'", "provider = 'anthropic'", "1 = 1"] {
        assert_eq!(sql.numbers(&hourly(by)).await, sql.numbers(&booked(by)).await, "rollups of {by}");
    }
    // An only attempt has no row of its own, and no cost but the generation's.
    let unlike_attempts = "SELECT COUNT(*) FROM generations g WHERE state NOT IN ('admitted', 'unknown') AND \
         attempt_count > 1 AND \
         COALESCE(cost_nano_usd, 0) <> (SELECT COALESCE(SUM(a.cost_nano_usd), 0) FROM attempts a \
         WHERE a.generation_id = g.id)";
    assert_eq!(sql.number(unlike_attempts).await, 0, "attempts' cost is the generation's");
    let twice = "SELECT COUNT(*) FROM (SELECT generation_id FROM adjustments GROUP BY generation_id \
                 HAVING COUNT(*) > 1) twice";
    assert_eq!(sql.number(twice).await, 0, "no generation is adjusted twice");
}

async fn count(sql: &Sql, state: &str) -> i64 {
    sql.number(&format!("SELECT COUNT(*) FROM generations WHERE state = '{state}'")).await
}

#[tokio::test]
async fn what_is_admitted_is_settled_once() {
    let database = database::fresh().await;
    let (ledger, _tasks) = start(&database.store).await;
    let sql = database.sql().await;

    let admission = admission();
    ledger.admit(admission.clone()).await.unwrap();
    assert_eq!(count(&sql, "admitted").await, 1, "committed before the answer");
    let known = "SELECT COUNT(*) FROM generations WHERE first_provider = provider AND first_credential <> ''";
    assert_eq!(sql.number(known).await, 1, "with the attempt that is about to be made");
    let found = database.store.find_generation(Sight::All, admission.id).await.unwrap().unwrap();
    assert_eq!((found.attempts.len(), found.attempts[0].provider.as_str()), (1, "openrouter"));
    ledger.begin_attempt(attempt(admission.id, 2)).await.unwrap();

    ledger.settle(settlement(&admission, 2, Some(1_500))).await.unwrap();
    let again = Settlement { state: pb::GenerationState::Failed, ..settlement(&admission, 2, Some(9_999)) };
    ledger.settle(again).await.unwrap();
    assert_eq!(count(&sql, "completed").await, 1);
    assert_eq!(sql.number("SELECT cost_nano_usd FROM generations").await, 1_500);
    assert_eq!(sql.number("SELECT COUNT(*) FROM attempts WHERE ended_at_ms IS NOT NULL").await, 2);
    assert_eq!(sql.number("SELECT COUNT(*) FROM adjustments").await, 0);
    assert_balanced(&sql).await;
}

#[tokio::test]
async fn a_restart_gives_up_what_the_last_process_left() {
    let database = database::fresh().await;
    let first = start(&database.store).await;
    let (settled, left) = (admission(), admission());
    first.0.admit(settled.clone()).await.unwrap();
    first.0.admit(left.clone()).await.unwrap();
    first.0.begin_attempt(attempt(left.id, 2)).await.unwrap();
    first.0.settle(settlement(&settled, 1, Some(7))).await.unwrap();
    stop(first).await;

    let second = start(&database.store).await;
    let sql = database.sql().await;
    assert_eq!((count(&sql, "completed").await, count(&sql, "unknown").await), (1, 1));
    let known = "SELECT COUNT(*) FROM generations WHERE state = 'unknown' AND cost_nano_usd IS NULL \
                 AND ended_at_ms IS NOT NULL AND error_reason = '' AND provider = 'anthropic' AND attempt_count = 2";
    assert_eq!(sql.number(known).await, 1, "the cost stays unknown, the provider is the one tried last");
    assert_balanced(&sql).await;
    assert_eq!(second.0.recover().await.unwrap(), 0, "a process does not give up its own");
}

#[tokio::test]
async fn a_settlement_after_recovery_becomes_one_adjustment() {
    let database = database::fresh().await;
    let (ledger, _tasks) = start(&database.store).await;
    let admission = admission();
    ledger.admit(admission.clone()).await.unwrap();

    let never = NOON_MS * 2;
    assert_eq!(database.store.recover(Uuid::now_v7(), never, NOON_MS).await.unwrap(), 1);
    let sql = database.sql().await;
    assert_eq!(count(&sql, "unknown").await, 1);
    // Served by another provider than was on record: the sums have to move.
    ledger.settle(settlement(&admission, 2, Some(42))).await.unwrap();
    ledger.settle(settlement(&admission, 2, Some(43))).await.unwrap();
    assert_eq!(count(&sql, "completed").await, 1);
    assert_eq!(sql.number("SELECT cost_nano_usd FROM generations").await, 42);
    let adjusted = "SELECT COUNT(*) FROM adjustments WHERE old_cost_nano_usd IS NULL AND new_cost_nano_usd = 42";
    assert_eq!(sql.number(adjusted).await, 1);
    assert_balanced(&sql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_at_once_lose_and_double_nothing() {
    let database = database::fresh().await;
    let (ledger, tasks) = start(&database.store).await;
    let calls = (0..500).map(|number| {
        let ledger = ledger.clone();
        tasks.spawn(async move {
            let admission = Admission { end_user: format!("user{}", number % 7), ..admission() };
            ledger.admit(admission.clone()).await?;
            let attempts = 1 + number % 3;
            for index in 2..=attempts {
                ledger.begin_attempt(attempt(admission.id, index)).await?;
            }
            let cost = (number % 5 != 0).then(|| i64::from(number));
            ledger.settle(settlement(&admission, attempts, cost)).await
        })
    });
    for call in join_all(calls).await {
        call.unwrap().unwrap();
    }
    let sql = database.sql().await;
    assert_eq!((count(&sql, "completed").await, count(&sql, "admitted").await), (500, 0));
    let rows = (0..500).map(|number| 1 + number % 3).filter(|attempts| *attempts > 1).sum::<i64>();
    assert_eq!(sql.number("SELECT COUNT(*) FROM attempts").await, rows, "an only attempt is part of its generation");
    let expected: i64 = (0..500).filter(|number| number % 5 != 0).sum();
    assert_eq!(sql.number("SELECT CAST(SUM(cost_nano_usd) AS BIGINT) FROM usage_hourly").await, expected);
    assert_balanced(&sql).await;
}

#[tokio::test]
async fn while_the_database_is_away_nothing_is_admitted_and_no_settlement_is_lost() {
    let database = database::fresh().await;
    let (ledger, _tasks) = start(&database.store).await;
    let admission = admission();
    ledger.admit(admission.clone()).await.unwrap();

    let sql = database.sql().await;
    sql.run("ALTER TABLE generations RENAME TO away").await;
    let settled = ledger.settle(settlement(&admission, 1, Some(5)));
    let refused = ledger.admit(self::admission()).await.unwrap_err();
    assert_eq!(refused.reason, Reason::BooksUnavailable);
    assert!(refused.retryable() && refused.retry_after.is_some());
    sql.run("ALTER TABLE away RENAME TO generations").await;

    settled.await.unwrap();
    assert_eq!((count(&sql, "completed").await, count(&sql, "admitted").await), (1, 0));
    ledger.admit(self::admission()).await.unwrap();
    assert_balanced(&sql).await;
}

#[tokio::test]
async fn a_batch_that_meets_another_transaction_is_written_all_the_same() {
    // SQLite has one writer at a time, so nobody meets there.
    if !database::is_postgres() {
        return;
    }
    let database = database::fresh().await;
    let (ledger, _tasks) = start(&database.store).await;
    let (first, second) = (admission(), admission());
    ledger.admit(first.clone()).await.unwrap();
    ledger.admit(second.clone()).await.unwrap();

    let sql = database.sql().await;
    let other = sql.begin().await;
    let lock = |id: Uuid| format!("SELECT 1 FROM generations WHERE id = '{id}' FOR UPDATE");
    // Whoever has waited this long looks for a deadlock, and gives way: not the other one.
    other.execute_unprepared("SET LOCAL deadlock_timeout = '1h'").await.unwrap();
    other.execute_unprepared(&lock(second.id)).await.unwrap();
    let settle = |admission| ledger.settle(settlement(admission, 1, Some(5)));
    let batch = async { tokio::join!(settle(&first), settle(&second), ledger.admit(admission())) };
    let meet = async {
        let waiting = "SELECT COUNT(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        sql.until_some(waiting).await;
        other.execute_unprepared(&lock(first.id)).await.unwrap();
        other.rollback().await.unwrap();
    };
    let ((first, second, third), ()) = tokio::join!(batch, meet);
    first.unwrap();
    second.unwrap();
    third.expect("an outage would have refused it");
    assert_eq!((count(&sql, "completed").await, count(&sql, "admitted").await), (2, 1));
    assert_balanced(&sql).await;
}

#[tokio::test]
async fn what_would_be_written_to_a_file_that_is_not_there_any_more_waits_for_it() {
    if database::is_postgres() {
        return;
    }
    let database = database::fresh().await;
    let (ledger, _tasks) = start(&database.store).await;
    let admission = admission();
    ledger.admit(admission.clone()).await.unwrap();

    let path = database.url.trim_start_matches("sqlite://").trim_end_matches("?mode=rwc");
    let aside = format!("{path}.aside");
    std::fs::rename(path, &aside).unwrap();
    let settled = ledger.settle(settlement(&admission, 1, Some(5)));
    let refused = ledger.admit(self::admission()).await.unwrap_err();
    assert_eq!(refused.reason, Reason::BooksUnavailable);
    // Another file in its place is not it.
    std::fs::copy(&aside, path).unwrap();
    assert_eq!(ledger.admit(self::admission()).await.unwrap_err().reason, Reason::BooksUnavailable);
    std::fs::rename(&aside, path).unwrap();

    settled.await.unwrap();
    let sql = database.sql().await;
    assert_eq!((count(&sql, "completed").await, count(&sql, "admitted").await), (1, 0));
    ledger.admit(self::admission()).await.unwrap();
    assert_balanced(&sql).await;
}

#[tokio::test]
async fn a_full_queue_refuses_what_begins_and_takes_what_ends() {
    let database = database::fresh().await;
    let (ledger, _tasks) = start(&database.store).await;
    let running = admission();
    ledger.admit(running.clone()).await.unwrap();
    // All at once on one thread: the writer gets its turn when the queue is full.
    let rush = join_all((0..4_200).map(|_| ledger.admit(admission())));
    let end = async { ledger.settle(settlement(&running, 1, Some(1))).await };
    let (answers, settled) = tokio::task::unconstrained(async { tokio::join!(rush, end) }).await;
    settled.unwrap();
    let refused: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
    assert_eq!(refused.len(), 4_200 - 4_096);
    assert!(refused.iter().all(|error| error.reason == Reason::BooksUnavailable && error.retry_after.is_some()));
    let sql = database.sql().await;
    assert_eq!((count(&sql, "admitted").await, count(&sql, "completed").await), (4_096, 1));
}

#[tokio::test]
async fn a_settlement_that_nobody_waits_for_is_written_before_the_writer_ends() {
    let database = database::fresh().await;
    let (ledger, tasks) = start(&database.store).await;
    let admission = admission();
    ledger.admit(admission.clone()).await.unwrap();
    drop(ledger.settle(settlement(&admission, 1, None)));
    stop((ledger, tasks)).await;
    assert_eq!(count(&database.sql().await, "completed").await, 1);
}

#[tokio::test]
async fn a_request_that_was_made_before_is_refused_and_holds_back_no_other() {
    let database = database::fresh().await;
    let (ledger, _tasks) = start(&database.store).await;
    let keyed = |created_at_ms| Admission { idempotency_key: Some("order-1".to_owned()), created_at_ms, ..admission() };
    let batch = [keyed(NOON_MS), keyed(NOON_MS), admission()];
    let answers = join_all(batch.map(|admission| ledger.admit(admission))).await;
    let reasons: Vec<_> = answers.iter().map(|answer| answer.as_ref().map_err(|error| error.reason).err()).collect();
    assert_eq!(reasons, [None, Some(Reason::AlreadyExists), None]);
    let sql = database.sql().await;
    assert_eq!(count(&sql, "admitted").await, 2);
    assert_eq!(sql.number("SELECT COUNT(*) FROM generations").await, 2, "what was refused left nothing");
    ledger.admit(keyed(NOON_MS + 24 * 3_600_000)).await.expect("a day later the key is free again");
}

#[tokio::test]
async fn text_that_a_database_cannot_hold_does_not_cost_a_settlement() {
    let database = database::fresh().await;
    let (ledger, _tasks) = start(&database.store).await;
    let admission = Admission { end_user: "a\0b".to_owned(), ..admission() };
    ledger.admit(admission.clone()).await.unwrap();
    let mut settlement = settlement(&admission, 1, Some(1));
    settlement.attempts[0].error_message = "\0".to_owned();
    ledger.settle(settlement).await.unwrap();
    assert_balanced(&database.sql().await).await;
}

#[tokio::test]
async fn one_process_serves_from_a_sqlite_file_while_others_administer() {
    let database = database::fresh().await;
    let running = start(&database.store).await;
    let other = database.connect_again().await;
    let second = Ledger::start(other.clone(), Uuid::now_v7(), &TaskTracker::new()).await;
    if database::is_postgres() {
        assert!(second.is_ok(), "PostgreSQL takes any number");
        return;
    }
    let refused = second.err().unwrap();
    assert!(refused.message.contains("another gateway already serves"), "{refused}");
    Keys::new(other.clone()).create_project("team").await.unwrap();
    assert!(database.store.find_project("team").await.unwrap().is_some());

    stop(running).await;
    drop(database.store);
    Ledger::start(other, Uuid::now_v7(), &TaskTracker::new()).await.expect("the first process is gone");
}

#[tokio::test]
async fn a_database_in_memory_keeps_books_too() {
    let store = Store::connect("sqlite::memory:", Durability::Power).await.unwrap();
    store.migrate().await.unwrap();
    let (ledger, _tasks) = start(&store).await;
    let admission = admission();
    ledger.admit(admission.clone()).await.unwrap();
    ledger.settle(settlement(&admission, 1, Some(1))).await.unwrap();
    let found = store.find_generation(Sight::All, admission.id).await.unwrap().unwrap();
    assert_eq!(found.generation.state(), pb::GenerationState::Completed);
}

#[tokio::test]
async fn migrations_are_told_and_taken_once() {
    let database = database::fresh().await;
    database.store.migrate().await.unwrap();
    let steps = database.store.migration_status().await.unwrap();
    assert!(steps.len() >= 4 && steps.iter().all(|step| step.applied), "{steps:?}");
}
