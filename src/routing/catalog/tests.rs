use super::*;

fn model(id: &str, slug: &str) -> pb::Model {
    pb::Model {
        id: id.to_owned(),
        canonical_slug: slug.to_owned(),
        price: Some(pb::Price::default()),
        ..pb::Model::default()
    }
}

fn listing(provider: &str, ids: &[&str]) -> Vec<Entry> {
    ids.iter().map(|id| Entry::listed(provider, model(id, ""))).collect()
}

fn ids(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.entries().iter().map(|entry| entry.model.id.as_str()).collect()
}

#[test]
fn the_built_in_facts_are_whole() {
    let snapshot = Snapshot::built_in();
    assert!(snapshot.entries().len() > 400);
    for entry in snapshot.entries() {
        let model = &entry.model;
        assert!(!model.name.is_empty() && !model.input_modalities.is_empty(), "{}", model.id);
        assert!(!model.output_modalities.is_empty() && model.context_length > 0, "{}", model.id);
        assert!(model.price.is_some(), "{}", model.id);
    }
    let sonnet = &snapshot.find("anthropic/claude-sonnet-4.5").unwrap().model;
    assert_eq!(sonnet.price.as_ref().unwrap().tiers[0].min_input_tokens, 200_000);
    assert_eq!(sonnet.max_output_tokens, Some(64_000));
    let router = snapshot.find("openrouter/auto").unwrap();
    assert_eq!(router.model.price.as_ref().unwrap().input, None, "decided by the call");
}

#[test]
fn what_vanishes_goes_unless_too_much_of_it_does() {
    let before =
        Snapshot::new(listing("openrouter", &["a/1", "a/2", "a/3"]).into_iter().chain(listing("groq", &["x"])));
    assert_eq!(ids(&before), ["a/1", "a/2", "a/3", "groq/x"]);

    let (after, doubt) = before.renewed("openrouter", listing("openrouter", &["a/2", "a/4"]));
    assert_eq!((ids(&after), doubt), (vec!["a/2", "a/4", "groq/x"], None));

    let (after, doubt) = before.renewed("openrouter", listing("openrouter", &["a/4"]));
    assert_eq!(ids(&after), ["a/1", "a/2", "a/3", "a/4", "groq/x"]);
    assert!(doubt.unwrap().contains("1 models where 3 were known"));

    // What is listed counts before what is kept.
    let (after, _) = before.renewed("openrouter", vec![Entry::listed("openrouter", model("a/1", "a/1-2026"))]);
    assert_eq!(after.find("a/1").unwrap().model.canonical_slug, "a/1-2026");
}

#[test]
fn an_entry_knows_what_its_provider_calls_it() {
    let upstream_id = |provider: &str, id: &str| {
        let entry = Entry::listed(provider, model(id, ""));
        (entry.model.id.clone(), entry.upstream_id)
    };
    let owned = |id: &str, own: &str| (id.to_owned(), own.to_owned());
    assert_eq!(upstream_id("openrouter", "openrouter/auto"), owned("openrouter/auto", "openrouter/auto"));
    assert_eq!(upstream_id("groq", "llama-9"), owned("groq/llama-9", "llama-9"));
    assert_eq!(upstream_id("groq", "meta/llama-9"), owned("groq/meta/llama-9", "meta/llama-9"));
    assert_eq!(upstream_id("sandbox", "sandbox/text"), owned("sandbox/text", "text"));
    let endpoint =
        pb::ModelEndpoint { provider: "groq".to_owned(), upstream_id: "L9".to_owned(), ..Default::default() };
    let named = Entry::listed("groq", pb::Model { endpoints: vec![endpoint], ..model("llama-9", "") });
    assert_eq!((named.upstream_id.as_str(), named.model.endpoints.len()), ("L9", 0));
}

#[test]
fn a_search_is_priced_where_the_model_has_no_search_of_its_own() {
    let price = |provider, makes: &str, stated: Option<&str>| {
        let price = Some(pb::Price { web_search: stated.map(str::to_owned), ..pb::Price::default() });
        let output_modalities = vec![makes.to_owned()];
        let entry = Entry::listed(provider, pb::Model { price, output_modalities, ..model("a/1", "") });
        entry.model.price.as_ref().and_then(|price| price.web_search.clone())
    };
    assert_eq!(price("openrouter", "text", None).as_deref(), Some("0.007"));
    assert_eq!(price("openrouter", "text", Some("0.01")).as_deref(), Some("0.01"));
    assert_eq!(price("openrouter", "embeddings", None), None);
    assert_eq!(price("groq", "text", None), None);
}

#[test]
fn an_answer_is_priced_as_the_model_that_gave_it() {
    let catalog = Snapshot::built_in();
    let check = |asked: &str, answered: &str, expected: Option<&str>| {
        let served = catalog.find_served(catalog.find_with_option(asked).unwrap(), answered);
        assert_eq!(served.as_ref().map(|entry| entry.model.id.as_str()), expected, "{asked} answered by {answered}");
    };
    check("openai/gpt-5.1", "openai/gpt-5.1-20251113", Some("openai/gpt-5.1"));
    check("openai/gpt-5.1", "", Some("openai/gpt-5.1"));
    check("openai/gpt-4o", "gpt-4o-2024-08-06", Some("openai/gpt-4o"));
    // The permanent name says nothing of the variant.
    check("openai/gpt-5.1:batch", "openai/gpt-5.1-20251113", Some("openai/gpt-5.1:batch"));
    check("openai/gpt-oss-20b:free", "openai/gpt-oss-20b", Some("openai/gpt-oss-20b:free"));
    check("openai/gpt-5.1:online", "openai/gpt-5.1-20251113", Some("openai/gpt-5.1"));
    // Routers, aliases and fallbacks.
    check("openrouter/auto", "anthropic/claude-4.5-sonnet-20250929", Some("anthropic/claude-sonnet-4.5"));
    check("~google/gemini-flash-latest", "google/gemini-3.7-flash-20260813", Some("google/gemini-3.7-flash"));
    check("openai/gpt-5.1", "x-ai/grok-4.6", Some("x-ai/grok-4.6"));
    check("openrouter/auto", "x-ai/grok-4", None);
    check("openai/gpt-5.1", "x-ai/grok-4", None);
}
