//! The text of a key: `ggw_<public id>_<secret>`.

use rand::{
    distr::{Alphanumeric, SampleString},
    rand_core::UnwrapErr,
    rngs::SysRng,
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const PREFIX: &str = "ggw_";
/// 71 bits: enough never to meet twice.
const ID_LENGTH: usize = 12;
/// 238 bits: nothing to guess, so a fast hash keeps it well.
const SECRET_LENGTH: usize = 40;

/// A new key, the only time that it is seen whole.
pub(super) struct Secret {
    id: String,
    secret: String,
}

impl Secret {
    /// From the system's random generator.
    pub(super) fn generate() -> Self {
        Self { id: random(ID_LENGTH), secret: random(SECRET_LENGTH) }
    }

    /// The same secret for a key with that id; empty leaves the new one.
    pub(super) fn of_id(self, id: &str) -> Self {
        if id.is_empty() { self } else { Self { id: id.to_owned(), ..self } }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn hash(&self) -> Vec<u8> {
        Sha256::digest(&self.secret).to_vec()
    }

    pub(super) fn full(&self) -> String {
        format!("{PREFIX}{}_{}", self.id, self.secret)
    }
}

fn random(length: usize) -> String {
    // A system without randomness cannot make keys, nor do TLS.
    Alphanumeric.sample_string(&mut UnwrapErr(SysRng), length)
}

/// A key as a caller presents it.
pub(super) struct Presented<'a> {
    pub(super) id: &'a str,
    secret: &'a str,
}

impl<'a> Presented<'a> {
    /// Its parts; `None` where it cannot be a key.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let fits = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (fits(id, ID_LENGTH) && fits(secret, SECRET_LENGTH)).then_some(Self { id, secret })
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret).into()
    }
}

/// Compares in a time that does not depend on where they differ.
pub(super) fn same(kept: &[u8], presented: &[u8; 32]) -> bool {
    kept.ct_eq(presented).into()
}
