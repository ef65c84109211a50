//! How hosts want to be shown a key.

use secrecy::{ExposeSecret, SecretString};

/// A way to show a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `authorization: Bearer <key>`.
    Bearer,
}

impl Auth {
    /// The header that shows the key: its name and its value.
    pub fn header(self, key: &SecretString) -> (&'static str, SecretString) {
        match self {
            Self::Bearer => ("authorization", format!("Bearer {}", key.expose_secret()).into()),
        }
    }
}
