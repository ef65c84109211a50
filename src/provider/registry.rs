//! The providers that may be asked: rows of the table and hosts of one's own, as configuration wants them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use secrecy::SecretString;

use super::{
    Credential, Provider, Transport,
    auth::Auth,
    table::{DIALECTS, OnDisconnect, PATIENCE, Patience, Place, ROWS, Row},
    upstream::Endpoint,
};
use crate::{
    config::{self, Config},
    dialect::Dialect,
};

/// The providers that are configured, by name.
#[derive(Clone, Debug, Default)]
pub struct Registry(BTreeMap<String, Arc<Provider>>);

impl Registry {
    /// The providers that `config` names or for which `vendor_key` finds a key under the vendor's own variable. The
    /// sandbox is always there unless it is switched off.
    pub fn from_config(config: &Config, vendor_key: impl Fn(&str) -> Option<SecretString>) -> anyhow::Result<Self> {
        let plain = config::Provider::default();
        let mut providers = Vec::new();
        for row in ROWS {
            let settings = config.providers.get(row.name).unwrap_or(&plain);
            providers.extend(built_in(row, settings, &vendor_key)?);
        }
        for (name, settings) in &config.providers {
            if ROWS.iter().all(|row| row.name != name) {
                providers.extend(host_of_ones_own(name, settings)?);
            }
        }
        Ok(providers.into_iter().collect())
    }

    /// The provider of that name.
    pub fn find(&self, name: &str) -> Option<&Arc<Provider>> {
        self.0.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.0.values()
    }
}

impl IntoIterator for Registry {
    type Item = Arc<Provider>;
    type IntoIter = std::collections::btree_map::IntoValues<String, Arc<Provider>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_values()
    }
}

impl FromIterator<Provider> for Registry {
    fn from_iter<I: IntoIterator<Item = Provider>>(providers: I) -> Self {
        Self(providers.into_iter().map(|provider| (provider.name.clone(), Arc::new(provider))).collect())
    }
}

fn built_in(
    row: &Row,
    settings: &config::Provider,
    vendor_key: impl Fn(&str) -> Option<SecretString>,
) -> anyhow::Result<Option<Provider>> {
    if settings.enabled == Some(false) {
        return Ok(None);
    }
    let (transport, credentials) = match row.place {
        Place::Sandbox => (Transport::Sandbox, vec![no_credential()]),
        Place::Network { base_url, key_variable, auth } => {
            let mut keys = Keys::configured(row.name, settings)?;
            if keys.is_empty()
                && let Some(key) = vendor_key(key_variable)
            {
                keys.add(key_variable, 1.0, &key);
            }
            // Whoever says where it is, or that it is on, means to use it: a proxy may need no key.
            if keys.is_empty() && settings.base_url.is_none() && settings.enabled.is_none() {
                return Ok(None);
            }
            let base_url = settings.base_url.as_deref().unwrap_or(base_url);
            endpoint(row.name, base_url, auth, keys, settings, &row.patience)?
        }
    };
    let dialect = match &settings.dialect {
        Some(wanted) => find_dialect(row.name, wanted)?.0,
        None => row.dialect,
    };
    Ok(Some(Provider {
        name: row.name.to_owned(),
        dialect,
        credentials,
        spread: settings.spread,
        transport,
        on_disconnect: row.on_disconnect,
        answer_timeout: row.patience.answer,
        idle_timeout: milliseconds(settings.idle_timeout_ms, row.patience.idle),
        parses_files: row.parses_files,
        model_lists: row.model_lists,
    }))
}

fn host_of_ones_own(name: &str, settings: &config::Provider) -> anyhow::Result<Option<Provider>> {
    let (Some(dialect), Some(base_url)) = (&settings.dialect, &settings.base_url) else {
        let hint = match nearest(name, ROWS.iter().map(|row| row.name)) {
            Some(near) => format!("did you mean providers.{near}? a"),
            None => "a".to_owned(),
        };
        bail!("providers.{name} is not a built-in provider; {hint} host of your own needs `dialect` and `base_url`");
    };
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte)) {
        bail!(
            "providers.{name}: a provider's name is made of a-z, 0-9, `_` and `-`, because model names begin with it"
        );
    }
    let (dialect, auth, model_lists) = find_dialect(name, dialect)?;
    if settings.enabled == Some(false) {
        return Ok(None);
    }
    let keys = Keys::configured(name, settings)?;
    let (transport, credentials) = endpoint(name, base_url, auth, keys, settings, &PATIENCE)?;
    Ok(Some(Provider {
        name: name.to_owned(),
        dialect,
        credentials,
        spread: settings.spread,
        transport,
        on_disconnect: OnDisconnect::Cancel,
        answer_timeout: PATIENCE.answer,
        idle_timeout: milliseconds(settings.idle_timeout_ms, PATIENCE.idle),
        parses_files: false,
        model_lists,
    }))
}

fn endpoint(
    name: &str,
    base_url: &str,
    auth: Auth,
    keys: Keys,
    settings: &config::Provider,
    patience: &Patience,
) -> anyhow::Result<(Transport, Vec<Credential>)> {
    let connect = milliseconds(settings.connect_timeout_ms, patience.connect);
    let Keys(keys) = keys;
    let (credentials, shown) = match keys.is_empty() {
        true => (vec![no_credential()], vec![None]),
        false => keys.into_iter().map(|(credential, key)| (credential, Some(auth.header(&key)))).unzip(),
    };
    let endpoint =
        Endpoint::new(base_url, shown, &settings.headers, connect).with_context(|| format!("providers.{name}"))?;
    Ok((Transport::Http(Box::new(endpoint)), credentials))
}

/// The keys of a provider, each with what may be told of it.
#[derive(Default)]
struct Keys(Vec<(Credential, SecretString)>);

impl Keys {
    /// `api_key` first, then `api_keys` by their names. Those without a share are left out.
    fn configured(name: &str, settings: &config::Provider) -> anyhow::Result<Self> {
        let mut keys = Self::default();
        if let Some(key) = &settings.api_key {
            keys.add("api_key", 1.0, key);
        }
        for (own, stated) in &settings.api_keys {
            let (key, weight) = stated.parts();
            if !(weight.is_finite() && weight >= 0.0) {
                bail!("providers.{name}.api_keys.{own}.weight must be 0 or more");
            }
            if weight > 0.0 {
                keys.add(own, weight, key);
            }
        }
        Ok(keys)
    }

    fn add(&mut self, name: &str, weight: f64, key: &SecretString) {
        self.0.push((Credential { name: name.to_owned(), weight }, key.clone()));
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What stands for the absence of credentials.
fn no_credential() -> Credential {
    Credential { name: String::new(), weight: 1.0 }
}

fn find_dialect(name: &str, wanted: &str) -> anyhow::Result<(Dialect, Auth, &'static [&'static str])> {
    if let Some((_, dialect, auth, lists)) = DIALECTS.iter().find(|(known, ..)| *known == wanted) {
        return Ok((*dialect, *auth, lists));
    }
    let names: Vec<_> = DIALECTS.iter().map(|(known, ..)| *known).collect();
    let hint = nearest(wanted, names.iter().copied()).map(|near| format!(", did you mean {near}?")).unwrap_or_default();
    bail!("providers.{name}.dialect: {wanted} is not a dialect{hint} (there is: {})", names.join(", "))
}

fn nearest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = names.map(|name| (name, strsim::jaro_winkler(wrong, name)));
    scored.filter(|(_, score)| *score > 0.8).max_by(|one, other| one.1.total_cmp(&other.1)).map(|(name, _)| name)
}

fn milliseconds(set: Option<u64>, otherwise: Duration) -> Duration {
    set.map_or(otherwise, Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(toml: &str, key: Option<&str>) -> anyhow::Result<Registry> {
        let config: Config = figment::Figment::new()
            .merge(<figment::providers::Toml as figment::providers::Format>::string(toml))
            .extract()?;
        Registry::from_config(&config, |variable| {
            assert_eq!(variable, "OPENROUTER_API_KEY");
            key.map(SecretString::from)
        })
    }

    fn names(registry: &Registry) -> Vec<&str> {
        registry.iter().map(|provider| provider.name.as_str()).collect()
    }

    #[test]
    fn a_vendors_variable_switches_its_provider_on_and_configuration_off() {
        assert_eq!(names(&registry("", None).unwrap()), ["sandbox"]);
        let on = registry("", Some("secret")).unwrap();
        assert_eq!(names(&on), ["openrouter", "sandbox"]);
        assert_eq!(on.find("openrouter").unwrap().credentials[0].name, "OPENROUTER_API_KEY");
        assert!(!format!("{on:?}").contains("secret"), "{on:?}");
        assert_eq!(names(&registry("providers.openrouter.enabled = false", Some("secret")).unwrap()), ["sandbox"]);
        let moved = registry("providers.openrouter.base_url = 'http://127.0.0.1:1/api/v1'", None).unwrap();
        assert_eq!(names(&moved), ["openrouter", "sandbox"]);
        assert!(names(&registry("providers.sandbox.enabled = false", None).unwrap()).is_empty());
    }

    #[test]
    fn a_provider_may_have_several_keys_each_with_a_name_and_a_share() {
        let keys = "providers.openrouter = { api_key = 'k1', api_keys = { spare = { key = 'k2', weight = 0.5 }, \
                    main = 'k3', off = { key = 'k4', weight = 0 } } }";
        let several = registry(keys, Some("secret")).unwrap();
        let told: Vec<_> = several.find("openrouter").unwrap().credentials.clone();
        let told: Vec<_> = told.iter().map(|credential| (credential.name.as_str(), credential.weight)).collect();
        assert_eq!(told, [("api_key", 1.0), ("main", 1.0), ("spare", 0.5)]);
        let error = registry("providers.openrouter.api_keys.a = { key = 'k', weight = -1 }", None).unwrap_err();
        assert!(error.to_string().contains("api_keys.a.weight"), "{error}");
    }

    #[test]
    fn a_host_of_ones_own_says_its_dialect_and_base_url() {
        let own =
            "providers.mine = { dialect = 'openrouter', base_url = 'http://localhost:9/v1', idle_timeout_ms = 5 }";
        let own = registry(own, None).unwrap();
        assert_eq!(own.find("mine").unwrap().idle_timeout, Duration::from_millis(5));

        let check = |toml: &str, expected: &str| {
            let error = format!("{:#}", registry(toml, None).unwrap_err());
            assert!(error.contains(expected), "{error}");
        };
        check("providers.opnrouter.api_key = 'k'", "did you mean providers.openrouter?");
        check("providers.mine.base_url = 'http://localhost'", "needs `dialect` and `base_url`");
        check("providers.mine = { dialect = 'open_router', base_url = 'http://x' }", "did you mean openrouter?");
        check("providers.'My Host' = { dialect = 'openrouter', base_url = 'http://x' }", "a-z");
        check("providers.mine = { dialect = 'openrouter', base_url = 'localhost:9' }", "providers.mine: base_url");
        check("providers.openrouter = { api_key = 'k', headers = { 'x y' = 'z' } }", "headers");
    }
}
