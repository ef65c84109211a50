//! The web UI: a static export inside the binary, under a strict content security policy.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use axum::{body::Body, extract::Request, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest as _, Sha256};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/web/out"]
struct Export;

/// Everything from our own origin, nothing inline, nothing embedded anywhere.
const POLICY: [(&str, &str); 14] = [
    ("default-src", "'none'"),
    ("script-src", "'self'"),
    ("style-src", "'self'"),
    ("img-src", "'self' data: blob:"),
    ("font-src", "'self'"),
    ("connect-src", "'self'"),
    ("worker-src", "'self'"),
    ("frame-src", "'self'"),
    ("media-src", "'self' blob: data:"),
    ("manifest-src", "'self'"),
    ("base-uri", "'none'"),
    ("form-action", "'none'"),
    ("frame-ancestors", "'none'"),
    ("object-src", "'none'"),
];

const SECURITY: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
];

const NOT_BUILT: &str = "Generative Gateway is running.\n\nThis binary was built without the web UI. \
    `make web` and a new build add it.\n\nREST: /api/v1, OpenAI-compatible: /v1, gRPC: this port.\n";

/// Answers a GET or HEAD outside the API.
pub(super) fn answer(request: &Request) -> Response {
    let path = request.uri().path().trim_matches('/');
    if let Some((name, file)) = find(path) {
        return serve(&name, &file, StatusCode::OK, request);
    }
    if Export::iter().next().is_none() {
        return plain(if path.is_empty() { StatusCode::OK } else { StatusCode::NOT_FOUND }, NOT_BUILT);
    }
    // A page that only the UI's own router knows; anything else that is not there is missing.
    match Export::get("index.html") {
        Some(index) if navigates(request) => serve("index.html", &index, StatusCode::OK, request),
        _ => plain(StatusCode::NOT_FOUND, "There is no such page.\n"),
    }
}

/// The file of a path: itself, or the page of that name.
fn find(path: &str) -> Option<(String, EmbeddedFile)> {
    let index = if path.is_empty() { "index.html".to_owned() } else { format!("{path}/index.html") };
    [path.to_owned(), index, format!("{path}.html")]
        .into_iter()
        .filter(|name| !name.is_empty())
        .find_map(|name| Export::get(&name).map(|file| (name, file)))
}

fn navigates(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    request.method() == Method::GET && accept.is_some_and(|accept| accept.contains("text/html"))
}

fn serve(name: &str, file: &EmbeddedFile, status: StatusCode, request: &Request) -> Response {
    let tag = format!("\"{}\"", STANDARD.encode(&file.metadata.sha256_hash()[..12]));
    let unchanged =
        request.headers().get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let (encoding, data) = encoded(name, request.headers()).unwrap_or_else(|| (None, bytes(&file.data)));
    let mut response = Response::new(if unchanged { Body::empty() } else { Body::from(data) });
    *response.status_mut() = if unchanged { StatusCode::NOT_MODIFIED } else { status };
    let headers = response.headers_mut();
    // Next puts a hash of the content into these names.
    let cache = if name.starts_with("_next/static/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::ETAG, HeaderValue::try_from(tag).expect("base64 in quotes"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    headers.insert(header::CONTENT_TYPE, media_type(name));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy(name));
    secure(headers);
    response
}

/// What the build has compressed beside the file, where the client takes it.
fn encoded(name: &str, headers: &HeaderMap) -> Option<(Option<&'static str>, Bytes)> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    [("br", "br"), ("gzip", "gz")].into_iter().find_map(|(encoding, suffix)| {
        let asked = accepted.split(',').any(|one| one.split(';').next().unwrap_or_default().trim() == encoding);
        let file = Export::get(&format!("{name}.{suffix}")).filter(|_| asked)?;
        Some((Some(encoding), bytes(&file.data)))
    })
}

fn bytes(data: &Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::copy_from_slice(data),
    }
}

fn media_type(name: &str) -> HeaderValue {
    let guessed = mime_guess::from_path(name).first_or_octet_stream();
    let text = guessed.type_() == "text" || guessed.subtype() == "javascript";
    let charset = if text { "; charset=utf-8" } else { "" };
    HeaderValue::try_from(format!("{guessed}{charset}")).expect("media types are ASCII")
}

/// The policy of a file. Scripts in worker threads reach nothing; a page's inline scripts are allowed by their hashes,
/// of which an export with its scripts moved out has none.
fn policy(name: &str) -> HeaderValue {
    static PAGES: LazyLock<HashMap<String, HeaderValue>> = LazyLock::new(|| {
        let pages = Export::iter().filter(|name| name.ends_with(".html"));
        pages
            .filter_map(|name| Some((name.to_string(), write_policy("'self'", &hashes(&Export::get(&name)?.data)))))
            .collect()
    });
    static PLAIN: LazyLock<HeaderValue> = LazyLock::new(|| write_policy("'self'", &[]));
    static SCRIPT: LazyLock<HeaderValue> = LazyLock::new(|| write_policy("'none'", &[]));
    if name.ends_with(".js") {
        return SCRIPT.clone();
    }
    PAGES.get(name).unwrap_or(&PLAIN).clone()
}

fn write_policy(connect: &str, scripts: &[String]) -> HeaderValue {
    let directives = POLICY.map(|(name, sources)| match name {
        "script-src" => [&[name.to_owned(), sources.to_owned()], scripts].concat().join(" "),
        "connect-src" => format!("{name} {connect}"),
        _ => format!("{name} {sources}"),
    });
    HeaderValue::try_from(directives.join("; ")).expect("names, sources and base64")
}

/// `'sha256-…'` of each inline script, exactly the bytes between its tags.
fn hashes(html: &[u8]) -> Vec<String> {
    let html = String::from_utf8_lossy(html);
    let mut found = Vec::new();
    for script in html.split("<script").skip(1) {
        let Some((attributes, rest)) = script.split_once('>') else { continue };
        let Some((body, _)) = rest.split_once("</script") else { continue };
        if !body.is_empty() && !attributes.contains("src=") {
            found.push(format!("'sha256-{}'", STANDARD.encode(Sha256::digest(body.as_bytes()))));
        }
    }
    found
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    secure(headers);
    response
}

fn secure(headers: &mut HeaderMap) {
    headers.extend(SECURITY.map(|(name, value)| (name, HeaderValue::from_static(value))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_inline_scripts_are_hashed_to_the_byte() {
        let html = b"<script src=\"/a.js\"></script><script id=\"_R_\">alert('1')</script><p>x</p>";
        // printf %s "alert('1')" | openssl dgst -sha256 -binary | base64
        assert_eq!(hashes(html), ["'sha256-Tlh8iZgyqNrAGGzSICG8KzGKg7YeURXz3n5Fy0aSfFk='"]);
        assert!(hashes(b"<script src=\"/a.js\"></script>").is_empty());
    }

    #[test]
    fn the_policy_names_hashes_for_scripts_alone_and_workers_reach_nothing() {
        let page = write_policy("'self'", &["'sha256-x'".to_owned()]);
        let page = page.to_str().unwrap();
        assert!(page.contains("script-src 'self' 'sha256-x'; style-src 'self';"), "{page}");
        assert!(!page.contains("unsafe"), "{page}");
        assert!(policy("_next/static/worker.js").to_str().unwrap().contains("connect-src 'none'"));
    }
}
