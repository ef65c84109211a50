//! Enum values as short lower-case words.

use std::{fmt, marker::PhantomData};

use serde::{Deserializer, Serializer, de};

/// An enum of the contract, known by the short names of its values: `ROLE_USER` is `user`.
pub trait ShortName: Copy + TryFrom<i32> + Into<i32> {
    /// Each value's number, its name in the contract, and that name without what all begin with, in lower case.
    const NAMES: &'static [(i32, &'static str, &'static str)];

    /// The value's name in the contract.
    fn full_name(self) -> &'static str {
        names(self).1
    }

    /// The name without its prefix, in lower case.
    fn short_name(self) -> &'static str {
        names(self).2
    }

    /// The value with that short or full name.
    fn from_name(name: &str) -> Option<Self> {
        let is_named = |full: &str, short: &str| name == full || name.eq_ignore_ascii_case(short);
        let (number, ..) = Self::NAMES.iter().find(|(_, full, short)| is_named(full, short))?;
        Self::try_from(*number).ok()
    }
}

fn names<E: ShortName>(value: E) -> (i32, &'static str, &'static str) {
    let number = value.into();
    // Values are numbered one by one nearly everywhere.
    let guess = usize::try_from(number).ok().and_then(|at| E::NAMES.get(at)).filter(|names| names.0 == number);
    *guess.or_else(|| E::NAMES.iter().find(|names| names.0 == number)).expect("the contract names all its values")
}

pub(super) fn serialize<E: ShortName, S: Serializer>(value: E, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(value.short_name())
}

pub(super) fn deserialize<'de, E: ShortName, D: Deserializer<'de>>(deserializer: D) -> Result<E, D::Error> {
    deserializer.deserialize_any(NameOrNumber(PhantomData))
}

struct NameOrNumber<E>(PhantomData<E>);

impl<E: ShortName> de::Visitor<'_> for NameOrNumber<E> {
    type Value = E;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = E::NAMES.iter().skip(1).map(|(.., short)| *short).collect();
        write!(formatter, "one of {}", names.join(", "))
    }

    fn visit_str<X: de::Error>(self, name: &str) -> Result<E, X> {
        E::from_name(name).ok_or_else(|| X::invalid_value(de::Unexpected::Str(name), &self))
    }

    fn visit_i64<X: de::Error>(self, number: i64) -> Result<E, X> {
        let known = i32::try_from(number).ok().and_then(|number| E::try_from(number).ok());
        known.ok_or_else(|| X::invalid_value(de::Unexpected::Signed(number), &self))
    }

    fn visit_u64<X: de::Error>(self, number: u64) -> Result<E, X> {
        self.visit_i64(i64::try_from(number).unwrap_or(-1))
    }
}
