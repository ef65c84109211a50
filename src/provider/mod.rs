//! Providers as values, and what can be asked of them.

pub mod frames;
pub mod upstream;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::stream::BoxStream;
use secrecy::SecretString;

use crate::{dialect::Piece, error::Error};

/// A provider: where it is, how to authenticate, what it speaks.
#[derive(Debug)]
pub struct Provider {
    /// Its name in configuration, model names and the books.
    pub name: String,
    /// Base URL without a slash at its end.
    pub base_url: String,
    /// Its key.
    pub credential: Option<SecretString>,
    /// Further headers on each request.
    pub headers: BTreeMap<String, String>,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest silence within an answer.
    pub idle_timeout: Duration,
}

/// The providers that are configured, by name.
#[derive(Clone, Debug, Default)]
pub struct Registry(BTreeMap<String, Arc<Provider>>);

impl Registry {
    /// The provider of that name.
    pub fn find(&self, name: &str) -> Option<&Arc<Provider>> {
        self.0.get(name)
    }
}

/// An answer as it comes.
pub type Pieces = BoxStream<'static, Result<Piece, Error>>;
