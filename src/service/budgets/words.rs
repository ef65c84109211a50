//! How budgets are told to people.

use time::{Date, OffsetDateTime};

use crate::{
    error::{Error, Reason},
    pb::{self, BudgetEnforcement, BudgetScope},
    store::budgets::{BudgetRecord, Spending, span},
};

/// The refusal of a request that wants to hold so much of a budget of which so much is left.
pub(super) fn refusal(budget: &BudgetRecord, reserve: i64, left: i64, now_ms: i64) -> Error {
    let mut error = Error::new(Reason::BudgetExceeded, short(budget, reserve, left, now_ms));
    error.quota = Some(subject(budget));
    error
}

/// That a limit was passed which only warns.
pub(super) fn warning(budget: &BudgetRecord, now_ms: i64) -> pb::Warning {
    pb::Warning {
        code: "budget_exceeded".to_owned(),
        field: String::new(),
        message: format!("{} is used up; it only warns, {}", title(budget), renewal(budget, now_ms)),
    }
}

/// What a budget would say to a request that holds so much of it.
pub(super) fn verdict(budget: &BudgetRecord, gone: Spending, reserve: i64, unpriced: bool, now_ms: i64) -> pb::Verdict {
    let left = budget.limit_nano_usd.saturating_sub(gone.spent).saturating_sub(gone.reserved);
    let (fits, is_hard) = (reserve <= left, budget.enforcement != BudgetEnforcement::Warn);
    let message = match fits {
        _ if unpriced && is_hard => "no price is known for this model, so that its cost cannot be held to the budget; \
                                     choose a model with a price"
            .to_owned(),
        true => format!("{} leaves {}; {}", title(budget), usd(left), renewal(budget, now_ms)),
        false => short(budget, reserve, left, now_ms),
    };
    pb::Verdict {
        name: subject(budget),
        allowed: !is_hard || (fits && !unpriced),
        message,
        remaining: Some(pb::usd(left.max(0))),
        unit: "usd".to_owned(),
    }
}

/// The refusal of a model of which nobody knows what it costs.
pub(super) fn unpriced(model: &str, why: &str) -> Error {
    let words = format!(
        "no price is known for {model}, so {why} cannot be kept to; choose a model with a price, or let the operator \
         set routing.unpriced = \"allow\""
    );
    let mut error = Error::new(Reason::BudgetExceeded, words).with_field("model");
    error.quota = Some("unpriced".to_owned());
    error
}

/// The refusal of a request whose own limit its input would pass.
pub(super) fn dearer_than_asked(least: i64, most: i64) -> Error {
    let words = format!(
        "this request would cost at least {}, and its own `max_cost_usd` is {}; raise it or send less",
        usd(least),
        usd(most)
    );
    let mut error = Error::new(Reason::BudgetExceeded, words).with_field("max_cost_usd");
    error.quota = Some("request.max_cost_usd".to_owned());
    error
}

/// A budget for programs, such as `project.budget.bud_…`.
pub(super) fn subject(budget: &BudgetRecord) -> String {
    format!("{}.budget.bud_{}", pb::ShortName::short_name(budget.scope), budget.id)
}

/// The budget as the beginning of a sentence.
fn title(budget: &BudgetRecord) -> String {
    let whose = match budget.scope {
        BudgetScope::Key => "this key",
        BudgetScope::EndUser => "this end user",
        BudgetScope::Project | BudgetScope::Unspecified => "this project",
    };
    format!("the budget `{}` of {whose} ({})", budget.name, usd(budget.limit_nano_usd))
}

fn short(budget: &BudgetRecord, reserve: i64, left: i64, now_ms: i64) -> String {
    let (title, left, renewal) = (title(budget), usd(left.max(0)), renewal(budget, now_ms));
    format!("{title} leaves {left}, and this request reserves {}; {renewal}", usd(reserve))
}

fn renewal(budget: &BudgetRecord, now_ms: i64) -> String {
    match span(budget.window, now_ms).ends_at_ms {
        Some(ends) => {
            let day = OffsetDateTime::from_unix_timestamp(ends / 1000).map_or(Date::MAX, OffsetDateTime::date);
            format!("it renews on {day} at 00:00 UTC")
        }
        None => "it does not renew, ask for a higher one".to_owned(),
    }
}

/// Money for people, to the last digit.
fn usd(nano: i64) -> String {
    let (sign, nano) = (if nano < 0 { "-" } else { "" }, nano.unsigned_abs());
    let text = format!("{}.{:09}", nano / 1_000_000_000, nano % 1_000_000_000);
    format!("{sign}${}", text.trim_end_matches('0').trim_end_matches('.'))
}
