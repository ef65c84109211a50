//! Pages of a listing, and tokens that are good only for the same listing.

use std::str::FromStr;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Reason};

const DEFAULT_PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1000;

/// A listing of something, as it was asked for.
pub(super) struct Listing {
    mark: [u8; 8],
    size: usize,
}

impl Listing {
    /// A listing of that kind and with those filters.
    pub(super) fn new(kind: &str, filters: &[&str], page_size: u32) -> Self {
        let mut hash = Sha256::new();
        for part in [kind].iter().chain(filters) {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        let mut mark = [0; 8];
        mark.copy_from_slice(&hash.finalize()[..8]);
        let size = if page_size == 0 { DEFAULT_PAGE } else { page_size.min(LARGEST_PAGE) };
        Self { mark, size: size as usize }
    }

    /// The place after which the page begins; none at the beginning.
    pub(super) fn after<T: FromStr>(&self, token: &str) -> Result<Option<T>, Error> {
        if token.is_empty() {
            return Ok(None);
        }
        let place = self.read(token).and_then(|place| place.parse().ok());
        place.map(Some).ok_or_else(|| {
            Error::new(
                Reason::CursorInvalid,
                "page_token is not one of this listing; keep the filters the same from page to page, or begin without \
                 a token",
            )
            .with_field("page_token")
        })
    }

    /// How many to look for: one more than asked for tells whether there is a next page.
    pub(super) fn limit(&self) -> u32 {
        u32::try_from(self.size + 1).expect("pages are small")
    }

    /// A page of what was found, and the token of the next one.
    pub(super) fn cut<T>(&self, mut found: Vec<T>, place: impl Fn(&T) -> String) -> (Vec<T>, String) {
        let more = found.len() > self.size;
        found.truncate(self.size);
        let next = found.last().filter(|_| more).map(|last| self.write(&place(last)));
        (found, next.unwrap_or_default())
    }

    fn write(&self, place: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode([&self.mark[..], place.as_bytes()].concat())
    }

    fn read(&self, token: &str) -> Option<String> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let (mark, place) = bytes.split_first_chunk::<8>()?;
        (*mark == self.mark).then(|| String::from_utf8(place.to_vec()).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_and_tokens_are_of_one_listing() {
        let listing = Listing::new("numbers", &["odd"], 2);
        let numbers = |after: Option<u32>| (0..7_u32).filter(move |number| Some(*number) > after).take(3).collect();
        let (page, next) = listing.cut(numbers(None), u32::to_string);
        assert_eq!(page, [0, 1]);
        let after = listing.after::<u32>(&next).unwrap();
        let (page, _) = listing.cut(numbers(after), u32::to_string);
        assert_eq!(page, [2, 3]);
        let (page, next) = listing.cut(vec![6], u32::to_string);
        assert_eq!((page, next.as_str()), (vec![6], ""));

        let token = listing.write("3");
        for other in [Listing::new("numbers", &["even"], 2), Listing::new("letters", &["odd"], 2)] {
            assert_eq!(other.after::<u32>(&token).unwrap_err().reason, Reason::CursorInvalid);
        }
        assert!(listing.after::<u32>("%%").is_err());
    }
}
