//! A budget's window as the books keep it: a row with what is spent of it and held.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{BudgetRecord, Span, span};
use crate::{pb::BudgetScope, store::text};

/// A window of a budget; of one that each end user has alone, that end user's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// Follows from the rest, so that it is known without asking the database.
    pub id: Uuid,
    /// The budget.
    pub budget_id: Uuid,
    /// The end user; empty where the budget is not each one's own.
    pub end_user: String,
    /// From when till when.
    pub span: Span,
}

impl Period {
    /// The window of that budget and end user that a moment falls into.
    pub fn of(budget: &BudgetRecord, end_user: &str, at_ms: i64) -> Self {
        let is_own = budget.scope == BudgetScope::EndUser && budget.end_user.is_empty();
        let end_user = if is_own { text::clean(end_user).into_owned() } else { String::new() };
        let span = span(budget.window, at_ms);
        let mut hash = Sha256::new();
        hash.update(budget.id);
        hash.update(span.starts_at_ms.to_be_bytes());
        hash.update(&end_user);
        let mut id = [0; 16];
        id.copy_from_slice(&hash.finalize()[..16]);
        let id = uuid::Builder::from_custom_bytes(id).into_uuid();
        Self { id, budget_id: budget.id, end_user, span }
    }
}
