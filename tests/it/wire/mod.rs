//! Dialects and the fold against recorded and hand-written exchanges.
//!
//! Recordings are read where they lie, `../shared/wire` or what `GATEWAY_WIRE` names when the tests are built, and
//! passed over where there are none.

mod answers;
mod doors;
mod fixtures;
mod folds;
mod requests;

use std::{collections::BTreeMap, fs, path::PathBuf};

use generative_gateway::{
    dialect::{Dialect, Ended, Piece},
    error::{Error, Reason},
    events::Fold,
    pb::{ChatEvent, ChatResponse, chat_event::Event},
    provider::frames::Frames,
};
use serde_json::Value;

/// Longer than any recorded frame.
const LONGEST: usize = 64 << 20;

/// The recordings of an API with their expected outcomes. None, with a printed line, where there are no recordings.
fn recordings(name: &str) -> Option<Vec<(Value, Value)>> {
    let root = option_env!("GATEWAY_WIRE")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/wire")), PathBuf::from);
    let lines = |folder: &str| -> Option<Vec<Value>> {
        let text = fs::read_to_string(root.join(folder).join(format!("{name}.jsonl"))).ok()?;
        Some(text.lines().map(|line| serde_json::from_str(line).expect("a recording is JSON")).collect())
    };
    let (Some(open), Some(expected)) = (lines("open"), lines("expected")) else {
        println!("skipped: no recordings of {name} under {}", root.display());
        return None;
    };
    let mut expected: BTreeMap<String, Value> =
        expected.into_iter().map(|line| (line["id"].as_str().expect("an id").to_owned(), line)).collect();
    let pairs = open.into_iter().filter_map(|recording| {
        let expectation = expected.remove(recording["id"].as_str()?)?;
        Some((recording, expectation))
    });
    Some(pairs.collect())
}

/// What an answer reveals, and how it ended.
#[derive(Debug, PartialEq)]
struct Decoded {
    pieces: Vec<Piece>,
    /// Reason, message, status and usage of the error that ended it.
    error: Option<String>,
    reason: Option<Reason>,
}

/// Decodes a body that comes in such reads.
fn decode<'a>(streamed: bool, reads: impl IntoIterator<Item = &'a [u8]>) -> Decoded {
    let mut frames = Frames::new(LONGEST);
    let mut reader = Dialect::OpenRouter.chat_reader(streamed);
    let mut pieces = Vec::new();
    let read = || -> Result<(), Error> {
        for bytes in reads {
            frames.feed(bytes, |payload| reader.read(payload, &mut pieces))?;
        }
        frames.finish(|payload| reader.read(payload, &mut pieces))?;
        reader.finish(&mut pieces)
    };
    let error = read().err();
    let reason = error.as_ref().map(|error| error.reason);
    Decoded { pieces, error: error.map(|error| format!("{error:?}")), reason }
}

impl Decoded {
    fn events(&self) -> impl Iterator<Item = &Event> {
        self.pieces.iter().filter_map(|piece| if let Piece::Event(event) = piece { Some(event) } else { None })
    }

    fn ended(&self) -> Option<&Ended> {
        self.pieces.iter().find_map(|piece| if let Piece::Ended(ended) = piece { Some(&**ended) } else { None })
    }

    /// The whole answer, put together as the gateway does it.
    fn fold(&self) -> ChatResponse {
        let mut fold = Fold::default();
        for event in self.events() {
            fold.add(ChatEvent { sequence: 0, event: Some(event.clone()) });
        }
        fold.finish()
    }
}

/// Keeps the snapshots of this scope beside the fixtures.
fn snapshots() -> insta::internals::SettingsBindDropGuard {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind_to_scope()
}
