//! The built-in facts about models.

use serde_json::Value;

use crate::listing;

#[test]
fn the_built_in_facts_are_those_of_the_listings() {
    let Some(facts) = listing::facts() else { return };
    let mut lists: Vec<Value> = Vec::new();
    let mut lines = Vec::new();
    for mut model in facts {
        let list = model["parameters"].take();
        let place = lists.iter().position(|known| *known == list).unwrap_or_else(|| {
            lists.push(list);
            lists.len() - 1
        });
        model["parameters"] = place.into();
        lines.push(Value::Object(model).to_string());
    }
    let lists: Vec<_> = lists.iter().map(Value::to_string).collect();
    let wanted = format!("{{\"parameters\":[\n{}\n],\"models\":[\n{}\n]}}\n", lists.join(",\n"), lines.join(",\n"));

    let built_in = include_str!("../../src/routing/builtin.json");
    if built_in != wanted {
        let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("builtin.json");
        std::fs::write(&file, wanted).unwrap();
        panic!("src/routing/builtin.json is not what the listings say; copy {} there", file.display());
    }
}
