//! `/api/v1/generations/{id}/…`: what can be done with a generation that runs, and what it was asked and answered.

use axum::extract::{Path, RawQuery, State};
use http::{HeaderMap, HeaderName};

use super::{
    super::{auth::Known, json::JsonBody, sse},
    Answer, parse, query, tell,
};
use crate::{error::Error, pb, service::Gateway};

/// What an EventSource sends when it comes back.
/// <https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header>
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// ResumeChat.
pub(super) async fn events(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path(generation_id): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    let mut request: pb::ResumeChatRequest = query::read(query.as_deref(), None)?;
    request.generation_id = generation_id;
    // The header is newer: an EventSource comes back to the URL with which it began.
    if let Some(last) = last_event_id(&headers)? {
        request.after_sequence = last;
    }
    let (pace, encoder) = (sse::Pace::of(&gateway, &caller), sse::Native::after(request.after_sequence));
    let start = async move { gateway.resume_chat(&caller, request).await };
    Ok(sse::resume(start, pace, encoder).await?)
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<u32>, Error> {
    let Some(value) = headers.get(LAST_EVENT_ID) else { return Ok(None) };
    let parsed = value.to_str().ok().and_then(|value| value.parse().ok());
    parsed.map(Some).ok_or_else(|| {
        Error::invalid("last-event-id", "Last-Event-ID takes the id of an event of this generation, a whole number")
    })
}

/// CancelChat.
pub(super) async fn cancel(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path(generation_id): Path<String>,
    JsonBody(body): JsonBody,
) -> Answer {
    // All that the message has is in the path, so no body is as good as an empty one.
    if !body.is_empty() {
        let _: pb::CancelChatRequest = parse(&body)?;
    }
    tell(&caller, gateway.cancel_chat(&caller, pb::CancelChatRequest { generation_id })).await
}

/// GetGenerationContent.
pub(super) async fn content(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path(generation_id): Path<String>,
) -> Answer {
    let request = pb::GetGenerationContentRequest { generation_id };
    tell(&caller, gateway.get_generation_content(&caller, request)).await
}
