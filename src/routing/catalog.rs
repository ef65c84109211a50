//! The models that are known, as one snapshot behind an atomic pointer.
//!
//! ```text
//! built-in facts ─▶ Snapshot ─ renewed(provider, listing) ─▶ Snapshot ─ replace ─▶ what every request sees
//! ```

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use arc_swap::ArcSwap;
use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

use super::{
    builtin,
    names::{self, Name},
};
use crate::pb;

/// The provider whose ids are the canonical ones; every other provider's own ids are listed under its name.
pub const AGGREGATOR: &str = "openrouter";

/// The provider of models that are made up in this process.
pub const SANDBOX: &str = "sandbox";

/// A model at the provider that serves it.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// What is known of it, prices included, without its endpoints.
    pub model: pb::Model,
    /// The provider that serves it.
    pub provider: String,
    /// The provider's own id of it.
    pub upstream_id: String,
    /// The price version that holds now; none where no price is known.
    pub price_version: Option<Uuid>,
}

impl Entry {
    /// A model as a provider lists it.
    pub fn listed(provider: &str, mut model: pb::Model) -> Self {
        let named = model.endpoints.iter().position(|endpoint| endpoint.provider == provider);
        let named = named.map(|at| model.endpoints.swap_remove(at).upstream_id).filter(|id| !id.is_empty());
        model.endpoints = Vec::new();
        let upstream_id = match model.id.split_once('/') {
            Some((first, own)) if first == provider && provider != AGGREGATOR => own.to_owned(),
            _ => model.id.clone(),
        };
        let upstream_id = named.unwrap_or(upstream_id);
        if provider == AGGREGATOR {
            add_search_price(&mut model);
        } else if !model.id.strip_prefix(provider).is_some_and(|rest| rest.starts_with('/')) {
            model.id = format!("{provider}/{}", model.id);
        }
        Self { model, provider: provider.to_owned(), upstream_id, price_version: None }
    }

    /// The same model at a price that is kept as `version`.
    #[must_use]
    pub fn priced(mut self, price: pb::Price, version: Uuid) -> Self {
        self.model.price = Some(price);
        Self { price_version: Some(version), ..self }
    }
}

/// OpenRouter searches through Exa for models that cannot search themselves, and charges Exa's $7 for 1,000 searches.
/// Listings leave it out, because it is the same for all of them that answer in words.
/// <https://openrouter.ai/docs/features/web-search>, <https://exa.ai/docs/reference/pricing>
fn add_search_price(model: &mut pb::Model) {
    let embeds = model.output_modalities.iter().any(|modality| modality == "embeddings");
    if let Some(price) = model.price.as_mut().filter(|_| !embeds) {
        price.web_search.get_or_insert_with(|| "0.007".to_owned());
    }
}

/// What a name became.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The name, the id, the rule.
    pub resolution: pb::ModelResolution,
    /// The provider that serves it.
    pub provider: String,
    /// The provider's own id of it.
    pub upstream_id: String,
    /// The catalogue's entry; none for a pinned id that no catalogue lists.
    pub entry: Option<Arc<Entry>>,
}

/// The models that are known at one time. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    index: Arc<Index>,
    /// When a listing was last fetched, milliseconds since 1970; `None` where only the built-in facts are known.
    pub refreshed_at_ms: Option<i64>,
    /// Why the last refresh failed, or what was odd about it; empty where all went well.
    pub refresh_error: String,
}

/// Entries in order of their ids, and the ways to find one.
#[derive(Debug, Default)]
struct Index {
    entries: Vec<Arc<Entry>>,
    by_id: HashMap<String, u32>,
    /// By `<provider>/<that provider's own id>`.
    by_upstream: HashMap<String, u32>,
    /// By permanent name, variants only where there is no plain model.
    by_slug: HashMap<String, u32>,
    /// By words and numbers; several where the name does not tell them apart.
    by_key: HashMap<String, Vec<Match>>,
    /// Each entry's name taken apart.
    names: Vec<Name>,
    /// Authors, as letters and digits.
    authors: HashSet<String>,
}

/// An entry that a key means, and how directly: id 0, permanent name 1, display name 2, left-out words 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Match {
    pub distance: u8,
    pub at: u32,
}

impl Snapshot {
    /// A snapshot of these entries. Of two with the same id, the first counts.
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut unique = BTreeMap::new();
        for entry in entries {
            unique.entry(entry.model.id.clone()).or_insert_with(|| Arc::new(entry));
        }
        Self { index: Arc::new(Index::new(unique.into_values().collect())), ..Self::default() }
    }

    /// The built-in facts, for a start without a network.
    pub fn built_in() -> Self {
        Self::new(builtin::models().into_iter().map(|model| Entry::listed(AGGREGATOR, model)))
    }

    /// All entries, by id.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.index.entries
    }

    /// The model with exactly this id.
    pub fn find(&self, id: &str) -> Option<&Arc<Entry>> {
        self.index.by_id.get(id).map(|at| self.at(*at))
    }

    /// The model that `<provider>/<that provider's own id>` pins.
    pub fn find_pinned(&self, name: &str) -> Option<&Arc<Entry>> {
        self.index.by_upstream.get(name).map(|at| self.at(*at))
    }

    /// The model with exactly this id, or the one of which it is a variant that is not listed by itself.
    pub fn find_with_option(&self, id: &str) -> Option<&Arc<Entry>> {
        self.find(id).or_else(|| {
            let (base, _) = names::split_option(id)?;
            self.find_with_option(base).filter(|entry| entry.provider == AGGREGATOR)
        })
    }

    /// Whose price an answer has: `asked` is what was sent, `answered` the model that the provider says answers. They
    /// differ for routers, aliases such as `~author/family-latest`, and a provider's own fallbacks. `None` where the
    /// model that answered is not listed.
    pub fn find_served(&self, asked: &Arc<Entry>, answered: &str) -> Option<Arc<Entry>> {
        let model = &asked.model;
        let plain = model.id.rsplit_once(':').map_or(model.id.as_str(), |(base, _)| base);
        if ["", &model.id, &model.canonical_slug, plain, &asked.upstream_id].contains(&answered) {
            return Some(asked.clone());
        }
        if let Some(entry) = self.find_answering(answered) {
            let same = !model.canonical_slug.is_empty() && entry.model.canonical_slug == model.canonical_slug;
            return Some(if same { asked.clone() } else { entry.clone() });
        }
        // `gpt-4o-2024-08-06` answers for `openai/gpt-4o`.
        Name::parse(answered).contains(&Name::parse(plain)).then(|| asked.clone())
    }

    /// The model that answers under this id or permanent name.
    pub fn find_answering(&self, answered: &str) -> Option<&Arc<Entry>> {
        self.find(answered).or_else(|| self.index.by_slug.get(answered).map(|at| self.at(*at)))
    }

    pub(super) fn at(&self, at: u32) -> &Arc<Entry> {
        &self.index.entries[at as usize]
    }

    pub(super) fn name(&self, at: u32) -> &Name {
        &self.index.names[at as usize]
    }

    /// What a key means, most direct first.
    pub(super) fn matches(&self, key: &str) -> &[Match] {
        self.index.by_key.get(key).map_or(&[], Vec::as_slice)
    }

    /// Entries that may be meant by another name than their own, with their names taken apart.
    pub(super) fn nameable(&self) -> impl Iterator<Item = (u32, &Name)> {
        (0..).zip(&self.index.names).filter(|(at, _)| self.at(*at).provider != SANDBOX)
    }

    /// A variant's plain model is listed too.
    pub(super) fn has_plain(&self, at: u32) -> bool {
        self.at(at).model.id.rsplit_once(':').is_some_and(|(plain, _)| self.find(plain).is_some())
    }

    pub(super) fn is_author(&self, letters: &str) -> bool {
        self.index.authors.contains(letters)
    }

    /// The same moment with other entries.
    #[must_use]
    pub fn with_entries(&self, entries: impl IntoIterator<Item = Entry>) -> Self {
        Self { index: Self::new(entries).index, ..self.clone() }
    }

    /// This snapshot with a provider's new listing. Models that vanished from it go, unless so many did that the
    /// listing is not plausible (less than half of what was known): then they stay, and the reason is returned beside.
    pub fn renewed(&self, provider: &str, listing: Vec<Entry>) -> (Self, Option<String>) {
        let (known, others): (Vec<_>, Vec<_>) =
            self.entries().iter().map(|entry| Entry::clone(entry)).partition(|entry| entry.provider == provider);
        let plausible = listing.len() * 2 >= known.len();
        let doubt = (!plausible).then(|| {
            format!(
                "{provider} lists {} models where {} were known; those missing are kept",
                listing.len(),
                known.len()
            )
        });
        let kept = if plausible { Vec::new() } else { known };
        (self.with_entries(listing.into_iter().chain(kept).chain(others)), doubt)
    }
}

impl Index {
    fn new(entries: Vec<Arc<Entry>>) -> Self {
        let mut index = Self::default();
        for (at, entry) in (0_u32..).zip(&entries) {
            let model = &entry.model;
            let name = Name::parse(&model.id);
            index.by_id.insert(model.id.clone(), at);
            index.by_upstream.insert(format!("{}/{}", entry.provider, entry.upstream_id), at);
            if !model.canonical_slug.is_empty()
                && (name.variant.is_empty() || !index.by_slug.contains_key(&model.canonical_slug))
            {
                index.by_slug.insert(model.canonical_slug.clone(), at);
            }
            // Nobody means the sandbox without saying so.
            if entry.provider != SANDBOX {
                index.authors.insert(name.author.clone());
                for (distance, key) in keys(model, &name) {
                    let matches = index.by_key.entry(key).or_default();
                    if matches.iter().all(|known| known.at != at) {
                        matches.push(Match { distance, at });
                    }
                }
            }
            index.names.push(with_dates_of(name, model));
        }
        index.by_key.values_mut().for_each(|matches| matches.sort_unstable());
        Self { entries, ..index }
    }
}

/// The keys that mean a model, most direct first.
fn keys(model: &pb::Model, name: &Name) -> impl Iterator<Item = (u8, String)> {
    // `Google: Nano Banana (Gemini 2.5 Flash Image)` is also called `nano banana`.
    let spoken = model.name.split_once(": ").map_or(model.name.as_str(), |(_, rest)| rest);
    let spoken = spoken.split_once('(').map_or(spoken, |(before, _)| before);
    let spoken = if name.variant.is_empty() { Name::parse(spoken).key } else { String::new() };
    let without_family = name.key_without(|word| word == name.family);
    let without_tuning = name.key_without(|word| names::TUNING.contains(&word));
    [
        (0, name.key.clone()),
        (1, Name::parse(&model.canonical_slug).key),
        (2, spoken),
        (3, without_family),
        (3, without_tuning),
    ]
    .into_iter()
    .filter(|(_, key)| !key.is_empty())
}

/// The permanent name tells a date that the id leaves out; dates of the id itself come first.
fn with_dates_of(mut name: Name, model: &pb::Model) -> Name {
    name.dates.extend(Name::parse(&model.canonical_slug).dates);
    name
}

/// The catalogue. Cheap to clone; all clones see the newest snapshot.
#[derive(Clone)]
pub struct Catalog {
    current: Arc<ArcSwap<Snapshot>>,
    /// One refresh at a time, so that none overwrites what another has just brought.
    turns: Arc<Semaphore>,
}

impl Catalog {
    /// The built-in facts, and the models of the sandbox.
    pub fn new(sandbox: Vec<pb::Model>) -> Self {
        let sandbox = sandbox.into_iter().map(|model| Entry::listed(SANDBOX, model)).collect();
        let (snapshot, _) = Snapshot::built_in().renewed(SANDBOX, sandbox);
        Self { current: Arc::new(ArcSwap::from_pointee(snapshot)), turns: Arc::new(Semaphore::new(1)) }
    }

    /// What is known now. One request keeps to one snapshot.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// From now on, this is what is known.
    pub fn replace(&self, snapshot: Snapshot) {
        self.current.store(Arc::new(snapshot));
    }

    /// Waits for the turn to refresh; it is over when the permit is dropped.
    pub async fn turn(&self) -> SemaphorePermit<'_> {
        self.turns.acquire().await.expect("the semaphore is never closed")
    }
}

impl Default for Catalog {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

#[cfg(test)]
mod tests;
