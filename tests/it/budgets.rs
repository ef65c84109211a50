//! Budgets: kept to exactly, by any number at once, however a generation ends.

mod doors;
mod streams;

use std::sync::Mutex;

use futures::future::join_all;
use generative_gateway::{
    pb::{self, BudgetEnforcement, BudgetScope, BudgetWindow},
    service::ledger::Ledger,
    store::{
        Store,
        audit::AuditEvent,
        budgets::{BudgetRecord, Period},
        ledger::{Admission, Checkpoint, Held, Hold, Settlement, Step},
        projects::Project,
    },
};
use proptest::{prelude::*, test_runner::TestRunner};
use uuid::Uuid;

use crate::{
    books::{NOON_MS, admission, assert_balanced, settlement, start, stop},
    database::{self, Database, Sql},
};

const DAY_MS: i64 = 24 * 3_600_000;
const NEVER_MS: i64 = NOON_MS * 2;

/// A budget of a project of its own.
async fn budget(store: &Store, window: BudgetWindow, hard: bool, limit_nano_usd: i64) -> BudgetRecord {
    let id = Uuid::now_v7();
    let project = Project { id, name: id.to_string(), ..Project::default() };
    let event = AuditEvent::default();
    store.create_project(project, event.clone()).await.unwrap();
    let budget = BudgetRecord {
        id,
        project_id: id,
        name: "test".to_owned(),
        scope: BudgetScope::EndUser,
        key_id: String::new(),
        end_user: String::new(),
        window,
        enforcement: if hard { BudgetEnforcement::Hard } else { BudgetEnforcement::Warn },
        limit_nano_usd,
        created_at_ms: NOON_MS,
        updated_at_ms: NOON_MS,
    };
    store.create_budget(budget.clone(), event).await.unwrap();
    budget
}

fn hold(budget: &BudgetRecord, end_user: &str, amount_nano_usd: i64) -> Hold {
    let hard = budget.enforcement == BudgetEnforcement::Hard;
    Hold { period: Period::of(budget, end_user, NOON_MS), amount_nano_usd, hard }
}

fn holding(holds: Vec<Hold>) -> Admission {
    Admission { holds, ..admission() }
}

fn ended(admission: &Admission, cost_nano_usd: Option<i64>) -> Settlement {
    Settlement { holds: !admission.holds.is_empty(), ..settlement(admission, 1, cost_nano_usd) }
}

/// What is spent and held of all windows together.
async fn gone(sql: &Sql) -> (i64, i64) {
    let sums = "SELECT CAST(COALESCE(SUM(spent_nano_usd), 0) AS BIGINT), \
                CAST(COALESCE(SUM(reserved_nano_usd), 0) AS BIGINT) FROM budget_periods";
    let sums = sql.numbers(sums).await;
    (sums[0], sums[1])
}

/// What holds of windows at any time.
async fn assert_kept(sql: &Sql) {
    let of_ended = "SELECT CAST(COALESCE(SUM(r.amount_nano_usd), 0) AS BIGINT) FROM reserves r \
                    LEFT JOIN generations g ON g.id = r.generation_id AND g.state = 'admitted' WHERE g.id IS NULL";
    assert_eq!(sql.number(of_ended).await, 0, "what has ended holds nothing");
    let reserved = "SELECT COUNT(*) FROM budget_periods p WHERE reserved_nano_usd <> (SELECT \
                    COALESCE(SUM(r.amount_nano_usd), 0) FROM reserves r WHERE r.period_id = p.id)";
    assert_eq!(sql.number(reserved).await, 0, "what is reserved is what generations hold");
    let spent = "SELECT COUNT(*) FROM budget_periods p WHERE spent_nano_usd <> (SELECT \
                 COALESCE(SUM(g.cost_nano_usd), 0) FROM reserves r JOIN generations g ON g.id = r.generation_id \
                 WHERE r.period_id = p.id AND g.state <> 'admitted')";
    assert_eq!(sql.number(spent).await, 0, "what is spent is what generations cost");
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_as_fit_are_admitted_and_not_one_more() {
    let database = database::fresh().await;
    let budget = budget(&database.store, BudgetWindow::Day, true, 100).await;
    let mut ledgers = vec![start(&database.store).await];
    if database::is_postgres() {
        ledgers.push(start(&database.connect_again().await).await);
    }
    let calls = (0..60).map(|number| {
        let (ledger, tasks) = &ledgers[number % ledgers.len()];
        let (ledger, admission) = (ledger.clone(), holding(vec![hold(&budget, "ann", 10)]));
        tasks.spawn(async move { (ledger.admit(admission.clone()).await.unwrap(), admission) })
    });
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let (admitted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(held, _)| *held == Held::NONE);
    assert_eq!((admitted.len(), refused.len()), (10, 50));
    for (held, _) in refused {
        let Held::Short(short) = held else { panic!("{held:?}") };
        assert_eq!((short.budget_id, short.left_nano_usd), (budget.id, 0));
    }
    let sql = database.sql().await;
    assert_eq!(gone(&sql).await, (0, 100));
    assert_eq!(sql.number("SELECT COUNT(*) FROM generations").await, 10, "what was refused is on no book");
    join_all(admitted.iter().map(|(_, admission)| ledgers[0].0.settle(ended(admission, Some(3))))).await;
    assert_eq!(gone(&sql).await, (30, 0));
    assert_kept(&sql).await;
    assert_balanced(&sql).await;
}

#[tokio::test]
async fn who_is_refused_by_one_budget_holds_nothing_of_another() {
    let database = database::fresh().await;
    let (wide, narrow) = (
        budget(&database.store, BudgetWindow::Month, true, 1_000).await,
        budget(&database.store, BudgetWindow::Forever, true, 15).await,
    );
    let (ledger, _tasks) = start(&database.store).await;
    let both = || holding(vec![hold(&wide, "ann", 10), hold(&narrow, "ann", 10)]);
    let other = holding(vec![hold(&wide, "ann", 10), hold(&narrow, "bob", 10)]);
    let calls = [both(), both(), other, admission()].map(|admission| ledger.admit(admission));
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let short: Vec<_> = answers.iter().map(|held| *held != Held::NONE).collect();
    assert_eq!(short, [false, true, false, false], "in order of arrival, and each end user apart");
    let sql = database.sql().await;
    assert_eq!(gone(&sql).await, (0, 40));
    assert_kept(&sql).await;
}

#[tokio::test]
async fn a_budget_that_only_warns_tells_who_went_beyond() {
    let database = database::fresh().await;
    let soft = budget(&database.store, BudgetWindow::Week, false, 25).await;
    let (ledger, _tasks) = start(&database.store).await;
    let calls = (0..4).map(|_| ledger.admit(holding(vec![hold(&soft, "ann", 10)])));
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let over = Held::All { over: vec![soft.id] };
    assert_eq!(answers, [Held::NONE, Held::NONE, over.clone(), over]);
}

#[tokio::test]
async fn what_is_admitted_before_a_window_ends_is_booked_there() {
    let database = database::fresh().await;
    let budget = budget(&database.store, BudgetWindow::Day, true, 100).await;
    let (ledger, _tasks) = start(&database.store).await;
    let at = |time_ms| Hold { period: Period::of(&budget, "ann", time_ms), ..hold(&budget, "ann", 80) };
    let midnight = NOON_MS + DAY_MS / 2;
    let (before, after) = (holding(vec![at(midnight - 1)]), holding(vec![at(midnight)]));
    for admission in [&before, &after] {
        assert_eq!(ledger.admit(admission.clone()).await.unwrap(), Held::NONE, "each day has its own");
    }
    ledger.settle(ended(&before, Some(70))).await.unwrap();
    let sql = database.sql().await;
    let first = format!("SELECT spent_nano_usd, reserved_nano_usd FROM budget_periods WHERE starts_at_ms < {midnight}");
    assert_eq!(sql.numbers(&first).await, [70, 0]);
    let second =
        format!("SELECT spent_nano_usd, reserved_nano_usd FROM budget_periods WHERE starts_at_ms = {midnight}");
    assert_eq!(sql.numbers(&second).await, [0, 80]);
}

#[tokio::test]
async fn a_running_generation_takes_more_in_steps_and_gives_all_back() {
    let database = database::fresh().await;
    let budget = budget(&database.store, BudgetWindow::Day, true, 100).await;
    let first = start(&database.store).await;
    let admission = holding(vec![hold(&budget, "ann", 40)]);
    first.0.admit(admission.clone()).await.unwrap();
    let mut running = settlement(&admission, 1, Some(55)).attempts;
    running[0].ended_at_ms = 0;
    let usage = pb::Usage { output_tokens: Some(9), source: pb::UsageSource::Estimated.into(), ..pb::Usage::default() };
    let said = Checkpoint { usage, cost_nano_usd: Some(55), cost_source: pb::CostSource::PriceBook, attempts: running };
    let step =
        |amount| Step { id: admission.id, holds: vec![hold(&budget, "ann", amount)], checkpoint: Some(said.clone()) };
    assert_eq!(first.0.step(step(40)).await.unwrap(), Held::NONE);
    assert!(matches!(first.0.step(step(40)).await.unwrap(), Held::Short(short) if short.left_nano_usd == 20));
    let sql = database.sql().await;
    assert_eq!(gone(&sql).await, (0, 80));
    stop(first).await;

    // Its process dies: what it told is what it cost, until somebody knows better.
    let second = start(&database.store).await;
    assert_eq!(gone(&sql).await, (55, 0));
    let told = "SELECT COUNT(*) FROM generations WHERE state = 'unknown' AND output_tokens = 9 AND cost_nano_usd = 55 \
                AND usage_source = 'estimated' AND attempt_count = 1";
    assert_eq!(sql.number(told).await, 1);
    assert_kept(&sql).await;
    assert_eq!(second.0.step(step(1)).await.unwrap(), Held::Ended);
    second.0.settle(ended(&admission, Some(60))).await.unwrap();
    assert_eq!(gone(&sql).await, (60, 0));
    assert_kept(&sql).await;
    assert_balanced(&sql).await;
}

#[tokio::test]
async fn what_is_withdrawn_is_given_back_and_a_deleted_budget_binds_nobody() {
    let database = database::fresh().await;
    let budget = budget(&database.store, BudgetWindow::Day, true, 100).await;
    let (ledger, _tasks) = start(&database.store).await;
    let (taken_back, running) = (holding(vec![hold(&budget, "ann", 60)]), holding(vec![hold(&budget, "ann", 40)]));
    ledger.admit(taken_back.clone()).await.unwrap();
    ledger.admit(running.clone()).await.unwrap();
    database.store.withdraw(&[taken_back.id]).await.unwrap();
    let sql = database.sql().await;
    assert_eq!(gone(&sql).await, (0, 40));
    assert_eq!(sql.number("SELECT COUNT(*) FROM reserves").await, 1);

    let event = AuditEvent::default();
    assert!(database.store.delete_budget(budget.project_id, budget.id, |_| event).await.unwrap());
    assert_eq!(ledger.admit(holding(vec![hold(&budget, "ann", 1_000)])).await.unwrap(), Held::NONE);
    ledger.settle(ended(&running, Some(7))).await.unwrap();
    assert_eq!(sql.number("SELECT COUNT(*) FROM generations WHERE state = 'completed'").await, 1);
    assert_balanced(&sql).await;
}

#[tokio::test]
async fn a_project_that_goes_while_it_runs_loses_no_settlement() {
    let database = database::fresh().await;
    let budget = budget(&database.store, BudgetWindow::Day, true, 100).await;
    let (ledger, _tasks) = start(&database.store).await;
    let running = holding(vec![hold(&budget, "ann", 40)]);
    ledger.admit(running.clone()).await.unwrap();
    let name = budget.project_id.to_string();
    assert!(database.store.delete_project(&name, NOON_MS, AuditEvent::default()).await.unwrap());
    ledger.settle(ended(&running, Some(7))).await.unwrap();
    let sql = database.sql().await;
    assert_eq!(sql.number("SELECT COUNT(*) FROM budget_periods").await, 0, "its windows went with it");
    assert_eq!(sql.number("SELECT cost_nano_usd FROM generations WHERE state = 'completed'").await, 7);
    assert_kept(&sql).await;
}

/// What may happen; numbers choose one of those that were begun, and an amount.
#[derive(Clone, Debug)]
enum Fault {
    Admit(usize, i64),
    Step(usize, i64),
    Settle(usize, Option<i64>),
    Withdraw(usize),
    Recover,
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        5 => (any::<usize>(), 0_i64..60).prop_map(|(whose, amount)| Fault::Admit(whose, amount)),
        2 => (any::<usize>(), 0_i64..60).prop_map(|(which, amount)| Fault::Step(which, amount)),
        4 => (any::<usize>(), proptest::option::of(0_i64..60)).prop_map(|(which, cost)| Fault::Settle(which, cost)),
        1 => any::<usize>().prop_map(Fault::Withdraw),
        1 => Just(Fault::Recover),
    ]
}

#[test]
fn any_schedule_of_faults_keeps_budgets_and_books() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (database, budgets) = runtime.block_on(async {
        let database = database::fresh().await;
        let hard = budget(&database.store, BudgetWindow::Day, true, 3_000).await;
        let soft = budget(&database.store, BudgetWindow::Month, false, 1_000).await;
        (database, [hard, soft])
    });
    let mut ledgers = vec![runtime.block_on(start(&database.store))];
    if database::is_postgres() {
        ledgers.push(runtime.block_on(async { start(&database.connect_again().await).await }));
    }
    let ledgers: Vec<Ledger> = ledgers.iter().map(|(ledger, _)| ledger.clone()).collect();
    let sql = runtime.block_on(database.sql());
    let config = ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() };
    let schedule = proptest::collection::vec(proptest::collection::vec(fault(), 1..16), 1..10);
    TestRunner::new(config)
        .run(&schedule, |schedule| {
            runtime.block_on(play(&database, &ledgers, &budgets, &sql, schedule));
            Ok(())
        })
        .unwrap();
}

async fn play(database: &Database, ledgers: &[Ledger], budgets: &[BudgetRecord], sql: &Sql, schedule: Vec<Vec<Fault>>) {
    let begun: Mutex<Vec<Admission>> = Mutex::default();
    for faults in schedule {
        join_all(faults.into_iter().map(|fault| take(fault, database, ledgers, budgets, &begun))).await;
        assert_kept(sql).await;
        assert_balanced(sql).await;
        // What is held fits; only what was spent beyond its estimate may pass the limit.
        let beyond = "SELECT COUNT(*) FROM budget_periods p JOIN budgets b ON b.id = p.budget_id \
                      WHERE b.enforcement = 'hard' AND reserved_nano_usd > p.limit_nano_usd";
        assert_eq!(sql.number(beyond).await, 0);
    }
    let left = begun.into_inner().unwrap();
    join_all(left.iter().map(|admission| ledgers[0].settle(ended(admission, None)))).await;
    assert_eq!(sql.number("SELECT CAST(SUM(reserved_nano_usd) AS BIGINT) FROM budget_periods").await, 0);
    assert_kept(sql).await;
}

async fn take(
    fault: Fault,
    database: &Database,
    ledgers: &[Ledger],
    budgets: &[BudgetRecord],
    begun: &Mutex<Vec<Admission>>,
) {
    let chosen = |which: usize| {
        let begun = begun.lock().unwrap();
        if begun.is_empty() { None } else { Some(begun[which % begun.len()].clone()) }
    };
    match fault {
        Fault::Admit(whose, amount) => {
            let user = ["ann", "bob", "eve"][whose % 3];
            let admission = holding(budgets.iter().map(|budget| hold(budget, user, amount)).collect());
            if let Held::All { .. } = ledgers[whose % ledgers.len()].admit(admission.clone()).await.unwrap() {
                begun.lock().unwrap().push(admission);
            }
        }
        Fault::Step(which, amount) => {
            let Some(admission) = chosen(which) else { return };
            let holds = admission.holds.iter().map(|hold| Hold { amount_nano_usd: amount, ..hold.clone() }).collect();
            ledgers[which % ledgers.len()].step(Step { id: admission.id, holds, checkpoint: None }).await.unwrap();
        }
        Fault::Settle(which, cost) => {
            let Some(admission) = chosen(which) else { return };
            ledgers[which % ledgers.len()].settle(ended(&admission, cost)).await.unwrap();
        }
        Fault::Withdraw(which) => {
            let taken_back = {
                let mut begun = begun.lock().unwrap();
                if begun.is_empty() {
                    return;
                }
                let at = which % begun.len();
                begun.swap_remove(at)
            };
            database.store.withdraw(&[taken_back.id]).await.unwrap();
        }
        Fault::Recover => {
            database.store.recover(Uuid::now_v7(), NEVER_MS, NOON_MS).await.unwrap();
        }
    }
}
