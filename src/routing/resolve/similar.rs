//! How alike two names are, for slips of the pen and for suggestions.

use strsim::{jaro_winkler, normalized_damerau_levenshtein};

use super::{Found, Rule};
use crate::{
    pb,
    routing::{catalog::Snapshot, names::Name},
};

/// Two words are one with a slip of the pen from here on.
const SAME_WORD: f64 = 0.82;

/// Two names are one from here on.
const SAME_NAME: f64 = 0.88;

/// The closest name must be ahead of the next by this much.
const CLEAR_LEAD: f64 = 0.02;

/// A name that is less alike than this is no rival.
const ALIKE: f64 = 0.6;

/// Less alike than this is no suggestion.
const REMINDS: f64 = 0.45;

/// Words for models that are not meant to stay.
const UNFINISHED: [&str; 5] = ["preview", "exp", "experimental", "alpha", "beta"];

/// Words for models that are made, or priced, for something else than the plain ones.
const SPECIAL: [&str; 14] = [
    "fast",
    "image",
    "audio",
    "voice",
    "tts",
    "speech",
    "embed",
    "embedding",
    "rerank",
    "reranker",
    "guard",
    "safeguard",
    "safety",
    "search",
];

/// The name says so if the model is a preview.
pub(super) fn says_that_it_is_unfinished(wanted: &Name, at: u32, catalog: &Snapshot) -> bool {
    catalog.name(at).words.iter().all(|word| !UNFINISHED.contains(&word.as_str()) || wanted.words.contains(word))
}

/// The name says everything that makes this model another than one would expect.
pub(super) fn says_what_is_special(wanted: &Name, at: u32, catalog: &Snapshot) -> bool {
    says_that_it_is_unfinished(wanted, at, catalog)
        && catalog.name(at).words.iter().all(|word| !SPECIAL.contains(&word.as_str()) || wanted.words.contains(word))
}

/// The model whose name differs by slips of the pen, if one is clearly ahead. It may cost at most `price_jump` times
/// what the next one costs.
pub(super) fn closest(wanted: &Name, catalog: &Snapshot, price_jump: f64) -> Option<Found> {
    let may_be = |at: u32, name: &Name| {
        name.variant == wanted.variant
            && name.has_numbers_of(wanted)
            && says_what_is_special(wanted, at, catalog)
            && (wanted.dates.is_empty() || name.shares_date_with(wanted))
            && (name.is_by(&wanted.author) || jaro_winkler(&name.author, &wanted.author) > 0.9)
    };
    let mut ranked: Vec<(f64, u32)> = catalog
        .nameable()
        .filter(|(at, name)| may_be(*at, name))
        .map(|(at, name)| (alike(wanted, name), at))
        .filter(|(score, _)| *score >= ALIKE)
        .collect();
    ranked.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let (best, winner) = *ranked.first().filter(|(score, _)| *score >= SAME_NAME)?;
    let rival = ranked.get(1);
    let doubtful = rival.is_some_and(|(score, at)| {
        best - score < CLEAR_LEAD || jumps(price_of(catalog, winner), price_of(catalog, *at), price_jump)
    });
    if doubtful {
        return Some(Found::Several(ranked.into_iter().map(|(_, at)| at).collect()));
    }
    Some(Found::One { at: winner, rule: Rule::Fuzzy, confidence: (best * 0.9 * 100.0).round() / 100.0 })
}

/// Ids whose names are nearest, whatever their versions.
pub(super) fn nearest(wanted: &Name, catalog: &Snapshot, most: usize) -> Vec<String> {
    let listed = |(at, name): (u32, &Name)| {
        let plain = name.variant.is_empty() || name.variant == wanted.variant || !catalog.has_plain(at);
        let numbers = shared(&wanted.numbers, &name.numbers);
        let score = 0.5 * alike(wanted, name) + 0.3 * jaro_winkler(&wanted.key, &name.key) + 0.2 * numbers;
        (plain && score >= REMINDS).then_some((score, at))
    };
    let mut ranked: Vec<(f64, u32)> = catalog.nameable().filter_map(listed).collect();
    ranked.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    ranked.into_iter().take(most).map(|(_, at)| catalog.at(at).model.id.clone()).collect()
}

/// How alike the words are, 0 to 1: each finds its nearest partner, words without one count against it.
fn alike(wanted: &Name, name: &Name) -> f64 {
    let all = wanted.words.len() + name.words.len();
    if all == 0 {
        return 0.0;
    }
    let mut free: Vec<&str> = name.words.iter().map(String::as_str).collect();
    let mut sum = 0.0;
    for word in &wanted.words {
        let nearest =
            (0..free.len()).map(|at| (same_word(word, free[at]), at)).max_by(|one, two| one.0.total_cmp(&two.0));
        if let Some((score, at)) = nearest.filter(|(score, _)| *score >= SAME_WORD) {
            sum += score;
            free.swap_remove(at);
        }
    }
    2.0 * sum / count(all)
}

/// Two words are the same but for a slip of the pen.
pub(super) fn is_slip(one: &str, other: &str) -> bool {
    same_word(one, other) >= SAME_WORD
}

/// Jaro-Winkler is fond of common beginnings, so that swapped and wrong first letters are looked at by edits as well.
fn same_word(one: &str, other: &str) -> f64 {
    if one == other { 1.0 } else { jaro_winkler(one, other).max(normalized_damerau_levenshtein(one, other)) }
}

/// The share of numbers that two names have in common.
fn shared(one: &[String], other: &[String]) -> f64 {
    let both = one.iter().filter(|number| other.contains(number)).count();
    let all = one.len() + other.len();
    if all == 0 { 1.0 } else { 2.0 * count(both) / count(all) }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Input and output together, for comparison alone; never booked.
fn price_of(catalog: &Snapshot, at: u32) -> Option<f64> {
    let price: &pb::Price = catalog.at(at).model.price.as_ref()?;
    let amount = |text: &Option<String>| text.as_ref()?.parse::<f64>().ok();
    Some(amount(&price.input)? + amount(&price.output)?)
}

/// The winner costs too much more than its rival. What it costs must be known.
fn jumps(winner: Option<f64>, rival: Option<f64>, most: f64) -> bool {
    match (winner, rival) {
        (Some(winner), Some(rival)) => winner > rival * most,
        (Some(_), None) => false,
        (None, _) => true,
    }
}
