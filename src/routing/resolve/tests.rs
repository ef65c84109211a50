use super::*;

/// Resolves with the built-in facts, `openrouter` and `groq` as providers, and an alias or two.
fn resolved(name: &str) -> Result<Resolved, Error> {
    static FACTS: std::sync::LazyLock<Snapshot> = std::sync::LazyLock::new(Snapshot::built_in);
    let mut settings = config::Routing::default();
    for (alias, target) in [("house", "openai/gpt-5.1"), ("quick", "groq/llama-9:turbo"), ("broken", "openai/gpt-9")] {
        settings.aliases.insert(alias.to_owned(), target.to_owned());
    }
    resolve(name, &FACTS, &settings, |provider| ["openrouter", "groq"].contains(&provider))
}

fn check(name: &str, expected: Result<(Rule, &str), Reason>) {
    let found = resolved(name);
    let found = found
        .as_ref()
        .map(|found| (found.resolution.rule(), found.resolution.resolved.as_str()))
        .map_err(|error| error.reason);
    assert_eq!(found, expected, "{name:?}");
}

fn found(rule: Rule, names: &[(&str, &str)]) {
    names.iter().for_each(|(name, id)| check(name, Ok((rule, id))));
}

fn refused(reason: Reason, names: &[&str]) {
    names.iter().for_each(|name| check(name, Err(reason)));
}

#[test]
fn ids_pins_and_aliases_are_taken_at_their_word() {
    found(
        Rule::Exact,
        &[
            ("anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4.5"),
            ("anthropic/claude-sonnet-4.5:batch", "anthropic/claude-sonnet-4.5:batch"),
            ("anthropic/claude-sonnet-4.5:online", "anthropic/claude-sonnet-4.5:online"),
            ("openai/gpt-oss-20b:free:online", "openai/gpt-oss-20b:free:online"),
            ("~anthropic/claude-sonnet-latest", "~anthropic/claude-sonnet-latest"),
            ("openrouter/auto", "openrouter/auto"),
        ],
    );
    found(
        Rule::Pinned,
        &[
            ("openrouter/anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4.5"),
            ("openrouter/anthropic/claude-sonnet-4.5:nitro", "anthropic/claude-sonnet-4.5:nitro"),
            ("openrouter/some/unlisted", "openrouter/some/unlisted"),
            ("groq/llama-9:turbo", "groq/llama-9:turbo"),
        ],
    );
    found(Rule::Alias, &[("house", "openai/gpt-5.1"), ("quick", "groq/llama-9:turbo")]);
    refused(Reason::ModelNotFound, &["broken", "groq/", "nobody/llama-9"]);
}

#[test]
fn a_variant_keeps_the_facts_and_the_price_of_its_model() {
    for (name, upstream_id) in [
        ("anthropic/claude-sonnet-4.5:nitro", "anthropic/claude-sonnet-4.5:nitro"),
        ("openrouter/anthropic/claude-sonnet-4.5:floor", "anthropic/claude-sonnet-4.5:floor"),
        ("sonnet 4.5:exacto", "anthropic/claude-sonnet-4.5:exacto"),
    ] {
        let found = resolved(name).unwrap();
        assert_eq!((found.provider.as_str(), found.upstream_id.as_str()), ("openrouter", upstream_id));
        assert_eq!(found.entry.unwrap().model.id, "anthropic/claude-sonnet-4.5", "{name}");
    }
    let unlisted = resolved("groq/llama-9:turbo").unwrap();
    assert_eq!((unlisted.provider.as_str(), unlisted.upstream_id.as_str()), ("groq", "llama-9:turbo"));
    assert!(unlisted.entry.is_none());
    let listed = resolved("gpt-oss-20b:free").unwrap().entry.unwrap();
    assert_eq!(listed.model.price.as_ref().unwrap().input.as_deref(), Some("0"));
}

#[test]
fn order_author_date_and_spelling_do_not_matter() {
    found(
        Rule::Canonical,
        &[
            ("claude-4.5-sonnet", "anthropic/claude-sonnet-4.5"),
            ("Claude Sonnet 4.5", "anthropic/claude-sonnet-4.5"),
            ("sonnet 4.5", "anthropic/claude-sonnet-4.5"),
            ("claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4.5"),
            ("anthropic/claude-4.5-sonnet-20250929", "anthropic/claude-sonnet-4.5"),
            ("anthropic claude opus 4.5", "anthropic/claude-opus-4.5"),
            ("claude-3-haiku-20240307", "anthropic/claude-3-haiku"),
            ("gpt5.1", "openai/gpt-5.1"),
            ("gpt-4o-2024-05-13", "openai/gpt-4o-2024-05-13"),
            ("gpt-4.1-2025-04-14", "openai/gpt-4.1"),
            ("deepseek 3.2", "deepseek/deepseek-v3.2"),
            ("meta/llama-3.3-70b-instruct", "meta-llama/llama-3.3-70b-instruct"),
            ("llama-3.3-70b", "meta-llama/llama-3.3-70b-instruct"),
            ("mistral/mistral-large", "mistralai/mistral-large"),
            ("codestral", "mistralai/codestral-2508"),
            ("command r+", "cohere/command-r-plus-08-2024"),
            ("zai/glm4.6", "z-ai/glm-4.6"),
            ("glm-4.6v", "z-ai/glm-4.6v"),
            ("nano banana pro", "google/gemini-3-pro-image"),
            ("gemini-3-flash-preview", "google/gemini-3-flash-preview"),
            ("sonnet-4.5:batch", "anthropic/claude-sonnet-4.5:batch"),
            ("sonnet-4.5:thinking", "anthropic/claude-sonnet-4.5:thinking"),
            ("gpt-oss-20b:free", "openai/gpt-oss-20b:free"),
        ],
    );
}

#[test]
fn a_family_means_its_default_variant_and_a_beginning_its_only_end() {
    found(
        Rule::FamilyDefault,
        &[
            ("claude-4.5", "anthropic/claude-sonnet-4.5"),
            ("claude 4", "anthropic/claude-sonnet-4"),
            ("anthropic/claude-4.6", "anthropic/claude-sonnet-4.6"),
            ("gemini-2.5", "google/gemini-2.5-flash"),
            ("claude", "anthropic/claude-sonnet-5"),
        ],
    );
    found(
        Rule::Fuzzy,
        &[
            ("claude-3", "anthropic/claude-3-haiku"),
            ("llama 3.3", "meta-llama/llama-3.3-70b-instruct"),
            ("palmyra", "writer/palmyra-x5"),
        ],
    );
}

#[test]
fn a_slip_of_the_pen_is_understood() {
    found(
        Rule::Fuzzy,
        &[
            ("cluade-sonnet-4.5", "anthropic/claude-sonnet-4.5"),
            ("antropic/claude-opus-4.5", "anthropic/claude-opus-4.5"),
            ("gpt-5.1-codx", "openai/gpt-5.1-codex"),
            ("gemini-2.5-flash-lit", "google/gemini-2.5-flash-lite"),
        ],
    );
    // Five and a half times what the next one costs.
    refused(Reason::ModelAmbiguous, &["gemini-2.5-flsh"]);
}

#[test]
fn doubt_is_not_settled_by_a_guess() {
    refused(
        Reason::ModelAmbiguous,
        &[
            "gpt",
            "gpt-5.6",
            "opus",
            "claude-opus",
            "kimi",
            "deepseek-v4",
            "llama-70b",
            "qwen3.5-plus",
            "text-embedding-3",
        ],
    );
}

#[test]
fn versions_dates_variants_and_authors_are_never_bent() {
    refused(
        Reason::ModelNotFound,
        &[
            "claude-3.5",
            "claude-sonnet-4.55",
            "claude-sonnet-45",
            "claude-sonnet-4-5-20250101",
            "gpt-4o-2024-12-01",
            "gpt-4.5",
            "gpt-5-codex",
            "gpt-5:free",
            "gemini-3-flash",
            "grok-4.1-fast",
            "openai/claude-opus-4.5",
            "sandbox/echo",
            "a",
            "…",
            "tell me about claude and sonnet 4.5 please",
        ],
    );
}

#[test]
fn names_that_cannot_be_names_are_refused_on_their_field() {
    for name in ["", "  ", "gpt-5\n", "groq/\u{7f}", &"x".repeat(257), &format!("groq/{}", "x".repeat(257))] {
        let error = resolved(name).unwrap_err();
        assert_eq!((error.reason, error.field.as_deref()), (Reason::InvalidRequest, Some("model")), "{name:?}");
    }
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest_ones() {
    let error = resolved("claude-sonnet-4-5-20250101").unwrap_err();
    assert_eq!(error.field.as_deref(), Some("model"));
    assert_eq!(error.suggestions.len(), 5);
    assert_eq!(error.suggestions[0], "anthropic/claude-sonnet-4.5");
    assert!(error.message.contains("did you mean anthropic/claude-sonnet-4.5, "), "{error}");
    assert_eq!(resolved("gpt-5-codex").unwrap_err().suggestions[0], "openai/gpt-5-codex:batch");
    assert!(resolved("claude-3.5").unwrap_err().suggestions.iter().all(|id| id.starts_with("anthropic/claude-")));
    assert!(resolved("gpt-5.6").unwrap_err().suggestions.contains(&"openai/gpt-5.6-sol".to_owned()));
}

#[test]
fn only_what_was_said_in_full_is_certain() {
    let confidence = |name| resolved(name).unwrap().resolution.confidence;
    for name in ["openai/gpt-5.1", "groq/llama-9:turbo", "house"] {
        assert!((confidence(name) - 1.0).abs() < f64::EPSILON, "{name}");
    }
    let falling = ["gpt 5.1", "sonnet 4.5", "claude-4.5", "claude-3", "claude"].map(confidence);
    assert!(falling.windows(2).all(|pair| pair[0] > pair[1]), "{falling:?}");
}

#[test]
fn the_sandbox_is_meant_only_by_its_full_name() {
    let model = pb::Model { id: "sandbox/echo".to_owned(), name: "Echo".to_owned(), ..pb::Model::default() };
    let (catalog, _) = Snapshot::built_in().renewed("sandbox", vec![Entry::listed("sandbox", model)]);
    let settings = config::Routing::default();
    let find = |name| resolve(name, &catalog, &settings, |_| false);
    let echo = find("sandbox/echo").unwrap();
    assert_eq!((echo.resolution.rule(), echo.upstream_id.as_str()), (Rule::Exact, "echo"));
    assert_eq!(find("echo").unwrap_err().reason, Reason::ModelNotFound);
}
