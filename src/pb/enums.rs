//! Enum values as short lower-case words.

use std::{fmt, marker::PhantomData};

use serde::{Deserializer, Serializer, de};

/// An enum of the contract, known by the short names of its values: `ROLE_USER` is `user`.
pub trait ShortName: Copy + TryFrom<i32> {
    /// What full names begin with, such as `ROLE_`.
    const PREFIX: &'static str;

    /// The value's name in the contract.
    fn full_name(self) -> &'static str;

    /// The value with that name in the contract.
    fn from_full_name(name: &str) -> Option<Self>;

    /// The name without its prefix, in lower case.
    fn short_name(self) -> String {
        let name = self.full_name();
        name.strip_prefix(Self::PREFIX).unwrap_or(name).to_ascii_lowercase()
    }

    /// The value with that short or full name.
    fn from_name(name: &str) -> Option<Self> {
        Self::from_full_name(name)
            .or_else(|| Self::from_full_name(&format!("{}{}", Self::PREFIX, name.to_ascii_uppercase())))
    }
}

pub(super) fn serialize<E: ShortName, S: Serializer>(value: E, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&value.short_name())
}

pub(super) fn deserialize<'de, E: ShortName, D: Deserializer<'de>>(deserializer: D) -> Result<E, D::Error> {
    deserializer.deserialize_any(NameOrNumber(PhantomData))
}

struct NameOrNumber<E>(PhantomData<E>);

impl<E: ShortName> de::Visitor<'_> for NameOrNumber<E> {
    type Value = E;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = (0..64).map_while(|number| E::try_from(number).ok()).skip(1).map(E::short_name);
        write!(formatter, "one of {}", names.collect::<Vec<_>>().join(", "))
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
