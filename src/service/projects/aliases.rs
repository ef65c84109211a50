//! Names that stand for models: those of the configuration, and those that administrators set while it runs.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::{
    audit::{Actor, changes},
    page::Listing,
};
use crate::{
    config,
    error::{Error, Reason},
    pb::{self, ResolutionRule, well_known::Timestamp},
    routing::resolve,
    service::{Caller, Gateway, clock::now_ms},
    store::aliases::AliasRecord,
};

/// Longest alias, in bytes; longer names are not looked at.
const LONGEST: usize = 256;

/// The settings by which names are resolved, with the aliases of the database among them. Cheap to clone; all clones
/// see the newest.
#[derive(Clone)]
pub struct Aliases {
    configured: Arc<config::Routing>,
    current: Arc<ArcSwap<config::Routing>>,
}

impl Aliases {
    /// Those of the configuration alone.
    pub fn new(configured: config::Routing) -> Self {
        let configured = Arc::new(configured);
        Self { current: Arc::new(ArcSwap::new(configured.clone())), configured }
    }

    /// The settings that hold now.
    pub fn routing(&self) -> Arc<config::Routing> {
        self.current.load_full()
    }

    /// From now on, these stand beside the configured ones, which are stronger.
    fn replace(&self, set: Vec<AliasRecord>) {
        let mut routing = config::Routing::clone(&self.configured);
        for alias in set {
            routing.aliases.entry(alias.name).or_insert(alias.model);
        }
        if routing.aliases != self.current.load().aliases {
            self.current.store(Arc::new(routing));
        }
    }

    fn is_configured(&self, name: &str) -> bool {
        self.configured.aliases.contains_key(name)
    }
}

impl Gateway {
    /// Makes a name stand for a model; replaces what it stood for.
    pub async fn set_model_alias(
        &self,
        caller: &Caller,
        request: pb::SetModelAliasRequest,
    ) -> Result<pb::SetModelAliasResponse, Error> {
        caller.require_gateway_admin()?;
        let name = request.name.trim();
        self.check_alias(name, request.model.trim())?;
        let actor = Actor::of(caller);
        let alias = AliasRecord {
            name: name.to_owned(),
            model: request.model.trim().to_owned(),
            creator: actor.id.clone(),
            updated_at_ms: now_ms(),
        };
        let after = describe(&alias);
        let event = |before: Option<&AliasRecord>| {
            let told = changes(before.map(describe).as_ref(), Some(&after));
            actor.event(alias.updated_at_ms, "alias.set", "", target(name), told)
        };
        self.store.set_alias(alias.clone(), event).await?;
        self.load_aliases().await?;
        Ok(pb::SetModelAliasResponse { alias: Some(after) })
    }

    /// A page of aliases by name, those of the configuration too.
    pub async fn list_model_aliases(
        &self,
        caller: &Caller,
        request: pb::ListModelAliasesRequest,
    ) -> Result<pb::ListModelAliasesResponse, Error> {
        caller.require_gateway_admin()?;
        let listing = Listing::new("aliases", &[], request.page_size);
        let after: Option<String> = listing.after(&request.page_token)?;
        let configured = self.aliases.configured.aliases.iter().map(|(name, model)| pb::ModelAlias {
            name: name.clone(),
            model: model.clone(),
            configured: true,
            ..pb::ModelAlias::default()
        });
        let set = self.store.all_aliases().await?;
        // One that the configuration names as well is without effect.
        let set = set.iter().filter(|alias| !self.aliases.is_configured(&alias.name)).map(describe);
        let mut all: Vec<_> = configured.chain(set).filter(|alias| Some(&alias.name) > after.as_ref()).collect();
        all.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        let (aliases, next_page_token) = listing.cut(all, |alias| alias.name.clone());
        Ok(pb::ListModelAliasesResponse { aliases, next_page_token })
    }

    /// Deletes an alias.
    pub async fn delete_model_alias(
        &self,
        caller: &Caller,
        request: pb::DeleteModelAliasRequest,
    ) -> Result<pb::DeleteModelAliasResponse, Error> {
        caller.require_gateway_admin()?;
        let name = request.name.trim();
        self.check_not_configured(name)?;
        let event = |alias: &AliasRecord| {
            Actor::of(caller).event(now_ms(), "alias.delete", "", target(name), changes(Some(&describe(alias)), None))
        };
        if !self.store.delete_alias(name, event).await? {
            let words = format!("there is no alias `{name}`; list the aliases to see them");
            return Err(Error::new(Reason::NotFound, words).with_field("name"));
        }
        self.load_aliases().await?;
        Ok(pb::DeleteModelAliasResponse {})
    }

    /// Takes over the aliases of the database.
    pub async fn load_aliases(&self) -> Result<(), Error> {
        self.aliases.replace(self.store.all_aliases().await?);
        Ok(())
    }

    /// Sees to it that what other processes set counts here too, until the gateway stops.
    pub async fn keep_aliases_fresh(self) {
        self.keep_fresh("aliases", || self.load_aliases()).await;
    }

    fn check_not_configured(&self, name: &str) -> Result<(), Error> {
        if self.aliases.is_configured(name) {
            let words = format!("the alias `{name}` stands in the configuration; change routing.aliases there");
            return Err(Error::invalid("name", words));
        }
        Ok(())
    }

    /// Refuses a name that could not take effect, and a model that nobody could mean.
    fn check_alias(&self, name: &str, model: &str) -> Result<(), Error> {
        if name.is_empty() || name.len() > LONGEST || name.chars().any(char::is_control) {
            let words = format!("an alias is 1 to {LONGEST} bytes, without control characters");
            return Err(Error::invalid("name", words));
        }
        self.check_not_configured(name)?;
        let (snapshot, routing) = (self.catalog.snapshot(), self.aliases.routing());
        let is_provider = |name: &str| self.providers.find(name).is_some();
        let is_id = |name: &str| {
            let found = resolve::resolve(name, &snapshot, &routing, is_provider)?;
            Ok::<_, Error>(matches!(found.resolution.rule(), ResolutionRule::Exact | ResolutionRule::Pinned))
        };
        if is_id(name).unwrap_or(false) {
            let words = format!("`{name}` is a model's own id, which is stronger than an alias; choose another name");
            return Err(Error::invalid("name", words));
        }
        match is_id(model) {
            Ok(true) => Ok(()),
            Ok(false) => {
                let words = format!("`{model}` is no model's id; write author/slug or <provider>/<its own id>");
                Err(Error::invalid("model", words))
            }
            Err(error) => Err(error.with_field("model")),
        }
    }
}

fn describe(alias: &AliasRecord) -> pb::ModelAlias {
    pb::ModelAlias {
        name: alias.name.clone(),
        model: alias.model.clone(),
        configured: false,
        creator: alias.creator.clone(),
        update_time: Some(Timestamp::from_millis(alias.updated_at_ms)),
    }
}

fn target(name: &str) -> String {
    format!("aliases/{name}")
}
