//! The command line. Commands call the services that the doors call, and work while a server runs.

mod aliases;
mod budgets;
mod commands;
mod keys;
mod projects;
mod table;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    app::{self, Role},
    config::Loaded,
    service::Gateway,
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
    Keys(keys::Keys),
    /// Makes and lists projects.
    #[command(subcommand)]
    Projects(projects::Projects),
    /// Makes, lists and deletes budgets.
    #[command(subcommand)]
    Budgets(budgets::Budgets),
    /// Sets, lists and deletes names that stand for models.
    #[command(subcommand)]
    Aliases(aliases::Aliases),
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
    /// Prints the OpenAPI document of the HTTP doors.
    Openapi,
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
            Command::Config(command) => commands::config(&command, &loaded),
            Command::Migrate(command) => commands::migrate(command, &loaded).await,
            Command::Openapi => commands::print_line(format_args!("{:#}", crate::api::docs::openapi())),
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
            Self::Keys(command) => command.on(gateway).await,
            Self::Projects(command) => command.on(gateway).await,
            Self::Budgets(command) => command.on(gateway).await,
            Self::Aliases(command) => command.on(gateway).await,
            Self::Models(command) => commands::models(command, gateway).await,
            Self::Usage(command) => commands::usage(command, gateway).await,
            Self::Serve | Self::Config(_) | Self::Migrate(_) | Self::Openapi => bail!("not a command on a gateway"),
        }
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
