//! JSON that fits a JSON Schema, with words and numbers of the prompt where they fit.
//!
//! Heeded: type, properties, items, prefixItems, enum, const, default, examples, format, lengths, bounds, multipleOf,
//! allOf, anyOf, oneOf, local references. Not heeded: pattern, not, if.

use serde_json::{Map, Value, json};

/// Deeper than this only what is required is made, so that recursive schemas come to an end.
const DEEP: usize = 4;

/// No schema leads deeper than this.
const DEEPEST: usize = 24;

/// A value that fits `schema`.
pub(super) fn example(schema: &Value, prompt: &str) -> Value {
    Maker { root: schema, prompt }.make(schema, 0)
}

struct Maker<'a> {
    root: &'a Value,
    prompt: &'a str,
}

impl Maker<'_> {
    fn make(&self, schema: &Value, depth: usize) -> Value {
        if depth > DEEPEST {
            return Value::Null;
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let target = reference.strip_prefix('#').and_then(|path| self.root.pointer(path));
            return target.map_or(Value::Null, |target| self.make(target, depth + 1));
        }
        for key in ["const", "default"] {
            if let Some(value) = schema.get(key) {
                return value.clone();
            }
        }
        if let Some(choices) = schema["enum"].as_array() {
            let named = choices.iter().find(|choice| choice.as_str().is_some_and(|word| self.prompt.contains(word)));
            return named.or_else(|| choices.first()).cloned().unwrap_or_default();
        }
        if let Some(example) = schema["examples"].get(0) {
            return example.clone();
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(choices) = schema[key].as_array() {
                let plain = choices.iter().find(|choice| choice["type"] == "null").filter(|_| depth > DEEP);
                return plain.or_else(|| choices.first()).map_or(Value::Null, |choice| self.make(choice, depth + 1));
            }
        }
        if let Some(all) = schema["allOf"].as_array() {
            let made = all.iter().map(|part| self.make(part, depth + 1));
            return made.fold(self.object(schema, depth), |mut whole, part| {
                match (whole.as_object_mut(), part) {
                    (Some(whole), Value::Object(part)) => whole.extend(part),
                    (_, part) => return part,
                }
                whole
            });
        }
        match kind(schema, depth) {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, depth),
            "string" => Value::String(self.string(schema)),
            "integer" => self.number(schema, true),
            "number" => self.number(schema, false),
            "boolean" => Value::Bool(true),
            _ => Value::Null,
        }
    }

    fn object(&self, schema: &Value, depth: usize) -> Value {
        let required =
            |name: &str| schema["required"].as_array().is_some_and(|list| list.iter().any(|known| known == name));
        let properties = schema["properties"].as_object().into_iter().flatten();
        let wanted = properties.filter(|(name, _)| depth < DEEP || required(name));
        Value::Object(
            wanted.map(|(name, property)| (name.clone(), self.make(property, depth + 1))).collect::<Map<_, _>>(),
        )
    }

    fn array(&self, schema: &Value, depth: usize) -> Value {
        let least = schema["minItems"].as_u64().unwrap_or_else(|| u64::from(depth < DEEP)).min(64);
        let first = schema["prefixItems"].as_array().map_or(&[][..], Vec::as_slice);
        let most = schema["maxItems"].as_u64().unwrap_or(u64::MAX);
        let items = (0..least.max(first.len() as u64).min(most)).map(|at| {
            let item = usize::try_from(at).ok().and_then(|at| first.get(at)).unwrap_or_else(|| &schema["items"]);
            self.make(item, depth + 1)
        });
        Value::Array(items.collect())
    }

    fn string(&self, schema: &Value) -> String {
        let fixed = match schema["format"].as_str() {
            Some("date") => Some("2026-01-31"),
            Some("time") => Some("12:00:00Z"),
            Some("date-time") => Some("2026-01-31T12:00:00Z"),
            Some("duration") => Some("PT1H"),
            Some("email") => Some("ada@example.com"),
            Some("hostname") => Some("example.com"),
            Some("ipv4") => Some("192.0.2.1"),
            Some("ipv6") => Some("2001:db8::1"),
            Some("uri") => Some("https://example.com/"),
            Some("uuid") => Some("0194bd66-0000-7000-8000-000000000000"),
            _ => None,
        };
        if let Some(fixed) = fixed {
            return fixed.to_owned();
        }
        let length = |key: &str| schema[key].as_u64().and_then(|length| usize::try_from(length).ok());
        let mut text: String = self.subject().chars().take(length("maxLength").unwrap_or(usize::MAX)).collect();
        while text.chars().count() < length("minLength").unwrap_or(0).min(4_096) {
            text.push('a');
        }
        text
    }

    /// What the prompt is about: its last word that is more than a particle.
    fn subject(&self) -> &str {
        let mut words =
            self.prompt.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.chars().count() > 2);
        words.next_back().unwrap_or("sandbox")
    }

    fn number(&self, schema: &Value, whole: bool) -> Value {
        let bound = |inclusive: &str, exclusive: &str, step: f64| {
            schema[inclusive].as_f64().or_else(|| schema[exclusive].as_f64().map(|bound| bound + step))
        };
        let step = schema["multipleOf"].as_f64().filter(|step| *step > 0.0);
        let nudge = step.unwrap_or(if whole { 1.0 } else { 0.5 });
        let least = bound("minimum", "exclusiveMinimum", nudge).unwrap_or(f64::MIN);
        let most = bound("maximum", "exclusiveMaximum", -nudge).unwrap_or(f64::MAX);
        let said = self.prompt.split(|letter: char| !letter.is_ascii_digit()).find_map(|word| word.parse::<f64>().ok());
        let mut value = said.unwrap_or(1.0).max(least).min(most);
        if let Some(step) = step {
            value = (value / step).round() * step;
            if value < least {
                value += step;
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "saturates, which is as near as an integer comes")]
        if whole { json!(value.ceil() as i64) } else { json!(value) }
    }
}

/// The type to make: the first that is not null, or what the keywords speak of.
fn kind(schema: &Value, depth: usize) -> &str {
    let implied = || match schema {
        _ if schema["properties"].is_object() => "object",
        _ if schema["items"].is_object() || schema["prefixItems"].is_array() => "array",
        _ => "string",
    };
    match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str);
            if depth > DEEP && kinds.clone().any(|kind| kind == "null") {
                return "null";
            }
            kinds.find(|kind| *kind != "null").unwrap_or("null")
        }
        _ => implied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schema: Value, expected: Value) {
        assert_eq!(example(&schema, "the weather in Paris for 3 days"), expected, "{schema}");
    }

    #[test]
    fn values_fit_their_schema_and_speak_of_the_prompt() {
        check(
            json!({"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}}),
            json!({"city": "days", "days": 3}),
        );
        check(json!({"enum": ["London", "Paris"]}), json!("Paris"));
        check(json!({"type": "array", "minItems": 2, "items": {"type": "boolean"}}), json!([true, true]));
        check(json!({"type": ["null", "number"], "minimum": 5, "exclusiveMaximum": 5.5}), json!(5.0));
        check(json!({"type": "integer", "multipleOf": 4, "minimum": 5}), json!(8));
        check(json!({"type": "string", "maxLength": 2}), json!("da"));
        check(json!({"type": "string", "format": "date"}), json!("2026-01-31"));
        check(json!({"anyOf": [{"const": 7}, {"type": "null"}]}), json!(7));
        check(
            json!({"allOf": [{"properties": {"a": {"const": 1}}}], "properties": {"b": {"const": 2}}}),
            json!({"b": 2, "a": 1}),
        );
    }

    #[test]
    fn a_recursive_schema_comes_to_an_end() {
        let tree = json!({"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "required": ["name"], "properties": {
            "name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}}});
        let made = example(&tree, "");
        assert_eq!(made["name"], "sandbox");
        assert!(made["children"][0]["name"].is_string());
        let endless = json!({"$ref": "#/$defs/a", "$defs": {"a": {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/$defs/a"}}}}});
        assert!(example(&endless, "")["a"]["a"].is_object());
    }
}
