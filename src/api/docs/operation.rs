//! A method over HTTP as an operation of the document.

use std::fmt::Write as _;

use prost_reflect::{FieldDescriptor, Kind, ServiceDescriptor};
use serde_json::{Map, Value, json};

use super::{
    contract::{Body, Contract, Operation},
    refusals::{self, Shape, Work},
    schemas::{Schemas, refer},
};

/// Messages in a query whose fields need no prefix.
const FLAT: &str = "filter";

/// How StreamChat is reached, which has no path of its own.
const STREAMED: &str = "With `\"stream\": true`, or where the accept header names `text/event-stream`, the answer is a \
    stream of events.";

/// Describes one operation.
pub(super) fn describe(operation: &Operation, contract: &Contract, schemas: &mut Schemas<'_>) -> Value {
    let method = &operation.method;
    let (summary, rest) = first_sentence(contract.of_method(method));
    let work = work(operation);
    let mut described = json!({
        "tags": [tag(method.parent_service())],
        "operationId": lower_first(method.name()),
        "summary": summary,
    });
    let streamed = if method.name() == "Chat" { STREAMED } else { "" };
    if !(rest.is_empty() && streamed.is_empty()) {
        described["description"] = [rest, streamed].join("\n").trim().into();
    }
    let mut parameters: Vec<Value> = operation
        .in_path()
        .map(|name| {
            let about = operation.about(contract, name);
            json!({"name": name, "in": "path", "required": true, "description": about,
                   "schema": {"type": "string", "minLength": 1}})
        })
        .collect();
    // Without a body the rest of the request is in the query, where the method reads one.
    if operation.body.is_none() && operation.verb == "get" {
        let input = method.input();
        let fields = input.fields().filter(|field| !operation.tells(field.name()));
        fields.for_each(|field| query(&field, "", contract, schemas, &mut parameters));
    }
    parameters.extend(beside_the_request(method.name(), work));
    described["parameters"] = parameters.into();
    if let Some(body) = body(operation, contract, schemas) {
        described["requestBody"] = body;
    }
    let mut responses = json!({"200": answer(operation, contract, schemas, work)});
    refusals::add(&mut responses, Shape::Native, work);
    described["responses"] = responses;
    described
}

fn work(operation: &Operation) -> Work {
    let (service, name) = (operation.method.parent_service(), operation.method.name());
    Work {
        infers: matches!(name, "Chat" | "Embed"),
        asks_providers: name == "RefreshModels",
        has_body: operation.body.is_some() || operation.verb == "post",
        finds: operation.path.contains('{') || matches!(name, "EstimateChat" | "ResolveModel" | "SetModelAlias"),
        changes: service.name() == "ProjectService" && operation.verb != "get",
        resumes: name == "ResumeChat",
    }
}

/// Adds a field as a parameter, and a message's fields each as one of their own.
fn query(
    field: &FieldDescriptor,
    prefix: &str,
    contract: &Contract,
    schemas: &mut Schemas<'_>,
    parameters: &mut Vec<Value>,
) {
    if let Kind::Message(message) = field.kind()
        && message.package_name() == "gateway.v1"
    {
        let prefix = if field.name() == FLAT { String::new() } else { format!("{prefix}{}.", field.name()) };
        message.fields().for_each(|inner| query(&inner, &prefix, contract, schemas, parameters));
        return;
    }
    let mut parameter = json!({
        "name": format!("{prefix}{}", field.name()),
        "in": "query",
        "description": contract.of_field(field),
        "schema": schemas.parameter(field),
    });
    if contract.is_required(field) {
        parameter["required"] = true.into();
    }
    parameters.push(parameter);
}

/// Parameters that no message has: headers, and the form of an export.
fn beside_the_request(method: &str, work: Work) -> Vec<Value> {
    let refer = |name: &str| json!({"$ref": format!("#/components/parameters/{name}")});
    let mut parameters = Vec::new();
    if method == "ExportUsage" {
        parameters.push(json!({
            "name": "format", "in": "query", "schema": {"type": "string", "enum": ["ndjson", "csv"]},
            "description": "Form of the answer; without it the accept header decides, and then it is ndjson.",
        }));
    }
    if work.resumes {
        parameters.push(refer("LastEventId"));
    }
    if work.infers {
        parameters.push(refer("IdempotencyKey"));
    }
    parameters.extend([refer("RequestTimeout"), refer("RequestId")]);
    parameters
}

/// What all parameters refer to.
pub(super) fn parameters() -> Value {
    let header = |name: &str, schema: Value, about: &str| json!({"name": name, "in": "header", "schema": schema, "description": about});
    json!({
        "IdempotencyKey": header(
            "idempotency-key",
            json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}),
            "The same key with the same request joins the generation that the first one began, running or finished; \
                with another request it is refused. On the native door it is the same request whether or not it is \
                streamed; on the compatible doors the body must be the same byte for byte, `stream` included.",
        ),
        "RequestTimeout": header(
            "x-request-timeout-ms",
            json!({"type": "integer", "minimum": 0}),
            "How long the caller is willing to wait, in milliseconds; at its end the request is stopped and booked.",
        ),
        "RequestId": header(
            "x-request-id",
            json!({"type": "string"}),
            "The caller's own id of the request, kept where it is up to 128 letters, digits and `-_.:/`.",
        ),
        "LastEventId": header(
            "last-event-id",
            json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}),
            "The last event that was seen; stronger than `after_sequence`.",
        ),
    })
}

/// Headers that answers refer to.
pub(super) fn headers() -> Value {
    let header = |schema: &str, about: &str| json!({"schema": {"type": schema}, "description": about});
    json!({
        "RequestId": header("string", "The request's id, also in the gateway's log."),
        "GenerationId": header("string", "The generation under which the call is booked."),
        "Overhead": header("number", "The gateway's own share of the time, in milliseconds."),
        "Warning": header("string", "What was adapted or left out on the way to the provider."),
        "RetryAfter": header("integer", "Seconds after which the same request may succeed."),
        "RateLimitPolicy": header("string", "The limits that the request is under, as RateLimit draft 10 has it."),
        "RateLimit": header("string", "What is left of them."),
    })
}

fn body(operation: &Operation, contract: &Contract, schemas: &mut Schemas<'_>) -> Option<Value> {
    let input = operation.method.input();
    let (message, required) = match operation.body.as_ref()? {
        Body::Rest => {
            let rest: Vec<_> = input.fields().filter(|field| !operation.tells(field.name())).collect();
            input.fields().filter(|field| operation.tells(field.name())).for_each(|field| schemas.leave_out(&field));
            let required = rest.iter().any(|field| contract.is_required(field));
            (input, required)
        }
        Body::Field(field) => match field.kind() {
            Kind::Message(message) => (message, true),
            _ => unreachable!("a body is a message"),
        },
    };
    let schema = schemas.read(&message);
    Some(json!({"required": required, "content": {"application/json": {"schema": schema}}}))
}

fn answer(operation: &Operation, contract: &Contract, schemas: &mut Schemas<'_>, work: Work) -> Value {
    let output = operation.method.output();
    let about = contract.of_message(&output).to_owned();
    let content = match operation.method.name() {
        "Chat" => json!({
            "application/json": {"schema": schemas.written(&output)},
            "text/event-stream": events(contract, schemas),
        }),
        "ResumeChat" => json!({"text/event-stream": events(contract, schemas)}),
        "ExportUsage" => json!({
            "application/x-ndjson": {
                "schema": {"type": "string", "description": "A generation a line; a failure underway is the last one."},
                "x-line-schema": {"anyOf": [schemas.written(&output), refer("Error")]},
            },
            "text/csv": {"schema": {"type": "string", "description": "RFC 4180, with a line of names first."}},
        }),
        _ => json!({"application/json": {"schema": schemas.written(&output)}}),
    };
    let mut headers = json!({"x-request-id": header("RequestId")});
    if work.infers || work.resumes {
        add_facts(&mut headers);
    }
    json!({"description": about, "headers": headers, "content": content})
}

/// The stream of events, which JSON Schema has no word for: a text for tools, and each event's data beside it.
fn events(contract: &Contract, schemas: &mut Schemas<'_>) -> Value {
    let event = contract.message("ChatEvent");
    let mut lines = "Server-sent events. `id` counts from 1, `event` is one of the words below, `data` is its JSON. \
        A comment comes after 15 s of silence.\n"
        .to_owned();
    let mut data = Map::new();
    for case in event.oneofs().flat_map(|oneof| oneof.fields().collect::<Vec<_>>()) {
        let Kind::Message(message) = case.kind() else { continue };
        write!(lines, "\n- `{}`: `{}`. {}", case.name(), message.name(), contract.of_field(&case))
            .expect("a string takes all that is written");
        data.insert(case.name().to_owned(), schemas.written(&message));
    }
    json!({
        "schema": {"type": "string", "description": lines},
        "example": "id: 1\nevent: meta\ndata: {\"generation_id\":\"gen_…\",\"provider\":\"sandbox\"}\n\n\
            id: 2\nevent: token\ndata: {\"text\":\"hello\"}\n\n\
            id: 3\nevent: done\ndata: {\"finish_reason\":\"stop\"}\n\n",
        "x-event-schemas": data,
    })
}

/// Adds what inference tells in headers.
pub(super) fn add_facts(headers: &mut Value) {
    let facts = [
        ("x-generation-id", "GenerationId"),
        ("x-gateway-overhead-ms", "Overhead"),
        ("x-gateway-warning", "Warning"),
        ("ratelimit-policy", "RateLimitPolicy"),
        ("ratelimit", "RateLimit"),
    ];
    for (name, component) in facts {
        headers[name] = header(component);
    }
}

/// A reference to a header.
pub(super) fn header(component: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{component}")})
}

/// `ChatService` as `Chat`.
pub(super) fn tag(service: &ServiceDescriptor) -> String {
    service.name().trim_end_matches("Service").to_owned()
}

fn lower_first(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    first.to_ascii_lowercase() + rest
}

fn first_sentence(comment: &str) -> (&str, &str) {
    comment.split_once(". ").unwrap_or_else(|| (comment.trim_end_matches('.'), ""))
}
