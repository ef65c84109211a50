//! The direction of imports: `api → service → store`, `service → routing → provider → dialect → pb`.
//!
//! Reads the source as text. What is allowed is written down in [`MAY_USE`] and [`HOMES`].

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Which rooms of the crate a room may name besides itself; `*` is all.
const MAY_USE: [(&str, &[&str]); 13] = [
    ("pb", &[]),
    ("error", &["pb"]),
    ("events", &["pb", "error"]),
    ("config", &["pb", "error"]),
    ("telemetry", &["pb", "error", "config"]),
    ("dialect", &["pb", "error"]),
    ("provider", &["pb", "error", "events", "config", "telemetry", "dialect"]),
    ("routing", &["pb", "error", "events", "config", "telemetry", "dialect", "provider"]),
    ("store", &["pb", "error", "config"]),
    ("service", &["pb", "error", "events", "config", "telemetry", "dialect", "provider", "routing", "store"]),
    ("api", &["pb", "error", "events", "config", "telemetry", "dialect", "service"]),
    ("app", &["*"]),
    ("cli", &["*"]),
];

/// Where a crate is at home: the only files and folders that may name it.
const HOMES: [(&str, &[&str]); 8] = [
    ("reqwest", &["provider/upstream.rs", "provider/upstream/"]),
    ("sea_orm", &["store/", "store.rs"]),
    ("rusqlite", &["store/"]),
    ("sea_orm_migration", &["store/", "store.rs"]),
    ("migrations", &["store/", "store.rs"]),
    ("axum", &["api/", "app.rs", "app/"]),
    ("tonic", &["api/", "app.rs", "app/"]),
    ("tower_http", &["api/", "app.rs", "app/"]),
];

#[test]
fn imports_go_one_way() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&source, &mut files);
    assert!(files.len() > 10, "the sources were not found below {}", source.display());

    let faults: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let path = file.strip_prefix(&source).expect("collected below it").to_str().expect("our names are ASCII");
            check(path, &fs::read_to_string(file).unwrap())
        })
        .collect();
    assert!(faults.is_empty(), "imports against the direction:\n{}", faults.join("\n"));
}

#[test]
fn an_import_against_the_direction_is_found() {
    let found = |path: &str, source: &str| check(path, source).join("\n");

    assert_eq!(
        found("dialect/openai.rs", "use crate::provider::Provider;"),
        "dialect/openai.rs:1: dialect may not use provider"
    );
    assert_eq!(
        found("store/keys.rs", "use crate::{\n    error::Error,\n    service::{self, Caller},\n};"),
        "store/keys.rs:3: store may not use service"
    );
    assert_eq!(
        found("provider/mod.rs", "\nfn f() -> crate::routing::Target {}"),
        "provider/mod.rs:2: provider may not use routing"
    );
    assert_eq!(found("api/rest.rs", "use crate::store::Store;"), "api/rest.rs:1: api may not use store");
    assert_eq!(found("service/chat.rs", "use axum::body::Body;"), "service/chat.rs:1: axum is not at home here");
    assert_eq!(
        found("provider/auth.rs", "fn f(c: reqwest::Client) {}"),
        "provider/auth.rs:1: reqwest is not at home here"
    );
    assert_eq!(
        found("routing/plan.rs", "use {std::fmt, sea_orm::Set};"),
        "routing/plan.rs:1: sea_orm is not at home here"
    );
}

#[test]
fn what_goes_down_or_is_only_spoken_of_passes() {
    for (path, source) in [
        ("service/mod.rs", "use crate::{\n    dialect::Source,\n    store::Store,\n    service::keys::Keys,\n};"),
        (
            "dialect/mod.rs",
            "//! Unlike `crate::provider`, pure.\n// See crate::api and reqwest::Client.\nuse crate::pb;",
        ),
        ("provider/upstream.rs", "use reqwest::Client;"),
        ("store/mod.rs", "use sea_orm::Database;"),
        ("api/rest.rs", "use axum::Router; use crate::service::Gateway;"),
        ("error.rs", "const NOTE: &str = \"crate::api\"; const TELL: &str = \"use axum::Router\";"),
        ("provider/mod.rs", "use crate::provider::upstream; fn reqwest_free() {}"),
        ("app.rs", "use crate::{api, service, store};"),
        ("service/chat.rs", "#[cfg(test)]\nmod tests {\n    use crate::api::Door;\n}"),
    ] {
        assert_eq!(check(path, source), Vec::<String>::new());
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the sources can be read") {
        let path = entry.expect("the sources can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// What is wrong with a file, a line each.
fn check(path: &str, source: &str) -> Vec<String> {
    let room = path.split(['/', '.']).next().unwrap_or_default();
    let tokens = tokens(shipped(source));
    let mut faults = BTreeSet::new();

    if let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == room) {
        for (line, used) in rooms_named(&tokens) {
            let known = MAY_USE.iter().any(|(name, _)| *name == used);
            if known && used != room && !allowed.contains(&used) && !allowed.contains(&"*") {
                faults.insert((line, format!("{room} may not use {used}")));
            }
        }
    }
    for (foreign, homes) in HOMES {
        // Messages and services are generated for tonic; the generated code is in `pb`.
        let at_home = room == "pb" || homes.iter().any(|home| path == *home || path.starts_with(home));
        for (line, _) in crates_named(&tokens).filter(|(_, name)| *name == foreign && !at_home) {
            faults.insert((line, format!("{foreign} is not at home here")));
        }
    }
    faults.into_iter().map(|(line, fault)| format!("{path}:{line}: {fault}")).collect()
}

/// The file without its unit tests, which stand at its end and may know everyone.
fn shipped(source: &str) -> &str {
    source.split_once("#[cfg(test)]\nmod ").map_or(source, |(shipped, _)| shipped)
}

/// Words and marks with their lines, without comments and string literals.
fn tokens(source: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(first) = source[at..].chars().next() {
        let rest = &source[at..];
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = string_length(rest) {
            length
        } else if first.is_alphanumeric() || first == '_' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let token = &rest[..length];
        if !token.starts_with(['/', '"', ' ', '\n', 'r']) || token.chars().all(|c| c.is_alphanumeric() || c == '_') {
            tokens.push((line, token));
        }
        line += token.matches('\n').count();
        at += length;
    }
    tokens
}

/// Length of the string literal that begins here, if one does.
fn string_length(rest: &str) -> Option<usize> {
    let raw = rest.strip_prefix('r').map(|rest| rest.trim_start_matches('#'));
    if let Some(inner) = raw.and_then(|raw| raw.strip_prefix('"')) {
        let open = rest.len() - inner.len();
        let close = format!("\"{}", "#".repeat(open - 2));
        return Some(inner.find(&close).map_or(rest.len(), |end| open + end + close.len()));
    }
    // A quote as a character is no string.
    if rest.starts_with("'\"'") {
        return Some(3);
    }
    let inner = rest.strip_prefix('"')?;
    let mut escaped = false;
    for (at, letter) in inner.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 2),
            _ => {}
        }
    }
    Some(rest.len())
}

/// The first names behind `crate::`, also in groups: `crate::{error::Error, pb}` names `error` and `pb`.
fn rooms_named<'a>(tokens: &[(usize, &'a str)]) -> Vec<(usize, &'a str)> {
    let mut named = Vec::new();
    for at in 0..tokens.len() {
        let [(_, "crate"), (_, "::"), next, ..] = &tokens[at..] else { continue };
        if next.1 != "{" {
            named.push(*next);
            continue;
        }
        let mut depth = 0;
        let mut begins = false;
        for token in &tokens[at + 2..] {
            match token.1 {
                "{" => {
                    depth += 1;
                    begins = depth == 1;
                }
                "}" if depth == 1 => break,
                "}" => depth -= 1,
                "," => begins = depth == 1,
                _ if begins => {
                    named.push(*token);
                    begins = false;
                }
                _ => {}
            }
        }
    }
    named
}

/// Names in front of the first `::` of a path, and names that a `use` lists alone.
fn crates_named<'a>(tokens: &'a [(usize, &'a str)]) -> impl Iterator<Item = (usize, &'a str)> {
    tokens.iter().enumerate().filter_map(|(at, token)| {
        let before = at.checked_sub(1).map_or("", |before| tokens[before].1);
        let after = tokens.get(at + 1).map_or("", |after| after.1);
        let path = after == "::" && before != "::";
        (path || before == "use" || before == "extern").then_some(*token)
    })
}
