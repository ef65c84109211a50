//! Pages of models: filters, order, and where a page ended. Pure.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::cursor_invalid;
use crate::{
    error::Error,
    pb::{self, ModelOrder},
    routing::{
        catalog::{Entry, Snapshot},
        resolve,
    },
    service::pricing,
};

const DEFAULT_PAGE_SIZE: u32 = 100;
const LARGEST_PAGE_SIZE: u32 = 1000;

/// Longest query that is looked at, in bytes.
const LONGEST_QUERY: usize = 256;

/// A page of entries.
pub(super) struct Page<'a> {
    pub entries: Vec<&'a Arc<Entry>>,
    /// Where the next page begins; empty at the end.
    pub next: String,
    /// How many fit the filters.
    pub total: u32,
}

/// Where an entry stands: every order is ascending by rank, then by id, so that a page begins after a place even if
/// the entry that stood there is gone.
type Place<'a> = (i128, &'a str);

/// The page that is asked for, of the entries that may be seen. Pages that are larger than allowed are made smaller.
pub(super) fn page<'a>(
    snapshot: &'a Snapshot,
    request: &pb::ListModelsRequest,
    may_see: impl Fn(&Entry) -> bool,
) -> Result<Page<'a>, Error> {
    let order = ModelOrder::try_from(request.order_by)
        .map_err(|_| Error::invalid("order_by", "order_by is not an order; use id, newest, price or context"))?;
    if request.query.len() > LONGEST_QUERY {
        return Err(Error::invalid("query", format!("query is longer than {LONGEST_QUERY} bytes; use a few words")));
    }
    let filters = fingerprint(request);
    let (after_rank, after_id) = match request.page_token.as_str() {
        "" => (i128::MIN, String::new()),
        token => read_token(token, filters).ok_or_else(cursor_invalid)?,
    };

    let query = resolve::Query::new(&request.query);
    let mut fitting: Vec<(Place<'a>, &'a Arc<Entry>)> = snapshot
        .entries()
        .iter()
        .filter(|entry| serves(entry, request) && may_see(entry) && query.fits(&entry.model))
        .map(|entry| ((rank(order, &entry.model), entry.model.id.as_str()), entry))
        .collect();
    fitting.sort_unstable_by_key(|(place, _)| *place);
    let total = u32::try_from(fitting.len()).unwrap_or(u32::MAX);
    let begin = fitting.partition_point(|(place, _)| *place <= (after_rank, after_id.as_str()));

    let size = if request.page_size == 0 { DEFAULT_PAGE_SIZE } else { request.page_size.min(LARGEST_PAGE_SIZE) };
    let rest = &fitting[begin..];
    let page = &rest[..rest.len().min(size as usize)];
    let next = match page.last() {
        Some((place, _)) if page.len() < rest.len() => write_token(*place, filters),
        _ => String::new(),
    };
    Ok(Page { entries: page.iter().map(|(_, entry)| *entry).collect(), next, total })
}

fn serves(entry: &Entry, request: &pb::ListModelsRequest) -> bool {
    let model = &entry.model;
    let made_of = |modality: &String| modality.eq_ignore_ascii_case(&request.modality);
    (request.provider.is_empty() || entry.provider == request.provider)
        && (request.modality.is_empty() || model.input_modalities.iter().chain(&model.output_modalities).any(made_of))
}

fn rank(order: ModelOrder, model: &pb::Model) -> i128 {
    match order {
        ModelOrder::Unspecified | ModelOrder::Id => 0,
        ModelOrder::Newest => -i128::from(resolve::released_at(model)),
        ModelOrder::Price => {
            let input = model.price.as_ref().and_then(|price| price.input.as_deref());
            input.and_then(pricing::parse_unit).unwrap_or(i128::MAX)
        }
        ModelOrder::Context => -i128::from(model.context_length),
    }
}

/// What a listing is of. A token counts for the same filters alone, and a restart does not change that.
fn fingerprint(request: &pb::ListModelsRequest) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&request.query, &request.modality, &request.provider, request.order_by).hash(&mut hasher);
    hasher.finish()
}

fn write_token((rank, id): Place<'_>, filters: u64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{filters:x} {rank} {id}"))
}

fn read_token(token: &str, filters: u64) -> Option<(i128, String)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let mut parts = text.splitn(3, ' ');
    let same = u64::from_str_radix(parts.next()?, 16).ok()? == filters;
    let place = (parts.next()?.parse().ok()?, parts.next()?.to_owned());
    same.then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Reason;

    fn request() -> pb::ListModelsRequest {
        pb::ListModelsRequest::default()
    }

    fn ids(request: &pb::ListModelsRequest) -> Vec<String> {
        let snapshot = Snapshot::built_in();
        let page = page(&snapshot, request, |_| true).unwrap();
        page.entries.iter().map(|entry| entry.model.id.clone()).collect()
    }

    #[test]
    fn pages_miss_and_repeat_nothing_in_any_order() {
        let snapshot = Snapshot::built_in();
        for order in [ModelOrder::Unspecified, ModelOrder::Newest, ModelOrder::Price, ModelOrder::Context] {
            let mut request = pb::ListModelsRequest { order_by: order.into(), page_size: 37, ..request() };
            let mut seen = Vec::new();
            loop {
                let page = page(&snapshot, &request, |_| true).unwrap();
                assert_eq!(page.total as usize, snapshot.entries().len());
                seen.extend(page.entries.iter().map(|entry| (rank(order, &entry.model), entry.model.id.clone())));
                if page.next.is_empty() {
                    break;
                }
                request.page_token = page.next;
            }
            assert_eq!(seen.len(), snapshot.entries().len());
            assert!(seen.is_sorted_by(|one, other| one < other), "{order:?}");
        }
    }

    #[test]
    fn orders_begin_with_what_they_are_for() {
        let newest = pb::ListModelsRequest {
            query: "claude".to_owned(),
            order_by: ModelOrder::Newest.into(),
            page_size: 1,
            ..request()
        };
        assert_eq!(ids(&newest), ["anthropic/claude-opus-5"]);
        let cheapest = ids(&pb::ListModelsRequest { order_by: ModelOrder::Price.into(), page_size: 1000, ..request() });
        assert!(cheapest.last().unwrap().starts_with("openrouter/"), "an unknown price is last");
        assert_eq!(cheapest.len(), Snapshot::built_in().entries().len());
    }

    #[test]
    fn filters_take_words_modalities_and_providers() {
        let words = |query: &str| ids(&pb::ListModelsRequest { query: query.to_owned(), ..request() });
        assert!(words("claude sonnet 4.5").contains(&"anthropic/claude-sonnet-4.5".to_owned()));
        assert!(words("SONNET anthropic").iter().all(|id| id.contains("sonnet")));
        assert!(words("nano banana").contains(&"google/gemini-2.5-flash-image".to_owned()));
        assert!(words("sonet").contains(&"anthropic/claude-sonnet-4.5".to_owned()), "a slip of the pen");
        assert!(words("sonnet 4.55").is_empty());
        let embeddings = ids(&pb::ListModelsRequest { modality: "embeddings".to_owned(), ..request() });
        assert!(embeddings.contains(&"openai/text-embedding-3-small".to_owned()) && embeddings.len() < 40);
        assert!(ids(&pb::ListModelsRequest { provider: "openai".to_owned(), ..request() }).is_empty());
        assert_eq!(ids(&pb::ListModelsRequest { provider: "openrouter".to_owned(), ..request() }).len(), 100);
    }

    #[test]
    fn a_token_counts_for_the_listing_that_gave_it() {
        let snapshot = Snapshot::built_in();
        let token = page(&snapshot, &pb::ListModelsRequest { page_size: 5, ..request() }, |_| true).unwrap().next;
        let other = pb::ListModelsRequest { query: "gpt".to_owned(), page_token: token.clone(), ..request() };
        let reordered = pb::ListModelsRequest { order_by: ModelOrder::Price.into(), page_token: token, ..request() };
        let garbage = pb::ListModelsRequest { page_token: "5".to_owned(), ..request() };
        for wrong in [&other, &reordered, &garbage] {
            assert_eq!(page(&snapshot, wrong, |_| true).err().unwrap().reason, Reason::CursorInvalid, "{wrong:?}");
        }
        let unknown = pb::ListModelsRequest { order_by: 9, ..request() };
        assert_eq!(page(&snapshot, &unknown, |_| true).err().unwrap().field.as_deref(), Some("order_by"));
    }
}
