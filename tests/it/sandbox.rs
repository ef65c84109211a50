//! The sandbox through the whole way of a provider.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::time::Duration;

use futures::StreamExt as _;
use generative_gateway::{
    config::Config,
    dialect::{OutgoingChat, OutgoingEmbed, Piece},
    error::{Error, Reason},
    pb::{self, chat_event::Event},
    provider::{Registry, Upstream},
};

fn request(text: &str) -> pb::ChatRequest {
    let messages = vec![pb::Message::text(pb::Role::User, text)];
    pb::ChatRequest { messages, ..pb::ChatRequest::default() }
}

/// The text of an answer; where it fails, the text until then.
async fn ask(upstream: &Upstream, model: &str, stream: bool) -> (String, Result<(), Error>) {
    let registry = Registry::from_config(&Config::default(), |_| None).unwrap();
    let request = request("hello there");
    let outgoing = OutgoingChat { request: &request, source: None, model, facts: None, stream };
    let mut text = String::new();
    let mut pieces = match upstream.chat(registry.find("sandbox").unwrap(), 0, outgoing, None).await {
        Ok(answer) => answer.pieces,
        Err(error) => return (text, Err(error)),
    };
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(Piece::Event(Event::Token(token))) => text.push_str(&token.text),
            Ok(_) => {}
            Err(error) => return (text, Err(error)),
        }
    }
    (text, Ok(()))
}

#[tokio::test(start_paused = true)]
async fn every_text_model_answers_streamed_and_whole_alike() {
    let upstream = Upstream::default();
    for model in ["sandbox/echo", "chat", "sandbox/think", "cite", "sandbox/slow:5000:100", "image", "tools"] {
        let (streamed, outcome) = ask(&upstream, model, true).await;
        outcome.unwrap();
        let (whole, outcome) = ask(&upstream, model, false).await;
        outcome.unwrap();
        assert!(!whole.is_empty(), "{model}");
        assert_eq!(streamed, whole, "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_fails_as_asked_with_the_errors_of_a_real_provider() {
    let upstream = Upstream::default();
    let check = async |model: &str, said: bool, reasons: &[Reason]| {
        let (text, outcome) = ask(&upstream, model, true).await;
        let error = outcome.expect_err(model);
        assert!(reasons.contains(&error.reason), "{model}: {error:?}");
        assert_eq!(!text.is_empty(), said, "{model}: {text}");
        assert_eq!(error.provider.as_deref(), Some("sandbox"));
        error
    };
    let limited = check("sandbox/fail:429", false, &[Reason::ProviderRateLimited]).await;
    assert_eq!(limited.retry_after, Some(Duration::from_secs(1)));
    check("fail:500", false, &[Reason::ProviderError]).await;
    check("fail:402", false, &[Reason::ProviderInsufficientFunds]).await;
    check("fail:first", false, &[Reason::ProviderError]).await;
    check("fail:stream", true, &[Reason::ProviderError]).await;
    check("fail:stall", true, &[Reason::ProviderTimeout]).await;
    check("fail:cut", true, &[Reason::ProviderStreamTruncated]).await;
    check("fail:reset", true, &[Reason::ProviderStreamTruncated]).await;
    check("fail:garbage", true, &[Reason::ProviderMalformedResponse, Reason::ProviderStreamTruncated]).await;

    check("fail:503:once", false, &[Reason::ProviderError, Reason::ProviderOverloaded]).await;
    let (text, outcome) = ask(&upstream, "fail:503:once", true).await;
    assert!(outcome.is_ok() && text.contains("hello there"), "{text}: {outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_takes_the_time_that_was_asked_for() {
    let begun = tokio::time::Instant::now();
    let (_, outcome) = ask(&Upstream::default(), "slow:5000:0", true).await;
    outcome.unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(5));
}

#[tokio::test]
async fn it_embeds_and_lists_its_models_with_prices() {
    let registry = Registry::from_config(&Config::default(), |_| None).unwrap();
    let (provider, upstream) = (registry.find("sandbox").unwrap(), Upstream::default());
    let text = pb::EmbedInput { input: Some(pb::embed_input::Input::Text("hello".to_owned())) };
    let request = pb::EmbedRequest { inputs: vec![text], ..pb::EmbedRequest::default() };
    let outgoing = OutgoingEmbed { request: &request, source: None, model: "sandbox/embed" };
    let (status, warnings, embedded) = upstream.embed(provider, 0, outgoing, None).await.unwrap();
    assert_eq!((status, warnings.len()), (200, 0));
    let body: serde_json::Value = serde_json::from_slice(&embedded.body).unwrap();
    assert_eq!(body["data"][0]["embedding"].as_array().unwrap().len(), 256);

    let models = upstream.models(provider).await.unwrap();
    assert!(models.iter().all(|model| model.price.as_ref().is_some_and(|price| price.input.is_some())));
    assert!(models.iter().any(|model| model.output_modalities == ["embeddings"]));
}
