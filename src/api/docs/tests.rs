use std::collections::BTreeSet;

use super::*;
use crate::api::rest;

/// Calls `each` with every object of a document and where it stands.
fn walk(value: &Value, place: &str, each: &mut impl FnMut(&str, &serde_json::Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            each(place, map);
            map.iter().for_each(|(name, value)| walk(value, &format!("{place}/{name}"), each));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, value)| walk(value, &format!("{place}/{at}"), each))
        }
        _ => {}
    }
}

fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| item.as_object().unwrap().iter().map(move |(verb, described)| (path, verb, described)))
}

#[test]
fn the_document_has_what_the_router_has_and_nothing_else() {
    let document = openapi();
    let told: BTreeSet<_> = operations(&document)
        .filter(|(path, ..)| path.starts_with("/api/v1/"))
        .map(|(path, verb, described)| {
            (described["operationId"].as_str().unwrap().to_lowercase(), verb.to_uppercase(), path.clone())
        })
        .collect();
    let served: BTreeSet<_> = rest::all()
        .map(|(rpc, verb, path)| (rpc.split_once('.').unwrap().1.to_lowercase(), verb.to_owned(), path.to_owned()))
        .collect();
    assert_eq!(told, served);
}

#[test]
fn every_schema_is_json_schema_2020_12_and_every_reference_leads_somewhere() {
    let document = openapi();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(jsonschema::draft202012::meta::is_valid(schema), "{name}");
    }
    let mut references = 0;
    walk(&document, "", &mut |place, map| {
        if let Some(target) = map.get("$ref").and_then(Value::as_str) {
            references += 1;
            assert!(document.pointer(target.strip_prefix('#').unwrap()).is_some(), "{place}: {target}");
        }
    });
    assert!(references > 500);
}

#[test]
fn every_operation_parameter_and_field_says_what_it_is() {
    let document = openapi();
    let mut silent = Vec::new();
    let mut ids = BTreeSet::new();
    for (path, verb, described) in operations(&document) {
        assert!(ids.insert(described["operationId"].as_str().unwrap()), "{path}: two have one id");
        if described["summary"].as_str().is_none_or(str::is_empty) {
            silent.push(format!("{verb} {path}"));
        }
        let parameters = described["parameters"].as_array().into_iter().flatten();
        let own: Vec<_> = parameters.filter(|parameter| parameter.get("name").is_some()).collect();
        for parameter in &own {
            if parameter["description"].as_str().is_none_or(str::is_empty) {
                silent.push(format!("{verb} {path}: {}", parameter["name"]));
            }
        }
        let of_path = own.iter().filter(|parameter| parameter["in"] == "path");
        let named: Vec<_> = of_path.map(|parameter| format!("{{{}}}", parameter["name"].as_str().unwrap())).collect();
        let needed: Vec<_> = path.split('/').filter(|segment| segment.starts_with('{')).collect();
        assert_eq!(named, needed, "{verb} {path}");
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let mut say = |place: String, schema: &Value| {
            if schema["description"].as_str().is_none_or(str::is_empty) {
                silent.push(place);
            }
        };
        say(name.clone(), schema);
        // The hand-written formats leave out what everybody knows.
        let fields = schema["properties"].as_object().into_iter().flatten().filter(|_| !name.starts_with("OpenAi"));
        fields.filter(|_| name != "Error").for_each(|(field, schema)| say(format!("{name}.{field}"), schema));
    }
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn what_a_request_needs_is_what_the_contract_says_without_what_the_path_tells() {
    let document = openapi();
    let schema = |name: &str| &document["components"]["schemas"][name];
    assert_eq!(schema("ChatRequest")["required"], json!(["model", "messages"]));
    assert_eq!(schema("CreateBudgetRequest")["required"], json!(["scope", "window", "limit_usd"]));
    assert!(schema("CreateBudgetRequest")["properties"].get("project_id").is_none());
    assert_eq!(schema("Role")["enum"], json!(["system", "user", "assistant", "tool", "developer"]));
    assert_eq!(schema("UsageTotals")["properties"]["requests"]["type"], "string", "64 bits");
    let estimate = &document["paths"]["/api/v1/chat/estimate"]["post"]["requestBody"];
    assert_eq!(estimate["content"]["application/json"]["schema"]["$ref"], "#/components/schemas/ChatRequest");
}

#[test]
fn the_page_asks_for_nothing_from_elsewhere_and_holds_nothing_inline() {
    for name in Page::iter() {
        let file = Page::get(&name).unwrap();
        let text = std::str::from_utf8(&file.data).unwrap();
        for refused in ["http://", "https://", "//cdn", "innerHTML", "<style", " style=", " onclick="] {
            assert!(!text.contains(refused), "{name} holds {refused}");
        }
    }
    assert_eq!(Page::iter().count(), 3);
}

#[test]
fn the_web_pages_are_built_from_this_document() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/web/openapi.json");
    let known: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(known == openapi(), "the contract has changed: run `make contract`");
}
