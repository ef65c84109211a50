//! The web UI: a static export inside the binary, under a strict content security policy.

use std::{borrow::Cow, sync::LazyLock};

use axum::{body::Body, extract::Request, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/web/out"]
struct Export;

/// Everything from our own origin, nothing inline (the web build moves Next's inline scripts into files), nothing
/// embedded anywhere.
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

/// Of the page in which a picture from elsewhere is drawn, once a reader asked for it: it has an origin of its own, and
/// reaches nothing but pictures.
const FRAME_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src https:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts";

const SECURITY: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
];

const NOT_BUILT: &str = "Generative Gateway is running.\n\nThis binary was built without the web UI. \
    `make web` and a new build add it.\n\nREST: /api/v1, OpenAI-compatible: /v1, gRPC: this port.\n";

/// What the web build compressed as well as can be, which takes longer than a request should, stands beside it.
const BROTLI: &str = ".br";

/// Answers a GET or HEAD outside the API.
pub(super) fn answer(request: &Request) -> Response {
    let path = request.uri().path().trim_matches('/');
    if let Some((name, file)) = find(path) {
        return export(&name, file, request);
    }
    if Export::iter().next().is_none() {
        return plain(if path.is_empty() { StatusCode::OK } else { StatusCode::NOT_FOUND }, NOT_BUILT);
    }
    match Export::get("404.html") {
        Some(page) if navigates(request) => {
            let mut response = export("404.html", page, request);
            // Its tag would otherwise tell a browser that a page which is missing has not changed.
            response.headers_mut().remove(header::ETAG);
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
        _ => plain(StatusCode::NOT_FOUND, "There is no such page.\n"),
    }
}

fn export(name: &str, file: EmbeddedFile, request: &Request) -> Response {
    let small = takes_brotli(request.headers()).then(|| Export::get(&format!("{name}{BROTLI}"))).flatten();
    let Some(small) = small else { return serve(name, file, request) };
    let mut response = tagged(name, bytes(small.data), &file.metadata.sha256_hash(), request);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn takes_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("br") && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

/// The file of a path: itself, or the page of that name.
fn find(path: &str) -> Option<(String, EmbeddedFile)> {
    let index = if path.is_empty() { "index.html".to_owned() } else { format!("{path}/index.html") };
    [path.to_owned(), index, format!("{path}.html")]
        .into_iter()
        .filter(|name| !name.is_empty() && !name.ends_with(BROTLI))
        .find_map(|name| Export::get(&name).map(|file| (name, file)))
}

fn navigates(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    request.method() == Method::GET && accept.is_some_and(|accept| accept.contains("text/html"))
}

pub(super) fn serve(name: &str, file: EmbeddedFile, request: &Request) -> Response {
    let hash = file.metadata.sha256_hash();
    tagged(name, bytes(file.data), &hash, request)
}

/// Borrowed from the binary; only debug builds read files.
fn bytes(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

/// Answers with a file of that name, or that it has not changed.
pub(super) fn tagged(name: &str, bytes: Bytes, hash: &[u8; 32], request: &Request) -> Response {
    // Weak, because the answer may be compressed on its way.
    let tag = format!("W/\"{}\"", STANDARD.encode(&hash[..12]));
    let unchanged =
        request.headers().get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = Response::new(if unchanged { Body::empty() } else { Body::from(bytes) });
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    // Next puts a hash of the content into these names.
    let cache = if name.starts_with("_next/static/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::ETAG, HeaderValue::try_from(tag).expect("base64 in quotes"));
    headers.insert(header::CONTENT_TYPE, media_type(name));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy(name));
    secure(headers);
    response
}

fn media_type(name: &str) -> HeaderValue {
    let guessed = mime_guess::from_path(name).first_or_octet_stream();
    let text = guessed.type_() == "text" || guessed.subtype() == "javascript";
    let charset = if text { "; charset=utf-8" } else { "" };
    HeaderValue::try_from(format!("{guessed}{charset}")).expect("media types are ASCII")
}

/// The policy of a file. Scripts may run in workers, which reach nothing.
fn policy(name: &str) -> HeaderValue {
    static PAGE: LazyLock<HeaderValue> = LazyLock::new(|| write_policy("'self'"));
    static SCRIPT: LazyLock<HeaderValue> = LazyLock::new(|| write_policy("'none'"));
    match name {
        "image-frame/index.html" => HeaderValue::from_static(FRAME_POLICY),
        _ if name.ends_with(".js") => SCRIPT.clone(),
        _ => PAGE.clone(),
    }
}

fn write_policy(connect: &str) -> HeaderValue {
    let directives = POLICY.map(|(name, sources)| {
        let sources = if name == "connect-src" { connect } else { sources };
        format!("{name} {sources}")
    });
    HeaderValue::try_from(directives.join("; ")).expect("names and sources are ASCII")
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
    fn the_policy_lets_nothing_inline_in_and_workers_reach_nothing() {
        let page = policy("index.html");
        let page = page.to_str().unwrap();
        assert!(page.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; "), "{page}");
        assert!(page.contains("connect-src 'self'") && !page.contains("unsafe"), "{page}");
        assert!(policy("_next/static/worker.js").to_str().unwrap().contains("connect-src 'none'"));
        let frame = policy("image-frame/index.html");
        let frame = frame.to_str().unwrap();
        assert!(frame.contains("img-src https:;") && frame.contains("sandbox allow-scripts"), "{frame}");
        assert!(!frame.contains("connect-src") && !frame.contains("allow-same-origin"), "{frame}");
    }

    #[test]
    fn brotli_is_sent_to_those_who_take_it() {
        let check = |accepted: &str, expected| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::try_from(accepted).unwrap())]);
            assert_eq!(takes_brotli(&headers), expected, "{accepted}");
        };
        check("gzip, deflate, br, zstd", true);
        check("BR;q=0.5", true);
        check("gzip, br;q=0", false);
        check("gzip", false);
        check("brotli", false);
        assert!(!takes_brotli(&HeaderMap::new()));
    }

    #[test]
    fn media_types_are_those_that_browsers_insist_on() {
        let check = |name, expected| assert_eq!(media_type(name), expected, "{name}");
        check("index.html", "text/html; charset=utf-8");
        check("_next/static/a.js", "text/javascript; charset=utf-8");
        check("a.css", "text/css; charset=utf-8");
        check("font.woff2", "font/woff2");
    }
}
