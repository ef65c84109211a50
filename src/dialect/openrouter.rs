//! Temporary: as much of OpenRouter's format as the providers' tests need.

use std::time::SystemTime;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Begun, Embedded, Ended, OutgoingChat, OutgoingEmbed, Piece, ReadChat, Written};
use crate::{
    error::{Error, Reason},
    pb::{self, TokenEvent, chat_event::Event, content_part::Part},
};

/// What a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// OpenRouter's superset of OpenAI's chat completions.
    OpenRouter,
}

impl Dialect {
    /// Writes a chat.
    pub fn write_chat(self, chat: OutgoingChat<'_>) -> Result<Written, Error> {
        let messages = chat.request.messages.iter().map(|message| {
            let text = message.content.iter().filter_map(|part| match &part.part {
                Some(Part::Text(text)) => Some(text.as_str()),
                _ => None,
            });
            json!({"role": "user", "content": text.collect::<String>()})
        });
        let body = json!({"model": chat.model, "stream": chat.stream, "messages": messages.collect::<Vec<_>>()});
        Ok(Written { path: "/chat/completions".to_owned(), body: body.to_string().into(), warnings: Vec::new() })
    }

    /// Writes embeddings.
    pub fn write_embeddings(self, embed: OutgoingEmbed<'_>) -> Result<Written, Error> {
        let texts = embed.request.inputs.iter().filter_map(|input| match &input.input {
            Some(pb::embed_input::Input::Text(text)) => Some(text.as_str()),
            _ => None,
        });
        let body = json!({"model": embed.model, "input": texts.collect::<Vec<_>>()});
        Ok(Written { path: "/embeddings".to_owned(), body: body.to_string().into(), warnings: Vec::new() })
    }

    /// Reads one answer.
    pub fn chat_reader(self, _streamed: bool) -> Box<dyn ReadChat> {
        Box::<Reader>::default()
    }

    /// Reads embeddings.
    pub fn read_embeddings(self, body: Bytes) -> Result<Embedded, Error> {
        parse(&body).map(|_| Embedded { body, ..Embedded::default() })
    }

    /// Reads an error.
    pub fn read_error(self, status: u16, headers: &[(String, String)], body: &[u8], _now: SystemTime) -> Error {
        let reason = match status {
            429 => Reason::ProviderRateLimited,
            402 => Reason::ProviderInsufficientFunds,
            404 => Reason::ProviderNotFound,
            500.. => Reason::ProviderError,
            _ => Reason::ProviderInvalidRequest,
        };
        let message = serde_json::from_slice::<Value>(body).unwrap_or_default();
        let error = Error::new(reason, message["error"]["message"].as_str().unwrap_or("no words"));
        let wait = headers.iter().find(|(name, _)| name == "retry-after").and_then(|(_, value)| value.parse().ok());
        match wait {
            Some(seconds) => error.with_retry_after(std::time::Duration::from_secs(seconds)),
            None => error,
        }
    }

    /// Reads a model list.
    pub fn read_models(self, body: &[u8]) -> Result<Vec<pb::Model>, Error> {
        let list = parse(body)?;
        let models = list["data"].as_array().cloned().unwrap_or_default().into_iter();
        Ok(models
            .map(|model| pb::Model { id: model["id"].as_str().unwrap_or("").to_owned(), ..pb::Model::default() })
            .collect())
    }
}

fn parse(body: &[u8]) -> Result<Value, Error> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|_| Error::new(Reason::ProviderMalformedResponse, "the provider's answer is not JSON"))?;
    match value["error"].clone() {
        Value::Null => Ok(value),
        error => Err(Dialect::OpenRouter.read_error(
            error["code"].as_u64().and_then(|code| u16::try_from(code).ok()).unwrap_or(500),
            &[],
            json!({ "error": error }).to_string().as_bytes(),
            SystemTime::UNIX_EPOCH,
        )),
    }
}

#[derive(Default)]
struct Reader {
    begun: bool,
    finish: Option<String>,
    usage: Option<Value>,
}

impl ReadChat for Reader {
    fn read(&mut self, payload: &[u8], out: &mut Vec<Piece>) -> Result<(), Error> {
        if payload == b"[DONE]" {
            return Ok(());
        }
        let chunk = parse(payload)?;
        if !self.begun {
            self.begun = true;
            out.push(Piece::Begun(Begun {
                upstream_id: chunk["id"].as_str().unwrap_or("").to_owned(),
                ..Begun::default()
            }));
        }
        let choice = &chunk["choices"][0];
        let text = choice["delta"]["content"].as_str().or_else(|| choice["message"]["content"].as_str()).unwrap_or("");
        if !text.is_empty() {
            out.push(Piece::Event(Event::Token(TokenEvent { text: text.to_owned(), ..TokenEvent::default() })));
        }
        if let Some(reason) = choice["finish_reason"].as_str() {
            self.finish = Some(reason.to_owned());
        }
        if chunk["usage"].is_object() {
            self.usage = Some(chunk["usage"].clone());
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<Piece>) -> Result<(), Error> {
        let usage = self.usage.take().map(|usage| pb::Usage {
            total_output_tokens: usage["completion_tokens"].as_u64().and_then(|tokens| u32::try_from(tokens).ok()),
            ..pb::Usage::default()
        });
        let Some(reason) = self.finish.take() else {
            let mut error = Error::new(Reason::ProviderStreamTruncated, "the provider's stream ended before its end");
            error.usage = usage;
            return Err(error);
        };
        out.push(Piece::Ended(Box::new(Ended { native_finish_reason: reason, usage, ..Ended::default() })));
        Ok(())
    }
}
