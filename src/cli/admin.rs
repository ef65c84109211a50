//! Commands that administer: keys, projects, budgets, aliases.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::{
    commands::{date, plain, print, print_line},
    duration,
    table::Table,
};
use crate::{
    pb::{self, ShortName as _, well_known::Timestamp},
    service::{
        Caller, Gateway,
        clock::{millis, now_ms},
        keys::DEFAULT_PROJECT,
    },
};

/// Rows of one call.
const PAGE: u32 = 1000;

#[derive(Subcommand)]
pub(super) enum Keys {
    /// Makes a key and prints it, once.
    Create(CreateKey),
    /// Lists keys, without their secrets.
    List,
    /// Ends a key at once.
    Revoke {
        /// Public id: the middle of `ggw_<public id>_<secret>`.
        id: String,
    },
    /// Gives a key a new secret and prints it; the old one goes on for a while.
    Rotate {
        /// Public id.
        id: String,
        /// How long the old secret goes on, such as 30m or 1d.
        #[arg(long, default_value = "1h", value_parser = duration)]
        grace: Duration,
    },
}

#[derive(Args)]
pub(super) struct CreateKey {
    /// The project that pays.
    #[arg(long, default_value = DEFAULT_PROJECT)]
    project: String,
    /// Tells keys apart.
    #[arg(long)]
    name: String,
    /// What the key may do.
    #[arg(long, value_enum, default_value = "inference")]
    scope: Scope,
    /// When it ends, from now, such as 12h or 30d; never where absent.
    #[arg(long, value_parser = duration)]
    expires: Option<Duration>,
    /// Requests a minute.
    #[arg(long, value_name = "COUNT")]
    requests_per_minute: Option<u32>,
    /// Tokens a minute.
    #[arg(long, value_name = "COUNT")]
    tokens_per_minute: Option<u32>,
    /// Requests at the same time.
    #[arg(long, value_name = "COUNT")]
    concurrent_requests: Option<u32>,
    /// A model that it may use, or a pattern such as `anthropic/*`; may be given several times; all where absent.
    #[arg(long = "model", value_name = "MODEL")]
    models: Vec<String>,
    /// A budget in US dollars, for each --budget-window.
    #[arg(long, value_name = "USD")]
    budget: Option<f64>,
    /// When that budget begins anew.
    #[arg(long, value_enum, default_value = "month")]
    budget_window: Window,
}

#[derive(Clone, Copy, ValueEnum)]
enum Scope {
    /// Chat, embeddings, models, and its own usage.
    Inference,
    /// Everything in its project; in project `default`, everything.
    Admin,
}

#[derive(Clone, Copy, ValueEnum)]
enum Window {
    Day,
    Week,
    Month,
    Forever,
}

impl From<Window> for i32 {
    fn from(window: Window) -> Self {
        let window = match window {
            Window::Day => pb::BudgetWindow::Day,
            Window::Week => pb::BudgetWindow::Week,
            Window::Month => pb::BudgetWindow::Month,
            Window::Forever => pb::BudgetWindow::Forever,
        };
        window.into()
    }
}

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

#[derive(Subcommand)]
pub(super) enum Budgets {
    /// Makes a budget and prints its id.
    Create(CreateBudget),
    /// Lists a project's budgets with what is left of them.
    List {
        /// The project.
        #[arg(long, default_value = DEFAULT_PROJECT)]
        project: String,
    },
    /// Deletes a budget.
    Delete {
        /// Its id, `bud_…`.
        id: String,
        /// The project.
        #[arg(long, default_value = DEFAULT_PROJECT)]
        project: String,
    },
}

#[derive(Args)]
pub(super) struct CreateBudget {
    /// The limit in US dollars.
    usd: f64,
    /// The project that pays.
    #[arg(long, default_value = DEFAULT_PROJECT)]
    project: String,
    /// When it begins anew.
    #[arg(long, value_enum, default_value = "month")]
    window: Window,
    /// For this key alone, by public id.
    #[arg(long, default_value = "", conflicts_with_all = ["end_user", "each_end_user"])]
    key: String,
    /// For this end user alone.
    #[arg(long, default_value = "")]
    end_user: String,
    /// For each end user alone.
    #[arg(long, conflicts_with = "end_user")]
    each_end_user: bool,
    /// Only warns at the limit.
    #[arg(long)]
    warn: bool,
}

#[derive(Subcommand)]
pub(super) enum Aliases {
    /// Makes a name stand for a model.
    Set {
        /// The name.
        name: String,
        /// The model's id.
        model: String,
    },
    /// Lists aliases, also those of the configuration.
    List,
    /// Deletes an alias.
    Delete {
        /// The name.
        name: String,
    },
}

impl Keys {
    pub(super) async fn on(self, gateway: &Gateway) -> anyhow::Result<()> {
        let operator = Caller::operator();
        match self {
            Self::Create(key) => {
                gateway.keys.open_project(&key.project).await.map_err(plain)?;
                let made = gateway.create_api_key(&operator, key.request()).await.map_err(plain)?;
                print_line(made.full_key)
            }
            Self::List => list_keys(gateway, &operator).await,
            Self::Revoke { id } => {
                let request =
                    pb::RevokeApiKeyRequest { project_id: project_of(gateway, &id).await?, key_id: id.clone() };
                gateway.revoke_api_key(&operator, request).await.map_err(plain)?;
                print_line(format!("{id} is revoked"))
            }
            Self::Rotate { id, grace } => {
                let request = pb::RotateApiKeyRequest {
                    project_id: project_of(gateway, &id).await?,
                    key_id: id,
                    grace_seconds: Some(u32::try_from(grace.as_secs()).unwrap_or(u32::MAX)),
                };
                print_line(gateway.rotate_api_key(&operator, request).await.map_err(plain)?.full_key)
            }
        }
    }
}

impl CreateKey {
    fn request(self) -> pb::CreateApiKeyRequest {
        let scope = match self.scope {
            Scope::Inference => pb::Scope::Inference,
            Scope::Admin => pb::Scope::Admin,
        };
        let expires = self.expires.map(|from_now| now_ms().saturating_add(millis(from_now)));
        pb::CreateApiKeyRequest {
            project_id: self.project,
            name: self.name,
            scopes: vec![scope.into()],
            expire_time: expires.map(Timestamp::from_millis),
            limits: Some(pb::Limits {
                requests_per_minute: self.requests_per_minute,
                tokens_per_minute: self.tokens_per_minute,
                concurrent_requests: self.concurrent_requests,
            }),
            allowed_models: self.models,
            budget: self.budget.map(|usd| pb::BudgetTerms {
                window: self.budget_window.into(),
                limit_usd: Some(usd),
                ..pb::BudgetTerms::default()
            }),
            ..pb::CreateApiKeyRequest::default()
        }
    }
}

async fn list_keys(gateway: &Gateway, operator: &Caller) -> anyhow::Result<()> {
    let mut table = Table::new(["id", "project", "name", "scope", "state", "created", "expires"]);
    for project in all_projects(gateway, operator).await? {
        let mut request =
            pb::ListApiKeysRequest { project_id: project.id, page_size: PAGE, ..pb::ListApiKeysRequest::default() };
        loop {
            let page = gateway.list_api_keys(operator, request.clone()).await.map_err(plain)?;
            page.keys.into_iter().for_each(|key| table.push(key_row(key)));
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                break;
            }
        }
    }
    print(table)
}

/// The project of a key; the default one where there is no such key, so that its absence is told as everywhere.
async fn project_of(gateway: &Gateway, key_id: &str) -> anyhow::Result<String> {
    let found = gateway.store.find_key(key_id).await.map_err(plain)?;
    Ok(found.map_or_else(|| DEFAULT_PROJECT.to_owned(), |(_, project)| project.name))
}

async fn all_projects(gateway: &Gateway, operator: &Caller) -> anyhow::Result<Vec<pb::Project>> {
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

impl Budgets {
    pub(super) async fn on(self, gateway: &Gateway) -> anyhow::Result<()> {
        let operator = Caller::operator();
        match self {
            Self::Create(budget) => {
                let made = gateway.create_budget(&operator, budget.request()).await.map_err(plain)?;
                print_line(made.budget.unwrap_or_default().id)
            }
            Self::List { project } => {
                let mut request = pb::ListBudgetsRequest {
                    project_id: project,
                    page_size: PAGE,
                    ..pb::ListBudgetsRequest::default()
                };
                let mut table = Table::new(["id", "name", "for", "at limit", ">usd", ">spent", ">left", "renews"]);
                loop {
                    let page = gateway.list_budgets(&operator, request.clone()).await.map_err(plain)?;
                    page.budgets.into_iter().for_each(|budget| table.push(budget_row(budget)));
                    request.page_token = page.next_page_token;
                    if request.page_token.is_empty() {
                        return print(table);
                    }
                }
            }
            Self::Delete { id, project } => {
                let request = pb::DeleteBudgetRequest { project_id: project, budget_id: id.clone() };
                gateway.delete_budget(&operator, request).await.map_err(plain)?;
                print_line(format!("{id} is deleted"))
            }
        }
    }
}

impl CreateBudget {
    fn request(self) -> pb::CreateBudgetRequest {
        let scope = match (self.key.is_empty(), self.each_end_user || !self.end_user.is_empty()) {
            (false, _) => pb::BudgetScope::Key,
            (true, true) => pb::BudgetScope::EndUser,
            (true, false) => pb::BudgetScope::Project,
        };
        let enforcement = if self.warn { pb::BudgetEnforcement::Warn } else { pb::BudgetEnforcement::Hard };
        pb::CreateBudgetRequest {
            project_id: self.project,
            name: String::new(),
            scope: scope.into(),
            key_id: self.key,
            end_user: self.end_user,
            window: self.window.into(),
            enforcement: enforcement.into(),
            limit_usd: Some(self.usd),
        }
    }
}

impl Aliases {
    pub(super) async fn on(self, gateway: &Gateway) -> anyhow::Result<()> {
        let operator = Caller::operator();
        match self {
            Self::Set { name, model } => {
                let request = pb::SetModelAliasRequest { name, model };
                let alias = gateway.set_model_alias(&operator, request).await.map_err(plain)?.alias.unwrap_or_default();
                print_line(format!("{} stands for {}", alias.name, alias.model))
            }
            Self::List => {
                let mut table = Table::new(["name", "model", "set by"]);
                let mut request = pb::ListModelAliasesRequest { page_size: PAGE, page_token: String::new() };
                loop {
                    let page = gateway.list_model_aliases(&operator, request.clone()).await.map_err(plain)?;
                    for alias in page.aliases {
                        let by = if alias.configured { "configuration".to_owned() } else { alias.creator };
                        table.push([alias.name, alias.model, by]);
                    }
                    request.page_token = page.next_page_token;
                    if request.page_token.is_empty() {
                        return print(table);
                    }
                }
            }
            Self::Delete { name } => {
                let request = pb::DeleteModelAliasRequest { name: name.clone() };
                gateway.delete_model_alias(&operator, request).await.map_err(plain)?;
                print_line(format!("{name} is deleted"))
            }
        }
    }
}

fn key_row(key: pb::ApiKey) -> [String; 7] {
    let scope = if key.scopes().any(|scope| scope == pb::Scope::Admin) { "admin" } else { "inference" };
    let state = key.state().short_name();
    let expires = key.expire_time.map_or_else(|| "never".to_owned(), |time| date(time.millis()));
    [key.id, key.project, key.name, scope.to_owned(), state.to_owned(), day(key.create_time), expires]
}

fn budget_row(budget: pb::Budget) -> [String; 8] {
    let whom = match budget.scope() {
        pb::BudgetScope::Key => budget.key_id.clone(),
        pb::BudgetScope::EndUser if budget.end_user.is_empty() => "each end user".to_owned(),
        pb::BudgetScope::EndUser => budget.end_user.clone(),
        pb::BudgetScope::Project | pb::BudgetScope::Unspecified => budget.project.clone(),
    };
    let at_limit = budget.enforcement().short_name();
    let [limit, spent, left] = [budget.limit_usd, budget.spent_usd, budget.remaining_usd]
        .map(|usd| usd.map_or_else(|| "–".to_owned(), |usd| format!("{usd:.2}")));
    let renews = budget.renew_time.map_or_else(|| "never".to_owned(), |time| date(time.millis()));
    [budget.id, budget.name, whom, at_limit.to_owned(), limit, spent, left, renews]
}

fn day(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "–".to_owned(), |time| date(time.millis()))
}
