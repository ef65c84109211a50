//! Messages and enums as JSON Schema, as `pb` reads and writes them.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::contract::Contract;

/// Fields without which a message is refused although the contract does not say so: their JSON is written by hand.
const NEEDED: [(&str, &str); 2] = [("Message", "role"), ("ToolResult", "tool_call_id")];

/// Lists of parts for which a bare string may stand.
const TEXT_OR_PARTS: [(&str, &str); 2] = [("Message", "content"), ("ToolResult", "content")];

/// Messages for which a bare string may stand.
const TEXT_OR_OBJECT: [&str; 1] = ["EmbedInput"];

/// The schemas that a document refers to, gathered while it is written.
pub(super) struct Schemas<'a> {
    contract: &'a Contract,
    messages: BTreeMap<String, MessageDescriptor>,
    enums: BTreeMap<String, EnumDescriptor>,
    /// Messages that requests hold: what they do not name is refused there.
    read: BTreeSet<String>,
    /// Fields of requests that stand in the path instead of the body.
    elsewhere: BTreeSet<(String, String)>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(contract: &'a Contract) -> Self {
        let (messages, enums, read, elsewhere) = Default::default();
        let mut schemas = Self { contract, messages, enums, read, elsewhere };
        schemas.gather(&contract.message("ErrorDetail"), false);
        schemas
    }

    /// Refers to a message that requests hold.
    pub(super) fn read(&mut self, message: &MessageDescriptor) -> Value {
        self.gather(message, true);
        refer(message.name())
    }

    /// Refers to a message that answers hold.
    pub(super) fn written(&mut self, message: &MessageDescriptor) -> Value {
        self.gather(message, false);
        refer(message.name())
    }

    /// Leaves a field out of a request's body, because the path tells it.
    pub(super) fn leave_out(&mut self, field: &FieldDescriptor) {
        self.elsewhere.insert((field.parent_message().name().to_owned(), field.name().to_owned()));
    }

    /// Schema of a query parameter, by its field.
    pub(super) fn parameter(&mut self, field: &FieldDescriptor) -> Value {
        if let Kind::Enum(known) = field.kind() {
            self.enums.insert(known.name().to_owned(), known);
        }
        let mut schema = self.value(field);
        if let Some(map) = schema.as_object_mut() {
            map.shift_remove("description");
        }
        schema
    }

    /// All schemas that were referred to, by name.
    pub(super) fn finish(self) -> Map<String, Value> {
        let messages = self.messages.iter().map(|(name, message)| (name.clone(), self.message(message)));
        let enums = self.enums.iter().map(|(name, known)| (name.clone(), self.words(known)));
        let mut all: BTreeMap<_, _> = messages.chain(enums).collect();
        let error = json!({
            "description": "A refusal or failure.",
            "type": "object",
            "required": ["error"],
            "properties": {"error": refer("ErrorDetail")},
        });
        all.insert("Error".to_owned(), error);
        all.into_iter().collect()
    }

    fn gather(&mut self, message: &MessageDescriptor, read: bool) {
        let name = message.name().to_owned();
        let news = [!self.messages.contains_key(&name), read && self.read.insert(name.clone())];
        if message.package_name() != "gateway.v1" || news == [false, false] {
            return;
        }
        self.messages.insert(name, message.clone());
        for field in message.fields() {
            let kind = match field.kind() {
                Kind::Message(entry) if field.is_map() => entry.map_entry_value_field().kind(),
                kind => kind,
            };
            match kind {
                Kind::Message(inner) => self.gather(&inner, read),
                Kind::Enum(known) => _ = self.enums.insert(known.name().to_owned(), known),
                _ => {}
            }
        }
    }

    fn message(&self, message: &MessageDescriptor) -> Value {
        let name = message.name();
        let told_elsewhere =
            |field: &FieldDescriptor| self.elsewhere.contains(&(name.to_owned(), field.name().to_owned()));
        let fields: Vec<_> = message.fields().filter(|field| !told_elsewhere(field)).collect();
        let needed =
            |field: &&FieldDescriptor| self.contract.is_required(field) || NEEDED.contains(&(name, field.name()));
        let required: Vec<_> = fields.iter().filter(needed).map(FieldDescriptor::name).collect();
        let properties: Map<_, _> = fields.iter().map(|field| (field.name().to_owned(), self.value(field))).collect();

        let mut schema = json!({"description": self.contract.of_message(message), "type": "object"});
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema["properties"] = properties.into();
        if self.read.contains(name) {
            schema["additionalProperties"] = false.into();
        }
        let choices: Vec<_> = message.oneofs().filter(|oneof| !oneof.is_synthetic()).collect();
        if let [choice] = &choices[..] {
            let mut cases: Vec<Value> = choice.fields().map(|field| json!({"required": [field.name()]})).collect();
            cases.push(json!({"not": {"anyOf": cases.clone()}}));
            schema["oneOf"] = cases.into();
        }
        if TEXT_OR_OBJECT.contains(&name) {
            let text = json!({"type": "string", "description": "A text."});
            return json!({"description": self.contract.of_message(message), "anyOf": [text, schema]});
        }
        schema
    }

    /// A field with all of its values.
    fn value(&self, field: &FieldDescriptor) -> Value {
        let name = (field.parent_message().name().to_owned(), field.name().to_owned());
        let mut schema = if field.is_map() {
            let Kind::Message(entry) = field.kind() else { unreachable!("a map is a list of entries") };
            json!({"type": "object", "additionalProperties": one(&entry.map_entry_value_field().kind())})
        } else if TEXT_OR_PARTS.contains(&(&name.0, &name.1)) {
            let part = json!({"anyOf": [{"type": "string"}, one(&field.kind())]});
            json!({"anyOf": [{"type": "string"}, {"type": "array", "items": part}]})
        } else if field.is_list() {
            json!({"type": "array", "items": one(&field.kind())})
        } else {
            one(&field.kind())
        };
        schema["description"] = self.contract.of_field(field).into();
        schema
    }

    fn words(&self, known: &EnumDescriptor) -> Value {
        let (comment, values) = self.contract.of_enum(known);
        let lines = values.iter().map(|(name, about)| format!("\n- `{name}`: {about}"));
        let names: Vec<_> = values.iter().map(|(name, _)| name).collect();
        json!({"description": format!("{comment}\n{}", lines.collect::<String>()), "type": "string", "enum": names})
    }
}

/// A reference to a component.
pub(super) fn refer(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// One value of a kind.
fn one(kind: &Kind) -> Value {
    match kind {
        Kind::Double => json!({"type": "number", "format": "double"}),
        Kind::Float => json!({"type": "number", "format": "float"}),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
            json!({"type": "integer", "format": "int32", "minimum": i32::MIN, "maximum": i32::MAX})
        }
        Kind::Uint32 | Kind::Fixed32 => json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
            json!({"type": "string", "format": "int64", "pattern": "^-?[0-9]{1,18}$"})
        }
        Kind::Uint64 | Kind::Fixed64 => json!({"type": "string", "format": "uint64", "pattern": "^[0-9]{1,19}$"}),
        Kind::Bool => json!({"type": "boolean"}),
        Kind::String => json!({"type": "string"}),
        Kind::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
        Kind::Enum(known) => refer(known.name()),
        Kind::Message(message) => match message.full_name() {
            "google.protobuf.Timestamp" => json!({"type": "string", "format": "date-time"}),
            "google.protobuf.Struct" => json!({"type": "object"}),
            _ => refer(message.name()),
        },
    }
}
