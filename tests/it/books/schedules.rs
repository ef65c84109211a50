//! The books under random schedules of what may happen to generations, several at once.

use std::sync::Mutex;

use futures::future::join_all;
use generative_gateway::{
    pb,
    service::ledger::Ledger,
    store::{
        Store,
        ledger::{Admission, Settlement},
        usage::Sight,
    },
};
use proptest::{prelude::*, test_runner::TestRunner};
use uuid::Uuid;

use super::{NOON_MS, admission, assert_balanced, attempt, settlement, start};
use crate::database;

/// What may happen to a generation; numbers choose one of those that were begun.
#[derive(Clone, Debug)]
enum Step {
    Admit,
    Retry(usize),
    Settle(usize, Option<i64>),
    Fail(usize),
    Recover,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Admit),
        1 => any::<usize>().prop_map(Step::Retry),
        4 => (any::<usize>(), proptest::option::of(0_i64..1_000_000)).prop_map(|(which, cost)| Step::Settle(which, cost)),
        1 => any::<usize>().prop_map(Step::Fail),
        1 => Just(Step::Recover),
    ]
}

/// Steps within one list happen at once.
fn schedule() -> impl Strategy<Value = Vec<Vec<Step>>> {
    proptest::collection::vec(proptest::collection::vec(step(), 1..12), 1..12)
}

#[test]
fn any_schedule_of_admissions_settlements_and_recoveries_keeps_the_books_balanced() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let database = runtime.block_on(database::fresh());
    let (ledger, _tasks) = runtime.block_on(start(&database.store));
    let sql = runtime.block_on(database.sql());
    let config = ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(&schedule(), |schedule| {
            runtime.block_on(play(&database.store, &ledger, schedule));
            runtime.block_on(assert_balanced(&sql));
            Ok(())
        })
        .unwrap();
}

async fn play(store: &Store, ledger: &Ledger, schedule: Vec<Vec<Step>>) {
    let begun = Begun::default();
    for steps in schedule {
        join_all(steps.into_iter().map(|step| take(step, store, ledger, &begun))).await;
    }
    for admission in begun.into_inner().unwrap() {
        ledger.settle(settlement(&admission, 1, None)).await.unwrap();
        let found = store.find_generation(Sight::All, admission.id).await.unwrap();
        let state = found.expect("what was answered is on the books").generation.state();
        assert!(matches!(state, pb::GenerationState::Completed | pb::GenerationState::Failed), "{state:?}");
    }
}

type Begun = Mutex<Vec<Admission>>;

async fn take(step: Step, store: &Store, ledger: &Ledger, begun: &Begun) {
    let chosen = |which: usize| {
        let begun = begun.lock().unwrap();
        if begun.is_empty() { None } else { Some(begun[which % begun.len()].clone()) }
    };
    match step {
        Step::Admit => {
            let admission = admission();
            ledger.admit(admission.clone()).await.unwrap();
            begun.lock().unwrap().push(admission);
        }
        Step::Retry(which) => {
            let Some(admission) = chosen(which) else { return };
            ledger.begin_attempt(attempt(admission.id, 2)).await.unwrap();
        }
        Step::Settle(which, cost) => {
            let Some(admission) = chosen(which) else { return };
            ledger.settle(settlement(&admission, 1, cost)).await.unwrap();
        }
        Step::Fail(which) => {
            let Some(admission) = chosen(which) else { return };
            let end = settlement(&admission, 2, Some(0));
            ledger.settle(Settlement { state: pb::GenerationState::Failed, ..end }).await.unwrap();
        }
        Step::Recover => {
            store.recover(Uuid::now_v7(), NOON_MS * 2, NOON_MS).await.unwrap();
        }
    }
}
