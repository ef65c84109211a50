//! Names that stand for models.

use sea_orm::{ActiveModelTrait, DbErr, EntityTrait, IntoActiveModel, QueryOrder, QuerySelect, sea_query::OnConflict};

use super::{
    Store,
    audit::{self, AuditEvent},
    entity::model_aliases,
    text,
};
use crate::error::Error;

/// A name that stands for a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AliasRecord {
    /// The name, as callers write it.
    pub name: String,
    /// The model's id.
    pub model: String,
    /// Who set it: a key's public id, or `cli`.
    pub creator: String,
    /// When it was last set, milliseconds since 1970.
    pub updated_at_ms: i64,
}

impl Store {
    /// All of them, by name. There are few: every process knows them all.
    pub async fn all_aliases(&self) -> Result<Vec<AliasRecord>, Error> {
        let rows = model_aliases::Entity::find().order_by_asc(model_aliases::Column::Name).all(&self.0.readers).await;
        Ok(rows.map_err(Error::books)?.into_iter().map(AliasRecord::from).collect())
    }

    /// Sets an alias; `event` is told what it was before.
    pub async fn set_alias(
        &self,
        alias: AliasRecord,
        event: impl FnOnce(Option<&AliasRecord>) -> AuditEvent,
    ) -> Result<(), Error> {
        use model_aliases::Column::{Creator, Model, Name, UpdatedAtMs};
        let work = async {
            let transaction = self.begin().await?;
            let found = model_aliases::Entity::find_by_id(alias.name.as_str()).lock_exclusive();
            let before = found.one(&transaction).await?.map(AliasRecord::from);
            let row = model_aliases::Model::from(alias).into_active_model().reset_all();
            let replaced = OnConflict::column(Name).update_columns([Model, Creator, UpdatedAtMs]).to_owned();
            model_aliases::Entity::insert(row).on_conflict(replaced).exec_without_returning(&transaction).await?;
            audit::write(&transaction, event(before.as_ref())).await?;
            transaction.commit().await
        };
        work.await.map_err(|error: DbErr| Error::books(error))
    }

    /// Deletes an alias; `false` where there is none.
    pub async fn delete_alias(
        &self,
        name: &str,
        event: impl FnOnce(&AliasRecord) -> AuditEvent,
    ) -> Result<bool, Error> {
        let name = text::clean(name);
        let work = async {
            let transaction = self.begin().await?;
            let found = model_aliases::Entity::find_by_id(&*name).lock_exclusive().one(&transaction).await?;
            let Some(alias) = found.map(AliasRecord::from) else { return Ok(false) };
            model_aliases::Entity::delete_by_id(&*name).exec(&transaction).await?;
            audit::write(&transaction, event(&alias)).await?;
            transaction.commit().await?;
            Ok::<_, DbErr>(true)
        };
        work.await.map_err(Error::books)
    }
}

impl From<AliasRecord> for model_aliases::Model {
    fn from(alias: AliasRecord) -> Self {
        let AliasRecord { name, model, creator, updated_at_ms } = alias;
        Self { name, model, creator, updated_at_ms }
    }
}

impl From<model_aliases::Model> for AliasRecord {
    fn from(row: model_aliases::Model) -> Self {
        let model_aliases::Model { name, model, creator, updated_at_ms } = row;
        Self { name, model, creator, updated_at_ms }
    }
}
