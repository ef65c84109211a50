//! Entities, one a table.

#![expect(unreachable_pub, reason = "sea-orm's derives want their parts public")]

pub(super) mod adjustments;
pub(super) mod api_keys;
pub(super) mod attempts;
pub(super) mod generations;
pub(super) mod prices;
pub(super) mod projects;
