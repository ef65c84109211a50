//! Splits an answer's bytes into payloads, wherever the network cut them: events of an event stream, or one whole JSON.
//!
//! Which of the two it is shows in the first byte, not in the content type, which is often wrong. Blanks come first
//! where a provider keeps a slow connection alive.

use memchr::memchr2;

use crate::error::{Error, Reason};

/// An incremental splitter. A payload that lies within one read is passed on without a copy.
#[derive(Debug)]
pub struct Frames {
    mode: Mode,
    longest: usize,
    /// Whether the last byte was a CR, whose LF may follow.
    after_cr: bool,
    /// The beginning of a line that is not complete, or of a JSON body.
    partial: Vec<u8>,
    /// The data of an event whose end is not there yet.
    data: Vec<u8>,
    has_data: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Undecided,
    Events,
    Json,
}

impl Frames {
    /// A splitter that refuses payloads of more than so many bytes.
    pub fn new(longest: usize) -> Self {
        Self { mode: Mode::Undecided, longest, after_cr: false, partial: Vec::new(), data: Vec::new(), has_data: false }
    }

    /// Takes the next bytes and hands every payload that they complete to `each`.
    pub fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        let mut bytes = bytes;
        if self.mode == Mode::Undecided {
            bytes = self.decide(bytes);
        }
        match self.mode {
            Mode::Undecided => Ok(()),
            Mode::Json => self.keep(bytes),
            Mode::Events => self.lines(bytes, &mut each),
        }
    }

    /// The body is over: hands out what is left, an event without its blank line or the whole JSON.
    pub fn finish(&mut self, mut each: impl FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        let rest = std::mem::take(&mut self.partial);
        match self.mode {
            Mode::Undecided => Ok(()),
            Mode::Json => each(rest.trim_ascii()),
            Mode::Events => {
                if let Some(data) = data_of(&rest) {
                    self.append(data)?;
                }
                self.dispatch(None, &mut each)
            }
        }
    }

    /// Looks for the first byte that is neither blank nor part of a byte order mark.
    fn decide<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let blank = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0xef | 0xbb | 0xbf);
        let Some(at) = bytes.iter().position(|byte| !blank(byte)) else {
            return &[];
        };
        // `data`, `event`, `id`, `retry` or a comment.
        let events = matches!(bytes[at], b'd' | b'e' | b'i' | b'r' | b':');
        self.mode = if events { Mode::Events } else { Mode::Json };
        &bytes[at..]
    }

    fn lines(&mut self, mut bytes: &[u8], each: &mut impl FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        if !bytes.is_empty() && std::mem::take(&mut self.after_cr) {
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        // An event's only data line, while it lies within these bytes.
        let mut borrowed: Option<&[u8]> = None;
        while let Some(end) = memchr2(b'\n', b'\r', bytes) {
            let (line, ending) = (&bytes[..end], bytes[end]);
            bytes = &bytes[end + 1..];
            if ending == b'\r' {
                self.after_cr = bytes.is_empty();
                bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
            }
            if !self.partial.is_empty() {
                // Only the first line of a read can have begun in the one before.
                self.keep(line)?;
                let whole = std::mem::take(&mut self.partial);
                if let Some(data) = data_of(&whole) {
                    self.append(data)?;
                }
            } else if line.is_empty() {
                self.dispatch(borrowed.take(), each)?;
            } else if let Some(data) = data_of(line) {
                match borrowed.take() {
                    None if !self.has_data => borrowed = Some(data),
                    first => {
                        first.map_or(Ok(()), |first| self.append(first))?;
                        self.append(data)?;
                    }
                }
            }
        }
        borrowed.map_or(Ok(()), |data| self.append(data))?;
        self.keep(bytes)
    }

    /// Keeps bytes until the rest of them comes.
    fn keep(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.check_length(self.partial.len() + bytes.len())?;
        self.partial.extend_from_slice(bytes);
        Ok(())
    }

    /// Adds a line to the data of the current event.
    fn append(&mut self, data: &[u8]) -> Result<(), Error> {
        self.check_length(self.data.len() + data.len() + 1)?;
        if self.has_data {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(data);
        self.has_data = true;
        Ok(())
    }

    /// Hands out the current event; one without data is none.
    fn dispatch(
        &mut self,
        borrowed: Option<&[u8]>,
        each: &mut impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.has_data = false;
        let payload = borrowed.unwrap_or(&self.data);
        self.check_length(payload.len())?;
        let result = if payload.is_empty() { Ok(()) } else { each(payload) };
        self.data.clear();
        result
    }

    fn check_length(&self, length: usize) -> Result<(), Error> {
        if length <= self.longest {
            return Ok(());
        }
        let message = format!("the provider sent a piece of more than {} bytes", self.longest);
        Err(Error::new(Reason::ProviderMalformedResponse, message))
    }
}

/// The value of a `data` line. Names of events are passed over: where there are some, the data tells them too.
fn data_of(line: &[u8]) -> Option<&[u8]> {
    let value = line.strip_prefix(b"data")?;
    if value.is_empty() {
        return Some(value);
    }
    let value = value.strip_prefix(b":")?;
    Some(value.strip_prefix(b" ").unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(longest: usize, reads: &[&[u8]]) -> Result<Vec<String>, Error> {
        let mut frames = Frames::new(longest);
        let mut payloads = Vec::new();
        let mut each = |payload: &[u8]| {
            payloads.push(String::from_utf8_lossy(payload).into_owned());
            Ok(())
        };
        for read in reads {
            frames.feed(read, &mut each)?;
        }
        frames.finish(&mut each)?;
        Ok(payloads)
    }

    #[test]
    fn every_line_end_comment_and_blank_is_understood() {
        let check = |body: &str, expected: &[&str]| {
            assert_eq!(split(1000, &[body.as_bytes()]).unwrap(), expected, "{body:?}");
            let bytes: Vec<&[u8]> = body.as_bytes().chunks(1).collect();
            assert_eq!(split(1000, &bytes).unwrap(), expected, "one byte at a time: {body:?}");
        };
        check("data: a\n\ndata:b\n\n", &["a", "b"]);
        check("data: a\r\n\r\ndata: b\r\n\r\n", &["a", "b"]);
        check("data: a\r\rdata: b\r\r", &["a", "b"]);
        check("\u{feff}data: a\n\n", &["a"]);
        check(": PROCESSING\n\n: PROCESSING\n\ndata: a\n\n: x\ndata: b\n\n", &["a", "b"]);
        check("event: x\nid: 1\nretry: 5\ndata: a\ndata:  b\ndata\n\n", &["a\n b\n"]);
        check("data: a\n\ndata: last", &["a", "last"]);
        check("data: a\n\ndata: last\n", &["a", "last"]);
        check("data:\n\ndata\n\nevent: x\n\n", &[]);
        check("data: zwölf 🥊\n\n", &["zwölf 🥊"]);
        check("da\nta: a\n\ndata: b\n\n", &["b"]);
        check("\n  \n {\"a\":\n1}\n", &["{\"a\":\n1}"]);
        check("[1]", &["[1]"]);
        check("<html>", &["<html>"]);
        check("  \n", &[]);
        check("", &[]);
    }

    #[test]
    fn a_payload_without_end_is_refused() {
        let long = "x".repeat(101);
        for body in [format!("data: {long}\n\n"), format!("data: {long}"), format!("{{{long}"), "data: x\n".repeat(60)]
        {
            let error = split(100, &[body.as_bytes()]).unwrap_err();
            assert_eq!(error.reason, Reason::ProviderMalformedResponse);
            assert!(split(100, &body.as_bytes().chunks(7).collect::<Vec<_>>()).is_err());
        }
        assert_eq!(split(100, &["data: x\n\n".repeat(60).as_bytes()]).unwrap().len(), 60);
    }

    proptest! {
        #[test]
        fn any_split_of_the_bytes_gives_the_same_payloads(
            lines in prop::collection::vec("(data: ?[a-c]{0,4}|: c|event: e|)(\n|\r\n|\r)", 0..12),
            cuts in prop::collection::vec(0usize..120, 0..8),
        ) {
            let body = format!(": begin\n{}", lines.concat());
            let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut < body.len()).collect();
            cuts.sort_unstable();
            let mut reads = Vec::new();
            let mut from = 0;
            for cut in cuts {
                reads.push(&body.as_bytes()[from..cut]);
                from = cut;
            }
            reads.push(&body.as_bytes()[from..]);
            prop_assert_eq!(split(1000, &reads).unwrap(), split(1000, &[body.as_bytes()]).unwrap());
        }
    }
}
