//! What was changed by hand, and by whom. An event is written in the transaction of its change.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::{Store, entity::audit_events, text};
use crate::{
    error::Error,
    pb::{self, well_known::Timestamp},
};

/// Something that is changed by hand, and by whom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditEvent {
    /// When, milliseconds since 1970.
    pub created_at_ms: i64,
    /// A key's public id, `cli` or `gateway`.
    pub actor: String,
    /// Name of that key.
    pub actor_name: String,
    /// What is done, such as `key.revoke`.
    pub action: String,
    /// The project's name; empty for what is the gateway's.
    pub project: String,
    /// To what, such as `projects/default/keys/a1b2`.
    pub target: String,
    /// The fields that change; where there are none, nothing happened and no event is written.
    pub changes: Vec<pb::AuditChange>,
    /// The request that does it.
    pub request_id: String,
    /// The address that it came from; empty for the command line.
    pub address: String,
}

/// Which events are meant. Absent values mean any.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Done at or after this, milliseconds since 1970.
    pub start_ms: Option<i64>,
    /// Done before this.
    pub end_ms: Option<i64>,
    /// In this project, by name.
    pub project: Option<String>,
    /// By this actor.
    pub actor: Option<String>,
    /// Of this kind; `key.*` means all that begin with `key.`.
    pub action: Option<String>,
    /// To this target.
    pub target: Option<String>,
}

impl Store {
    /// At most `limit` events that come after one, newest first.
    pub async fn list_audit_events(
        &self,
        filter: &AuditFilter,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<(Uuid, pb::AuditEvent)>, Error> {
        use audit_events::Column;
        let mut found = audit_events::Entity::find();
        for (column, value) in
            [(Column::Project, &filter.project), (Column::Actor, &filter.actor), (Column::Target, &filter.target)]
        {
            if let Some(value) = value {
                found = found.filter(column.eq(&*text::clean(value)));
            }
        }
        if let Some(action) = &filter.action {
            let action = text::clean(action);
            found = match action.strip_suffix('*') {
                Some(kind) => found.filter(Column::Action.starts_with(kind)),
                None => found.filter(Column::Action.eq(&*action)),
            };
        }
        if let Some(start) = filter.start_ms {
            found = found.filter(Column::CreatedAtMs.gte(start));
        }
        if let Some(end) = filter.end_ms {
            found = found.filter(Column::CreatedAtMs.lt(end));
        }
        if let Some(id) = after {
            found = found.filter(Column::Id.lt(id));
        }
        // Ids are in order of time.
        let rows = found.order_by_desc(Column::Id).limit(u64::from(limit)).all(&self.0.readers).await;
        Ok(rows.map_err(Error::books)?.into_iter().map(|row| (row.id, row.into())).collect())
    }
}

/// Writes an event, in the transaction of what it tells.
pub(super) async fn write(transaction: &impl ConnectionTrait, event: AuditEvent) -> Result<(), DbErr> {
    if event.changes.is_empty() {
        return Ok(());
    }
    let row = audit_events::ActiveModel {
        id: Set(Uuid::now_v7()),
        created_at_ms: Set(event.created_at_ms),
        actor: Set(event.actor),
        actor_name: Set(event.actor_name),
        action: Set(event.action),
        project: Set(event.project),
        target: Set(event.target),
        changes: Set(text::list(&event.changes)),
        request_id: Set(event.request_id),
        address: Set(event.address),
    };
    row.insert(transaction).await.map(drop)
}

impl From<audit_events::Model> for pb::AuditEvent {
    fn from(row: audit_events::Model) -> Self {
        Self {
            id: format!("aud_{}", row.id),
            create_time: Some(Timestamp::from_millis(row.created_at_ms)),
            actor: row.actor,
            actor_name: row.actor_name,
            action: row.action,
            project: row.project,
            target: row.target,
            changes: text::read(&row.changes),
            request_id: row.request_id,
            address: row.address,
        }
    }
}
