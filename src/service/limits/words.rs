//! How limits are told to people.

use std::time::Duration;

use super::{Reserve, Scope, Wait, cell::Standing};
use crate::{
    error::{Error, Reason},
    pb::{self, LimitKind},
};

impl Scope {
    /// For programs, such as `end_user`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Project => "project",
            Self::EndUser => "end_user",
            Self::Model => "model",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Key => "this key",
            Self::Project => "all keys of this project together",
            Self::EndUser => "this end user",
            Self::Model => "all callers of this model together",
        }
    }
}

/// The refusal of a request that wants so many `tokens`.
pub(super) fn refusal(scope: Scope, kind: LimitKind, limit: u32, tokens: u32, wait: Wait) -> Error {
    let mut error = Error::new(Reason::LimitExceeded, message(scope, kind, limit, tokens, wait));
    error.quota = Some(name(scope, kind));
    match wait {
        Wait::After(wait) => error.with_retry_after(wait),
        Wait::Never => {
            error.retryable = Some(false);
            error
        }
    }
}

/// What a limit would say to a request.
pub(super) fn verdict(scope: Scope, standing: &Standing, reserve: Reserve) -> pb::Verdict {
    let Standing { kind, limit, remaining, wait, .. } = *standing;
    let message = match wait {
        Some(wait) => message(scope, kind, limit, reserve.within(limit), wait),
        None => format!("{} may {}; {remaining} are left", scope.words(), allowance(kind, limit)),
    };
    let unit = if kind == LimitKind::TokensPerMinute { "tokens" } else { "requests" };
    pb::Verdict {
        name: name(scope, kind),
        allowed: wait.is_none(),
        message,
        remaining: Some(remaining.into()),
        unit: unit.to_owned(),
    }
}

/// A limit's name for programs, such as `key.tokens_per_minute`.
fn name(scope: Scope, kind: LimitKind) -> String {
    let kind = match kind {
        LimitKind::RequestsPerMinute => "requests_per_minute",
        LimitKind::TokensPerMinute => "tokens_per_minute",
        LimitKind::ConcurrentRequests => "concurrent_requests",
        LimitKind::Unspecified => "limit",
    };
    format!("{}.{kind}", scope.name())
}

fn message(scope: Scope, kind: LimitKind, limit: u32, tokens: u32, wait: Wait) -> String {
    let may = format!("{} may {}", scope.words(), allowance(kind, limit));
    match (kind, wait) {
        (LimitKind::TokensPerMinute, Wait::Never) => format!(
            "{may}, and this request may use {tokens}, which never fits; send less or lower `max_output_tokens`"
        ),
        (_, Wait::Never) => format!("{may}; ask for a higher limit"),
        (LimitKind::TokensPerMinute, Wait::After(wait)) => {
            format!("{may}, and this request may use {tokens}; try again in {}", span(wait))
        }
        (LimitKind::ConcurrentRequests, Wait::After(_)) => {
            format!("{may}, and that many are running; try again when one has ended")
        }
        (_, Wait::After(wait)) => format!("{may}; try again in {}", span(wait)),
    }
}

fn allowance(kind: LimitKind, limit: u32) -> String {
    match kind {
        LimitKind::TokensPerMinute => format!("use {limit} tokens a minute"),
        LimitKind::ConcurrentRequests => format!("have {limit} requests at the same time"),
        _ => format!("send {limit} requests a minute"),
    }
}

/// A time for people, rounded up.
fn span(wait: Duration) -> String {
    let millis = wait.as_nanos().div_ceil(1_000_000);
    if millis < 1000 { format!("{millis} ms") } else { format!("{} s", millis.div_ceil(1000)) }
}
