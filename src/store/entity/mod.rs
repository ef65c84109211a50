//! Entities, one a table.

pub(super) mod adjustments;
pub(super) mod api_keys;
pub(super) mod attempts;
pub(super) mod audit_events;
pub(super) mod budgets;
pub(super) mod generation_contents;
pub(super) mod generations;
pub(super) mod messages;
pub(super) mod model_aliases;
pub(super) mod prices;
pub(super) mod projects;
pub(super) mod session_branches;
pub(super) mod sessions;
