//! Failing and dawdling as the model's name asks for: `fail:429:once`, `slow:500:50`.

use std::time::Duration;

use super::{models::Sheet, wire::Refusal};

/// How an answer is delivered.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Manner {
    /// How it fails.
    pub fault: Option<Fault>,
    /// Pause before the first piece.
    pub first: Duration,
    /// Pause before each further piece.
    pub each: Duration,
}

/// How an answer fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// With that HTTP status.
    Status(u16),
    /// With an error instead of the first piece, although the status is 200.
    First,
    /// With an error in its middle.
    Stream,
    /// It stops in its middle and never goes on.
    Stall,
    /// It ends cleanly in its middle.
    Cut,
    /// The connection breaks in its middle.
    Reset,
    /// Bytes that mean nothing come in its middle.
    Garbage,
}

impl Manner {
    /// What `options`, the name's part behind the first colon, ask for. `first_time` says whether this very request
    /// comes for the first time.
    pub(super) fn parse(sheet: &Sheet, options: &str, first_time: impl FnOnce() -> bool) -> Result<Self, Refusal> {
        let mut words = options.split(':').filter(|word| !word.is_empty());
        let mut manner = Self { each: Duration::from_millis(sheet.pace_ms), ..Self::default() };
        match sheet.name {
            "slow" => {
                manner.first = pause(sheet, words.next().unwrap_or("1000"))?;
                manner.each = pause(sheet, words.next().unwrap_or("20"))?;
            }
            "fail" => {
                let mut words = words.by_ref().peekable();
                let fault = if words.peek() == Some(&"once") { "503" } else { words.next().unwrap_or("500") };
                manner.fault = Some(Fault::parse(fault).ok_or_else(|| wrong(sheet, fault))?);
                if words.next_if_eq(&"once").is_some() && !first_time() {
                    manner.fault = None;
                }
                return words.next().map_or(Ok(manner), |word| Err(wrong(sheet, word)));
            }
            _ => {}
        }
        words.next().map_or(Ok(manner), |word| Err(wrong(sheet, word)))
    }
}

impl Fault {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "first" => Self::First,
            "stream" => Self::Stream,
            "stall" => Self::Stall,
            "cut" => Self::Cut,
            "reset" => Self::Reset,
            "garbage" => Self::Garbage,
            status => Self::Status(status.parse().ok().filter(|status| (400..600).contains(status))?),
        })
    }
}

fn pause(sheet: &Sheet, word: &str) -> Result<Duration, Refusal> {
    word.parse().map(Duration::from_millis).map_err(|_| wrong(sheet, word))
}

fn wrong(sheet: &Sheet, word: &str) -> Refusal {
    Refusal::new(400, format!("sandbox/{} does not know :{word}; {}", sheet.name, sheet.description))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_or_refused_by_name() {
        let parse = |name, options, first_time| Manner::parse(Sheet::find(name).unwrap(), options, || first_time);
        assert_eq!(parse("fail", "", true).unwrap().fault, Some(Fault::Status(500)));
        assert_eq!(parse("fail", "once", true).unwrap().fault, Some(Fault::Status(503)));
        assert_eq!(parse("fail", "once", false).unwrap().fault, None);
        assert_eq!(parse("fail", "stall:once", true).unwrap().fault, Some(Fault::Stall));
        let slow = parse("slow", "500:50", true).unwrap();
        assert_eq!((slow.first, slow.each), (Duration::from_millis(500), Duration::from_millis(50)));
        for (name, options) in [("fail", "200"), ("fail", "429:twice"), ("slow", "long"), ("echo", "loud")] {
            assert!(parse(name, options, true).is_err(), "{name}:{options}");
        }
    }
}
