//! Which models a key may use: ids, or patterns with `*`, of the key and of its project.

use super::{Key, pattern::fits};
use crate::{
    error::{Error, Reason},
    routing::catalog::{Entry, Resolved},
};

impl Key {
    /// Refuses a model that the key or its project may not use. A variant that no catalogue lists by itself, such as
    /// `author/slug:nitro`, is the model that it is a variant of.
    pub(super) fn check_allowed(&self, found: &Resolved) -> Result<(), Error> {
        if self.may_use_all() {
            return Ok(());
        }
        let listed = found.entry.as_ref().map(|entry| entry.model.id.as_str());
        let id = found.resolution.resolved.as_str();
        if self.allows(id) || listed.is_some_and(|id| self.allows(id)) {
            return Ok(());
        }
        Err(not_allowed(id))
    }

    /// A model that this key may see in listings.
    pub(super) fn may_see(&self, entry: &Entry) -> bool {
        self.may_use_all() || self.allows(&entry.model.id)
    }

    /// Neither the key nor its project has a list.
    pub(super) fn may_use_all(&self) -> bool {
        self.allowed_models.is_empty() && self.project_allowed_models.is_empty()
    }

    /// What both lists come to, for people: the patterns of each that the other one covers; the key's own where there
    /// are none such.
    pub(super) fn allowed_patterns(&self) -> Vec<String> {
        let (own, project) = (&self.allowed_models, &self.project_allowed_models);
        if own.is_empty() {
            return project.clone();
        }
        if project.is_empty() {
            return own.clone();
        }
        let within = |some: &[String], others: &[String]| -> Vec<String> {
            some.iter().filter(|pattern| fits_any(others, pattern)).cloned().collect()
        };
        let mut both = within(own, project);
        both.extend(within(project, own).into_iter().filter(|pattern| !own.contains(pattern)));
        // None would mean all.
        if both.is_empty() { own.clone() } else { both }
    }

    fn allows(&self, id: &str) -> bool {
        [&self.allowed_models, &self.project_allowed_models]
            .into_iter()
            .all(|patterns| patterns.is_empty() || fits_any(patterns, id))
    }
}

/// The key may not use this model.
pub(super) fn not_allowed(id: &str) -> Error {
    Error::new(
        Reason::PermissionDenied,
        format!("this key may not use {id:?}; GET /api/v1/models lists those that it may, or ask for it to be allowed"),
    )
    .with_field("model")
}

fn fits_any(patterns: &[String], id: &str) -> bool {
    patterns.iter().any(|pattern| fits(pattern, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_lists_come_to_is_told() {
        let check = |own: &[&str], project: &[&str], both: &[&str]| {
            let [own, project] = [own, project].map(|list| list.iter().map(|&pattern| pattern.to_owned()).collect());
            let key = Key { allowed_models: own, project_allowed_models: project, ..Key::default() };
            assert_eq!(key.allowed_patterns(), both);
        };
        check(&[], &[], &[]);
        check(&["a/*"], &[], &["a/*"]);
        check(&[], &["a/*"], &["a/*"]);
        check(&["a/b", "c/d"], &["a/*"], &["a/b"]);
        check(&["*"], &["a/*", "c/d"], &["a/*", "c/d"]);
        check(&["a/*"], &["a/*"], &["a/*"]);
        check(&["a/*"], &["c/*"], &["a/*"]);
    }
}
