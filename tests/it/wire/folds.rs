//! Events and the whole answer that they fold to, in `tests/wire/folds`. The web pages' fold is held to the same ones
//! (web/src/features/chat/stream/reduce.test.ts).

use std::fs;

use generative_gateway::{events::Fold, pb::ChatEvent};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Fixture {
    events: Vec<ChatEvent>,
    answer: Value,
}

#[test]
fn events_fold_to_the_answer_that_stands_beside_them() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire/folds");
    let mut count = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let fixture: Fixture = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let mut fold = Fold::default();
        fixture.events.into_iter().for_each(|event| fold.add(event));
        assert_eq!(serde_json::to_value(fold.finish()).unwrap(), fixture.answer, "{}", path.display());
        count += 1;
    }
    assert!(count > 3, "{count}");
}
