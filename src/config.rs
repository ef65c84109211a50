//! Configuration: as typed (command line, environment, file, default; in this order of precedence) → as meant.

mod origins;
mod sections;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use figment::{
    Figment, Profile,
    error::Kind,
    providers::{Env, Format as _, Serialized, Toml},
    value::{Dict, Map, Value},
};
use secrecy::SecretString;

pub use self::origins::{Explained, Origins};
pub use self::sections::{
    ApiKey, Config, Database, Durability, Hedge, Limit, Limits, LogFormat, Member, Metrics, Order, Pricing, Privacy,
    Provider, Routing, Server, Sessions, Spread, Streams, Telemetry, Unpriced, VirtualModel,
};

/// The variable that names the file where `--config` does not.
const FILE_VARIABLE: &str = "GATEWAY_CONFIG";
/// What the variables of single values begin with: `GATEWAY__SECTION__KEY`.
const PREFIX: &str = "GATEWAY__";

/// Configuration as it was read.
pub struct Loaded {
    /// As meant.
    pub config: Config,
}

/// Reads the configuration. `file` is what `--config` names, `assignments` are `section.key=value` of `--set`.
pub fn load(file: Option<&Path>, assignments: &[String]) -> anyhow::Result<Loaded> {
    let mut figment = Figment::from(Serialized::defaults(Config::default()));
    let file = file.map(Path::to_owned).or_else(|| variable(FILE_VARIABLE).map(PathBuf::from));
    if let Some(path) = file {
        if !path.is_file() {
            bail!("{} is not a file; name a configuration file with --config or {FILE_VARIABLE}", path.display());
        }
        figment = figment.merge(Toml::file_exact(path));
    }
    figment = figment.merge(Env::prefixed(PREFIX).split("__"));
    for assignment in assignments {
        figment = figment.merge(Assignment::parse(assignment)?);
    }
    let mut config: Config = figment.extract().map_err(|error| explain_error(&error))?;
    config.origins = Origins::of(&config, &figment)?;
    Ok(Loaded { config })
}

impl Config {
    /// The database's URL: as configured, or a SQLite file in the platform's data directory, which is made.
    pub fn database_url(&self) -> anyhow::Result<String> {
        if let Some(url) = &self.database.url {
            return Ok(url.clone());
        }
        let home = || variable("HOME").map(|home| PathBuf::from(home).join(".local/share"));
        // The XDG base directory specification: relative paths there are to be ignored.
        let data = variable("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute()).or_else(home);
        let directory = data.context("set database.url: there is no home directory")?.join("generative-gateway");
        std::fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
        Ok(format!("sqlite://{}?mode=rwc", directory.join("gateway.db").display()))
    }
}

/// A provider's key in the vendor's own variable, such as `OPENROUTER_API_KEY`.
pub fn vendor_key(name: &str) -> Option<SecretString> {
    variable(name).filter(|key| !key.trim().is_empty()).map(|key| SecretString::from(key.trim()))
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A `section.key=value` of the command line.
struct Assignment {
    text: String,
    values: Dict,
}

impl Assignment {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let (path, value) = text.split_once('=').with_context(|| format!("--set {text}: write section.key=value"))?;
        let value: Value = value.parse().expect("anything parses, at worst as a string");
        let values = figment::util::nest(path, value).into_dict().context("--set needs section.key=value")?;
        Ok(Self { text: text.to_owned(), values })
    }
}

impl figment::Provider for Assignment {
    fn metadata(&self) -> figment::Metadata {
        figment::Metadata::named(format!("command line (--set {})", self.text.split('=').next().unwrap_or_default()))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

/// The first error, with the path and, for a key that is unknown, the nearest right one.
fn explain_error(error: &figment::Error) -> anyhow::Error {
    let path = error.path.join(".");
    let source = error.metadata.as_ref().map_or_else(String::new, |metadata| format!(" (from {})", metadata.name));
    match &error.kind {
        Kind::UnknownField(name, known) => {
            let nearest =
                known.iter().max_by(|a, b| strsim::jaro_winkler(name, a).total_cmp(&strsim::jaro_winkler(name, b)));
            let hint = nearest.map_or_else(String::new, |nearest| format!("; did you mean `{nearest}`?"));
            let path =
                if path.is_empty() || path.ends_with(name.as_str()) { name.clone() } else { format!("{path}.{name}") };
            anyhow!("configuration has no key `{path}`{source}{hint}")
        }
        kind => anyhow!("configuration key `{path}`{source}: {kind}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pb::ConfigurationSource;

    fn error(assignment: &str) -> String {
        load(None, &[assignment.to_owned()]).err().expect("refused").to_string()
    }

    #[test]
    fn an_unknown_key_names_the_nearest_right_one() {
        assert!(error("server.lissen=1").contains("did you mean `listen`"), "{}", error("server.lissen=1"));
        assert!(error("sever.listen=1").contains("did you mean `server`"), "{}", error("sever.listen=1"));
        assert!(error("server.listen=nowhere").contains("server.listen"), "{}", error("server.listen=nowhere"));
    }

    #[test]
    fn a_secret_is_never_explained() {
        let secrets = ["api_key=sk-hidden", "api_keys.a=sk-hidden", "api_keys.b={key=\"sk-hidden\", weight=2}"];
        let loaded = load(None, &secrets.map(|secret| format!("providers.openrouter.{secret}"))).unwrap();
        let rows = loaded.config.explain();
        for name in ["api_key", "api_keys.a", "api_keys.b.key"] {
            let row = rows.iter().find(|row| row.key == format!("providers.openrouter.{name}")).expect(name);
            assert_eq!((row.value.as_str(), row.secret, row.source), ("", true, ConfigurationSource::CommandLine));
        }
        assert!(rows.iter().any(|row| row.key == "server.listen" && row.source == ConfigurationSource::Default));
        assert!(!format!("{rows:?}{:?}", loaded.config).contains("sk-hidden"));
    }

    #[test]
    fn a_file_is_overridden_by_the_command_line() {
        let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        std::fs::write(file.path(), "[routing]\nmax_attempts = 7\nretry_base_ms = 10\n").unwrap();
        let loaded = load(Some(file.path()), &["routing.max_attempts=2".to_owned()]).unwrap();
        assert_eq!(loaded.config.routing.max_attempts, 2);
        assert_eq!(loaded.config.routing.retry_base_ms.as_millis(), 10);
    }

    #[test]
    fn the_example_file_shows_every_setting_with_its_default() {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/gateway.toml");
        let mut config = load(Some(&example), &[]).unwrap().config;
        // It has an empty section, to show what one may hold.
        let openrouter = config.providers.remove("openrouter").unwrap();
        assert_eq!(serde_json::to_value(openrouter).unwrap(), serde_json::to_value(Provider::default()).unwrap());
        let (found, defaults) = [config, Config::default()].map(|config| serde_json::to_value(&config).unwrap()).into();
        assert_eq!(found, defaults);

        let text = std::fs::read_to_string(&example).unwrap();
        let sections = defaults.as_object().unwrap().values().filter_map(serde_json::Value::as_object);
        let provider = serde_json::to_value(Provider::default()).unwrap();
        for key in sections.chain(provider.as_object()).flat_map(|section| section.keys()) {
            let shown = text.lines().map(|line| line.trim_start_matches("# ")).any(|line| {
                line.split_once(" = ").is_some_and(|(name, _)| name == key) || line.ends_with(&format!(".{key}]"))
            });
            assert!(shown || matches!(key.as_str(), "api_key" | "dialect"), "{key} is not shown");
        }
    }
}
