//! The OpenAI-compatible door: `/v1/chat/completions`, `/v1/embeddings`, `/v1/models`. The format itself is in
//! `dialect::openai::server`.

use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use bytes::BytesMut;
use http::HeaderMap;

use super::{
    auth::{Known, within},
    errors::Refusal,
    facts::Facts,
    json::{JsonBody, json_response},
    sse::{self, Encode},
};
use crate::{
    dialect::openai::server as format,
    error::Error,
    pb,
    service::{ChatCall, EmbedCall, Gateway, clock},
};

/// What clients with OpenAI's base URL reach.
pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/v1/chat/completions", post(chat))
        .route("/v1/embeddings", post(embeddings))
        .route("/v1/models", get(list_models))
        // Ids hold slashes, which clients may send as they are.
        .route("/v1/models/{*id}", get(get_model))
}

async fn chat(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Refusal> {
    let mut asked = format::read_chat(body)?;
    if asked.request.session_id.is_empty() {
        asked.request.session_id = session_id(&headers)?;
    }
    let created_s = clock::now_ms() / 1000;
    let call = ChatCall { request: asked.request, source: Some(asked.source), stream: asked.stream };
    let deadline = caller.deadline;
    if asked.stream {
        let pace = sse::Pace::of(&gateway, &caller);
        let encoder = format::ChunkWriter::new(created_s, asked.include_usage);
        let start = async move { gateway.stream_chat(caller, call).await };
        return Ok(sse::answer(start, pace, encoder).await?);
    }
    let answer = within(deadline, gateway.chat(caller, call)).await?;
    let mut response = json_response(format::write_chat(&answer, created_s));
    Facts::of_chat(&answer).write(response.headers_mut());
    Ok(response)
}

/// The session that a header names, for clients that cannot add a field to the body.
fn session_id(headers: &HeaderMap) -> Result<String, Error> {
    let Some(id) = headers.get("x-session-id") else { return Ok(String::new()) };
    id.to_str().map(str::to_owned).map_err(|_| Error::invalid("session_id", "the header x-session-id is not an id"))
}

async fn embeddings(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    JsonBody(body): JsonBody,
) -> Result<Response, Refusal> {
    let asked = format::read_embeddings(body)?;
    let call = EmbedCall { request: asked.request, source: Some(asked.source) };
    let answer = within(caller.deadline, gateway.embed(caller, call)).await?;
    let body = format::write_embeddings(&answer.response, answer.passed.as_ref(), asked.encoding)?;
    let mut response = json_response(body);
    Facts::of_embeddings(&answer.response).write(response.headers_mut());
    Ok(response)
}

async fn list_models(State(gateway): State<Gateway>, Known(caller): Known) -> Result<Response, Refusal> {
    let mut models = Vec::new();
    // This format has no pages.
    let mut request = pb::ListModelsRequest { page_size: 1000, ..Default::default() };
    loop {
        let page = gateway.list_models(&caller, request.clone()).await?;
        models.extend(page.models);
        if page.next_page_token.is_empty() {
            return Ok(json_response(format::write_models(&models)));
        }
        request.page_token = page.next_page_token;
    }
}

async fn get_model(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let found = gateway.get_model(&caller, pb::GetModelRequest { id }).await?;
    let model = found.model.ok_or_else(|| Error::internal("a model was found and is not there"))?;
    Ok(json_response(format::write_model(&model)))
}

impl Encode for format::ChunkWriter {
    fn event(&mut self, event: &pb::ChatEvent, out: &mut BytesMut) {
        self.write(event, out);
    }

    fn fail(&mut self, error: &Error, out: &mut BytesMut) {
        self.error(error, out);
    }
}
