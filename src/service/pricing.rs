//! The one price function.

use crate::pb;

/// Price of one model, parsed: integers of atto-USD (10⁻¹⁸) a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Price {}

/// What usage costs, in nano-USD; `None` where a class was used that has no price.
pub fn cost(_usage: &pb::Usage, _price: &Price) -> Option<i64> {
    None
}
