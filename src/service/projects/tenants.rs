//! Projects themselves.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{
    audit::{Actor, changes},
    fields,
    page::Listing,
};
use crate::{
    error::{Error, Reason},
    pb::{self, LimitScope, well_known::Timestamp},
    service::{
        Caller, Gateway, Key,
        clock::now_ms,
        keys::{DEFAULT_PROJECT, no_project},
    },
    store::projects::Project,
};

impl Gateway {
    /// Makes a project.
    pub async fn create_project(
        &self,
        caller: &Caller,
        request: pb::CreateProjectRequest,
    ) -> Result<pb::CreateProjectResponse, Error> {
        caller.require_gateway_admin()?;
        let title = fields::name(&request.name)?;
        let id = if request.project_id.is_empty() { fields::project_id_of(&title) } else { request.project_id };
        fields::project_id(&id)?;
        let project = Project {
            title,
            limits: fields::limits(request.limits)?,
            allowed_models: fields::allowed_models(request.allowed_models)?,
            metadata: fields::labels(BTreeMap::new(), request.metadata)?,
            ..new(&id, now_ms())
        };
        let told = changes(None, Some(&describe(&project)));
        let event = Actor::of(caller).event(project.created_at_ms, "project.create", &id, target(&id), told);
        self.store.create_project(project.clone(), event).await?;
        Ok(pb::CreateProjectResponse { project: Some(self.project_now(&project).await?) })
    }

    /// A page of the projects that the caller manages, by id.
    pub async fn list_projects(
        &self,
        caller: &Caller,
        request: pb::ListProjectsRequest,
    ) -> Result<pb::ListProjectsResponse, Error> {
        caller.require_admin()?;
        let only = (!caller.manages_all()).then_some(caller.key.project_id);
        let listing = Listing::new("projects", &[], request.page_size);
        let after: Option<String> = listing.after(&request.page_token)?;
        let found = self.store.list_projects(only, &after.unwrap_or_default(), listing.limit()).await?;
        let (found, next_page_token) = listing.cut(found, |project| project.name.clone());
        let ids: Vec<Uuid> = found.iter().map(|project| project.id).collect();
        let keys = self.store.count_keys(&ids, now_ms()).await?;
        let count = |project: &Project| keys.get(&project.id).copied().unwrap_or_default();
        let projects = found.iter().map(|project| self.with_state(project, count(project))).collect();
        Ok(pb::ListProjectsResponse { projects, next_page_token })
    }

    /// One project.
    pub async fn get_project(
        &self,
        caller: &Caller,
        request: pb::GetProjectRequest,
    ) -> Result<pb::GetProjectResponse, Error> {
        let project = self.managed(caller, &request.project_id).await?;
        Ok(pb::GetProjectResponse { project: Some(self.project_now(&project).await?) })
    }

    /// Changes the fields that are given.
    pub async fn update_project(
        &self,
        caller: &Caller,
        request: pb::UpdateProjectRequest,
    ) -> Result<pb::UpdateProjectResponse, Error> {
        let id = self.managed(caller, &request.project_id).await?.name;
        let now = now_ms();
        let changed = self.store.change_project(&id, |project| {
            let before = describe(project);
            if let Some(name) = &request.name {
                project.title = fields::name(name)?;
            }
            if request.limits.is_some() {
                project.limits = fields::limits(request.limits)?;
            }
            if let Some(models) = request.allowed_models {
                project.allowed_models = fields::allowed_models(models.models)?;
            }
            project.metadata = fields::labels(std::mem::take(&mut project.metadata), request.metadata)?;
            project.updated_at_ms = now;
            let told = changes(Some(&before), Some(&describe(project)));
            Ok(Actor::of(caller).event(now, "project.update", &id, target(&id), told))
        });
        let project = changed.await?.ok_or_else(|| no_project(&id))?;
        self.keys.forget();
        Ok(pb::UpdateProjectResponse { project: Some(self.project_now(&project).await?) })
    }

    /// Deletes a project with its budgets and sessions, revokes its keys, and stops what this process still writes in
    /// its sessions. Its books stay.
    pub async fn delete_project(
        &self,
        caller: &Caller,
        request: pb::DeleteProjectRequest,
    ) -> Result<pb::DeleteProjectResponse, Error> {
        let project = self.managed(caller, &request.project_id).await?;
        if project.name == DEFAULT_PROJECT {
            let words = format!("the project `{DEFAULT_PROJECT}` cannot be deleted: its keys manage the gateway");
            return Err(Error::new(Reason::InvalidRequest, words).with_field("project_id"));
        }
        let (now, id) = (now_ms(), &project.name);
        let told = changes(Some(&describe(&project)), None);
        let event = Actor::of(caller).event(now, "project.delete", id, target(id), told);
        if !self.store.delete_project(id, now, event).await? {
            return Err(no_project(id));
        }
        self.keys.forget();
        self.sessions.stop_project(project.id);
        self.load_budgets().await?;
        Ok(pb::DeleteProjectResponse {})
    }

    async fn project_now(&self, project: &Project) -> Result<pb::Project, Error> {
        let keys = self.store.count_keys(&[project.id], now_ms()).await?;
        Ok(self.with_state(project, keys.get(&project.id).copied().unwrap_or_default()))
    }

    fn with_state(&self, project: &Project, active_keys: u32) -> pb::Project {
        let any_key = Key {
            project_id: project.id,
            project: project.name.clone(),
            project_limits: project.limits,
            ..Key::default()
        };
        let mut limit_status = self.limit_status(&any_key);
        limit_status.retain(|status| status.scope() == LimitScope::Project);
        pb::Project { active_keys, limit_status, ..describe(project) }
    }
}

/// A project without limits, made at that time.
pub(in crate::service) fn new(id: &str, now_ms: i64) -> Project {
    Project {
        id: Uuid::now_v7(),
        name: id.to_owned(),
        title: id.to_owned(),
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
        ..Project::default()
    }
}

/// A project as it was set up.
pub(in crate::service) fn describe(project: &Project) -> pb::Project {
    pb::Project {
        id: project.name.clone(),
        name: project.title.clone(),
        limits: Some(project.limits),
        limit_status: Vec::new(),
        allowed_models: project.allowed_models.clone(),
        metadata: project.metadata.clone(),
        active_keys: 0,
        create_time: Some(Timestamp::from_millis(project.created_at_ms)),
        update_time: Some(Timestamp::from_millis(project.updated_at_ms)),
    }
}

fn target(id: &str) -> String {
    format!("projects/{id}")
}
