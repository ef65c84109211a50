//! `projects`: makes and lists projects.

use clap::Subcommand;

use super::{
    commands::{PAGE, day, plain, print, print_line},
    table::Table,
};
use crate::{
    pb,
    service::{Caller, Gateway},
};

#[derive(Subcommand)]
pub(super) enum Projects {
    /// Makes a project and prints its id.
    Create {
        /// Its name for people.
        name: String,
        /// Its id; made from the name where absent.
        #[arg(long, default_value = "")]
        id: String,
    },
    /// Lists projects.
    List,
}

impl Projects {
    pub(super) async fn on(self, gateway: &Gateway) -> anyhow::Result<()> {
        let operator = Caller::operator();
        match self {
            Self::Create { name, id } => {
                let request = pb::CreateProjectRequest { project_id: id, name, ..pb::CreateProjectRequest::default() };
                let made = gateway.create_project(&operator, request).await.map_err(plain)?;
                print_line(made.project.unwrap_or_default().id)
            }
            Self::List => {
                let mut table = Table::new(["id", "name", ">keys", "created"]);
                for project in all_projects(gateway, &operator).await? {
                    let created = day(project.create_time);
                    table.push([project.id, project.name, project.active_keys.to_string(), created]);
                }
                print(table)
            }
        }
    }
}

/// Every project, by id.
pub(super) async fn all_projects(gateway: &Gateway, operator: &Caller) -> anyhow::Result<Vec<pb::Project>> {
    let mut request = pb::ListProjectsRequest { page_size: PAGE, ..pb::ListProjectsRequest::default() };
    let mut projects = Vec::new();
    loop {
        let page = gateway.list_projects(operator, request.clone()).await.map_err(plain)?;
        projects.extend(page.projects);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok(projects);
        }
    }
}
