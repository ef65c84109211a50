//! Page tokens: where a page ended, good only for the same listing by the same eyes.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use prost::Message;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    error::{Error, Reason},
    store::usage::{Place, Sight},
};

/// Reads and writes the tokens of one listing.
pub(in crate::service) struct Cursor {
    listing: [u8; 8],
}

impl Cursor {
    /// Tokens of a listing of these nouns by this filter, as far as somebody may see.
    pub(in crate::service) fn new(sight: &Sight, nouns: &str, filter: &impl Message) -> Self {
        let mut hash = Sha256::new();
        hash.update(nouns);
        match sight {
            Sight::All => hash.update(b"all"),
            Sight::Project(id) => hash.update(id.as_bytes()),
            Sight::Key(id) => hash.update(id.as_bytes()),
        }
        hash.update(filter.encode_to_vec());
        let mut listing = [0; 8];
        listing.copy_from_slice(&hash.finalize()[..8]);
        Self { listing }
    }

    /// The token of a page that ended there.
    pub(in crate::service) fn write(&self, place: Place) -> String {
        let mut bytes = self.listing.to_vec();
        bytes.extend_from_slice(&place.created_at_ms.to_be_bytes());
        bytes.extend_from_slice(place.id.as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Where the page of that token ended.
    pub(in crate::service) fn read(&self, token: &str) -> Result<Place, Error> {
        self.parse(token).ok_or_else(|| {
            Error::new(
                Reason::CursorInvalid,
                "page_token is not one of this listing; keep filter and key the same from page to page, or begin \
                 without a token",
            )
            .with_field("page_token")
        })
    }

    fn parse(&self, token: &str) -> Option<Place> {
        let bytes: [u8; 32] = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let (listing, place) = bytes.split_first_chunk::<8>()?;
        let (time, id) = place.split_first_chunk::<8>()?;
        let place = Place { created_at_ms: i64::from_be_bytes(*time), id: Uuid::from_slice(id).ok()? };
        (*listing == self.listing).then_some(place)
    }
}
