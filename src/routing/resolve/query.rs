//! Searching the catalogue by words, and by when a model came.

use time::{Date, Month};

use super::similar::is_slip;
use crate::{
    pb,
    routing::names::{Name, letters},
};

/// Words that a model's id or name must hold.
pub struct Query {
    words: Vec<String>,
}

impl Query {
    /// A query of words; none of them fits everything.
    pub fn new(text: &str) -> Self {
        Self { words: text.split_whitespace().map(str::to_lowercase).collect() }
    }

    /// Every word is in the id or the name, or differs from one of their words by a slip of the pen. What holds a digit
    /// must be there as it is.
    pub fn fits(&self, model: &pb::Model) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let (id, name) = (model.id.to_lowercase(), model.name.to_lowercase());
        let missing: Vec<&String> =
            self.words.iter().filter(|word| !id.contains(*word) && !name.contains(*word)).collect();
        if missing.iter().any(|word| word.len() < 4 || word.bytes().any(|byte| byte.is_ascii_digit())) {
            return false;
        }
        let parts = missing.first().map(|_| Name::parse(&id).words).unwrap_or_default();
        missing.iter().all(|word| parts.iter().any(|part| is_slip(&letters(word), part)))
    }
}

/// When a model was released, seconds since 1970: as it is told, else by the date in its permanent name, else zero.
pub fn released_at(model: &pb::Model) -> i64 {
    if let Some(time) = &model.create_time {
        return time.seconds;
    }
    let dated = |date: &String| {
        let number = |range: std::ops::Range<usize>| date.get(range)?.parse::<u16>().ok();
        let month = Month::try_from(u8::try_from(number(4..6)?).ok()?).ok()?;
        let day = u8::try_from(number(6..8).unwrap_or(1)).ok()?;
        Some(
            Date::from_calendar_date(i32::from(number(0..4)?), month, day)
                .ok()?
                .midnight()
                .assume_utc()
                .unix_timestamp(),
        )
    };
    let dates = Name::parse(&model.canonical_slug).dates;
    dates.iter().filter(|date| date.len() > 4).filter_map(dated).max().unwrap_or(0)
}
