//! `keys`: makes, lists, revokes and rotates gateway keys.

use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};

use super::{
    budgets::Window,
    commands::{PAGE, date, day, plain, print, print_line},
    duration,
    projects::all_projects,
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

/// The project of a key.
async fn project_of(gateway: &Gateway, key_id: &str) -> anyhow::Result<String> {
    let found = gateway.store.find_key(key_id).await.map_err(plain)?;
    let (_, project) =
        found.with_context(|| format!("there is no key `{key_id}`; `keys list` shows those there are"))?;
    Ok(project.name)
}

fn key_row(key: pb::ApiKey) -> [String; 7] {
    let scope = if key.scopes().any(|scope| scope == pb::Scope::Admin) { "admin" } else { "inference" };
    let state = key.state().short_name();
    let expires = key.expire_time.map_or_else(|| "never".to_owned(), |time| date(time.millis()));
    [key.id, key.project, key.name, scope.to_owned(), state.to_owned(), day(key.create_time), expires]
}
