//! Temporary: splits server-sent events on line feeds alone.

use crate::error::{Error, Reason};

/// Splits a body into the data of its events.
pub struct Frames {
    limit: usize,
    pending: Vec<u8>,
}

impl Frames {
    /// Events of at most so many bytes.
    pub fn new(limit: usize) -> Self {
        Self { limit, pending: Vec::new() }
    }

    /// Takes the next bytes and hands out what has become whole.
    pub fn feed(&mut self, chunk: &[u8], mut each: impl FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        self.pending.extend_from_slice(chunk);
        while let Some(at) = memchr::memchr(b'\n', &self.pending) {
            let line: Vec<u8> = self.pending.drain(..=at).collect();
            if let Some(data) = line.trim_ascii().strip_prefix(b"data: ") {
                each(data)?;
            }
        }
        if self.pending.len() > self.limit {
            return Err(Error::new(Reason::ProviderMalformedResponse, "an event is too large"));
        }
        Ok(())
    }

    /// The body is over: hands out the last event.
    pub fn finish(&mut self, mut each: impl FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        let line = std::mem::take(&mut self.pending);
        line.trim_ascii().strip_prefix(b"data: ").map_or(Ok(()), &mut each)
    }
}
