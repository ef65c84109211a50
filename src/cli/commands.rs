//! What the commands do: calls of the services that the doors call, with their answers in columns.

use std::{
    fmt,
    io::{ErrorKind, Write as _},
};

use anyhow::Context as _;
use futures::TryStreamExt as _;
use time::OffsetDateTime;

use super::{ConfigCommand, Migrate, Models, Usage, table::Table};
use crate::{
    config::Loaded,
    error::Error,
    pb::{self, ShortName as _},
    service::{Caller, Gateway, clock::now_ms},
    store::Store,
};

/// Rows of one call.
pub(super) const PAGE: u32 = 1000;

pub(super) async fn models(command: Models, gateway: &Gateway) -> anyhow::Result<()> {
    let operator = Caller::operator();
    match command {
        Models::Refresh => {
            let done = gateway.refresh_models(&operator, pb::RefreshModelsRequest {}).await.map_err(plain)?;
            print_line(format!("{} models, {} prices new or changed", done.models, done.prices_changed))
        }
        Models::List { query } => {
            let query = query.unwrap_or_default();
            let mut table = Table::new(["model", ">context", ">input $/M", ">output $/M"]);
            let mut request = pb::ListModelsRequest { query, page_size: PAGE, ..pb::ListModelsRequest::default() };
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

pub(super) async fn usage(command: Usage, gateway: &Gateway) -> anyhow::Result<()> {
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

pub(super) async fn migrate(command: Migrate, loaded: &Loaded) -> anyhow::Result<()> {
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

pub(super) fn config(command: &ConfigCommand, loaded: &Loaded) -> anyhow::Result<()> {
    crate::provider::Registry::from_config(&loaded.config, crate::config::vendor_key)?;
    match command {
        ConfigCommand::Check => print_line("the configuration can be used"),
        ConfigCommand::Explain => {
            let mut table = Table::new(["key", "value", "source"]);
            for row in loaded.config.explain() {
                let (value, origin) = (row.shown(), row.origin());
                table.push([row.key, value, origin]);
            }
            print(table)
        }
    }
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
pub(super) fn date(at_ms: i64) -> String {
    OffsetDateTime::from_unix_timestamp(at_ms.div_euclid(1000))
        .map_or_else(|_| "–".to_owned(), |moment| moment.date().to_string())
}

/// The day of a time that may be unknown.
pub(super) fn day(time: Option<pb::well_known::Timestamp>) -> String {
    time.map_or_else(|| "–".to_owned(), |time| date(time.millis()))
}

pub(super) fn print_line(line: impl fmt::Display) -> anyhow::Result<()> {
    print(format_args!("{line}\n"))
}

pub(super) fn print(text: impl fmt::Display) -> anyhow::Result<()> {
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

/// An error of the request path, with what only the operator may see.
pub(super) fn plain(error: Error) -> anyhow::Error {
    match &error.context {
        Some(context) => anyhow::anyhow!("{error} ({context})"),
        None => anyhow::anyhow!("{error}"),
    }
}
