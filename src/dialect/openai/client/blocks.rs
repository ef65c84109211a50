//! The content blocks of an answer, numbered in the order in which they begin.

use super::frame::{Call, Detail};
use crate::{
    dialect::Piece,
    pb::{Reasoning, ReasoningEvent, ReasoningKind, ToolCallsEvent, chat_event::Event},
};

/// What a block holds, where pieces follow one another without naming their block.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Text,
    Refusal,
    Thinking,
    Audio,
    /// A block that names itself: a call, a detailed piece of thinking, an image.
    Named,
}

/// The blocks that have begun.
#[derive(Default)]
pub(super) struct Blocks {
    begun: u32,
    last: Option<(Kind, u32)>,
    calls: Vec<OpenCall>,
    details: Vec<OpenDetail>,
}

/// A tool call that has begun.
struct OpenCall {
    block: u32,
    index: Option<u32>,
    id: String,
    named: bool,
    custom: bool,
    arguments: String,
}

/// An entry of `reasoning_details` that has begun.
struct OpenDetail {
    block: u32,
    index: Option<u32>,
    kind: ReasoningKind,
    id: String,
    format: String,
    signature: String,
}

impl Blocks {
    /// The block for a piece of that kind: the last one where it is of that kind, else a new one.
    pub(super) fn of(&mut self, kind: Kind) -> u32 {
        if let Some((last, block)) = self.last
            && last == kind
            && kind != Kind::Named
        {
            return block;
        }
        let block = self.begun;
        self.begun += 1;
        self.last = Some((kind, block));
        block
    }

    /// Takes a fragment of thinking. In a stream, fragments of one entry share index and kind, and another id begins
    /// another entry; a whole answer has one element for each entry.
    pub(super) fn detail(&mut self, detail: &Detail<'_>, merge: bool, out: &mut Vec<Piece>) {
        let kind = match &*detail.kind {
            "reasoning.summary" => ReasoningKind::Summary,
            "reasoning.encrypted" => ReasoningKind::Encrypted,
            "" if !detail.data.is_empty() => ReasoningKind::Encrypted,
            "" if !detail.summary.is_empty() => ReasoningKind::Summary,
            _ => ReasoningKind::Text,
        };
        let index = detail.index.0;
        let known = self.details.iter().rposition(|open| {
            merge
                && open.kind == kind
                && open.index == index
                && (detail.id.is_empty() || open.id.is_empty() || open.id == *detail.id)
        });
        let at = known.unwrap_or_else(|| {
            let block = self.of(Kind::Named);
            self.details.push(OpenDetail {
                block,
                index,
                kind,
                id: String::new(),
                format: String::new(),
                signature: String::new(),
            });
            self.details.len() - 1
        });
        let open = &mut self.details[at];
        let text = if kind == ReasoningKind::Summary { &detail.summary } else { &detail.text };
        let delta = Reasoning {
            kind: kind.into(),
            text: text.own(),
            data: detail.data.own(),
            signature: news(&mut open.signature, &detail.signature),
            format: news(&mut open.format, &detail.format),
            id: news(&mut open.id, &detail.id),
            index,
        };
        let empty =
            [&delta.text, &delta.data, &delta.signature, &delta.format, &delta.id].iter().all(|text| text.is_empty());
        if known.is_none() || !empty {
            out.push(Piece::Event(Event::Reasoning(ReasoningEvent { block: open.block, delta: Some(delta) })));
        }
    }

    /// Takes a piece of a tool call. `made_id` makes an id from a call's position where the provider sends none.
    pub(super) fn call(&mut self, call: &Call<'_>, made_id: impl FnOnce(usize) -> String, out: &mut Vec<Piece>) {
        let (name, arguments) = match (&call.function, &call.custom) {
            // Snowflake sends an empty `custom` beside every function.
            (Some(function), _) if !function.name.is_empty() || !function.arguments.is_empty() => {
                (&*function.name, &*function.arguments)
            }
            (_, Some(custom)) => (&*custom.name, &*custom.input),
            (Some(function), None) => (&*function.name, &*function.arguments),
            (None, None) => ("", ""),
        };
        let custom = call.custom.as_ref().is_some_and(|custom| !custom.name.is_empty() || !custom.input.is_empty());
        let known = self.find_call(call, name);
        let first = known.is_none();
        if first && name.is_empty() && call.id.is_empty() && arguments.is_empty() {
            return;
        }
        let at = known.unwrap_or_else(|| {
            let id = if call.id.is_empty() { made_id(self.calls.len()) } else { call.id.own() };
            let block = self.of(Kind::Named);
            let index = call.index.0;
            self.calls.push(OpenCall { block, index, id, named: false, custom, arguments: String::new() });
            self.calls.len() - 1
        });
        let open = &mut self.calls[at];
        // Some hosts write `null` for a call without arguments.
        let arguments = if !open.custom && open.arguments.is_empty() && arguments == "null" { "" } else { arguments };
        open.arguments.push_str(arguments);
        let name = if open.named { "" } else { name };
        open.named |= !name.is_empty();
        if first || !name.is_empty() || !arguments.is_empty() {
            out.push(Piece::Event(Event::ToolCalls(ToolCallsEvent {
                block: open.block,
                id: if first { open.id.clone() } else { String::new() },
                name: name.to_owned(),
                arguments: arguments.to_owned(),
                custom: first && open.custom,
                provider_executed: false,
            })));
        }
    }

    fn find_call(&self, call: &Call<'_>, name: &str) -> Option<usize> {
        let same_id = |open: &OpenCall| call.id.is_empty() || open.id == *call.id;
        if let Some(index) = call.index.0 {
            // Gemini's OpenAI door gives every parallel call the index 0, and only the id tells them apart.
            return self.calls.iter().rposition(|open| open.index == Some(index) && (same_id(open) || name.is_empty()));
        }
        if !call.id.is_empty() {
            return self.calls.iter().rposition(same_id);
        }
        if name.is_empty() { self.calls.len().checked_sub(1) } else { None }
    }

    /// Whether there are calls.
    pub(super) fn has_calls(&self) -> bool {
        !self.calls.is_empty()
    }

    /// Whether some call's arguments are broken: the answer was cut within them.
    pub(super) fn has_broken_call(&self) -> bool {
        self.calls.iter().any(|call| {
            !call.custom && serde_json::from_str::<serde::de::IgnoredAny>(or_empty_object(&call.arguments)).is_err()
        })
    }

    /// Gives calls without any arguments the empty object that they mean.
    pub(super) fn complete_calls(&mut self, out: &mut Vec<Piece>) {
        for call in self.calls.iter_mut().filter(|call| !call.custom && call.arguments.trim().is_empty()) {
            call.arguments = "{}".to_owned();
            out.push(Piece::Event(Event::ToolCalls(ToolCallsEvent {
                block: call.block,
                arguments: call.arguments.clone(),
                ..ToolCallsEvent::default()
            })));
        }
    }
}

fn or_empty_object(arguments: &str) -> &str {
    if arguments.trim().is_empty() { "{}" } else { arguments }
}

/// What is new in a value that hosts repeat in every fragment.
fn news(known: &mut String, value: &str) -> String {
    if value.is_empty() || value == known {
        return String::new();
    }
    value.clone_into(known);
    value.to_owned()
}

/// Base64 that comes in pieces, whose borders need not be those of base64's groups of four.
#[derive(Default)]
pub(super) struct Base64Pieces(Vec<u8>);

impl Base64Pieces {
    /// Adds a piece; returns the longest text that can be decoded now.
    pub(super) fn push(&mut self, piece: &str) -> String {
        self.0.extend(piece.bytes().filter(|byte| !byte.is_ascii_whitespace()));
        let whole = self.0.len() / 4 * 4;
        self.0.drain(..whole).map(char::from).collect()
    }
}
