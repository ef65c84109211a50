//! Reading JSON that is not quite as documented: null, empty and absent mean the same, numbers come in any shape.
//!
//! Texts borrow from the frame they stand in, so that a token costs one allocation: its own.

use std::{borrow::Cow, fmt, ops::Deref};

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, value::MapAccessDeserializer},
};

/// A text. Empty where the field is null, absent or no text at all; an object is its JSON; of a list of parts it is
/// their texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Text<'a>(pub Cow<'a, str>);

impl Text<'_> {
    /// The text as one's own.
    pub(super) fn own(&self) -> String {
        self.0.as_ref().to_owned()
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor).map(Self)
    }
}

struct TextVisitor;

impl<'de> de::Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(""))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(""))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(number.to_string()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(number.to_string()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(number.to_string()))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        #[derive(Deserialize)]
        struct Part<'a> {
            #[serde(borrow, default)]
            text: Text<'a>,
        }
        let mut whole = String::new();
        while let Some(part) = list.next_element::<Or<Part<'de>>>()? {
            if let Or::That(part) = part {
                whole.push_str(&part.text);
            }
        }
        Ok(Cow::Owned(whole))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let value = serde_json::Value::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Cow::Owned(value.to_string()))
    }
}

/// An object, or something else that is passed over.
enum Or<T> {
    That(T),
    Else,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Or<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectOr<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for ObjectOr<T> {
            type Value = Or<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Or::That)
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Or::Else)
            }

            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(Or::Else)
            }

            fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Or::Else)
            }

            fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Or::Else)
            }

            fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Or::Else)
            }

            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Or::Else)
            }

            fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
                Ok(Or::Else)
            }
        }

        deserializer.deserialize_any(ObjectOr(std::marker::PhantomData))
    }
}

/// An object, or its default where something else stands.
pub(super) fn object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(match Or::deserialize(deserializer)? {
        Or::That(object) => Some(object),
        Or::Else => None,
    })
}

/// The objects of a list; none where something else stands.
pub(super) fn objects<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Objects<T>(std::marker::PhantomData<T>);

    impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Objects<T> {
        type Value = Vec<T>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a list")
        }

        fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut objects = Vec::new();
            while let Some(element) = list.next_element::<Or<T>>()? {
                if let Or::That(object) = element {
                    objects.push(object);
                }
            }
            Ok(objects)
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }

        fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }

        fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }

        fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(Vec::new())
        }
    }

    deserializer.deserialize_any(Objects(std::marker::PhantomData))
}

/// A count of something: any number, rounded towards zero and into range; nothing where there is no number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Count(pub Option<u32>);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Value::deserialize(deserializer)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is meant")]
        Ok(Self(number.as_f64().map(|number| number as u32)))
    }
}

/// A JSON number (or a string that holds one) as plain decimal text, every digit kept: `6.88e-05` is `0.0000688`.
pub(super) fn decimal(json: &str) -> Option<String> {
    const LONGEST: usize = 60;
    let text = json.trim().trim_matches('"').trim();
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if whole.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.len() > LONGEST {
        return None;
    }
    let point = i32::try_from(whole.len()).ok()?.checked_add(exponent)?;
    if usize::try_from(point.unsigned_abs()).ok()? > LONGEST {
        return None;
    }
    let (whole, fraction) = match usize::try_from(point) {
        Err(_) => (String::new(), "0".repeat(point.unsigned_abs() as usize) + &digits),
        Ok(point) if point >= digits.len() => (format!("{digits:0<point$}"), String::new()),
        Ok(point) => (digits[..point].to_owned(), digits[point..].to_owned()),
    };
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let sign = if whole == "0" && fraction.is_empty() { "" } else { sign };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_keeps_every_digit_and_loses_its_exponent() {
        let check = |json: &str, expected: Option<&str>| assert_eq!(decimal(json).as_deref(), expected, "{json}");
        check("6.88e-05", Some("0.0000688"));
        check("3e-06", Some("0.000003"));
        check("0.00015780000000000001", Some("0.00015780000000000001"));
        check("0", Some("0"));
        check("0.0", Some("0"));
        check("-0.0", Some("0"));
        check("-1", Some("-1"));
        check("12.50", Some("12.5"));
        check("1.5E3", Some("1500"));
        check("\"0.0000000833333333333333\"", Some("0.0000000833333333333333"));
        check("1e999999999", None);
        check("null", None);
        check("", None);
        check("0x10", None);
    }

    #[test]
    fn null_empty_and_absent_texts_are_alike_and_parts_are_joined() {
        let check = |json: &str, expected: &str| {
            assert_eq!(&*serde_json::from_str::<Text<'_>>(json).unwrap(), expected, "{json}");
        };
        check("null", "");
        check("\"a\"", "a");
        check("\"a\\n\"", "a\n");
        check("7", "7");
        check(r#"[{"type":"text","text":"a"},3,{"text":"b"}]"#, "ab");
        check(r#"{"city":"Oslo"}"#, r#"{"city":"Oslo"}"#);
    }
}
