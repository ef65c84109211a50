//! Models and prices as they change: from the database at start, from the providers' listings afterwards.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tracing::{info, warn};

use super::stated;
use crate::{
    error::{Error, Reason},
    pb::{self, well_known::Timestamp},
    provider::Provider,
    routing::catalog::{Entry, SANDBOX, Snapshot},
    service::{Gateway, clock::now_ms, pricing},
    store::prices::PriceSheet,
};

/// Where prices come from that are part of the program.
const SNAPSHOT: &str = "snapshot";

/// Wait after a refresh that failed, if the usual one is longer.
const RETRY: Duration = Duration::from_secs(60);

impl Gateway {
    /// Gives the built-in models the prices that were last seen, and keeps the built-in prices of those that were not.
    /// Never fails: without the database, the built-in prices hold without a version.
    pub async fn load_catalog(&self) {
        let _turn = self.catalog.turn().await;
        let snapshot = self.catalog.snapshot();
        match self.with_kept_prices(&snapshot).await {
            Ok(entries) => self.catalog.replace(snapshot.with_entries(entries)),
            Err(error) => warn!(
                reason = ?error.reason,
                context = error.context.as_deref(),
                "prices cannot be read from the database; the built-in ones hold until the next refresh"
            ),
        }
    }

    /// Fetches every provider's models and prices, and keeps what is new. What could not be fetched stays as it was;
    /// if nothing could, the first error is returned.
    pub async fn refresh_catalog(&self) -> Result<pb::RefreshModelsResponse, Error> {
        let _turn = self.catalog.turn().await;
        let mut complaints = Vec::new();
        let mut failure = None;
        let (mut fetched, mut prices_changed) = (0, 0);
        for provider in self.listing_providers() {
            match self.refresh_provider(provider).await {
                Ok((changed, doubt)) => {
                    fetched += 1;
                    prices_changed += changed;
                    complaints.extend(doubt);
                }
                Err(error) => {
                    complaints.push(format!("{}: {error}", provider.name));
                    failure.get_or_insert(error);
                }
            }
        }
        if fetched == 0 {
            let error = failure.unwrap_or_else(|| {
                let message = "no provider that lists models is configured; set OPENROUTER_API_KEY";
                complaints.push(message.to_owned());
                Error::new(Reason::ProviderNotConfigured, message)
            });
            self.note_refresh(None, complaints);
            return Err(error);
        }
        let now_ms = now_ms();
        let models = self.note_refresh(Some(now_ms), complaints);
        info!(models, prices_changed, "models and prices were refreshed");
        Ok(pb::RefreshModelsResponse { models, prices_changed, refresh_time: Some(Timestamp::from_millis(now_ms)) })
    }

    /// Refreshes at once and then as often as `pricing.refresh_seconds` says, until the gateway stops.
    pub async fn keep_catalog_fresh(self) {
        let interval = self.config.pricing.refresh_seconds;
        loop {
            if self.listing_providers().next().is_none() {
                return;
            }
            let refreshed = self.stopping.run_until_cancelled(self.refresh_catalog()).await;
            let wait = match refreshed {
                None => return,
                Some(_) if interval.is_zero() => return,
                Some(Ok(_)) => interval,
                Some(Err(_)) => interval.min(RETRY),
            };
            // Replicas that started together do not ask together for ever.
            let wait = wait.mul_f64(rand::random_range(0.9..1.1));
            if self.stopping.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
                return;
            }
        }
    }

    /// Providers that can be asked for their models.
    fn listing_providers(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.providers.iter().filter(|provider| provider.name != SANDBOX)
    }

    /// Returns how many prices are new, and what is odd about the listing.
    async fn refresh_provider(&self, provider: &Arc<Provider>) -> Result<(u32, Option<String>), Error> {
        let models = self.upstream.models(provider).await?;
        if models.is_empty() {
            return Err(Error::new(Reason::ProviderMalformedResponse, "the list of models is empty")
                .with_provider(&provider.name, None));
        }
        let listing = models.into_iter().map(|model| Entry::listed(&provider.name, model)).collect();
        let (listing, changed) = self.keep_prices(&provider.name, listing).await?;
        let (next, doubt) = self.catalog.snapshot().renewed(&provider.name, listing);
        self.catalog.replace(next);
        Ok((changed, doubt))
    }

    /// Puts on the snapshot how the refresh went. Returns how many models are known.
    fn note_refresh(&self, done_at_ms: Option<i64>, complaints: Vec<String>) -> u32 {
        for complaint in &complaints {
            warn!(complaint, "models and prices could not be refreshed in full; what was known holds");
        }
        let mut next = Snapshot::clone(&self.catalog.snapshot());
        next.refreshed_at_ms = done_at_ms.or(next.refreshed_at_ms);
        next.refresh_error = complaints.join("; ");
        let models = u32::try_from(next.entries().len()).unwrap_or(u32::MAX);
        self.catalog.replace(next);
        models
    }

    /// The snapshot's entries with the prices that the database has. Built-in prices are kept where it has none, or
    /// older built-in ones.
    async fn with_kept_prices(&self, snapshot: &Snapshot) -> Result<Vec<Entry>, Error> {
        let newest = self.store.newest_prices().await?;
        let mut seen: HashMap<(String, String), _> = newest
            .into_iter()
            .filter(|stored| stored.source != SNAPSHOT && stored.source != SANDBOX)
            .map(|stored| ((stored.sheet.provider.clone(), stored.sheet.model.clone()), stored))
            .collect();
        let mut priced = Vec::new();
        let (mut built_in, mut sandbox) = (Vec::new(), Vec::new());
        for entry in snapshot.entries() {
            let entry = Entry::clone(entry);
            match seen.remove(&(entry.provider.clone(), entry.model.id.clone())) {
                Some(stored) => {
                    let version = stored.id;
                    priced.push(entry.priced(stated(stored)?, version));
                }
                None if entry.provider == SANDBOX => sandbox.push(entry),
                None => built_in.push(entry),
            }
        }
        priced.extend(self.keep_prices(SNAPSHOT, built_in).await?.0);
        priced.extend(self.keep_prices(SANDBOX, sandbox).await?.0);
        Ok(priced)
    }

    /// Keeps the entries' prices as versions of their own where they are new. Returns the entries with the versions
    /// that hold now, and how many are new.
    async fn keep_prices(&self, source: &str, mut entries: Vec<Entry>) -> Result<(Vec<Entry>, u32), Error> {
        let (at, sheets): (Vec<usize>, Vec<PriceSheet>) =
            (0..).zip(&entries).filter_map(|(at, entry)| Some((at, sheet(entry)?))).unzip();
        let (versions, fresh) = self.store.record_prices(source, sheets, now_ms()).await?;
        for (at, stored) in at.into_iter().zip(versions) {
            let version = stored.id;
            entries[at] = std::mem::take(&mut entries[at]).priced(stated(stored)?, version);
        }
        Ok((entries, u32::try_from(fresh).unwrap_or(u32::MAX)))
    }
}

/// What a model costs, without when and from where that was learned; none where it cannot be computed with.
fn sheet(entry: &Entry) -> Option<PriceSheet> {
    let price = entry.model.price.as_ref().filter(|price| price.input.is_some() || price.output.is_some())?;
    pricing::Price::parse(price)?;
    let bare = pb::Price { version: String::new(), source: String::new(), effective_time: None, ..price.clone() };
    let json = serde_json::to_string(&bare).expect("decimal strings and numbers are JSON");
    Some(PriceSheet { provider: entry.provider.clone(), model: entry.model.id.clone(), json })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_the_price_alone_and_only_where_it_is_known() {
        let entry =
            |price| Entry::listed("openrouter", pb::Model { id: "a/b".to_owned(), price, ..pb::Model::default() });
        let listed =
            pb::Price { source: "openrouter".to_owned(), input: Some("0.1".to_owned()), ..pb::Price::default() };
        let kept = sheet(&entry(Some(listed.clone()))).unwrap();
        assert_eq!(kept.json, r#"{"input":"0.1","web_search":"0.007"}"#);
        assert_eq!((kept.provider.as_str(), kept.model.as_str()), ("openrouter", "a/b"));
        assert!(sheet(&entry(None)).is_none());
        assert!(sheet(&entry(Some(pb::Price::default()))).is_none());
        assert!(sheet(&entry(Some(pb::Price { input: Some("-1".to_owned()), ..listed }))).is_none());
    }
}
