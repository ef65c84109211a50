//! What the sandbox remembers between calls: bounded, and forgotten with the process.

use std::{collections::HashSet, sync::Mutex};

use sha2::{Digest as _, Sha256};

use super::{request::ChatBody, tokens};

/// Hashes of what was seen.
#[derive(Default)]
pub(super) struct Memory(Mutex<HashSet<u64>>);

/// Tokens of the prompt that a cache gave or took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Caching {
    pub read: u32,
    pub written: u32,
}

const MOST: usize = 4_096;

impl Memory {
    /// Whether this body comes for the first time.
    pub(super) fn is_new(&self, body: &[u8]) -> bool {
        self.insert(hash(body))
    }

    /// What the request's cache markers do: the longest marked prefix that was seen before is read, the rest up to
    /// the last marker is written.
    pub(super) fn cache(&self, request: &ChatBody) -> Caching {
        let mut caching = Caching::default();
        let mut prefix = format!("prefix {} {}", request.model, serde_json::Value::from(request.tools.clone()));
        for message in &request.messages {
            prefix.push_str(&message.without_markers());
            if message.is_marked() {
                let all = tokens::of_text(&prefix);
                if self.insert(hash(prefix.as_bytes())) {
                    caching.written = all - caching.read;
                } else {
                    caching = Caching { read: all, written: 0 };
                }
            }
        }
        caching
    }

    fn insert(&self, seen: u64) -> bool {
        let mut known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(seen)
    }
}

/// A number that stands for some bytes, the same everywhere.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let digest = Sha256::digest(bytes);
    u64::from_be_bytes(digest[..8].try_into().expect("a digest has 32 bytes"))
}
