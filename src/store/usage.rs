//! Reading the books: generations one by one and page by page.

mod conditions;
mod rows;
mod summary;

use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};
use uuid::Uuid;

use self::conditions::Conditions;
use super::{
    Store,
    entity::{adjustments, api_keys, attempts, generations, projects},
    text,
};
use crate::{error::Error, pb};

pub use self::{
    rows::id_text,
    summary::{SumRow, Summary},
};

/// Whose generations may be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Everybody's.
    All,
    /// A project's.
    Project(Uuid),
    /// A key's, by public id.
    Key(String),
}

impl Sight {
    /// Whether a generation of that project and key may be seen.
    pub fn covers(&self, project_id: Uuid, key_id: &str) -> bool {
        match self {
            Self::All => true,
            Self::Project(id) => *id == project_id,
            Self::Key(id) => id == key_id,
        }
    }
}

/// Which generations are meant. Empty lists and absent values mean any.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Whose may be seen at all.
    pub sight: Sight,
    /// Begun at or after this, milliseconds since 1970.
    pub start_ms: Option<i64>,
    /// Begun before this.
    pub end_ms: Option<i64>,
    /// In one of these states.
    pub states: Vec<pb::GenerationState>,
    /// By one of these models.
    pub models: Vec<String>,
    /// By one of these providers.
    pub providers: Vec<String>,
    /// Of one of these projects, by name.
    pub projects: Vec<String>,
    /// Of one of these keys, by public id.
    pub key_ids: Vec<String>,
    /// Of one of these end users.
    pub end_users: Vec<String>,
    /// Of this session.
    pub session_id: Option<String>,
    /// That took at least this long, microseconds.
    pub min_total_us: Option<i64>,
}

impl Filter {
    /// Everything that may be seen.
    pub fn all(sight: Sight) -> Self {
        Self {
            sight,
            start_ms: None,
            end_ms: None,
            states: Vec::new(),
            models: Vec::new(),
            providers: Vec::new(),
            projects: Vec::new(),
            key_ids: Vec::new(),
            end_users: Vec::new(),
            session_id: None,
            min_total_us: None,
        }
    }
}

/// A generation's place in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When it began, milliseconds since 1970.
    pub created_at_ms: i64,
    /// Its id.
    pub id: Uuid,
}

/// Which way a listing goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Newest first.
    Newest,
    /// Oldest first.
    Oldest,
}

/// A generation in full.
#[derive(Clone, Debug)]
pub struct Detail {
    /// The generation.
    pub generation: pb::Generation,
    /// Its tries, in order.
    pub attempts: Vec<pb::Attempt>,
    /// The targets that were considered.
    pub candidates: Vec<pb::Candidate>,
    /// The price version it was computed with.
    pub price_version: Option<Uuid>,
}

impl Store {
    /// One generation in full, if it may be seen.
    pub async fn find_generation(&self, sight: Sight, id: Uuid) -> Result<Option<Detail>, Error> {
        let mut conditions = Conditions::of(&Filter::all(sight), "created_at_ms");
        conditions.add("id = ?", [id.into()]);
        let sql = format!("SELECT * FROM generations WHERE {}", conditions.sql);
        let statement = self.statement(&sql, conditions.values);
        let found =
            generations::Model::find_by_statement(statement).one(&self.0.readers).await.map_err(Error::books)?;
        let Some(row) = found else { return Ok(None) };
        let attempts = attempts::Entity::find()
            .filter(attempts::Column::GenerationId.eq(id))
            .order_by_asc(attempts::Column::AttemptIndex)
            .all(&self.0.readers)
            .await
            .map_err(Error::books)?;
        let mut attempts: Vec<_> = attempts.into_iter().map(pb::Attempt::from).collect();
        if !attempts.iter().any(|attempt| attempt.index == 1) {
            attempts.insert(0, rows::first_attempt(&row));
        }
        let candidates = text::read(&row.candidates);
        let price_version = row.price_version;
        let generation = self.describe(vec![row]).await?.pop().expect("one row makes one generation").1;
        Ok(Some(Detail { generation, attempts, candidates, price_version }))
    }

    /// The generation that has an idempotency key in a project, if it may be seen.
    pub async fn find_by_idempotency_key(
        &self,
        sight: &Sight,
        project_id: Uuid,
        idempotency_key: &str,
    ) -> Result<Option<Uuid>, Error> {
        let sql = "SELECT * FROM generations WHERE project_id = ? AND idempotency_key = ?";
        let statement = self.statement(sql, [project_id.into(), idempotency_key.into()]);
        let found = generations::Model::find_by_statement(statement).one(&self.0.readers).await;
        let seen = found.map_err(Error::books)?.filter(|row| sight.covers(row.project_id, &row.key_id));
        Ok(seen.map(|row| row.id))
    }

    /// At most `limit` generations that come after a place in that order.
    pub async fn list_generations(
        &self,
        filter: &Filter,
        order: Order,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Vec<(Place, pb::Generation)>, Error> {
        let (comparison, direction) = match order {
            Order::Newest => ("<", "DESC"),
            Order::Oldest => (">", "ASC"),
        };
        let mut conditions = Conditions::of(filter, "created_at_ms");
        if let Some(place) = after {
            let after = format!("(created_at_ms, id) {comparison} (?, ?)");
            conditions.add(&after, [place.created_at_ms.into(), place.id.into()]);
        }
        let sql = format!(
            "SELECT * FROM generations WHERE {} ORDER BY created_at_ms {direction}, id {direction} LIMIT {limit}",
            conditions.sql
        );
        let statement = self.statement(&sql, conditions.values);
        let rows = generations::Model::find_by_statement(statement).all(&self.0.readers).await.map_err(Error::books)?;
        self.describe(rows).await
    }

    /// Generations by their ids, in no order.
    pub(super) async fn generations_of(&self, ids: &[Uuid]) -> Result<Vec<(Uuid, pb::Generation)>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = generations::Entity::find().filter(generations::Column::Id.is_in(ids.iter().copied()));
        let found = self.describe(wanted.all(&self.0.readers).await.map_err(Error::books)?).await?;
        Ok(found.into_iter().map(|(place, generation)| (place.id, generation)).collect())
    }

    /// Rows as generations, with the names and corrections that stand in other tables.
    async fn describe(&self, rows: Vec<generations::Model>) -> Result<Vec<(Place, pb::Generation)>, Error> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let readers = &self.0.readers;
        let projects = projects::Entity::find()
            .filter(projects::Column::Id.is_in(distinct(rows.iter().map(|row| row.project_id))))
            .all(readers)
            .await
            .map_err(Error::books)?;
        let keys = api_keys::Entity::find()
            .filter(api_keys::Column::Id.is_in(distinct(rows.iter().map(|row| row.key_id.as_str()))))
            .all(readers)
            .await
            .map_err(Error::books)?;
        let adjustments = adjustments::Entity::find()
            .filter(adjustments::Column::GenerationId.is_in(rows.iter().map(|row| row.id)))
            .order_by_asc(adjustments::Column::Id)
            .all(readers)
            .await
            .map_err(Error::books)?;
        let describe = |row: generations::Model| {
            let place = Place { created_at_ms: row.created_at_ms, id: row.id };
            let project = projects.iter().find(|project| project.id == row.project_id);
            let key = keys.iter().find(|key| key.id == row.key_id);
            let corrections = adjustments.iter().filter(|adjustment| adjustment.generation_id == row.id);
            let generation = pb::Generation {
                project: project.map(|project| project.name.clone()).unwrap_or_default(),
                key_name: key.map(|key| key.name.clone()).unwrap_or_default(),
                adjustments: corrections.map(pb::Adjustment::from).collect(),
                ..pb::Generation::from(row)
            };
            (place, generation)
        };
        Ok(rows.into_iter().map(describe).collect())
    }
}

fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}
