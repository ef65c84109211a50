//! The command line. Commands call the services that the doors call, and work while a server runs.

mod table;

use std::{
    fmt,
    io::{ErrorKind, Write as _},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context as _, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use futures::TryStreamExt as _;
use time::OffsetDateTime;
use tokio::signal::unix::{SignalKind, signal};

use self::table::Table;
use crate::{
    app::{self, Role},
    config::Loaded,
    error::Error,
    pb::{self, ShortName as _},
    service::{Caller, Gateway, clock::now_ms},
    store::{Store, keys::KeyRecord},
};

/// One gateway between applications and every LLM provider.
#[derive(Parser)]
#[command(version, about)]
pub struct Arguments {
    /// Configuration file; also GATEWAY_CONFIG.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Sets a value, such as `--set server.listen=0.0.0.0:8080`; stronger than environment and file.
    #[arg(long, global = true, value_name = "SECTION.KEY=VALUE")]
    pub set: Vec<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serves all doors (the default).
    Serve,
    /// Makes, lists, revokes and rotates gateway keys.
    #[command(subcommand)]
    Keys(Keys),
    /// Lists and refreshes models, and tells what a name means.
    #[command(subcommand)]
    Models(Models),
    /// Sums up and exports the books.
    #[command(subcommand)]
    Usage(Usage),
    /// Brings the database up to date, or tells whether it is.
    #[command(subcommand)]
    Migrate(Migrate),
    /// Checks or explains the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Subcommand)]
enum Keys {
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
struct CreateKey {
    /// The project that pays.
    #[arg(long, default_value = "default")]
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
}

#[derive(Clone, Copy, ValueEnum)]
enum Scope {
    /// Chat, embeddings, models, and its own usage.
    Inference,
    /// Everything in its project; in project `default`, everything.
    Admin,
}

#[derive(Subcommand)]
enum Models {
    /// Fetches models and prices from the providers.
    Refresh,
    /// Lists models with their prices per million tokens.
    List {
        /// Words that id or name hold.
        query: Option<String>,
    },
    /// Tells which model a name means.
    Resolve {
        /// The name.
        name: String,
    },
}

#[derive(Subcommand)]
enum Usage {
    /// Sums of the last days, by model.
    Summary {
        /// How many days.
        #[arg(long, default_value_t = 30)]
        days: u32,
    },
    /// Every generation as a JSON line, oldest first.
    Export,
}

#[derive(Subcommand)]
enum Migrate {
    /// Applies what is missing.
    Up,
    /// Lists what is applied and what is missing.
    Status,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Reads the configuration and says whether it can be used.
    Check,
    /// Prints each value as meant and where it came from; secrets are hidden.
    Explain,
}

impl Arguments {
    /// Does what was asked.
    pub async fn run(self, loaded: Loaded) -> anyhow::Result<()> {
        match self.command.unwrap_or(Command::Serve) {
            Command::Serve => app::serve(loaded.config, told_to_stop()?).await,
            Command::Config(command) => config(&command, &loaded),
            Command::Migrate(command) => migrate(command, &loaded).await,
            command => {
                let gateway = app::open(loaded.config, Role::Command).await?;
                let result = command.on(&gateway).await;
                app::close(gateway).await;
                result
            }
        }
    }
}

impl Command {
    async fn on(self, gateway: &Gateway) -> anyhow::Result<()> {
        match self {
            Self::Keys(command) => keys(command, gateway).await,
            Self::Models(command) => models(command, gateway).await,
            Self::Usage(command) => usage(command, gateway).await,
            Self::Serve | Self::Config(_) | Self::Migrate(_) => bail!("not a command on a gateway"),
        }
    }
}

async fn keys(command: Keys, gateway: &Gateway) -> anyhow::Result<()> {
    let keys = &gateway.keys;
    match command {
        Keys::Create(CreateKey { project, name, scope, expires }) => {
            let admin = matches!(scope, Scope::Admin);
            let expires = expires.map(|from_now| now_ms().saturating_add(millis(from_now)));
            print_line(keys.create(&project, &name, admin, expires).await.map_err(plain)?)
        }
        Keys::List => {
            let mut table = Table::new(["id", "project", "name", "scope", "state", "created", "expires"]);
            keys.list(None).await.map_err(plain)?.iter().for_each(|key| table.push(key_row(key)));
            print(table)
        }
        Keys::Revoke { id } => {
            keys.revoke(&id).await.map_err(plain)?;
            print_line(format!("{id} is revoked"))
        }
        Keys::Rotate { id, grace } => print_line(keys.rotate(&id, grace).await.map_err(plain)?),
    }
}

async fn models(command: Models, gateway: &Gateway) -> anyhow::Result<()> {
    let operator = Caller::operator();
    match command {
        Models::Refresh => {
            let done = gateway.refresh_models(&operator, pb::RefreshModelsRequest {}).await.map_err(plain)?;
            print_line(format!("{} models, {} prices new or changed", done.models, done.prices_changed))
        }
        Models::List { query } => {
            let query = query.unwrap_or_default();
            let mut table = Table::new(["model", ">context", ">input $/M", ">output $/M"]);
            let mut request = pb::ListModelsRequest { query, page_size: 1000, ..pb::ListModelsRequest::default() };
            loop {
                let page = gateway.list_models(&operator, request.clone()).await.map_err(plain)?;
                page.models.iter().for_each(|model| table.push(model_row(model)));
                if page.next_page_token.is_empty() {
                    return print(table);
                }
                request.page_token = page.next_page_token;
            }
        }
        Models::Resolve { name } => {
            let answer = gateway.resolve_model(&operator, pb::ResolveModelRequest { name }).await.map_err(plain)?;
            let found = answer.resolution.unwrap_or_default();
            print_line(format!("{} ({}, {:.2})", found.resolved, found.rule().short_name(), found.confidence))
        }
    }
}

async fn usage(command: Usage, gateway: &Gateway) -> anyhow::Result<()> {
    let operator = Caller::operator();
    match command {
        Usage::Summary { days } => {
            let start = now_ms() - i64::from(days) * 86_400_000;
            let request = pb::SummarizeUsageRequest {
                start: Some(pb::well_known::Timestamp::from_millis(start)),
                group_by: vec![pb::GroupBy::Model.into()],
                ..pb::SummarizeUsageRequest::default()
            };
            let summary = gateway.summarize_usage(&operator, request).await.map_err(plain)?;
            let mut table = Table::new(["model", ">requests", ">failed", ">input", ">output", ">usd"]);
            for row in summary.rows {
                table.push(totals_row(row.model, &row.totals.unwrap_or_default()));
            }
            table.push(totals_row("total".to_owned(), &summary.total.unwrap_or_default()));
            print(table)
        }
        Usage::Export => {
            let mut generations = gateway.export_usage(&operator, pb::ExportUsageRequest::default());
            let mut out = std::io::stdout().lock();
            while let Some(generation) = generations.try_next().await.map_err(plain)? {
                let line = serde_json::to_string(&generation)?;
                if let Err(error) = writeln!(out, "{line}") {
                    return unless_closed(error);
                }
            }
            Ok(())
        }
    }
}

async fn migrate(command: Migrate, loaded: &Loaded) -> anyhow::Result<()> {
    let url = loaded.config.database_url()?;
    let store = Store::connect(&url, loaded.config.database.durability).await.map_err(plain)?;
    if matches!(command, Migrate::Up) {
        store.migrate().await.map_err(plain)?;
    }
    let mut table = Table::new(["step", "state"]);
    for step in store.migration_status().await.map_err(plain)? {
        table.push([step.name, if step.applied { "applied" } else { "missing" }.to_owned()]);
    }
    print(table)
}

fn config(command: &ConfigCommand, loaded: &Loaded) -> anyhow::Result<()> {
    crate::provider::Registry::from_config(&loaded.config, crate::config::vendor_key)?;
    match command {
        ConfigCommand::Check => print_line("the configuration can be used"),
        ConfigCommand::Explain => {
            let mut table = Table::new(["key", "value", "source"]);
            loaded.explain()?.into_iter().for_each(|row| table.push([row.key, row.value, row.source]));
            print(table)
        }
    }
}

fn key_row(key: &KeyRecord) -> [String; 7] {
    let now = now_ms();
    let state = match (key.revoked_at_ms, key.expires_at_ms) {
        (Some(_), _) => "revoked",
        (None, Some(end)) if end <= now => "expired",
        _ => "active",
    };
    let scope = if key.admin { "admin" } else { "inference" };
    let expires = key.expires_at_ms.map_or_else(|| "never".to_owned(), date);
    let (id, project, name) = (key.id.clone(), key.project.clone(), key.name.clone());
    [id, project, name, scope.to_owned(), state.to_owned(), date(key.created_at_ms), expires]
}

/// Prices are per million tokens; `–` where nobody knows one.
fn model_row(model: &pb::Model) -> [String; 4] {
    let price = model.price.clone().unwrap_or_default();
    let per_million = |unit: Option<String>| {
        let unit = unit.and_then(|unit| unit.parse::<f64>().ok());
        unit.map_or_else(|| "–".to_owned(), |unit| format!("{:.2}", unit * 1e6))
    };
    [model.id.clone(), model.context_length.to_string(), per_million(price.input), per_million(price.output)]
}

fn totals_row(name: String, totals: &pb::UsageTotals) -> [String; 6] {
    let counts = [totals.requests, totals.failed_requests, totals.total_input_tokens, totals.total_output_tokens];
    let [requests, failed, input, output] = counts.map(|count| count.to_string());
    [name, requests, failed, input, output, format!("{:.6}", totals.cost_usd)]
}

/// `2026-01-31`.
fn date(at_ms: i64) -> String {
    OffsetDateTime::from_unix_timestamp(at_ms.div_euclid(1000))
        .map_or_else(|_| "–".to_owned(), |moment| moment.date().to_string())
}

fn print_line(line: impl fmt::Display) -> anyhow::Result<()> {
    print(format_args!("{line}\n"))
}

fn print(text: impl fmt::Display) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    write!(out, "{text}").and_then(|()| out.flush()).or_else(unless_closed)
}

/// A reader that has seen enough closes the pipe, as `head` does; that is no error.
fn unless_closed(error: std::io::Error) -> anyhow::Result<()> {
    match error.kind() {
        ErrorKind::BrokenPipe => Ok(()),
        _ => Err(error).context("the output cannot be written"),
    }
}

/// Ends when the process is asked to: SIGTERM, or Ctrl-C.
fn told_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be watched")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be watched")?;
    Ok(async move {
        tokio::select! { _ = terminate.recv() => (), _ = interrupt.recv() => () }
    })
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// `90s`, `30m`, `12h` or `30d`.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => return Err("write a number with s, m, h or d, such as 30d".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "write a number with s, m, h or d, such as 30d".to_owned())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(|| "that is too long".to_owned())
}

/// An error of the request path, with what only the operator may see.
fn plain(error: Error) -> anyhow::Error {
    match &error.context {
        Some(context) => anyhow::anyhow!("{error} ({context})"),
        None => anyhow::anyhow!("{error}"),
    }
}
