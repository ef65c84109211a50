//! JSON in and out of the HTTP doors: bodies read within bounds, and errors that say where without quoting what.

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::errors::Refusal;
use crate::{
    error::{Error, Reason},
    service::Gateway,
};

/// A body that claims to be JSON, or claims nothing.
pub(super) struct JsonBody(pub(super) Bytes);

impl FromRequest<Gateway> for JsonBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, gateway: &Gateway) -> Result<Self, Refusal> {
        check_content_type(request.headers())?;
        Ok(Self(read(request.into_body(), gateway.config.server.max_body_bytes).await?))
    }
}

/// `curl -d` says that it sends a form; it is taken at what it sends.
fn check_content_type(headers: &HeaderMap) -> Result<(), Error> {
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let content_type = content_type.to_str().unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if matches!(media_type.as_str(), "application/json" | "application/x-www-form-urlencoded" | "text/json")
        || media_type.ends_with("+json")
    {
        return Ok(());
    }
    Err(Error::new(Reason::UnsupportedMediaType, "send the body as JSON, with content-type: application/json"))
}

async fn read(body: Body, limit: usize) -> Result<Bytes, Error> {
    let too_large = || {
        Error::new(
            Reason::BodyTooLarge,
            format!("the body is larger than {limit} bytes (`server.max_body_bytes` of this gateway); send less"),
        )
    };
    // A length that is declared is refused before it is read.
    if http_body::Body::size_hint(&body).lower() > limit as u64 {
        return Err(too_large());
    }
    match Limited::new(body, limit).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(error) => Err(Error::new(Reason::MalformedBody, "the body ended early; send it whole").with_context(error)),
    }
}

/// A message of the contract from its JSON.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| malformed::<T>(body, &error))
}

fn malformed<T: DeserializeOwned>(body: &[u8], error: &serde_json::Error) -> Error {
    let words = without_values(&error.to_string());
    if error.classify() != Category::Data {
        let hint = if body.is_empty() { "the body is empty; send a JSON object" } else { "the body is not JSON" };
        return Error::new(Reason::MalformedBody, format!("{hint}: {words}"));
    }
    let refusal = Error::new(Reason::MalformedBody, words);
    // Read again, which only refused bodies pay for: keeping the path costs each step something.
    let again = serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_slice(body));
    match again.err().map(|error| error.path().to_string()) {
        Some(path) if path != "." => refusal.with_field(path),
        _ => refusal,
    }
}

/// serde quotes the value that does not fit, and that may be a prompt. What stands in quotes goes.
fn without_values(words: &str) -> String {
    let mut kept = String::with_capacity(words.len());
    let mut letters = words.chars();
    while let Some(letter) = letters.next() {
        if letter != '"' {
            kept.push(letter);
            continue;
        }
        // `Debug` escapes quotes inside.
        while let Some(quoted) = letters.next() {
            match quoted {
                '\\' => _ = letters.next(),
                '"' => break,
                _ => {}
            }
        }
        while kept.ends_with(' ') {
            kept.pop();
        }
    }
    kept
}

/// An answer whose body is JSON already.
pub(super) fn json_response(body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A message of the contract as an answer.
pub(super) fn message_response(message: &impl serde::Serialize) -> Result<Response, Error> {
    serde_json::to_vec(message).map(|body| json_response(body.into())).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pb::ChatRequest;

    fn refused(body: &str) -> Error {
        parse::<ChatRequest>(body.as_bytes()).unwrap_err()
    }

    #[test]
    fn what_is_wrong_is_named_and_where_but_never_quoted() {
        let check = |body: &str, field: &str, words: &str| {
            let error = refused(body);
            assert_eq!(error.reason, Reason::MalformedBody);
            assert_eq!(error.field.as_deref().unwrap_or_default(), field, "{error}");
            assert!(error.message.contains(words), "{error}");
            assert!(!error.message.contains("secret"), "{error}");
        };
        check(r#"{"model":"m","mesages":[]}"#, "mesages", "unknown field `mesages`");
        check(r#"{"model":"m","temperature":"a \"secret\" text"}"#, "temperature", "line 1 column");
        check(r#"{"model":"m","messages":[{"role":"user"},{"role":"secret"}]}"#, "messages[1].role", "one of system");
        check(r#"{"messages":[{"role":"user","content":[{"txt":"secret"}]}]}"#, "messages[0].content[0].txt", "`txt`");
        check("{\"model\":\"m\",\n \"stop\": \"secret\"}", "stop", "line 2");
        check(r#"{"model":"secret""#, "", "line 1 column");
        check("", "", "the body is empty");
        check("model=secret", "", "not JSON");
    }

    #[test]
    fn a_body_is_taken_as_json_whatever_curl_calls_it() {
        let check = |content_type: &'static str| {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))]);
            check_content_type(&headers).map_err(|error| error.reason)
        };
        assert_eq!(check("application/x-www-form-urlencoded"), Ok(()));
        assert_eq!(check("Application/JSON; charset=utf-8"), Ok(()));
        assert_eq!(check("application/vnd.api+json"), Ok(()));
        assert_eq!(check("text/plain"), Err(Reason::UnsupportedMediaType));
        assert_eq!(check("multipart/form-data; boundary=x"), Err(Reason::UnsupportedMediaType));
    }

    #[tokio::test]
    async fn a_body_that_tells_no_length_is_still_bounded() {
        let chunks = (0..4).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(b"12345")));
        let endless = Body::from_stream(futures::stream::iter(chunks));
        assert_eq!(read(endless, 16).await.unwrap_err().reason, Reason::BodyTooLarge);
        assert_eq!(read(Body::from("x".repeat(17)), 16).await.unwrap_err().reason, Reason::BodyTooLarge);
        assert_eq!(read(Body::from("x".repeat(16)), 16).await.unwrap().len(), 16);
    }
}
