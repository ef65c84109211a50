//! Sessions over REST.

use axum::{
    extract::{Path, RawQuery, State},
    routing::{MethodRouter, delete, get, patch, post},
};

use super::{
    super::{
        auth::Known,
        compression, errors,
        json::{JsonBody, parse},
    },
    Answer, Row, query, row, tell,
};
use crate::{error::Error, pb, service::Gateway};

/// The methods of `SessionService`.
pub(super) fn table() -> [Row; 7] {
    const ALL: &str = "/api/v1/sessions";
    const ONE: &str = "/api/v1/sessions/{session_id}";
    let compressed = |handler: MethodRouter<Gateway>| handler.layer(compression());
    [
        row("SessionService.CreateSession", "POST", ALL, post(create)),
        row("SessionService.ListSessions", "GET", ALL, compressed(get(list))),
        row("SessionService.GetSession", "GET", ONE, get(find)),
        row("SessionService.UpdateSession", "PATCH", ONE, patch(update)),
        row("SessionService.DeleteSession", "DELETE", ONE, delete(remove)),
        row("SessionService.ListMessages", "GET", "/api/v1/sessions/{session_id}/messages", compressed(get(messages))),
        row("SessionService.ExportSession", "GET", "/api/v1/sessions/{session_id}/export", compressed(get(export))),
    ]
}

async fn create(State(gateway): State<Gateway>, Known(caller): Known, JsonBody(body): JsonBody) -> Answer {
    // All fields may be left out, and so may the object around them.
    let request = if body.is_empty() { pb::CreateSessionRequest::default() } else { parse(&body)? };
    tell(&caller, gateway.create_session(&caller, request)).await
}

async fn list(State(gateway): State<Gateway>, Known(caller): Known, RawQuery(query): RawQuery) -> Answer {
    let request = query::read(query.as_deref(), None)?;
    tell(&caller, gateway.list_sessions(&caller, request)).await
}

async fn find(State(gateway): State<Gateway>, Known(caller): Known, Path(session_id): Path<String>) -> Answer {
    tell(&caller, gateway.get_session(&caller, pb::GetSessionRequest { session_id })).await
}

async fn update(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path(session_id): Path<String>,
    JsonBody(body): JsonBody,
) -> Answer {
    let mut request: pb::UpdateSessionRequest = parse(&body)?;
    own(&mut request.session_id, session_id)?;
    tell(&caller, gateway.update_session(&caller, request)).await
}

async fn remove(State(gateway): State<Gateway>, Known(caller): Known, Path(session_id): Path<String>) -> Answer {
    tell(&caller, gateway.delete_session(&caller, pb::DeleteSessionRequest { session_id })).await
}

async fn messages(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path(session_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let mut request: pb::ListMessagesRequest = query::read(query.as_deref(), None)?;
    own(&mut request.session_id, session_id)?;
    let page = async {
        let mut page = gateway.list_messages(&caller, request).await?;
        errors::name_codes(&mut page.messages);
        Ok(page)
    };
    tell(&caller, page).await
}

async fn export(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path(session_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let mut request: pb::ExportSessionRequest = query::read(query.as_deref(), None)?;
    own(&mut request.session_id, session_id)?;
    tell(&caller, gateway.export_session(&caller, request)).await
}

/// Takes the path's id; one beside it must be the same.
fn own(named: &mut String, of_path: String) -> Result<(), Error> {
    if !named.is_empty() && *named != of_path {
        return Err(Error::invalid("session_id", "`session_id` must be that of the path; leave it out"));
    }
    *named = of_path;
    Ok(())
}
