//! Takes the fields of a JSON object one by one, typed, and says which one is wrong.

use std::fmt;

use serde_json::{Map, Value};

use crate::{
    error::Error,
    pb::well_known::{self, Struct},
};

/// Where in a request something stands, such as `messages[2].content[0]`. Only written out when it is wrong.
#[derive(Clone, Copy)]
pub(super) enum Path<'a> {
    /// The request itself.
    Root,
    /// A field of what stands there.
    Field(&'a Path<'a>, &'a str),
    /// An element of the list that stands there.
    Element(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Field(Path::Root, name) => formatter.write_str(name),
            Path::Field(parent, name) => write!(formatter, "{parent}.{name}"),
            Path::Element(parent, at) => write!(formatter, "{parent}[{at}]"),
        }
    }
}

impl Path<'_> {
    /// The error that something else should stand here.
    pub(super) fn must_be(&self, what: &str) -> Error {
        Error::invalid(self.to_string(), format!("`{self}` must be {what}"))
    }

    /// A text that stands here.
    pub(super) fn text(&self, value: Value) -> Result<String, Error> {
        match value {
            Value::String(text) => Ok(text),
            _ => Err(self.must_be("a string")),
        }
    }

    /// A list that stands here.
    pub(super) fn list(&self, value: Value) -> Result<Vec<Value>, Error> {
        match value {
            Value::Array(list) => Ok(list),
            _ => Err(self.must_be("a list")),
        }
    }

    /// An object that stands here.
    pub(super) fn object(&self, value: Value) -> Result<Map<String, Value>, Error> {
        match value {
            Value::Object(map) => Ok(map),
            _ => Err(self.must_be("an object")),
        }
    }
}

/// The fields of an object that were not taken yet. A field that is null counts as absent.
pub(super) struct Fields<'a> {
    /// The rest.
    pub map: Map<String, Value>,
    /// Where the object stands.
    pub path: Path<'a>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(map: Map<String, Value>, path: Path<'a>) -> Self {
        Self { map, path }
    }

    /// The fields of the object that stands there.
    pub(super) fn of(value: Value, path: Path<'a>) -> Result<Self, Error> {
        Ok(Self::new(path.object(value)?, path))
    }

    /// The path of a field.
    pub(super) fn at<'b>(&'b self, name: &'b str) -> Path<'b> {
        Path::Field(&self.path, name)
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.map.shift_remove(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Error> {
        self.take(name).map(|value| self.at(name).text(value)).transpose()
    }

    /// A text, empty where there is none.
    pub(super) fn text_or_empty(&mut self, name: &str) -> Result<String, Error> {
        Ok(self.text(name)?.unwrap_or_default())
    }

    /// A text that must be there.
    pub(super) fn needed_text(&mut self, name: &str) -> Result<String, Error> {
        let text = self.text(name)?.filter(|text| !text.is_empty());
        text.ok_or_else(|| Error::invalid(self.at(name).to_string(), format!("`{}` is required", self.at(name))))
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Error> {
        self.take(name).map(|value| value.as_bool().ok_or_else(|| self.at(name).must_be("true or false"))).transpose()
    }

    pub(super) fn number(&mut self, name: &str) -> Result<Option<f64>, Error> {
        self.take(name).map(|value| value.as_f64().ok_or_else(|| self.at(name).must_be("a number"))).transpose()
    }

    pub(super) fn count(&mut self, name: &str) -> Result<Option<u32>, Error> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let count = whole(&value).and_then(|count| u32::try_from(count).ok());
        count.map(Some).ok_or_else(|| self.at(name).must_be("a whole number from 0 to 4294967295"))
    }

    pub(super) fn integer(&mut self, name: &str) -> Result<Option<i64>, Error> {
        let Some(value) = self.take(name) else { return Ok(None) };
        whole(&value).map(Some).ok_or_else(|| self.at(name).must_be("a whole number"))
    }

    pub(super) fn object(&mut self, name: &str) -> Result<Option<Map<String, Value>>, Error> {
        self.take(name).map(|value| self.at(name).object(value)).transpose()
    }

    pub(super) fn structure(&mut self, name: &str) -> Result<Option<Struct>, Error> {
        Ok(self.object(name)?.map(Struct::from))
    }

    pub(super) fn list(&mut self, name: &str) -> Result<Vec<Value>, Error> {
        self.take(name).map_or(Ok(Vec::new()), |value| self.at(name).list(value))
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, Error> {
        let list = self.list(name)?;
        let path = self.at(name);
        list.into_iter().enumerate().map(|(at, value)| Path::Element(&path, at).text(value)).collect()
    }

    /// What was not taken, in order, without nulls.
    pub(super) fn rest(self) -> Option<Struct> {
        let fields = self.map.into_iter().filter(|(_, value)| !value.is_null());
        let fields = fields.map(|(key, value)| well_known::Field { key, value: Some(value.into()) });
        let fields: Vec<_> = fields.collect();
        (!fields.is_empty()).then_some(Struct { fields })
    }
}

/// A whole number, also when it was written with a point.
fn whole(value: &Value) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within range")]
    let from_float = |number: f64| (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64);
    value.as_i64().or_else(|| value.as_f64().and_then(from_float))
}
