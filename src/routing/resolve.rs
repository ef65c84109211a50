//! Which model a name means. Pure.
//!
//! ```text
//! exact id → <provider>/<its own id> → alias → same words in another order → family default → close enough
//! ```
//!
//! A version is never bent, a variant or preview never chosen unless named, and no doubt is settled by a guess: the
//! error then offers the nearest names.

mod query;
mod similar;

pub use self::query::{Query, released_at};

use std::sync::Arc;

use super::{
    catalog::{AGGREGATOR, Entry, Match, Resolved, Snapshot},
    names::{self, Name},
    pools,
};
use crate::{
    config,
    error::{Error, Reason},
    pb::{self, ResolutionRule as Rule},
};

/// Longest name that is looked at, in bytes.
const LONGEST_NAME: usize = 256;

/// Most names that an error offers.
const SUGGESTIONS: usize = 5;

/// The model that `name` means. `is_provider` tells whether a provider of that name is configured.
///
/// Fails with `ModelNotFound`, `ModelAmbiguous` (both offer up to five names) or `InvalidRequest`, always on the field
/// `model`.
pub fn resolve(
    name: &str,
    catalog: &Snapshot,
    settings: &config::Routing,
    is_provider: impl Fn(&str) -> bool,
) -> Result<Resolved, Error> {
    if let Some(resolved) = named(name, catalog, &is_provider) {
        return Ok(resolved);
    }
    check_shape(name)?;
    if let Some(pool) = pools::find(name, settings) {
        let member = |wanted: &str| match named(wanted, catalog, &is_provider) {
            Some(resolved) => Ok(resolved),
            None => described(wanted, catalog, settings),
        };
        let members = pools::members(name, pool, member)?;
        return Ok(members.into_iter().next().expect("a pool without members is an error").resolved);
    }
    if let Some(target) = settings.aliases.get(name) {
        return alias(name, target, catalog, &is_provider);
    }
    described(name, catalog, settings)
}

/// An exact id, or a provider and its own id.
fn named(name: &str, catalog: &Snapshot, is_provider: impl Fn(&str) -> bool) -> Option<Resolved> {
    if let Some(entry) = catalog.find(name) {
        return Some(listed(name, entry, Rule::Exact, 1.0));
    }
    if let Some(entry) = catalog.find_with_option(name) {
        return Some(with_upstream(name, name, name, entry, Rule::Exact, 1.0));
    }
    if let Some(entry) = catalog.find_pinned(name) {
        return Some(listed(name, entry, Rule::Pinned, 1.0));
    }
    let (provider, own_id) = name.split_once('/')?;
    let known = if provider == AGGREGATOR { catalog.find_with_option(own_id) } else { None };
    if let Some(entry) = known {
        return Some(with_upstream(name, own_id, own_id, entry, Rule::Pinned, 1.0));
    }
    if own_id.is_empty() || !is_provider(provider) || check_shape(name).is_err() {
        return None;
    }
    Some(Resolved {
        resolution: resolution(name, name, Rule::Pinned, 1.0),
        provider: provider.to_owned(),
        upstream_id: own_id.to_owned(),
        entry: None,
    })
}

/// What a name was said to stand for. An alias of an alias is not followed, so that none can go in circles.
fn alias(name: &str, target: &str, catalog: &Snapshot, is_provider: impl Fn(&str) -> bool) -> Result<Resolved, Error> {
    let Some(mut resolved) = named(target, catalog, is_provider) else {
        return Err(Error::new(
            Reason::ModelNotFound,
            format!("the alias {name:?} stands for {target:?}, which is no model's id; correct the alias"),
        )
        .with_field("model")
        .with_suggestions(similar::nearest(&Name::parse(target), catalog, SUGGESTIONS)));
    };
    resolved.resolution.requested = name.to_owned();
    resolved.resolution.rule = Rule::Alias.into();
    Ok(resolved)
}

/// A name that is no id: the rules that compare words, on what stands before the options.
fn described(name: &str, catalog: &Snapshot, settings: &config::Routing) -> Result<Resolved, Error> {
    let mut options_at = name.len();
    let wanted = loop {
        let wanted = Name::parse(&name[..options_at]);
        match names::split_option(&name[..options_at]) {
            // `free` is a model of its own, to be listed or not.
            Some((base, option)) if !option.eq_ignore_ascii_case("free") && canonical(&wanted, catalog).is_none() => {
                options_at = base.len();
            }
            _ => break wanted,
        }
    };
    let found = canonical(&wanted, catalog)
        .or_else(|| family_default(&wanted, catalog, settings))
        .or_else(|| completion(&wanted, catalog))
        .or_else(|| similar::closest(&wanted, catalog, settings.fuzzy_price_jump))
        .unwrap_or(Found::Nothing);
    match found {
        Found::One { at, rule, confidence } => {
            let entry = catalog.at(at);
            let option = name[options_at..].to_lowercase();
            let id = format!("{}{option}", entry.model.id);
            Ok(match catalog.find(&id) {
                Some(entry) => listed(name, entry, rule, confidence),
                None => with_upstream(name, &id, &format!("{}{option}", entry.upstream_id), entry, rule, confidence),
            })
        }
        Found::Several(rivals) => {
            let ids = rivals.into_iter().take(SUGGESTIONS).map(|at| catalog.at(at).model.id.clone());
            Err(refusal(Reason::ModelAmbiguous, name, ids.collect()))
        }
        Found::Nothing => Err(refusal(Reason::ModelNotFound, name, similar::nearest(&wanted, catalog, SUGGESTIONS))),
    }
}

/// What a rule makes of a name.
enum Found {
    One {
        at: u32,
        rule: Rule,
        confidence: f64,
    },
    /// Nearest first.
    Several(Vec<u32>),
    /// The rule knows that no other rule may answer.
    Nothing,
}

/// The same words and numbers in any order, with or without author and date.
fn canonical(wanted: &Name, catalog: &Snapshot) -> Option<Found> {
    let found = same_words(wanted, &wanted.author, &wanted.key, catalog);
    if found.is_some() || !wanted.author.is_empty() {
        return found;
    }
    // `anthropic claude sonnet 4.5`: the first word may be the author.
    let author = wanted.words.first().filter(|word| **word == wanted.family && catalog.is_author(word))?;
    same_words(wanted, author, &wanted.key_without(|word| word == author), catalog)
}

fn same_words(wanted: &Name, author: &str, key: &str, catalog: &Snapshot) -> Option<Found> {
    let fits = |found: &&Match| {
        let name = catalog.name(found.at);
        name.variant == wanted.variant && name.is_by(author)
    };
    let matches: Vec<&Match> = catalog.matches(key).iter().filter(fits).collect();
    let distance = matches.first()?.distance;
    let mut nearest: Vec<u32> =
        matches.iter().filter(|found| found.distance == distance).map(|found| found.at).collect();
    match distance {
        0 | 1 => {}
        2 => nearest.retain(|at| similar::says_that_it_is_unfinished(wanted, *at, catalog)),
        _ => nearest.retain(|at| similar::says_what_is_special(wanted, *at, catalog)),
    }
    let mut confidence = if distance < 2 { 0.98 } else { 0.9 };
    if wanted.dates.is_empty() {
        keep_if_any(&mut nearest, |at| Name::parse(&catalog.at(at).model.id).dates.is_empty());
    } else if nearest.iter().any(|at| catalog.name(*at).shares_date_with(wanted)) {
        nearest.retain(|at| catalog.name(*at).shares_date_with(wanted));
        keep_if_any(&mut nearest, |at| Name::parse(&catalog.at(at).model.id).shares_date_with(wanted));
    } else {
        // A date that is not known may be that of a model without one, but not where others have theirs.
        if nearest.iter().any(|at| !catalog.name(*at).dates.is_empty()) {
            return Some(Found::Nothing);
        }
        confidence = 0.85;
    }
    one_of(nearest, Rule::Canonical, confidence)
}

/// `claude-4.5` is the Sonnet of that version; `claude` the newest Sonnet.
fn family_default(wanted: &Name, catalog: &Snapshot, settings: &config::Routing) -> Option<Found> {
    let [family] = wanted.words.as_slice() else { return None };
    if !wanted.variant.is_empty() || !wanted.dates.is_empty() {
        return None;
    }
    let default = Name::parse(settings.family_defaults.get(family)?);
    let full = |at: u32| -> Option<&Name> {
        let name = catalog.name(at);
        let same = name.variant.is_empty()
            && name.is_by(&wanted.author)
            && name.words.len() == 1 + default.words.len()
            && name.words.contains(family)
            && default.words.iter().all(|word| name.words.contains(word));
        (same && !catalog.at(at).model.id.starts_with('~')).then_some(name)
    };
    let members = catalog.nameable().filter_map(|(at, _)| full(at).map(|name| (at, name)));
    if wanted.numbers.is_empty() {
        let versions = members.filter(|(_, name)| name.numbers.len() == 1);
        let newest = versions.max_by(|(_, one), (_, other)| version(&one.numbers[0]).cmp(&version(&other.numbers[0])));
        return newest.map(|(at, _)| Found::One { at, rule: Rule::FamilyDefault, confidence: 0.7 });
    }
    let same_version: Vec<u32> = members.filter(|(_, name)| name.has_numbers_of(wanted)).map(|(at, _)| at).collect();
    one_of(same_version, Rule::FamilyDefault, 0.8)
}

/// All that was said, and the only model of which it can be said: `claude-3.5` where one 3.5 is listed.
fn completion(wanted: &Name, catalog: &Snapshot) -> Option<Found> {
    let said = wanted.words.len() + wanted.numbers.len();
    if wanted.words.iter().map(String::len).sum::<usize>() < 3 || !wanted.variant.is_empty() {
        return None;
    }
    let fits = |at: u32, name: &Name| {
        name.variant.is_empty()
            && name.is_by(&wanted.author)
            && name.contains(wanted)
            && (wanted.dates.is_empty() || name.shares_date_with(wanted))
            && similar::says_what_is_special(wanted, at, catalog)
            && !catalog.at(at).model.id.starts_with('~')
    };
    let mut rivals: Vec<u32> = catalog.nameable().filter(|(at, name)| fits(*at, name)).map(|(at, _)| at).collect();
    rivals.sort_by_key(|at| catalog.name(*at).key.len());
    // One word of many says too little.
    if let [only] = rivals.as_slice()
        && catalog.name(*only).telling_parts() > 2 * said
    {
        return None;
    }
    one_of(rivals, Rule::Fuzzy, 0.75)
}

/// The one that is left, or the doubt between several; `None` leaves it to the next rule.
fn one_of(rivals: Vec<u32>, rule: Rule, confidence: f64) -> Option<Found> {
    match rivals.as_slice() {
        [] => None,
        [at] => Some(Found::One { at: *at, rule, confidence }),
        _ => Some(Found::Several(rivals)),
    }
}

fn keep_if_any(list: &mut Vec<u32>, wanted: impl Fn(u32) -> bool) {
    if list.iter().any(|at| wanted(*at)) {
        list.retain(|at| wanted(*at));
    }
}

/// `4.10` is newer than `4.9`.
fn version(number: &str) -> Vec<u32> {
    number.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

fn listed(name: &str, entry: &Arc<Entry>, rule: Rule, confidence: f64) -> Resolved {
    with_upstream(name, &entry.model.id, &entry.upstream_id, entry, rule, confidence)
}

fn with_upstream(name: &str, id: &str, upstream_id: &str, entry: &Arc<Entry>, rule: Rule, confidence: f64) -> Resolved {
    Resolved {
        resolution: resolution(name, id, rule, confidence),
        provider: entry.provider.clone(),
        upstream_id: upstream_id.to_owned(),
        entry: Some(entry.clone()),
    }
}

fn resolution(requested: &str, resolved: &str, rule: Rule, confidence: f64) -> pb::ModelResolution {
    pb::ModelResolution {
        requested: requested.to_owned(),
        resolved: resolved.to_owned(),
        rule: rule.into(),
        confidence,
    }
}

fn check_shape(name: &str) -> Result<(), Error> {
    if name.trim().is_empty() {
        return Err(Error::invalid("model", "model is empty; name one, such as anthropic/claude-sonnet-4.5"));
    }
    if name.len() > LONGEST_NAME {
        return Err(Error::invalid("model", format!("model is longer than {LONGEST_NAME} bytes; give a model's name")));
    }
    if name.chars().any(char::is_control) {
        return Err(Error::invalid("model", "model holds control characters; give a model's name"));
    }
    Ok(())
}

/// No model is called so; `field` is where that was said.
pub fn not_found(field: &str, name: &str, catalog: &Snapshot) -> Error {
    if let Err(error) = check_shape(name) {
        return error.with_field(field);
    }
    refusal(Reason::ModelNotFound, name, similar::nearest(&Name::parse(name), catalog, SUGGESTIONS)).with_field(field)
}

fn refusal(reason: Reason, name: &str, suggestions: Vec<String>) -> Error {
    let complaint = match reason {
        Reason::ModelAmbiguous => format!("several models fit the name {name:?}"),
        _ => format!("no model is called {name:?}"),
    };
    let hint = match suggestions.as_slice() {
        [] => "list the models to see what there is".to_owned(),
        [only] => format!("did you mean {only}?"),
        [first @ .., last] => format!("did you mean {} or {last}?", first.join(", ")),
    };
    Error::new(reason, format!("{complaint}; {hint}")).with_field("model").with_suggestions(suggestions)
}

#[cfg(test)]
mod tests;
