//! What the contract does not describe: the OpenAI-compatible door, whose format is `dialect::openai::server`'s, and what
//! orchestrators ask. Written by hand in `beside.json`; errors and headers are added here.

use serde_json::{Value, json};

use super::{
    operation::{add_facts, header},
    refusals::{self, Shape, Work},
};

const BESIDE: &str = include_str!("beside.json");

/// Adds paths, tags and schemas.
pub(super) fn add(document: &mut Value) {
    let mut beside: Value = serde_json::from_str(BESIDE).expect("a test reads it");
    for (path, operations) in members(&mut beside["paths"]) {
        for (_, operation) in members(operations).filter(|_| path.starts_with("/v1/")) {
            finish(path, operation);
        }
    }
    for (place, into) in [("/tags", "/tags"), ("/paths", "/paths"), ("/schemas", "/components/schemas")] {
        let more = beside.pointer_mut(place).map(Value::take).expect("a test reads it");
        match (document.pointer_mut(into).expect("it is written before"), more) {
            (Value::Array(list), Value::Array(more)) => list.extend(more),
            (Value::Object(map), Value::Object(more)) => map.extend(more),
            _ => unreachable!("a test reads it"),
        }
    }
}

fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().expect("a test reads it").iter_mut()
}

fn finish(path: &str, operation: &mut Value) {
    let infers = operation.get("requestBody").is_some();
    let work = Work { infers, has_body: infers, finds: path.contains('{'), ..Work::default() };
    let refer = |name: &str| json!({"$ref": format!("#/components/parameters/{name}")});
    let mut parameters = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    if infers {
        parameters.push(refer("IdempotencyKey"));
    }
    parameters.extend([refer("RequestTimeout"), refer("RequestId")]);
    operation["parameters"] = parameters.into();
    let mut headers = json!({"x-request-id": header("RequestId")});
    if infers {
        add_facts(&mut headers);
    }
    operation["responses"]["200"]["headers"] = headers;
    refusals::add(&mut operation["responses"], Shape::OpenAi, work);
}
