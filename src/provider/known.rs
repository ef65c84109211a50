//! Providers that could be asked, configured or not, as people are told of them.

use super::table::{DIALECTS, Place, ROWS};
use crate::{config::Config, dialect::Dialect};

/// A provider of the table, or a host of one's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
    /// The wire format that it speaks, by its name in configuration.
    pub dialect: String,
    /// Where requests go, without credentials; empty for what is in this process.
    pub base_url: String,
    /// The vendor's own variable for its key; empty where there is none.
    pub key_variable: String,
    /// The configuration switches it off.
    pub disabled: bool,
}

impl Known {
    /// All of them, rows of the table first.
    pub fn all(config: &Config) -> Vec<Self> {
        let settings = |name: &str| config.providers.get(name).cloned().unwrap_or_default();
        let rows = ROWS.iter().map(|row| {
            let settings = settings(row.name);
            let (base_url, key_variable) = match row.place {
                Place::Network { base_url, key_variable, .. } => (base_url, key_variable),
                Place::Sandbox => ("", ""),
            };
            Self {
                name: row.name.to_owned(),
                display_name: row.display_name.to_owned(),
                dialect: settings.dialect.unwrap_or_else(|| name_of(row.dialect).to_owned()),
                base_url: without_credentials(settings.base_url.as_deref().unwrap_or(base_url)),
                key_variable: key_variable.to_owned(),
                disabled: settings.enabled == Some(false),
            }
        });
        let own = config.providers.iter().filter(|(name, _)| ROWS.iter().all(|row| row.name != *name));
        let own = own.map(|(name, settings)| Self {
            name: name.clone(),
            display_name: name.clone(),
            dialect: settings.dialect.clone().unwrap_or_default(),
            base_url: without_credentials(settings.base_url.as_deref().unwrap_or_default()),
            key_variable: String::new(),
            disabled: settings.enabled == Some(false),
        });
        rows.chain(own).collect()
    }
}

fn name_of(dialect: Dialect) -> &'static str {
    DIALECTS.iter().find(|(_, known, ..)| *known == dialect).map_or("", |(name, ..)| name)
}

/// A URL without user, password and query, any of which may be a secret.
fn without_credentials(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_without_secrets() {
        let check = |url: &str, told: &str| assert_eq!(without_credentials(url), told);
        check("https://me:hidden@host:8/v1?key=hidden", "https://host:8/v1");
        check("http://host", "http://host");
        check("http://host/a@b", "http://host/a@b");
        check("", "");
    }
}
