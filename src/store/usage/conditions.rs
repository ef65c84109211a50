//! A filter as SQL.

use sea_orm::Value;

use super::{Filter, Sight};
use crate::{
    pb::GenerationState,
    store::text::{self, marks},
};

impl Sight {
    /// The condition on a table with columns for project and key; `None` where all may be seen.
    pub(in crate::store) fn condition(&self) -> Option<(&'static str, Value)> {
        match self {
            Self::All => None,
            Self::Project(id) => Some(("project_id = ?", (*id).into())),
            Self::Key(id) => Some(("key_id = ?", id.as_str().into())),
        }
    }
}

/// Conditions that all have to hold, and their values.
pub(super) struct Conditions {
    /// Ready to follow `WHERE`.
    pub(super) sql: String,
    /// The values of its question marks.
    pub(super) values: Vec<Value>,
}

impl Conditions {
    /// A filter on a table with generations' columns and that column for the time.
    pub(super) fn of(filter: &Filter, time: &str) -> Self {
        let mut conditions = Self::sums(filter);
        if let Some(start) = filter.start_ms {
            conditions.add(&format!("{time} >= ?"), [start.into()]);
        }
        if let Some(end) = filter.end_ms {
            conditions.add(&format!("{time} < ?"), [end.into()]);
        }
        let states = filter.states.iter().filter(|state| **state != GenerationState::Unspecified);
        conditions.one_of("state", states.map(|state| text::name(*state).into()).collect());
        if let Some(session) = &filter.session_id {
            conditions.add("session_id = ?", [session.as_str().into()]);
        }
        if let Some(least) = filter.min_total_us {
            conditions.add("total_us >= ?", [least.into()]);
        }
        conditions
    }

    /// The part of a filter that hourly sums know too, without the time.
    pub(super) fn sums(filter: &Filter) -> Self {
        let mut conditions = Self { sql: "1 = 1".to_owned(), values: Vec::new() };
        if let Some((sql, value)) = filter.sight.condition() {
            conditions.add(sql, [value]);
        }
        for (column, values) in [
            ("model", &filter.models),
            ("provider", &filter.providers),
            ("key_id", &filter.key_ids),
            ("end_user", &filter.end_users),
        ] {
            conditions.one_of(column, texts(values));
        }
        if !filter.projects.is_empty() {
            let of_projects =
                format!("project_id IN (SELECT id FROM projects WHERE name IN ({}))", marks(filter.projects.len()));
            conditions.add(&of_projects, texts(&filter.projects));
        }
        conditions
    }

    /// A further condition.
    pub(super) fn add(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(sql);
        self.values.extend(values);
    }

    fn one_of(&mut self, column: &str, values: Vec<Value>) {
        if !values.is_empty() {
            self.add(&format!("{column} IN ({})", marks(values.len())), values);
        }
    }
}

fn texts(values: &[String]) -> Vec<Value> {
    values.iter().map(|value| text::clean(value).into_owned().into()).collect()
}
