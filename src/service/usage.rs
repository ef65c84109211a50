//! Usage: the books, call by call and summed up.

pub(super) mod cursor;

use async_stream::try_stream;
use futures::stream::BoxStream;
use uuid::Uuid;

use self::cursor::Cursor;
use super::{Caller, Gateway, clock::now_ms, keys::DEFAULT_PROJECT, models::stated};
use crate::{
    error::{Error, Reason},
    pb::{self, well_known::Timestamp},
    store::{
        DAY_MS,
        usage::{Filter, Order, Sight, SumRow, Summary},
    },
};

const DEFAULT_PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1000;
/// Generations in memory at once while exporting.
const EXPORT_PAGE: u32 = 500;
/// Most rows of a summary.
const MOST_ROWS: usize = 10_000;
const THIRTY_DAYS_MS: i64 = 30 * DAY_MS;

impl Gateway {
    /// One generation with its attempts.
    pub async fn get_generation(
        &self,
        caller: &Caller,
        request: pb::GetGenerationRequest,
    ) -> Result<pb::GetGenerationResponse, Error> {
        let id = parse_id(&request.generation_id).ok_or_else(no_such_generation)?;
        let found = self.store.find_generation(sight(caller), id).await?.ok_or_else(no_such_generation)?;
        let price = match found.price_version {
            None => None,
            Some(version) => self.store.find_price(version).await?,
        };
        Ok(pb::GetGenerationResponse {
            generation: Some(found.generation),
            attempts: found.attempts,
            candidates: found.candidates,
            // A sheet that can no longer be read takes nothing else away.
            price: price.and_then(|price| stated(price).ok()),
        })
    }

    /// A page of generations, newest first.
    pub async fn list_generations(
        &self,
        caller: &Caller,
        request: pb::ListGenerationsRequest,
    ) -> Result<pb::ListGenerationsResponse, Error> {
        let request_filter = request.filter.unwrap_or_default();
        let sight = sight(caller);
        let cursor = Cursor::new(&sight, "generations", &request_filter);
        let after = match request.page_token.as_str() {
            "" => None,
            token => Some(cursor.read(token)?),
        };
        let filter = filter(sight, request_filter)?;
        let size = if request.page_size == 0 { DEFAULT_PAGE } else { request.page_size.min(LARGEST_PAGE) };
        // One more than asked for tells whether there is a next page.
        let mut found = self.store.list_generations(&filter, Order::Newest, after, size + 1).await?;
        let more = found.len() > size as usize;
        found.truncate(size as usize);
        let next = found.last().filter(|_| more).map(|(place, _)| cursor.write(*place));
        Ok(pb::ListGenerationsResponse {
            generations: found.into_iter().map(|(_, generation)| generation).collect(),
            next_page_token: next.unwrap_or_default(),
        })
    }

    /// Sums over time and by properties.
    pub async fn summarize_usage(
        &self,
        caller: &Caller,
        request: pb::SummarizeUsageRequest,
    ) -> Result<pb::SummarizeUsageResponse, Error> {
        let include_previous = request.include_previous;
        let summary = parse_summary(sight(caller), request)?;
        let rows = self.store.summarize(&summary).await?.ok_or_else(|| {
            Error::invalid(
                "group_by",
                format!("this would be more than {MOST_ROWS} rows; ask for less time, wider intervals or fewer groups"),
            )
        })?;
        let whole = Summary { interval: pb::Interval::Unspecified, group_by: Vec::new(), ..summary.clone() };
        let total = self.total(&whole).await?;
        let previous = match include_previous {
            false => None,
            true => {
                let span = whole.end_ms - whole.start_ms;
                let before = Summary { start_ms: whole.start_ms - span, end_ms: whole.start_ms, ..whole };
                Some(self.total(&before).await?)
            }
        };
        let rows = rows.into_iter().map(|row| usage_row(row, &summary.group_by)).collect();
        Ok(pb::SummarizeUsageResponse { rows, total: Some(total), previous })
    }

    /// Every generation that fits a filter, oldest first.
    pub fn export_usage(
        &self,
        caller: &Caller,
        request: pb::ExportUsageRequest,
    ) -> BoxStream<'static, Result<pb::Generation, Error>> {
        let store = self.store.clone();
        let filter = filter(sight(caller), request.filter.unwrap_or_default());
        Box::pin(try_stream! {
            let filter = filter?;
            let mut after = None;
            loop {
                let page = store.list_generations(&filter, Order::Oldest, after, EXPORT_PAGE).await?;
                let Some((last, _)) = page.last() else { break };
                after = Some(*last);
                for (_, generation) in page {
                    yield generation;
                }
            }
        })
    }

    async fn total(&self, whole: &Summary) -> Result<pb::UsageTotals, Error> {
        let rows = self.store.summarize(whole).await?.unwrap_or_default();
        Ok(rows.into_iter().next().map(|row| row.totals).unwrap_or_default())
    }
}

/// Whose generations, sessions and messages a caller may see.
pub(super) fn sight(caller: &Caller) -> Sight {
    match caller.key.admin {
        true if caller.key.project == DEFAULT_PROJECT => Sight::All,
        true => Sight::Project(caller.key.project_id),
        false => Sight::Key(caller.key.id.clone()),
    }
}

/// What a caller is told of a generation that it may not see.
pub(super) fn no_such_generation() -> Error {
    Error::new(Reason::NotFound, "there is no such generation, or it is not this key's").with_field("generation_id")
}

/// The UUID within `gen_…`.
pub(super) fn parse_id(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text.strip_prefix("gen_")?).ok()
}

fn filter(sight: Sight, request: pb::GenerationFilter) -> Result<Filter, Error> {
    let (start_ms, end_ms) = (request.start.map(|time| time.millis()), request.end.map(|time| time.millis()));
    if start_ms.zip(end_ms).is_some_and(|(start, end)| start > end) {
        return Err(Error::invalid("filter.end", "filter.end must not be before filter.start"));
    }
    Ok(Filter {
        sight,
        start_ms,
        end_ms,
        states: request.states().collect(),
        models: request.models,
        providers: request.providers,
        projects: request.projects,
        key_ids: request.key_ids,
        end_users: request.end_users,
        session_id: Some(request.session_id).filter(|id| !id.is_empty()),
        min_total_us: request.min_total_ms.map(|least| i64::from(least) * 1000),
    })
}

fn parse_summary(sight: Sight, request: pb::SummarizeUsageRequest) -> Result<Summary, Error> {
    let end_ms = request.end.map_or_else(now_ms, |time| time.millis());
    let start_ms = request.start.map_or_else(|| end_ms - THIRTY_DAYS_MS, |time| time.millis());
    if !(0..end_ms).contains(&start_ms) {
        return Err(Error::invalid("start", "start must be before end, and not before 1970"));
    }
    if request.utc_offset_minutes.unsigned_abs() > 24 * 60 {
        return Err(Error::invalid(
            "utc_offset_minutes",
            "utc_offset_minutes must be within a day, such as 120 or -300",
        ));
    }
    let group_by: Vec<_> = request.group_by().collect();
    if group_by.contains(&pb::GroupBy::Unspecified) {
        return Err(Error::invalid("group_by", "group_by has a property that cannot be summed by"));
    }
    Ok(Summary {
        start_ms,
        end_ms,
        interval: request.interval(),
        utc_offset_minutes: request.utc_offset_minutes,
        group_by,
        limit: MOST_ROWS,
        filter: Filter {
            models: request.models,
            providers: request.providers,
            projects: request.projects,
            key_ids: request.key_ids,
            end_users: request.end_users,
            ..Filter::all(sight)
        },
    })
}

fn usage_row(row: SumRow, group_by: &[pb::GroupBy]) -> pb::UsageRow {
    let mut message = pb::UsageRow {
        start: Some(Timestamp::from_millis(row.start_ms)),
        totals: Some(row.totals),
        ..pb::UsageRow::default()
    };
    for (group, value) in group_by.iter().zip(row.group) {
        match group {
            pb::GroupBy::Unspecified => {}
            pb::GroupBy::Model => message.model = value,
            pb::GroupBy::Provider => message.provider = value,
            pb::GroupBy::Project => message.project = value,
            pb::GroupBy::Key => message.key_id = value,
            pb::GroupBy::EndUser => message.end_user = value,
        }
    }
    message
}
