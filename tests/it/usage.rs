//! Reading the books: pages, sums, and who may see what.

use std::sync::Arc;

use futures::TryStreamExt;
use generative_gateway::{
    config::{self, Config},
    error::Reason,
    pb::{self, well_known::Timestamp},
    provider::{Registry, upstream::Upstream},
    routing::{catalog::Catalog, health::Health},
    service::{
        Caller, Gateway, Inner, Key, budgets::Budgets, keys::Keys, ledger::Ledger, limits::Limits, live::Streams,
        projects::aliases::Aliases, sessions::Sessions,
    },
    store::{
        ledger::{Admission, Settlement},
        prices::PriceSheet,
    },
    telemetry::Metrics,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    books::{NOON_MS, admission, settlement},
    database::{self, Database},
};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A gateway with a project `team` beside `default`, and keys for both.
struct Office {
    gateway: Gateway,
    boss: Caller,
    lead: Caller,
    alice: Caller,
    bob: Caller,
    _database: Database,
}

async fn office() -> Office {
    let database = database::fresh().await;
    let (store, tasks) = (database.store.clone(), TaskTracker::new());
    let keys = Keys::new(store.clone());
    keys.create_project("team").await.unwrap();
    let gateway = Gateway::new(Inner {
        budgets: Budgets::default(),
        config: Config::default(),
        store: store.clone(),
        ledger: Ledger::start(store, Uuid::now_v7(), &tasks).await.unwrap(),
        catalog: Catalog::default(),
        aliases: Aliases::new(Config::default().routing),
        providers: Registry::default(),
        health: Health::default(),
        upstream: Upstream::default(),
        sessions: Sessions::default(),
        live: Streams::new(generative_gateway::config::Streams::default()),
        metrics: Metrics::new().unwrap(),
        limits: Limits::new(&config::Limits::default()),
        keys: keys.clone(),
        tasks,
        stopping: CancellationToken::new(),
        interrupt: CancellationToken::new(),
    });
    let hire = async |project, name, admin| {
        let full = keys.create(project, name, admin, None).await.unwrap();
        caller(keys.authenticate(&full).await.unwrap())
    };
    Office {
        boss: hire("default", "boss", true).await,
        lead: hire("team", "lead", true).await,
        alice: hire("team", "alice", false).await,
        bob: hire("team", "bob", false).await,
        gateway,
        _database: database,
    }
}

fn caller(key: Arc<Key>) -> Caller {
    Caller { key, door: pb::Door::Rest, ..Caller::operator() }
}

impl Office {
    /// Books a call, changed before it is admitted and before it is settled.
    async fn book(
        &self,
        who: &Caller,
        at_ms: i64,
        change: impl FnOnce(&mut Admission),
        end: impl FnOnce(&mut Settlement),
    ) -> String {
        let mut admission = Admission {
            project_id: who.key.project_id,
            key_id: who.key.id.clone(),
            created_at_ms: at_ms,
            ..admission()
        };
        change(&mut admission);
        let mut settlement = settlement(&admission, 1, Some(1_000_000));
        end(&mut settlement);
        let id = format!("gen_{}", admission.id);
        self.gateway.ledger.admit(admission).await.unwrap();
        self.gateway.ledger.settle(settlement).await.unwrap();
        id
    }

    async fn pages(&self, who: &Caller, filter: pb::GenerationFilter, page_size: u32) -> Vec<Vec<String>> {
        let mut request =
            pb::ListGenerationsRequest { filter: Some(filter), page_size, ..pb::ListGenerationsRequest::default() };
        let mut pages = Vec::new();
        loop {
            let page = self.gateway.list_generations(who, request.clone()).await.unwrap();
            pages.push(page.generations.into_iter().map(|generation| generation.id).collect());
            if page.next_page_token.is_empty() {
                return pages;
            }
            request.page_token = page.next_page_token;
        }
    }

    async fn summarize(&self, who: &Caller, request: pb::SummarizeUsageRequest) -> pb::SummarizeUsageResponse {
        self.gateway.summarize_usage(who, request).await.unwrap()
    }
}

fn time(millis: i64) -> Option<Timestamp> {
    Some(Timestamp::from_millis(millis))
}

#[tokio::test]
async fn a_generation_is_shown_in_full_to_who_may_see_it() {
    let office = office().await;
    let sheet = PriceSheet {
        provider: "openrouter".to_owned(),
        model: "anthropic/claude-sonnet-4.5".to_owned(),
        json: r#"{"input":"0.000003"}"#.to_owned(),
    };
    let (prices, _) = office.gateway.store.record_prices("snapshot", vec![sheet], NOON_MS).await.unwrap();
    let id = office.book(&office.alice, NOON_MS, |call| call.price_version = Some(prices[0].id), |_| {}).await;

    let request = || pb::GetGenerationRequest { generation_id: id.clone() };
    for who in [&office.alice, &office.lead, &office.boss] {
        let found = office.gateway.get_generation(who, request()).await.unwrap();
        let generation = found.generation.unwrap();
        assert_eq!((generation.id.as_str(), generation.project.as_str()), (id.as_str(), "team"));
        assert_eq!((generation.key_name.as_str(), generation.state()), ("alice", pb::GenerationState::Completed));
        assert_eq!((generation.door(), generation.metadata["team"].as_str()), (pb::Door::Openai, "red"));
        assert_eq!((generation.cost_usd, generation.usage.unwrap().input_tokens), (Some(0.001), Some(10)));
        assert_eq!(generation.usage.unwrap().reasoning_tokens, None, "not reported is not zero");
        assert_eq!(generation.timings.unwrap().first_token_ms, Some(300.0));
        assert_eq!(found.attempts.len(), 1);
        assert!(found.attempts[0].won && found.attempts[0].http_status == Some(200));
        assert_eq!(found.candidates[0].provider, "openrouter");
        let price = found.price.unwrap();
        assert_eq!((price.input.as_deref(), price.source.as_str()), (Some("0.000003"), "snapshot"));
        assert_eq!((price.version, price.effective_time.unwrap().seconds), (prices[0].id.to_string(), NOON_MS / 1000));
    }
    for (who, id) in [(&office.bob, id.as_str()), (&office.boss, "gen_garbled"), (&office.boss, &id[4..])] {
        let request = pb::GetGenerationRequest { generation_id: id.to_owned() };
        let refused = office.gateway.get_generation(who, request).await.unwrap_err();
        assert_eq!(refused.reason, Reason::NotFound, "{id}");
    }
}

#[tokio::test]
async fn pages_are_newest_first_without_gaps_and_their_tokens_fit_nothing_else() {
    let office = office().await;
    let mut ids = Vec::new();
    for number in 0..7 {
        // Several within one millisecond.
        ids.push(office.book(&office.alice, NOON_MS + number / 3, |_| {}, |_| {}).await);
    }
    office.book(&office.bob, NOON_MS, |_| {}, |_| {}).await;
    ids.reverse();
    let pages = office.pages(&office.alice, pb::GenerationFilter::default(), 3).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
    assert_eq!(pages.concat(), ids);
    assert_eq!(office.pages(&office.lead, pb::GenerationFilter::default(), 0).await[0].len(), 8);

    let list = |who, filter, page_token: String| {
        let request = pb::ListGenerationsRequest { filter, page_size: 3, page_token };
        office.gateway.list_generations(who, request)
    };
    let token = list(&office.alice, None, String::new()).await.unwrap().next_page_token;
    assert!(list(&office.alice, None, token.clone()).await.is_ok());
    let other = pb::GenerationFilter { models: vec!["x".to_owned()], ..pb::GenerationFilter::default() };
    for (who, filter, token) in [
        (&office.bob, None, token.clone()),
        (&office.alice, Some(other), token.clone()),
        (&office.alice, None, token[1..].to_owned()),
        (&office.alice, None, "?".to_owned()),
    ] {
        assert_eq!(list(who, filter, token).await.unwrap_err().reason, Reason::CursorInvalid);
    }
}

#[tokio::test]
async fn filters_join_fields_and_take_any_value_of_one() {
    let office = office().await;
    let by = |user: &str| {
        let user = user.to_owned();
        move |call: &mut Admission| call.end_user = user
    };
    let ann = office.book(&office.alice, NOON_MS, by("ann"), |_| {}).await;
    let ben = office.book(&office.alice, NOON_MS + 1, by("ben"), |end| end.state = pb::GenerationState::Failed).await;
    let slow = office.book(&office.bob, NOON_MS + 2, by("cleo"), |end| end.total_us = 5_000_000).await;
    office.book(&office.boss, NOON_MS + 3, by("dan"), |end| end.provider = "mistral".to_owned()).await;

    let any = pb::GenerationFilter::default;
    let users = |users: &[&str]| users.iter().map(|user| (*user).to_owned()).collect::<Vec<_>>();
    for (filter, expected) in [
        (pb::GenerationFilter { end_users: users(&["ann", "ben"]), ..any() }, vec![&ben, &ann]),
        (pb::GenerationFilter { states: vec![pb::GenerationState::Failed.into()], ..any() }, vec![&ben]),
        (pb::GenerationFilter { min_total_ms: Some(1_000), ..any() }, vec![&slow]),
        (pb::GenerationFilter { start: time(NOON_MS + 1), end: time(NOON_MS + 2), ..any() }, vec![&ben]),
        (pb::GenerationFilter { projects: users(&["team"]), ..any() }, vec![&slow, &ben, &ann]),
        (pb::GenerationFilter { end_users: users(&["ann"]), models: users(&["other"]), ..any() }, vec![]),
        (pb::GenerationFilter { providers: users(&["' OR 1=1 --"]), ..any() }, vec![]),
    ] {
        let found = office.pages(&office.boss, filter.clone(), 100).await.concat();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter:?}");
        let request = pb::ExportUsageRequest { filter: Some(filter) };
        let exported: Vec<_> = office.gateway.export_usage(&office.boss, request).try_collect().await.unwrap();
        let mut oldest_first: Vec<_> = exported.iter().map(|generation| &generation.id).collect();
        oldest_first.reverse();
        assert_eq!(oldest_first, expected, "exported");
    }
    let backwards = pb::GenerationFilter { start: time(2), end: time(1), ..any() };
    let request = pb::ListGenerationsRequest { filter: Some(backwards), ..pb::ListGenerationsRequest::default() };
    assert_eq!(
        office.gateway.list_generations(&office.boss, request).await.unwrap_err().field.as_deref(),
        Some("filter.end")
    );
}

#[tokio::test]
async fn sums_are_the_same_from_hours_and_from_edges() {
    let office = office().await;
    // From an hour before noon until four hours after it, every twenty minutes.
    for number in 0..15_u32 {
        let at = NOON_MS - HOUR_MS + i64::from(number) * HOUR_MS / 3;
        let end = |end: &mut Settlement| {
            end.total_us = i64::from(number + 1) * 100_000;
            end.cost_nano_usd = (number != 14).then_some(1_000_000);
            if number % 5 == 0 {
                end.state = pb::GenerationState::Failed;
                end.error_reason = pb::ErrorReason::ProviderOverloaded;
            }
        };
        office.book(&office.alice, at, |_| {}, end).await;
    }
    let span = |start: i64, end: i64, utc_offset_minutes| pb::SummarizeUsageRequest {
        start: time(start),
        end: time(end),
        interval: pb::Interval::Hour.into(),
        utc_offset_minutes,
        ..pb::SummarizeUsageRequest::default()
    };
    let whole = office.summarize(&office.lead, span(NOON_MS - HOUR_MS, NOON_MS + 4 * HOUR_MS, 0)).await;
    let total = whole.total.unwrap();
    assert_eq!((total.requests, total.failed_requests, total.unknown_cost_requests), (15, 3, 1));
    assert_eq!((total.total_input_tokens, total.output_tokens), (150, 75));
    assert!((total.cost_usd - 0.014).abs() < 1e-12);
    let times = total.total_ms.unwrap();
    assert_eq!((times.p50, times.p95, times.p99), (800.0, 1500.0, 1500.0));
    assert_eq!((total.errors[0].reason(), total.errors[0].count), (pb::ErrorReason::ProviderOverloaded, 3));
    assert_eq!(whole.rows.iter().map(|row| row.totals.as_ref().unwrap().requests).collect::<Vec<_>>(), [3; 5]);

    // Half an hour off at both ends: two of fifteen are out at each.
    let part = office.summarize(&office.lead, span(NOON_MS - HOUR_MS / 2, NOON_MS + 7 * HOUR_MS / 2, 0)).await;
    assert_eq!(part.total.unwrap().requests, 12);
    assert_eq!(part.rows.len(), 5);
    // An offset of half an hour cannot be had from whole hours.
    let india = office.summarize(&office.lead, span(NOON_MS - HOUR_MS, NOON_MS + 4 * HOUR_MS, 330)).await;
    assert_eq!(india.total.unwrap().requests, 15);
    assert_eq!(india.rows[0].start, time(NOON_MS - 3 * HOUR_MS / 2));
    assert_eq!(india.rows.iter().map(|row| row.totals.as_ref().unwrap().requests).sum::<u64>(), 15);
}

#[tokio::test]
async fn sums_go_by_property_and_day_and_show_only_what_may_be_seen() {
    let office = office().await;
    let late = NOON_MS + 23 * HOUR_MS / 2; // 23:30 UTC: the next day in Berlin
    for (who, at, model) in [
        (&office.alice, NOON_MS, "a/one"),
        (&office.alice, late, "a/two"),
        (&office.bob, NOON_MS, "a/one"),
        (&office.boss, NOON_MS - 2 * DAY_MS, "a/one"),
    ] {
        let named = |call: &mut Admission| call.model.resolved = model.to_owned();
        office.book(who, at, named, |_| {}).await;
    }
    let request = |group_by: &[pb::GroupBy], utc_offset_minutes| pb::SummarizeUsageRequest {
        start: time(NOON_MS - DAY_MS / 2),
        end: time(NOON_MS + DAY_MS / 2),
        interval: pb::Interval::Day.into(),
        group_by: group_by.iter().map(|group| (*group).into()).collect(),
        utc_offset_minutes,
        include_previous: true,
        ..pb::SummarizeUsageRequest::default()
    };
    let by_key = office.summarize(&office.boss, request(&[pb::GroupBy::Project, pb::GroupBy::Key], 0)).await;
    let mut rows: Vec<_> = by_key
        .rows
        .iter()
        .map(|row| (row.project.as_str(), row.key_id.as_str(), row.totals.as_ref().unwrap().requests))
        .collect();
    rows.sort_by_key(|row| row.2);
    assert_eq!(rows, [("team", office.bob.key.id.as_str(), 1), ("team", office.alice.key.id.as_str(), 2)]);
    assert_eq!(by_key.previous.unwrap().requests, 0);

    let berlin = office.summarize(&office.alice, request(&[pb::GroupBy::Model], 60)).await;
    let rows: Vec<_> = berlin.rows.iter().map(|row| (row.start, row.model.as_str())).collect();
    let midnight = NOON_MS - 13 * HOUR_MS;
    assert_eq!(rows, [(time(midnight), "a/one"), (time(midnight + DAY_MS), "a/two")]);
    assert_eq!(berlin.total.unwrap().requests, 2, "bob's are not alice's to see");

    let before =
        pb::SummarizeUsageRequest { start: time(NOON_MS - DAY_MS), end: time(NOON_MS + DAY_MS), ..request(&[], 0) };
    assert_eq!(office.summarize(&office.boss, before.clone()).await.previous.unwrap().requests, 1);
    assert_eq!(office.summarize(&office.lead, before).await.previous.unwrap().requests, 0);
    let backwards = pb::SummarizeUsageRequest { start: time(2), end: time(1), ..request(&[], 0) };
    assert_eq!(
        office.gateway.summarize_usage(&office.boss, backwards).await.unwrap_err().field.as_deref(),
        Some("start")
    );
}

#[tokio::test]
async fn only_changed_price_sheets_become_versions() {
    let office = office().await;
    let store = &office.gateway.store;
    let sheet = |model: &str, json: &str| PriceSheet {
        provider: "openrouter".to_owned(),
        model: model.to_owned(),
        json: json.to_owned(),
    };
    let (first, fresh) = store.record_prices("snapshot", vec![sheet("a", "1"), sheet("b", "1")], 1).await.unwrap();
    assert_eq!(fresh, 2);
    let (second, fresh) = store.record_prices("openrouter", vec![sheet("b", "2"), sheet("a", "1")], 2).await.unwrap();
    assert_eq!((fresh, second[1].id), (1, first[0].id));
    let history = store.price_history("b").await.unwrap();
    assert_eq!(history.iter().map(|price| price.since_ms).collect::<Vec<_>>(), [2, 1]);
    let mut newest: Vec<_> = store.newest_prices().await.unwrap().into_iter().map(|price| price.sheet.json).collect();
    newest.sort();
    assert_eq!(newest, ["1", "2"]);
    assert_eq!(store.find_price(first[1].id).await.unwrap().as_ref(), Some(&first[1]));
}
