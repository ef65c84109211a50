//! Price sheets, each distinct one a version.

use uuid::Uuid;

use super::Store;
use crate::error::Error;

/// A price sheet as a provider lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceSheet {
    /// The provider.
    pub provider: String,
    /// The model's id.
    pub model: String,
    /// The prices: `pb::Price` as JSON without version, source and time.
    pub json: String,
}

/// A price sheet that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPrice {
    /// The price version.
    pub id: Uuid,
    /// The sheet.
    pub sheet: PriceSheet,
    /// Where it comes from: `openrouter`, `snapshot`, ….
    pub source: String,
    /// Since when it holds, milliseconds since 1970.
    pub since_ms: i64,
}

impl Store {
    /// Keeps each sheet that differs from the newest one of its model at its provider. Returns the versions that hold
    /// now, in the order of the sheets, and how many of them are new.
    pub async fn record_prices(
        &self,
        _source: &str,
        _sheets: Vec<PriceSheet>,
        _now_ms: i64,
    ) -> Result<(Vec<StoredPrice>, usize), Error> {
        std::future::ready(Err(Error::internal("not wired yet"))).await
    }

    /// The newest sheet of each model at each provider.
    pub async fn newest_prices(&self) -> Result<Vec<StoredPrice>, Error> {
        std::future::ready(Err(Error::internal("not wired yet"))).await
    }

    /// All sheets of a model, newest first.
    pub async fn price_history(&self, _model: &str) -> Result<Vec<StoredPrice>, Error> {
        std::future::ready(Err(Error::internal("not wired yet"))).await
    }

    /// One version.
    pub async fn find_price(&self, _id: Uuid) -> Result<Option<StoredPrice>, Error> {
        std::future::ready(Err(Error::internal("not wired yet"))).await
    }
}
