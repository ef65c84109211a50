//! Limits over random schedules, and all at once.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use proptest::prelude::*;

use super::*;
use crate::error::Reason;

/// A clock that stands still until it is moved.
#[derive(Clone, Default)]
struct Hand(Arc<AtomicU64>);

impl Hand {
    fn clock(&self) -> Clock {
        let hand = self.clone();
        Clock::new(move || hand.now())
    }

    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::SeqCst))
    }

    fn pass(&self, time: Duration) {
        self.0.fetch_add(u64::try_from(time.as_nanos()).unwrap(), Ordering::SeqCst);
    }
}

fn limits(requests: Option<u32>, tokens: Option<u32>, running: Option<u32>) -> pb::Limits {
    pb::Limits { requests_per_minute: requests, tokens_per_minute: tokens, concurrent_requests: running }
}

fn caller(own: pb::Limits, project: pb::Limits) -> Caller {
    let key = Key { id: "k".to_owned(), limits: own, project_limits: project, ..Key::default() };
    Caller { key: Arc::new(key), ..Caller::operator() }
}

fn stated(input: u32, output: u32) -> Reserve {
    Reserve { input, output, stated: true }
}

fn unlimited() -> (Limits, Hand) {
    let hand = Hand::default();
    (Limits::with_clock(&config::Limits::default(), hand.clock()), hand)
}

fn used(tokens: u32) -> pb::Usage {
    pb::Usage {
        input_tokens: Some(tokens),
        output_tokens: Some(0),
        source: pb::UsageSource::Provider.into(),
        ..pb::Usage::default()
    }
}

#[test]
fn who_is_under_no_limit_pays_nothing_and_is_told_nothing() {
    let (all, _) = unlimited();
    let caller = caller(pb::Limits::default(), pb::Limits::default());
    let permit = all.admit(&caller, "u", "a/b", || panic!("nothing is estimated"));
    assert!(permit.is_ok() && caller.limits.tightest().is_empty());
    assert_eq!(all.cells.len(), 0);
    assert!(all.verdicts(&caller.key, "u", "a/b", Reserve::default()).is_empty());
}

#[test]
fn a_refused_request_takes_nothing_and_an_unsent_one_gives_all_back() {
    let (all, _) = unlimited();
    let both = caller(limits(Some(2), Some(100), Some(2)), limits(Some(1), None, None));
    let remaining = || all.status(&both.key).iter().map(|status| status.remaining).collect::<Vec<_>>();
    let permit = all.admit(&both, "", "a/b", || stated(10, 10)).unwrap();
    assert_eq!(remaining(), [1, 80, 1, 0]);
    let error = all.admit(&both, "", "a/b", || stated(10, 10)).err().unwrap();
    assert_eq!(error.quota.as_deref(), Some("project.requests_per_minute"));
    assert_eq!((error.reason, error.retry_after), (Reason::LimitExceeded, Some(Duration::from_secs(60))));
    assert_eq!(remaining(), [1, 80, 1, 0], "the key's own limits are as before");
    drop(permit);
    assert_eq!(remaining(), [2, 100, 2, 1]);
}

#[test]
fn what_went_out_is_counted_once_and_its_tokens_are_corrected() {
    let (all, hand) = unlimited();
    let caller = caller(limits(Some(10), Some(1_000), Some(1)), pb::Limits::default());
    let left = || all.status(&caller.key).iter().map(|status| status.remaining).collect::<Vec<_>>();
    let admit = |reserve| all.admit(&caller, "", "a/b", || reserve);

    let mut permit = admit(stated(100, 300)).unwrap();
    permit.sent();
    permit.sent();
    assert_eq!(left(), [9, 600, 0]);
    permit.settle(&used(50), false);
    assert_eq!(left(), [9, 950, 1], "less was used than reserved");

    let mut permit = admit(stated(100, 300)).unwrap();
    permit.sent();
    permit.settle(&used(2_000), false);
    assert_eq!(left(), [8, 0, 1], "more was used than reserved");
    let error = admit(stated(1, 0)).err().unwrap();
    // 2,050 were used of 1,000, and a thousand drain in a minute.
    assert_eq!(error.retry_after, Some(Duration::from_millis(1_051 * 60)));
    hand.pass(error.retry_after.unwrap());
    assert!(admit(stated(1, 0)).is_ok());

    let mut unknown = admit(stated(1, 0)).unwrap();
    unknown.sent();
    drop(unknown);
    assert_eq!(left()[1], 0, "where nobody knows, the input counts");
}

#[test]
fn a_guess_never_locks_a_small_limit_up_and_what_never_fits_is_not_retryable() {
    let (all, _) = unlimited();
    let caller = caller(limits(None, Some(100), None), pb::Limits::default());
    let guess = Reserve { input: 5, output: 4_096, stated: false };
    let permits: Vec<_> = (0..6).map(|_| all.admit(&caller, "", "a/b", || guess).unwrap()).collect();
    let error = all.admit(&caller, "", "a/b", || guess).err().unwrap();
    assert!(error.retryable() && error.message.contains("100 tokens a minute"), "{error:?}");
    drop(permits);
    let error = all.admit(&caller, "", "a/b", || stated(5, 4_096)).err().unwrap();
    assert!(!error.retryable() && error.retry_after.is_none(), "{error:?}");
    assert!(error.message.contains("max_output_tokens"), "{error:?}");
}

#[test]
fn end_users_and_models_have_limits_by_configuration_and_the_tightest_is_told() {
    let one = config::Limit { requests_per_minute: Some(1), ..config::Limit::default() };
    let three = config::Limit { requests_per_minute: Some(3), ..config::Limit::default() };
    let key = config::Limit { requests_per_minute: Some(9), ..config::Limit::default() };
    let settings =
        config::Limits { key, end_user: one, models: [("a/*".to_owned(), three)].into(), ..config::Limits::default() };
    let all = Limits::with_clock(&settings, Hand::default().clock());
    let admit = |end_user: &str, model: &str| {
        let caller = caller(limits(Some(100), None, None), pb::Limits::default());
        let outcome = all.admit(&caller, end_user, model, Reserve::default).map(|mut permit| permit.sent());
        let told = caller.limits.tightest();
        (outcome.map_err(|error| error.quota.clone().unwrap_or_default()), told[0].scope, told[0].remaining)
    };
    assert_eq!(admit("ann", "a/b"), (Ok(()), Scope::EndUser, 0));
    assert_eq!(admit("ann", "a/b").0, Err("end_user.requests_per_minute".to_owned()));
    assert_eq!(admit("", "a/b"), (Ok(()), Scope::Model, 1));
    assert_eq!(admit("bob", "a/b").0, Ok(()));
    assert_eq!(admit("", "a/b").0, Err("model.requests_per_minute".to_owned()));
    assert_eq!(admit("", "a/other").0, Ok(()), "each model that a pattern means has the limit for itself");
    assert_eq!(admit("", "x/y"), (Ok(()), Scope::Key, 95), "a key's own limit counts before the configured one");
}

#[test]
fn a_changed_limit_keeps_what_was_counted() {
    let (all, _) = unlimited();
    let with = |requests| caller(limits(Some(requests), None, None), pb::Limits::default());
    for _ in 0..3 {
        all.admit(&with(4), "", "a/b", Reserve::default).unwrap().sent();
    }
    let remaining = |requests: u32| all.status(&with(requests).key)[0].remaining;
    assert_eq!((remaining(10), remaining(2), remaining(0)), (7, 0, 0));
    assert!(all.admit(&with(0), "", "a/b", Reserve::default).is_err());
}

#[test]
fn cells_that_have_nothing_to_remember_are_forgotten() {
    let settings = config::Limits {
        end_user: config::Limit { requests_per_minute: Some(60), ..config::Limit::default() },
        ..config::Limits::default()
    };
    let hand = Hand::default();
    let all = Limits::with_clock(&settings, hand.clock());
    let caller = caller(pb::Limits::default(), pb::Limits::default());
    let held = all.admit(&caller, "held", "a/b", Reserve::default).unwrap();
    for user in 0..100_000 {
        all.admit(&caller, &user.to_string(), "a/b", Reserve::default).unwrap().sent();
        hand.pass(Duration::from_millis(10));
    }
    // A hundred are remembered at any time; each map may have doubled since it was last looked through.
    assert!(all.cells.len() < 16 * 2 * 64 + 16, "{}", all.cells.len());
    let key = Whose::EndUser(caller.key.project_id, "held".to_owned());
    assert_eq!(
        all.cells.cell(key, hand.now()).lock().standings(&limits(None, None, Some(5)), Reserve::default(), hand.now())
            [2]
        .unwrap()
        .remaining,
        4
    );
    drop(held);
}

#[test]
fn a_burst_from_many_threads_gets_exactly_what_there_is() {
    let (all, _) = unlimited();
    let check = |own: pb::Limits, project: pb::Limits, expected: usize| {
        let caller = caller(own, project);
        // Twice, since what is dropped before it went out is given back.
        for _ in 0..2 {
            let (admitted, permits) = (AtomicUsize::new(0), std::sync::Mutex::new(Vec::new()));
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        for _ in 0..50 {
                            if let Ok(permit) = all.admit(&caller, "", "a/b", || stated(7, 3)) {
                                admitted.fetch_add(1, Ordering::Relaxed);
                                permits.lock().unwrap().push(permit);
                            }
                        }
                    });
                }
            });
            assert_eq!(admitted.into_inner(), expected, "{own:?} {project:?}");
        }
    };
    let none = pb::Limits::default();
    check(limits(Some(100), None, None), none, 100);
    check(limits(Some(100), Some(305), None), limits(None, None, Some(50)), 30);
    check(limits(None, None, Some(40)), limits(Some(33), None, None), 33);
}

/// One step of a schedule.
#[derive(Clone, Debug)]
enum Step {
    Pass(u64),
    Ask { user: u8, input: u32, output: u32 },
    Send(usize),
    End(usize, u32),
    Drop(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => (0_u64..20_000).prop_map(Step::Pass),
        4 => (0_u8..3, 1_u32..60, 0_u32..60).prop_map(|(user, input, output)| Step::Ask { user, input, output }),
        2 => any::<usize>().prop_map(Step::Send),
        1 => (any::<usize>(), 0_u32..150).prop_map(|(at, tokens)| Step::End(at, tokens)),
        1 => any::<usize>().prop_map(Step::Drop),
    ]
}

/// What a limit has let through, kept apart from it in the plainest way.
#[derive(Default)]
struct Witness {
    sent: Vec<Duration>,
    used: Vec<(Duration, u32)>,
    held: Vec<(usize, u32)>,
}

impl Witness {
    /// No window holds more than the limit and what comes back in it.
    fn check(&self, limit: u32) {
        for (at, first) in self.sent.iter().enumerate() {
            for (count, last) in (1_u128..).zip(&self.sent[at..]) {
                let span = (*last - *first).as_nanos();
                // Governor's interval is cut to whole nanoseconds.
                let most = u128::from(limit) + (span + 1_000) * u128::from(limit) / 60_000_000_000;
                assert!(count <= most, "{count} requests within {span} ns, {most} are allowed");
            }
        }
    }

    /// Tokens that were used and have not drained.
    fn level(&self, limit: u32, now: Duration) -> u128 {
        let (mut level, mut at) = (0_u128, Duration::ZERO);
        for (when, tokens) in self.used.iter().copied().chain([(now, 0)]) {
            level = level.saturating_sub((when - at).as_nanos() * u128::from(limit));
            (level, at) = (level + u128::from(tokens) * 60_000_000_000, when);
        }
        level
    }
}

proptest! {
    #[test]
    fn no_schedule_gets_more_than_is_allowed(
        steps in prop::collection::vec(step(), 1..120),
        own in (1_u32..8, 40_u32..200, 1_u32..5),
        project in (1_u32..8, 40_u32..200, 1_u32..5),
        user in 1_u32..6,
    ) {
        let settings = config::Limits {
            end_user: config::Limit { requests_per_minute: Some(user), ..config::Limit::default() },
            ..config::Limits::default()
        };
        let hand = Hand::default();
        let all = Limits::with_clock(&settings, hand.clock());
        let set = |(requests, tokens, running)| limits(Some(requests), Some(tokens), Some(running));
        let caller = caller(set(own), set(project));
        let tokens = own.1.min(project.1);
        let running = own.2.min(project.2);
        let (mut permits, mut number) = (Vec::<(usize, u8, bool, Reserve, Permit)>::new(), 0);
        let mut key = Witness::default();
        let mut users: [Witness; 3] = Default::default();
        for step in steps {
            match step {
                Step::Pass(millis) => hand.pass(Duration::from_millis(millis)),
                Step::Ask { user, input, output } => {
                    let reserve = stated(input, output);
                    let asked = all.admit(&caller, &user.to_string(), "a/b", || reserve);
                    let error = match asked {
                        Ok(permit) => {
                            number += 1;
                            key.held.push((number, input + output));
                            permits.push((number, user, false, reserve, permit));
                            continue;
                        }
                        Err(error) => error,
                    };
                    // With nobody else there, whoever comes when told to is let in.
                    if permits.is_empty() && let Some(wait) = error.retry_after {
                        hand.pass(wait);
                        let again = all.admit(&caller, &user.to_string(), "a/b", || reserve);
                        prop_assert!(again.is_ok(), "{error:?}, then {:?}", again.err());
                    }
                }
                Step::Send(at) if !permits.is_empty() => {
                    let at = at % permits.len();
                    let (_, user, sent, _, permit) = &mut permits[at];
                    permit.sent();
                    if !std::mem::replace(sent, true) {
                        key.sent.push(hand.now());
                        users[usize::from(*user)].sent.push(hand.now());
                    }
                }
                Step::End(at, tokens) if !permits.is_empty() => {
                    let (number, _, _, _, mut permit) = permits.swap_remove(at % permits.len());
                    permit.settle(&used(tokens), false);
                    key.used.push((hand.now(), tokens));
                    key.held.retain(|(held, _)| *held != number);
                }
                Step::Drop(at) if !permits.is_empty() => {
                    let (number, _, sent, reserve, permit) = permits.swap_remove(at % permits.len());
                    drop(permit);
                    key.used.push((hand.now(), if sent { reserve.input } else { 0 }));
                    key.held.retain(|(held, _)| *held != number);
                }
                _ => {}
            }
            prop_assert!(permits.len() <= usize::try_from(running).unwrap());
            // Using more than was reserved is the one way beyond the limit; then nothing more is let in.
            let reserved: u32 = key.held.iter().map(|(_, tokens)| tokens).sum();
            prop_assert!(reserved <= tokens);
            let status = all.status(&caller.key);
            for (at, limit) in [(1, own.1), (4, project.1)] {
                let taken = key.level(limit, hand.now()).div_ceil(60_000_000_000) + u128::from(reserved);
                prop_assert_eq!(u128::from(status[at].remaining), u128::from(limit).saturating_sub(taken));
            }
        }
        key.check(own.0.min(project.0));
        users.iter().for_each(|witness| witness.check(user));

        permits.clear();
        hand.pass(Duration::from_secs(3_600));
        let whole = all.status(&caller.key).iter().all(|status| status.remaining == status.limit);
        prop_assert!(whole, "something was never given back: {:?}", all.status(&caller.key));
    }
}
