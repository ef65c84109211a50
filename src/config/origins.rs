//! Each value as meant, and where it came from; secrets are told apart from their absence, no more.

use std::{collections::BTreeMap, fs, path::PathBuf};

use figment::{Figment, Source};
use serde_json::Value;

use super::{Config, PREFIX};
use crate::pb::ConfigurationSource;

/// What stands for a secret that is set.
pub(super) const SET: &str = "(set)";

/// Where the values of a configuration came from; by itself all are defaults.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    values: BTreeMap<String, (ConfigurationSource, String)>,
    file: Option<PathBuf>,
}

/// A value as meant and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// Such as `server.listen`.
    pub key: String,
    /// As in TOML; empty for secrets and for what is not set.
    pub value: String,
    /// Where it came from.
    pub source: ConfigurationSource,
    /// Where exactly: file and line, a variable or an option; empty for defaults.
    pub location: String,
    /// It is a secret.
    pub secret: bool,
    /// It has a value.
    pub is_set: bool,
}

impl Origins {
    /// Where the values that `figment` made came from.
    pub(super) fn of(config: &Config, figment: &Figment) -> anyhow::Result<Self> {
        let mut origins = Self::default();
        let mut text = String::new();
        for metadata in figment.metadata() {
            if let Some(Source::File(path)) = &metadata.source {
                text = fs::read_to_string(path)?;
                origins.file = Some(path.clone());
            }
        }
        for (key, _) in leaves(config) {
            let Some(metadata) = figment.find_metadata(&key) else { continue };
            let origin = match &metadata.source {
                Some(Source::File(path)) => {
                    let line = line_of(&text, &key).map_or_else(String::new, |line| format!(":{line}"));
                    (ConfigurationSource::File, format!("{}{line}", path.display()))
                }
                _ if metadata.name.contains("environment") => {
                    let variable = format!("{PREFIX}{}", key.replace('.', "__").to_uppercase());
                    (ConfigurationSource::Environment, variable)
                }
                _ if metadata.name.starts_with("command line") => {
                    (ConfigurationSource::CommandLine, format!("--set {key}"))
                }
                _ => continue,
            };
            origins.values.insert(key, origin);
        }
        Ok(origins)
    }
}

impl Config {
    /// Every value as meant, by path.
    pub fn explain(&self) -> Vec<Explained> {
        let explained = |(key, value): (String, Value)| {
            let (source, location) =
                self.origins.values.get(&key).cloned().unwrap_or((ConfigurationSource::Default, String::new()));
            let secret = value == SET || key.ends_with(".api_key");
            let is_set = !(value.is_null() || value == "");
            let value = if is_set && !secret { value.to_string() } else { String::new() };
            Explained { key, value, source, location, secret, is_set }
        };
        leaves(self).into_iter().map(explained).collect()
    }

    /// The file that was read.
    pub fn file(&self) -> Option<String> {
        self.origins.file.as_ref().map(|path| path.display().to_string())
    }
}

/// Values that have none below them, with their paths.
fn leaves(config: &Config) -> Vec<(String, Value)> {
    fn walk(path: String, value: Value, found: &mut Vec<(String, Value)>) {
        match value {
            Value::Object(members) if !members.is_empty() => {
                for (name, value) in members {
                    walk(if path.is_empty() { name } else { format!("{path}.{name}") }, value, found);
                }
            }
            value => found.push((path, value)),
        }
    }
    let mut found = Vec::new();
    walk(String::new(), serde_json::to_value(config).expect("settings are always JSON"), &mut found);
    found
}

/// The line of a TOML file that sets a key, counted from 1; none where it is written in another form than
/// `[section]` and `key =`, or `section.key =`.
fn line_of(text: &str, key: &str) -> Option<usize> {
    let mut section = String::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            section = name.trim().to_owned();
        } else if let Some((name, _)) = line.split_once('=') {
            let dot = if section.is_empty() { "" } else { "." };
            if format!("{section}{dot}{}", name.trim().trim_matches('"')) == key {
                return Some(number);
            }
        }
    }
    None
}

impl Explained {
    /// Source and place in one.
    pub fn origin(&self) -> String {
        match self.source {
            ConfigurationSource::Environment => format!("environment ({})", self.location),
            ConfigurationSource::CommandLine => format!("command line ({})", self.location),
            ConfigurationSource::File => self.location.clone(),
            ConfigurationSource::Default | ConfigurationSource::Unspecified => "default".to_owned(),
        }
    }

    /// The value, or that there is a secret.
    pub fn shown(&self) -> String {
        match (self.secret && self.is_set, self.value.as_str()) {
            (true, _) => SET.to_owned(),
            (false, "") => "–".to_owned(),
            (false, value) => value.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_in_its_file() {
        let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        let text = "# ours\n[routing]\nmax_attempts = 7\n\n[providers.mine]\ndialect = \"openrouter\"\n\
                    base_url = \"http://localhost\"\nheaders = { authorization = \"hidden\" }\n\
                    [database]\nurl = \"postgres://me:hidden@host/books\"\n";
        fs::write(file.path(), text).unwrap();
        let config = super::super::load(Some(file.path()), &["routing.retry_max_ms=5".to_owned()]).unwrap().config;
        let rows = config.explain();
        let find = |key: &str| rows.iter().find(|row| row.key == key).unwrap();
        let (path, tries) = (file.path().display(), find("routing.max_attempts"));
        assert_eq!((tries.value.as_str(), tries.origin()), ("7", format!("{path}:3")));
        assert_eq!(find("providers.mine.dialect").origin(), format!("{path}:6"));
        assert_eq!(find("routing.retry_max_ms").origin(), "command line (--set routing.retry_max_ms)");
        assert_eq!(find("routing.fuzzy_price_jump").origin(), "default");
        let header = find("providers.mine.headers.authorization");
        assert_eq!((header.secret, header.is_set, header.value.as_str()), (true, true, ""));
        assert_eq!(find("database.url").value, "\"postgres://me:***@host/books\"");
        assert_eq!(config.file(), Some(path.to_string()));
        assert!(!format!("{rows:?}").contains("hidden"));
    }
}
