//! The hosts that are built in, a row each. A new host is a new row.

use std::time::Duration;

use super::auth::Auth;
use crate::dialect::Dialect;

/// A host that needs no more than a key.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its name in configuration, model names and the books.
    pub name: &'static str,
    /// Its name for people.
    pub display_name: &'static str,
    /// Where it is.
    pub place: Place,
    /// What it speaks.
    pub dialect: Dialect,
    /// What it is told when our client leaves.
    pub on_disconnect: OnDisconnect,
    /// How long it may take.
    pub patience: Patience,
    /// It turns documents into text for models that take none.
    pub parses_files: bool,
    /// Paths of its model lists below the base URL. The first must be there, further ones may be.
    pub model_lists: &'static [&'static str],
}

/// Where a host is.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// On the network.
    Network {
        /// Base URL without a slash at its end.
        base_url: &'static str,
        /// The vendor's own environment variable for the key.
        key_variable: &'static str,
        /// How it wants to be shown the key.
        auth: Auth,
    },
    /// In this process.
    Sandbox,
}

/// What becomes of the call to a provider when our client has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDisconnect {
    /// It is cancelled, which stops the billing.
    Cancel,
    /// It is read on to its usage, because it is billed whole anyway.
    Drain,
}

/// How long a host may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Longest wait for a connection.
    pub connect: Duration,
    /// Longest wait for the head of an answer. Long, because a whole answer's head may come with its last word.
    pub answer: Duration,
    /// Longest silence within an answer. Keep-alives are not silence.
    pub idle: Duration,
}

/// What suits every host that was met so far.
pub const PATIENCE: Patience =
    Patience { connect: Duration::from_secs(10), answer: Duration::from_secs(300), idle: Duration::from_secs(120) };

/// The hosts that are built in.
pub const ROWS: &[Row] = &[
    // https://openrouter.ai/docs/api-reference/overview; a cancelled stream is not billed further:
    // https://openrouter.ai/docs/api-reference/streaming#stream-cancellation
    Row {
        name: "openrouter",
        display_name: "OpenRouter",
        place: Place::Network {
            base_url: "https://openrouter.ai/api/v1",
            key_variable: "OPENROUTER_API_KEY",
            auth: Auth::Bearer,
        },
        dialect: Dialect::OpenRouter,
        on_disconnect: OnDisconnect::Cancel,
        patience: PATIENCE,
        // https://openrouter.ai/docs/features/multimodal/pdfs
        parses_files: true,
        model_lists: &["/models", "/embeddings/models"],
    },
    Row {
        name: "sandbox",
        display_name: "Sandbox",
        place: Place::Sandbox,
        dialect: Dialect::OpenRouter,
        on_disconnect: OnDisconnect::Cancel,
        patience: PATIENCE,
        parses_files: false,
        model_lists: &[],
    },
];

/// What a host of one's own may say it speaks, and how such hosts are shown keys and list their models.
pub const DIALECTS: &[(&str, Dialect, Auth, &[&str])] =
    &[("openrouter", Dialect::OpenRouter, Auth::Bearer, &["/models", "/embeddings/models"])];
