//! The audit trail: what administrators change, told field by field and without secrets.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::page::Listing;
use crate::{
    error::Error,
    pb,
    service::{Caller, Gateway},
    store::audit::{AuditEvent, AuditFilter},
};

/// Fields that are no decisions: they follow from others, or say what the target says already.
const PASSED_OVER: [&str; 14] = [
    "id",
    "project",
    "creator",
    "active_keys",
    "limit_status",
    "create_time",
    "update_time",
    "last_use_time",
    "spent_usd",
    "reserved_usd",
    "remaining_usd",
    "window_start_time",
    "renew_time",
    "configured",
];

/// Who changes something.
pub(in crate::service) struct Actor {
    /// A key's public id, `cli` or `gateway`.
    pub(in crate::service) id: String,
    name: String,
    request_id: String,
    address: String,
}

impl Actor {
    /// The gateway itself.
    pub(in crate::service) fn gateway() -> Self {
        Self::within("gateway")
    }

    /// A caller; the operator at the command line has no key.
    pub(super) fn of(caller: &Caller) -> Self {
        let key = &caller.key;
        match key.id.is_empty() {
            true => Self::within("cli"),
            false => Self {
                id: key.id.clone(),
                name: key.name.clone(),
                request_id: caller.request_id.to_string(),
                address: caller.address.map(|address| address.to_string()).unwrap_or_default(),
            },
        }
    }

    /// One who has no key and sends no request.
    fn within(id: &str) -> Self {
        Self { id: id.to_owned(), name: String::new(), request_id: String::new(), address: String::new() }
    }

    /// What this actor does.
    pub(in crate::service) fn event(
        &self,
        at_ms: i64,
        action: &str,
        project: &str,
        target: String,
        changes: Vec<pb::AuditChange>,
    ) -> AuditEvent {
        AuditEvent {
            created_at_ms: at_ms,
            actor: self.id.clone(),
            actor_name: self.name.clone(),
            action: action.to_owned(),
            project: project.to_owned(),
            target,
            changes,
            request_id: self.request_id.clone(),
            address: self.address.clone(),
        }
    }
}

/// The fields in which two messages differ; one that is absent has none.
pub(in crate::service) fn changes<T: Serialize>(before: Option<&T>, after: Option<&T>) -> Vec<pb::AuditChange> {
    let (before, mut after) = (fields(before), fields(after));
    let mut changes: Vec<_> = before
        .into_iter()
        .map(|(field, old_value)| {
            let new_value = after.remove(&field).unwrap_or_default();
            pb::AuditChange { field, old_value, new_value }
        })
        .filter(|change| change.old_value != change.new_value)
        .collect();
    let fresh = after.into_iter();
    changes.extend(fresh.map(|(field, new_value)| pb::AuditChange { field, new_value, ..pb::AuditChange::default() }));
    changes
}

/// A message's fields by path, as JSON; lists are one field.
fn fields<T: Serialize>(message: Option<&T>) -> BTreeMap<String, String> {
    fn walk(path: &str, value: &Value, found: &mut BTreeMap<String, String>) {
        match value {
            Value::Object(members) => {
                let dot = if path.is_empty() { "" } else { "." };
                for (name, value) in members {
                    if !path.is_empty() || !PASSED_OVER.contains(&name.as_str()) {
                        walk(&format!("{path}{dot}{name}"), value, found);
                    }
                }
            }
            Value::Null => {}
            value => _ = found.insert(path.to_owned(), value.to_string()),
        }
    }
    let mut found = BTreeMap::new();
    if let Some(message) = message {
        walk("", &serde_json::to_value(message).expect("messages are always JSON"), &mut found);
    }
    found
}

impl Gateway {
    /// What was changed and by whom, newest first: all for administrators of the gateway, of a project its own.
    pub async fn list_audit_events(
        &self,
        caller: &Caller,
        request: pb::ListAuditEventsRequest,
    ) -> Result<pb::ListAuditEventsResponse, Error> {
        caller.require_admin()?;
        let project = match caller.manages_all() {
            true => Some(request.project.clone()).filter(|project| !project.is_empty()),
            false => {
                super::own_project(caller, &request.project)?;
                Some(caller.key.project.clone())
            }
        };
        let (start_ms, end_ms) = (request.start.map(|time| time.millis()), request.end.map(|time| time.millis()));
        if start_ms.zip(end_ms).is_some_and(|(start, end)| start > end) {
            return Err(Error::invalid("end", "end must not be before start"));
        }
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let filter = AuditFilter {
            start_ms,
            end_ms,
            actor: given(&request.actor),
            action: given(&request.action),
            target: given(&request.target),
            project,
        };
        let listing = Listing::new("audit", &[&format!("{filter:?}")], request.page_size);
        let after = listing.after(&request.page_token)?;
        let found = self.store.list_audit_events(&filter, after, listing.limit()).await?;
        let (found, next_page_token) = listing.cut(found, |(id, _)| id.to_string());
        Ok(pb::ListAuditEventsResponse { events: found.into_iter().map(|(_, event)| event).collect(), next_page_token })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_name_the_fields_that_differ_and_no_others() {
        let before = pb::ApiKey {
            id: "k".to_owned(),
            name: "old".to_owned(),
            limits: Some(pb::Limits { requests_per_minute: Some(5), ..pb::Limits::default() }),
            allowed_models: vec!["a/*".to_owned()],
            metadata: [("team".to_owned(), "red".to_owned())].into(),
            ..pb::ApiKey::default()
        };
        let after = pb::ApiKey {
            name: "new".to_owned(),
            limits: Some(pb::Limits {
                requests_per_minute: Some(7),
                concurrent_requests: Some(2),
                ..Default::default()
            }),
            metadata: [].into(),
            ..before.clone()
        };
        let told: Vec<_> = changes(Some(&before), Some(&after))
            .into_iter()
            .map(|change| format!("{} {} → {}", change.field, change.old_value, change.new_value))
            .collect();
        assert_eq!(
            told,
            [
                "limits.requests_per_minute 5 → 7",
                "metadata.team \"red\" → ",
                "name \"old\" → \"new\"",
                "limits.concurrent_requests  → 2"
            ]
        );
        assert!(changes(Some(&before), Some(&before)).is_empty());
        assert!(changes(None, Some(&before)).iter().all(|change| change.field != "id" && change.old_value.is_empty()));
    }
}
