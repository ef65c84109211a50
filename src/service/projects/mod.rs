//! Projects, their keys, limits and budgets, and what its operators look after: one method per RPC.
//!
//! A key with the admin scope manages its own project; one of the project `default` manages all, and it alone what is
//! the gateway's. What is another project's is told apart from what does not exist by nobody.

pub mod aliases;
pub(in crate::service) mod audit;
mod budgets;
mod caller;
mod configuration;
pub(in crate::service) mod fields;
mod keys;
mod page;
mod providers;
mod tenants;

use crate::{
    error::{Error, Reason},
    service::{
        Caller, Gateway,
        keys::{DEFAULT_PROJECT, no_project},
    },
    store::projects::Project,
};

pub(in crate::service) use self::{
    keys::describe as describe_key,
    tenants::{describe as describe_project, new as new_project},
};

impl Caller {
    /// Manages all projects and the gateway.
    pub(in crate::service) fn manages_all(&self) -> bool {
        self.key.admin && self.key.project == DEFAULT_PROJECT
    }

    /// Refuses who does not manage the gateway.
    fn require_gateway_admin(&self) -> Result<(), Error> {
        self.require_admin()?;
        if self.manages_all() {
            return Ok(());
        }
        let words = format!("this is the gateway's, and needs an admin key of the project `{DEFAULT_PROJECT}`");
        Err(Error::new(Reason::PermissionDenied, words))
    }
}

impl Gateway {
    /// The project of that id, if the caller manages it.
    async fn managed(&self, caller: &Caller, project_id: &str) -> Result<Project, Error> {
        caller.require_admin()?;
        own_project(caller, project_id)?;
        self.store.find_project(project_id).await?.ok_or_else(|| no_project(project_id))
    }
}

/// Refuses another project than the caller's, unless the caller manages all; empty is the caller's own.
fn own_project(caller: &Caller, project_id: &str) -> Result<(), Error> {
    if caller.manages_all() || project_id.is_empty() || project_id == caller.key.project {
        return Ok(());
    }
    Err(no_project(project_id))
}
