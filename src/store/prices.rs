//! Price sheets, each distinct one a version.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    Store,
    batch::{Field, Insert},
    entity::prices,
};
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

const NEWEST: &str = "\
    SELECT * FROM prices WHERE NOT EXISTS (SELECT 1 FROM prices newer \
        WHERE newer.model = prices.model AND newer.provider = prices.provider \
        AND (newer.since_ms > prices.since_ms OR newer.since_ms = prices.since_ms AND newer.id > prices.id))";

impl Store {
    /// Keeps each sheet that differs from the newest one of its model at its provider. Returns the versions that hold
    /// now, in the order of the sheets, and how many of them are new.
    pub async fn record_prices(
        &self,
        source: &str,
        sheets: Vec<PriceSheet>,
        now_ms: i64,
    ) -> Result<(Vec<StoredPrice>, usize), Error> {
        let work = async {
            let transaction = self.begin().await?;
            let newest = self.newest(&transaction).await?;
            let (holding, fresh) = compare(newest, source, sheets, now_ms);
            let values = fresh.iter().flat_map(values).collect();
            Insert::new("prices", &["id", "model", "provider", "sheet", "source", "since_ms"], "")
                .run(&transaction, values)
                .await?;
            transaction.commit().await?;
            Ok::<_, DbErr>((holding, fresh.len()))
        };
        work.await.map_err(Error::books)
    }

    /// The newest sheet of each model at each provider.
    pub async fn newest_prices(&self) -> Result<Vec<StoredPrice>, Error> {
        self.newest(&self.0.readers).await.map_err(Error::books)
    }

    /// All sheets of a model, newest first.
    pub async fn price_history(&self, model: &str) -> Result<Vec<StoredPrice>, Error> {
        let rows = prices::Entity::find()
            .filter(prices::Column::Model.eq(model))
            .order_by_desc(prices::Column::SinceMs)
            .order_by_desc(prices::Column::Id)
            .all(&self.0.readers)
            .await
            .map_err(Error::books)?;
        Ok(rows.into_iter().map(StoredPrice::from).collect())
    }

    /// One version.
    pub async fn find_price(&self, id: Uuid) -> Result<Option<StoredPrice>, Error> {
        let row = prices::Entity::find_by_id(id).one(&self.0.readers).await.map_err(Error::books)?;
        Ok(row.map(StoredPrice::from))
    }

    async fn newest(&self, connection: &impl ConnectionTrait) -> Result<Vec<StoredPrice>, DbErr> {
        let rows = prices::Model::find_by_statement(self.statement(NEWEST, [])).all(connection).await?;
        Ok(rows.into_iter().map(StoredPrice::from).collect())
    }
}

/// The versions that hold once these sheets are known, and those of them that are new.
fn compare(
    newest: Vec<StoredPrice>,
    source: &str,
    sheets: Vec<PriceSheet>,
    now_ms: i64,
) -> (Vec<StoredPrice>, Vec<StoredPrice>) {
    let place = |sheet: &PriceSheet| (sheet.model.clone(), sheet.provider.clone());
    let mut known: HashMap<_, _> = newest.into_iter().map(|price| (place(&price.sheet), price)).collect();
    let mut holding = Vec::with_capacity(sheets.len());
    let mut fresh = Vec::new();
    for sheet in sheets {
        let place = place(&sheet);
        match known.get(&place) {
            Some(price) if price.sheet.json == sheet.json => holding.push(price.clone()),
            _ => {
                let price = StoredPrice { id: Uuid::now_v7(), sheet, source: source.to_owned(), since_ms: now_ms };
                known.insert(place, price.clone());
                holding.push(price.clone());
                fresh.push(price);
            }
        }
    }
    (holding, fresh)
}

fn values(price: &StoredPrice) -> [Field<'_>; 6] {
    [
        price.id.into(),
        price.sheet.model.as_str().into(),
        price.sheet.provider.as_str().into(),
        price.sheet.json.as_str().into(),
        price.source.as_str().into(),
        price.since_ms.into(),
    ]
}

impl From<prices::Model> for StoredPrice {
    fn from(row: prices::Model) -> Self {
        let sheet = PriceSheet { provider: row.provider, model: row.model, json: row.sheet };
        Self { id: row.id, sheet, source: row.source, since_ms: row.since_ms }
    }
}
