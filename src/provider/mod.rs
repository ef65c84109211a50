//! Providers as values, and what can be asked of them.
//!
//! ```text
//! table, configuration ─▶ Registry ─▶ Provider ─▶ Upstream: chat, embed, models
//!                                                   ├─ network: upstream.rs alone
//!                                                   └─ sandbox: in this process
//! ```

pub mod answer;
pub mod auth;
pub mod frames;
pub mod known;
pub mod registry;
pub mod sandbox;
pub mod table;
pub mod upstream;

use std::time::Duration;

use futures::stream::BoxStream;

pub use self::{
    registry::Registry,
    table::OnDisconnect,
    upstream::{Answer, Upstream},
};
pub use crate::config::Spread;
use crate::{
    dialect::{Dialect, Piece},
    error::Error,
};

/// A provider: where it is, how to authenticate, what it speaks.
#[derive(Debug)]
pub struct Provider {
    /// Its name in configuration, model names and the books.
    pub name: String,
    /// What it speaks.
    pub dialect: Dialect,
    /// The credentials that may be shown to it; never empty, because none at all counts as one without a name.
    pub credentials: Vec<Credential>,
    /// How calls are spread over the credentials.
    pub spread: Spread,
    /// The way to it.
    pub transport: Transport,
    /// What becomes of a call when our client has left.
    pub on_disconnect: OnDisconnect,
    /// Longest wait for the head of an answer.
    pub answer_timeout: Duration,
    /// Longest silence within an answer.
    pub idle_timeout: Duration,
    /// It turns documents into text for models that take none.
    pub parses_files: bool,
    /// Paths of its model lists below the base URL. The first must be there, further ones may be.
    pub model_lists: &'static [&'static str],
}

/// A credential, without its value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Credential {
    /// Its name, for the books; empty where the provider wants none.
    pub name: String,
    /// Its share of the calls, compared with that of its fellows.
    pub weight: f64,
}

/// The way to a provider.
#[derive(Debug)]
pub enum Transport {
    /// Over the network.
    Http(Box<upstream::Endpoint>),
    /// In this process.
    Sandbox,
}

/// An answer as it comes.
pub type Pieces = BoxStream<'static, Result<Piece, Error>>;
