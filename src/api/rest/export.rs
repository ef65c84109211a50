//! `/api/v1/usage/export`: the books as lines, JSON or comma-separated, as long as the reader reads.

use std::fmt::Write as _;

use axum::{
    body::Body,
    extract::{RawQuery, State},
    response::Response,
};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use http::{HeaderMap, HeaderValue, header};

use super::{
    super::{auth::Known, errors},
    Answer, contains,
    query::{self, Nested},
};
use crate::{error::Error, pb, service::Gateway};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Ndjson,
    Csv,
}

/// ExportUsage.
pub(super) async fn usage(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    const FILTER: Nested = Nested { field: "filter", own: &[] };
    let (format, query) = format(&headers, query.as_deref().unwrap_or_default())?;
    let request = query::read(Some(&query), Some(&FILTER))?;
    let rows = gateway.export_usage(&caller, request);
    // The first row is waited for, so that a refusal is a plain error.
    let mut rows = rows.peekable();
    if let Some(Err(_)) = std::pin::Pin::new(&mut rows).peek().await
        && let Some(Err(error)) = rows.next().await
    {
        return Err(error.into());
    }
    let request_id = caller.request_id;
    let rows = rows.inspect(move |row| {
        if let Err(error) = row {
            errors::note(error, &request_id);
        }
    });
    let (content_type, body) = match format {
        Format::Ndjson => ("application/x-ndjson", Body::from_stream(ndjson(rows))),
        Format::Csv => ("text/csv; charset=utf-8", Body::from_stream(csv(rows))),
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    Ok(response)
}

/// By `?format=`, else by Accept; and the query without it.
fn format(headers: &HeaderMap, query: &str) -> Result<(Format, String), Error> {
    let accepts_csv = headers.get_all(header::ACCEPT).iter().any(|accept| contains(accept, "text/csv"));
    let mut format = if accepts_csv { Format::Csv } else { Format::Ndjson };
    let mut rest = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match (&*name, &*value) {
            ("format", "ndjson") => format = Format::Ndjson,
            ("format", "csv") => format = Format::Csv,
            ("format", _) => return Err(Error::invalid("format", "format is one of ndjson, csv")),
            _ => _ = rest.append_pair(&name, &value),
        }
    }
    Ok((format, rest.finish()))
}

type Line = Result<Bytes, Error>;

/// A row a line; what goes wrong underway is the last line, `{"error": …}`.
fn ndjson(rows: impl Stream<Item = Result<pb::Generation, Error>>) -> impl Stream<Item = Line> {
    rows.map(|row| {
        let line = match row {
            Ok(row) => serde_json::to_string(&row),
            Err(error) => serde_json::to_string(&serde_json::json!({ "error": errors::detail(&error) })),
        };
        line.map(|line| Bytes::from(line + "\n")).map_err(Error::internal)
    })
}

const COLUMNS: &str = "id,create_time,end_time,project,key_id,key_name,end_user,session_id,door,operation,\
    requested_model,model,provider,upstream_provider,streamed,state,finish_reason,error_reason,input_tokens,\
    cache_read_tokens,cache_write_tokens,cache_write_1h_tokens,output_tokens,reasoning_tokens,total_input_tokens,\
    total_output_tokens,usage_source,cost_usd,cost_source,computed_cost_usd,first_token_ms,total_ms,overhead_ms,\
    attempts\r\n";

/// RFC 4180. It has no place for an error: the transfer is broken off, which every client notices.
fn csv(rows: impl Stream<Item = Result<pb::Generation, Error>>) -> impl Stream<Item = Line> {
    let rows = rows.map(|row| row.map(|row| Bytes::from(csv_line(&row))));
    stream::iter([Ok(Bytes::from_static(COLUMNS.as_bytes()))]).chain(rows)
}

fn csv_line(row: &pb::Generation) -> String {
    let time = |time: Option<pb::well_known::Timestamp>| {
        // A time as JSON writes it, without the quotes.
        let json = time.and_then(|time| serde_json::to_string(&time).ok());
        json.map(|text| text.trim_matches('"').to_owned()).unwrap_or_default()
    };
    let model = row.model.clone().unwrap_or_default();
    let (usage, timings) = (row.usage.unwrap_or_default(), row.timings.unwrap_or_default());
    let streamed = row.streamed.to_string();
    let texts = [
        &row.id,
        &time(row.create_time),
        &time(row.end_time),
        &row.project,
        &row.key_id,
        &row.key_name,
        &row.end_user,
        &row.session_id,
        word(row.door()),
        word(row.operation()),
        &model.requested,
        &model.resolved,
        &row.provider,
        &row.upstream_provider,
        &streamed,
        word(row.state()),
        word(row.finish_reason()),
        word(row.error_reason()),
    ];
    let mut line = texts.map(cell).join(",");
    let counts = [
        usage.input_tokens,
        usage.cache_read_tokens,
        usage.cache_write_tokens,
        usage.cache_write_1h_tokens,
        usage.output_tokens,
        usage.reasoning_tokens,
        usage.total_input_tokens,
        usage.total_output_tokens,
    ];
    for count in counts {
        write!(line, ",{}", count.map(|count| count.to_string()).unwrap_or_default()).expect("a string takes it");
    }
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let rest = [
        word(usage.source()).to_owned(),
        number(row.cost_usd),
        word(row.cost_source()).to_owned(),
        number(row.computed_cost_usd),
        number(timings.first_token_ms),
        number(row.timings.map(|timings| timings.total_ms)),
        number(row.timings.map(|timings| timings.overhead_ms)),
        row.attempt_count.to_string(),
    ];
    line + "," + &rest.join(",") + "\r\n"
}

/// The short name, and nothing for what is not set.
fn word<E: pb::ShortName>(value: E) -> &'static str {
    if value.into() == 0 { "" } else { value.short_name() }
}

/// Quoted where it must be. What a spreadsheet would run as a formula gets an apostrophe before it: end users and
/// session ids are callers' own text.
fn cell(text: &str) -> String {
    let formula = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if text.contains([',', '"', '\r', '\n']) {
        return format!("\"{formula}{}\"", text.replace('"', "\"\""));
    }
    format!("{formula}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> pb::Generation {
        pb::Generation {
            id: "gen_1".to_owned(),
            end_user: "=cmd(\"a\",b)".to_owned(),
            model: Some(pb::ModelResolution { resolved: "a/b".to_owned(), ..Default::default() }),
            state: pb::GenerationState::Completed.into(),
            usage: Some(pb::Usage { output_tokens: Some(0), ..Default::default() }),
            cost_usd: Some(0.000_25),
            create_time: Some(pb::well_known::Timestamp::from_millis(1_769_860_800_250)),
            ..Default::default()
        }
    }

    #[test]
    fn a_csv_line_has_a_cell_for_each_column_and_tells_zero_from_unknown() {
        let line = csv_line(&pb::Generation { end_user: "plain".to_owned(), ..row() });
        let cells: Vec<_> = line.trim_end().split(',').collect();
        let columns: Vec<_> = COLUMNS.trim_end().split(',').collect();
        assert_eq!(cells.len(), columns.len());
        let value = |name| cells[columns.iter().position(|column| *column == name).unwrap()];
        assert_eq!(value("create_time"), "2026-01-31T12:00:00.25Z");
        assert_eq!((value("state"), value("error_reason")), ("completed", ""));
        assert_eq!((value("input_tokens"), value("output_tokens")), ("", "0"));
        assert_eq!((value("cost_usd"), value("computed_cost_usd")), ("0.00025", ""));
    }

    #[test]
    fn callers_text_can_neither_break_a_line_nor_run_in_a_spreadsheet() {
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a,\"b\"\n"), "\"a,\"\"b\"\"\n\"");
        assert_eq!(cell("=cmd(\"a\",b)"), "\"'=cmd(\"\"a\"\",b)\"");
    }

    #[test]
    fn the_format_is_chosen_by_query_then_accept() {
        let accept = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("text/csv"))]);
        let (chosen, rest) = format(&accept, "states=failed&format=ndjson").unwrap();
        assert_eq!((chosen, rest.as_str()), (Format::Ndjson, "states=failed"));
        assert_eq!(format(&accept, "").unwrap().0, Format::Csv);
        assert_eq!(format(&HeaderMap::new(), "format=xlsx").unwrap_err().field.as_deref(), Some("format"));
    }

    #[tokio::test]
    async fn a_failure_underway_is_seen_in_either_format() {
        let rows = || stream::iter([Ok(row()), Err(Error::books("disk full"))]);
        let lines: Vec<_> = ndjson(rows()).collect().await;
        let last = lines[1].as_ref().unwrap();
        assert!(last.starts_with(b"{\"error\":{\"code\":\"unavailable\""), "{last:?}");
        assert!(csv(rows()).collect::<Vec<_>>().await.last().unwrap().is_err());
    }
}
