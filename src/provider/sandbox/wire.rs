//! The sandbox's answers in OpenRouter's own format, streamed or whole.
//! <https://openrouter.ai/docs/api-reference/overview>

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures::{StreamExt, stream};
use serde_json::{Map, Value, json};

use super::{
    super::{answer::Broken, upstream::Reply},
    acts::{Act, Saying, signature},
    faults::{Fault, Manner},
    memory::{Caching, hash},
    models::{CACHE_READ, CACHE_WRITE, Sheet, share},
    request::ChatBody,
    tokens,
};

/// When every answer and every model was made: 2026-01-01.
pub(super) const CREATED: i64 = 1_767_225_600;

/// What is known of the prompt.
pub(super) struct Prompt<'a> {
    pub tokens: u32,
    pub caching: Caching,
    pub body: &'a [u8],
}

/// An error answer.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    message: String,
    retry_after: Option<&'static str>,
}

impl Refusal {
    pub(super) fn new(status: u16, message: String) -> Self {
        Self { status, message, retry_after: None }
    }

    /// The error that `sandbox/fail` was asked for.
    pub(super) fn asked_for(status: u16) -> Self {
        let retry_after = matches!(status, 429 | 503).then_some("1");
        Self { status, message: format!("the sandbox fails with {status}, as asked"), retry_after }
    }

    pub(super) fn into_reply(self) -> Reply {
        let wait = self.retry_after.map(|seconds| ("retry-after".to_owned(), seconds.to_owned()));
        Reply {
            status: self.status,
            headers: wait.into_iter().collect(),
            chunks: ready(vec![self.body().to_string().into()]),
        }
    }

    fn body(&self) -> Value {
        json!({"error": {"code": self.status, "message": self.message, "metadata": {"provider_name": "Sandbox"}}})
    }
}

/// Bytes that are there at once.
pub(super) fn ready(chunks: Vec<Bytes>) -> super::super::answer::Chunks {
    stream::iter(chunks.into_iter().map(Ok)).boxed()
}

/// The answer that an act is.
pub(super) fn reply(sheet: &Sheet, request: &ChatBody, act: Act, prompt: &Prompt<'_>, manner: &Manner) -> Reply {
    let spoken = Spoken::cut(act, request);
    let envelope =
        Envelope { id: format!("gen-sandbox-{:016x}", hash(prompt.body)), model: format!("sandbox/{}", sheet.name) };
    let usage = usage(sheet, prompt, &spoken);
    let (mut chunks, each) = if request.stream {
        (stream_of(&envelope, &spoken, usage), manner.each)
    } else {
        (vec![whole(&envelope, &spoken, usage)], Duration::ZERO)
    };
    let ending = manner.fault.and_then(|fault| break_off(&mut chunks, fault, &envelope, request.stream));
    // The sign of life comes at once, whatever the first pause.
    let alive = if request.stream { ": SANDBOX PROCESSING\n\n" } else { "\n" };
    let first = manner.first;
    let paced = stream::iter(chunks.into_iter().enumerate()).then(move |(at, chunk)| async move {
        let pause = if at == 0 { first } else { each };
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        Ok(chunk)
    });
    let begun = stream::iter([Ok(Bytes::from_static(alive.as_bytes()))]).chain(paced);
    let chunks = match ending {
        None => begun.boxed(),
        Some(Ending::Silence) => begun.chain(stream::pending()).boxed(),
        Some(Ending::Break) => begun.chain(stream::iter([Err(Broken::Cut("as asked".to_owned()))])).boxed(),
    };
    Reply { status: 200, headers: Vec::new(), chunks }
}

/// How a body ends that does not end well.
enum Ending {
    Silence,
    Break,
}

/// Makes an answer fail: what comes after its middle is lost.
fn break_off(chunks: &mut Vec<Bytes>, fault: Fault, envelope: &Envelope, streamed: bool) -> Option<Ending> {
    let error = Refusal { message: "the sandbox fails, as asked".to_owned(), ..Refusal::asked_for(502) }.body();
    match (fault, streamed) {
        (Fault::Status(_), _) => {}
        (Fault::First, true) => *chunks = vec![frame(&error), done()],
        (Fault::First | Fault::Stream, false) => *chunks = vec![error.to_string().into()],
        (_, true) => chunks.truncate((chunks.len() / 2).clamp(1, 5)),
        (_, false) => {
            for chunk in chunks.iter_mut() {
                chunk.truncate(chunk.len() / 2);
            }
        }
    }
    match fault {
        Fault::Stall => return Some(Ending::Silence),
        Fault::Reset => return Some(Ending::Break),
        Fault::Garbage if streamed => chunks.push(Bytes::from_static(b"data: {\"choices\":[\xff\xfe<html>\n\n")),
        Fault::Garbage => chunks.push(Bytes::from_static(b"\xff\xfe<html>")),
        Fault::Stream if streamed => {
            let mut chunk = envelope.chunk(json!({}), Some(("error", "error")));
            chunk.extend(error.as_object().cloned().unwrap_or_default());
            chunks.extend([frame(&chunk.into()), done()]);
        }
        _ => {}
    }
    None
}

/// What is said within the limits of the request.
struct Spoken {
    sayings: Vec<Saying>,
    hide_thinking: bool,
    searches: u32,
    /// Finish reason, OpenRouter's and the model's own.
    finish: (&'static str, &'static str),
    output: u32,
    reasoning: u32,
    image: u32,
}

impl Spoken {
    fn cut(act: Act, request: &ChatBody) -> Self {
        let mut spoken = Self {
            sayings: Vec::new(),
            hide_thinking: act.hide_thinking,
            searches: act.searches,
            finish: ("stop", "end_turn"),
            output: 0,
            reasoning: 0,
            image: 0,
        };
        for saying in act.sayings {
            if !spoken.add(saying, request) {
                break;
            }
        }
        spoken
    }

    /// Adds a saying as far as it is allowed; says whether more may follow.
    fn add(&mut self, mut saying: Saying, request: &ChatBody) -> bool {
        let left = request.limit().saturating_sub(self.output);
        let mut stopped = false;
        let used = match &mut saying {
            Saying::Text(text) => {
                if let Some(at) =
                    request.stop.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| text.find(stop)).min()
                {
                    text.truncate(at);
                    stopped = true;
                }
                shorten(text, left)
            }
            Saying::Thought(text) => {
                let used = shorten(text, left);
                self.reasoning += used.0;
                used
            }
            Saying::Call { name, arguments, .. } => {
                let name = tokens::of_text(name);
                let (used, cut) = shorten(arguments, left.saturating_sub(name));
                self.finish = ("tool_calls", "tool_use");
                (name + used, cut)
            }
            Saying::Picture(_) => {
                self.image += tokens::IMAGE;
                (tokens::IMAGE, false)
            }
            Saying::Source { .. } => (0, false),
        };
        self.output += used.0;
        self.sayings.push(saying);
        if used.1 {
            // As at OpenRouter, a call that was cut is still a call: only the native reason tells.
            self.finish =
                if self.finish.0 == "tool_calls" { ("tool_calls", "max_tokens") } else { ("length", "max_tokens") };
        } else if stopped {
            self.finish = ("stop", "stop_sequence");
        }
        !used.1 && !stopped
    }
}

/// Cuts a text to so many tokens. Returns how many it has, and whether something is lost.
fn shorten(text: &mut String, most: u32) -> (u32, bool) {
    let kept = tokens::cut(text, most).len();
    let lost = kept < text.len();
    text.truncate(kept);
    (tokens::of_text(text), lost)
}

fn usage(sheet: &Sheet, prompt: &Prompt<'_>, spoken: &Spoken) -> Value {
    let Caching { read, written } = prompt.caching;
    let plain = prompt.tokens.saturating_sub(read).saturating_sub(written);
    let text = spoken.output - spoken.image;
    let parts = [
        (plain, sheet.input),
        (read, share(sheet.input, CACHE_READ)),
        (written, share(sheet.input, CACHE_WRITE)),
        (text, sheet.output),
        (spoken.image, sheet.image_output.unwrap_or(sheet.output)),
        (spoken.searches, sheet.web_search.unwrap_or(0)),
    ];
    let input = plain + read + written;
    let mut usage = json!({
        "prompt_tokens": input,
        "completion_tokens": spoken.output,
        "total_tokens": input + spoken.output,
        "cost": usd(&parts),
        "is_byok": false,
        "prompt_tokens_details": {"cached_tokens": read, "cache_write_tokens": written, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": spoken.reasoning, "image_tokens": spoken.image},
    });
    if spoken.searches > 0 {
        usage["server_tool_use_details"] = json!({"web_search_requests": spoken.searches});
    }
    usage
}

/// What so many units at these pico-USD cost.
pub(super) fn usd(parts: &[(u32, u64)]) -> Value {
    let pico: u64 = parts.iter().map(|(units, price)| u64::from(*units) * price).sum();
    #[expect(clippy::cast_precision_loss, reason = "exact up to 9,007 USD")]
    let usd = pico as f64 / 1e12;
    json!(usd)
}

/// What every chunk repeats.
struct Envelope {
    id: String,
    model: String,
}

impl Envelope {
    fn object(&self, kind: &str) -> Map<String, Value> {
        let object =
            json!({"id": self.id, "provider": "Sandbox", "model": self.model, "object": kind, "created": CREATED});
        object.as_object().cloned().unwrap_or_default()
    }

    fn chunk(&self, delta: Value, finish: Option<(&str, &str)>) -> Map<String, Value> {
        let mut chunk = self.object("chat.completion.chunk");
        let (reason, native) = finish.unzip();
        let choice = json!({"index": 0, "delta": delta, "finish_reason": reason, "native_finish_reason": native, "logprobs": null});
        chunk.insert("choices".to_owned(), json!([choice]));
        chunk
    }
}

/// A stream, event by event.
fn stream_of(envelope: &Envelope, spoken: &Spoken, usage: Value) -> Vec<Bytes> {
    let mut chunks = Vec::new();
    let mut calls = 0;
    for saying in &spoken.sayings {
        for mut delta in deltas(saying, &mut calls, spoken.hide_thinking) {
            let content = delta.remove("content").unwrap_or_else(|| json!(""));
            let mut whole = json!({"role": "assistant", "content": content});
            whole.as_object_mut().expect("made as one").extend(delta);
            chunks.push(frame(&envelope.chunk(whole, None).into()));
        }
    }
    let nothing = || json!({"role": "assistant", "content": ""});
    chunks.push(frame(&envelope.chunk(nothing(), Some(spoken.finish)).into()));
    // The finish reason comes twice, as at OpenRouter: again beside the usage.
    let mut last = envelope.chunk(nothing(), Some(spoken.finish));
    last.insert("usage".to_owned(), usage);
    chunks.extend([frame(&last.into()), done()]);
    chunks
}

/// The pieces in which a saying is streamed.
fn deltas(saying: &Saying, calls: &mut usize, hide_thinking: bool) -> Vec<Map<String, Value>> {
    let deltas: Vec<Value> = match saying {
        Saying::Thought(_) if hide_thinking => Vec::new(),
        Saying::Thought(text) => {
            let pieces = words(text).map(|piece| json!({"reasoning": piece, "reasoning_details": [thought(piece)]}));
            let signed = json!({"type": "reasoning.text", "signature": signature(text), "format": FORMAT, "index": 0});
            pieces.chain([json!({"reasoning_details": [signed]})]).collect()
        }
        Saying::Text(text) => words(text).map(|piece| json!({"content": piece})).collect(),
        Saying::Call { id, name, arguments } => {
            let index = *calls;
            *calls += 1;
            let begun =
                json!({"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": ""}});
            let pieces = words(arguments).map(|piece| json!({"index": index, "function": {"arguments": piece}}));
            [begun].into_iter().chain(pieces).map(|call| json!({"tool_calls": [call]})).collect()
        }
        Saying::Picture(png) => vec![json!({"images": [picture(png)]})],
        Saying::Source { .. } => vec![json!({"annotations": [source(saying)]})],
    };
    deltas.into_iter().filter_map(|delta| delta.as_object().cloned()).collect()
}

const FORMAT: &str = "sandbox-v1";

/// A whole answer.
fn whole(envelope: &Envelope, spoken: &Spoken, usage: Value) -> Bytes {
    let mut message = json!({"role": "assistant", "content": null, "refusal": null});
    let mut text = String::new();
    let (mut calls, mut images, mut sources) = (Vec::new(), Vec::new(), Vec::new());
    for saying in &spoken.sayings {
        match saying {
            Saying::Thought(_) if spoken.hide_thinking => {}
            Saying::Thought(thinking) => {
                let mut detail = thought(thinking);
                detail["signature"] = signature(thinking).into();
                message["reasoning"] = thinking.as_str().into();
                message["reasoning_details"] = json!([detail]);
            }
            Saying::Text(said) => text.push_str(said),
            Saying::Call { id, name, arguments } => {
                let function = json!({"name": name, "arguments": arguments});
                calls.push(json!({"index": calls.len(), "id": id, "type": "function", "function": function}));
            }
            Saying::Picture(png) => images.push(picture(png)),
            Saying::Source { .. } => sources.push(source(saying)),
        }
    }
    if !text.is_empty() || calls.is_empty() {
        message["content"] = text.into();
    }
    for (key, list) in [("tool_calls", calls), ("images", images), ("annotations", sources)] {
        if !list.is_empty() {
            message[key] = list.into();
        }
    }
    let (finish, native) = spoken.finish;
    let choice = json!({"index": 0, "message": message, "finish_reason": finish, "native_finish_reason": native, "logprobs": null});
    let mut body = envelope.object("chat.completion");
    body.insert("choices".to_owned(), json!([choice]));
    body.insert("usage".to_owned(), usage);
    Value::from(body).to_string().into()
}

fn thought(text: &str) -> Value {
    json!({"type": "reasoning.text", "text": text, "format": FORMAT, "index": 0})
}

fn picture(png: &[u8]) -> Value {
    let url = format!("data:image/png;base64,{}", STANDARD.encode(png));
    json!({"type": "image_url", "image_url": {"url": url}, "index": 0})
}

fn source(saying: &Saying) -> Value {
    let Saying::Source { url, title, quote, start, end } = saying else { return Value::Null };
    let citation = json!({"url": url, "title": title, "content": quote, "start_index": start, "end_index": end});
    json!({"type": "url_citation", "url_citation": citation})
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ')
}

fn frame(data: &Value) -> Bytes {
    format!("data: {data}\n\n").into()
}

fn done() -> Bytes {
    Bytes::from_static(b"data: [DONE]\n\n")
}
