//! The documentation: OpenAPI 3.1 from the contract and its comments, and a page that shows it. No key is asked for.
//!
//! ```text
//! descriptor set ─▶ contract ─▶ paths ──────┐
//!                └▶ schemas  ─▶ components ─┼─▶ /openapi.json ─▶ /docs
//! beside.json, by hand: other doors ────────┘
//! ```

mod beside;
mod contract;
mod operation;
mod refusals;
mod schemas;

use std::sync::LazyLock;

use axum::{
    Router,
    extract::{Path, Request},
    handler::Handler as _,
    response::{IntoResponse as _, Response},
    routing::get,
};
use bytes::Bytes;
use rust_embed::RustEmbed;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use self::{contract::Contract, schemas::Schemas};
use super::{compression, errors::Refusal, unknown_path, web};
use crate::{pb, service::Gateway};

/// The page: a file each of markup, style and script, which need nothing else.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/src/api/docs/page"]
struct Page;

/// `/openapi.json` and `/docs`.
pub(super) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/openapi.json", get(document.layer(compression())))
        .route("/docs", get(index.layer(compression())))
        .route("/docs/", get(index.layer(compression())))
        .route("/docs/{file}", get(file.layer(compression())))
}

async fn document(request: Request) -> Response {
    // Made at the first request: nobody pays for what nobody reads.
    static DOCUMENT: LazyLock<(Bytes, [u8; 32])> = LazyLock::new(|| {
        let json = Bytes::from(openapi().to_string());
        let hash = Sha256::digest(&json).into();
        (json, hash)
    });
    let (json, hash) = &*DOCUMENT;
    web::tagged("openapi.json", json.clone(), hash, &request)
}

async fn index(request: Request) -> Response {
    show("index.html", &request)
}

async fn file(Path(name): Path<String>, request: Request) -> Response {
    show(&name, &request)
}

fn show(name: &str, request: &Request) -> Response {
    match Page::get(name) {
        Some(file) => web::serve(name, file, request),
        None => Refusal::from(unknown_path()).into_response(),
    }
}

const ABOUT: &str = "One gateway between applications and every LLM provider: routed, streamed, priced and booked.\n\n\
    JSON has the field names of the contract. Enum values are short lower-case words; their full names and numbers are \
    read too, and so are lowerCamelCase field names, numbers in strings, and null for what is left out. 64-bit numbers \
    are written as strings, times as RFC 3339, bytes as base64. Unknown fields are refused by name. Answers leave out \
    what is empty, 0 or false, except where a field may be absent: there 0 is 0, and absent is unknown.\n\n\
    The same contract is served as gRPC and grpc-web on the same port, with reflection.";

/// The whole document.
pub fn openapi() -> Value {
    let contract = Contract::read(pb::DOCUMENTED);
    let operations = contract.operations();
    let mut schemas = Schemas::new(&contract);
    let mut paths = serde_json::Map::new();
    for operation in &operations {
        let described = operation::describe(operation, &contract, &mut schemas);
        paths.entry(&operation.path).or_insert_with(|| json!({}))[operation.verb] = described;
    }
    let tags: Vec<_> = contract
        .services()
        .map(|service| {
            let comment = contract.comment(service.parent_file_descriptor_proto(), service.path());
            json!({"name": operation::tag(&service), "description": comment})
        })
        .collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Generative Gateway",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"header": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "responses": refusals::components(&contract),
            "parameters": operation::parameters(),
            "headers": operation::headers(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "A gateway key, `ggw_…`."},
                "header": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "The same key."},
            },
        },
    });
    beside::add(&mut document);
    document
}

#[cfg(test)]
mod tests;
