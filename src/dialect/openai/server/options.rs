//! OpenRouter's extras as clients write them: thinking, web search, routing.

use serde_json::{Map, Value};

use super::fields::Fields;
use crate::{
    error::Error,
    pb::{
        ChatRequest, MaxPrice, RoutingOptions, ShortName, Thinking, ThinkingEffort, ThinkingMode, WebSearch,
        thinking::Level,
    },
};

/// Reads `reasoning`, and `reasoning_effort` and `include_reasoning`, which say less.
pub(super) fn read_thinking(fields: &mut Fields<'_>) -> Result<Option<Thinking>, Error> {
    let include = fields.flag("include_reasoning")?;
    let effort = fields.text("reasoning_effort")?;
    let mut thinking = match (&effort, include) {
        (Some(effort), _) => Some(Thinking { level: read_effort(effort, fields, "reasoning_effort")?, exclude: false }),
        (None, Some(true)) => Some(Thinking { level: Some(Level::Mode(ThinkingMode::Auto.into())), exclude: false }),
        (None, _) => None,
    };
    if include == Some(false) {
        thinking.get_or_insert_default().exclude = true;
    }
    let Some(reasoning) = fields.object("reasoning")? else { return Ok(thinking) };
    let mut reasoning = Fields::new(reasoning, fields.at("reasoning"));
    let mut thinking = thinking.unwrap_or_default();
    thinking.exclude |= reasoning.flag("exclude")?.unwrap_or(false);
    let enabled = reasoning.flag("enabled")?;
    let effort = reasoning.text("effort")?;
    let budget = reasoning.count("max_tokens")?;
    thinking.level = match (enabled, effort, budget) {
        (Some(false), _, _) => Some(Level::Mode(ThinkingMode::Off.into())),
        (_, _, Some(budget)) => Some(Level::BudgetTokens(budget)),
        (_, Some(effort), _) => read_effort(&effort, &reasoning, "effort")?,
        (Some(true), None, None) => Some(Level::Mode(ThinkingMode::Auto.into())),
        (None, None, None) => thinking.level,
    };
    Ok(Some(thinking))
}

fn read_effort(word: &str, fields: &Fields<'_>, name: &str) -> Result<Option<Level>, Error> {
    match word {
        "none" => Ok(Some(Level::Mode(ThinkingMode::Off.into()))),
        "auto" | "default" => Ok(Some(Level::Mode(ThinkingMode::Auto.into()))),
        _ => match ThinkingEffort::from_name(word) {
            Some(effort) if effort != ThinkingEffort::Unspecified => Ok(Some(Level::Effort(effort.into()))),
            _ => Err(fields.at(name).must_be("one of none, minimal, low, medium, high, xhigh, max")),
        },
    }
}

/// Reads the `web` plugin and `web_search_options`. Other plugins, and settings of this one that the contract does not
/// name, are left for providers of this dialect.
pub(super) fn read_web_search(fields: &mut Fields<'_>) -> Result<Option<WebSearch>, Error> {
    let mut search: Option<WebSearch> = None;
    let plugins = fields.list("plugins")?;
    let known = |plugin: &Map<String, Value>| plugin.keys().all(|key| key == "id" || key == "max_results");
    let is_web = |plugin: &Value| plugin.get("id").is_some_and(|id| id == "web");
    if let Some(Value::Object(plugin)) = plugins.iter().find(|plugin| is_web(plugin)) {
        let mut plugin = Fields::new(plugin.clone(), fields.at("plugins"));
        search.get_or_insert_default().max_results = plugin.count("max_results")?;
    }
    let told = |plugin: &Value| is_web(plugin) && plugin.as_object().is_some_and(known);
    let others: Vec<Value> = plugins.into_iter().filter(|plugin| !told(plugin)).collect();
    if !others.is_empty() {
        fields.map.insert("plugins".to_owned(), others.into());
    }
    if let Some(options) = fields.object("web_search_options")? {
        let mut options = Fields::new(options, fields.at("web_search_options"));
        let search = search.get_or_insert_default();
        search.context_size = options.text_or_empty("search_context_size")?;
        search.user_location = options.structure("user_location")?;
    }
    Ok(search)
}

/// Reads `models` and `provider`; members of `provider` that the contract does not name stay for the provider.
pub(super) fn read_routing(fields: &mut Fields<'_>) -> Result<Option<RoutingOptions>, Error> {
    let mut routing = RoutingOptions { fallback_models: fields.texts("models")?, ..RoutingOptions::default() };
    if let Some(provider) = fields.object("provider")? {
        let mut provider = Fields::new(provider, fields.at("provider"));
        routing.order = provider.texts("order")?;
        routing.only = provider.texts("only")?;
        routing.ignore = provider.texts("ignore")?;
        routing.allow_fallbacks = provider.flag("allow_fallbacks")?;
        routing.require_parameters = provider.flag("require_parameters")?;
        // `sort` may be an object too.
        if provider.map.get("sort").is_some_and(Value::is_string) {
            routing.sort = provider.text_or_empty("sort")?;
        }
        routing.data_collection = provider.text_or_empty("data_collection")?;
        routing.quantizations = provider.texts("quantizations")?;
        routing.max_price = read_max_price(&mut provider)?;
        let rest = std::mem::take(&mut provider.map);
        if rest.values().any(|value| !value.is_null()) {
            fields.map.insert("provider".to_owned(), rest.into());
        }
    }
    Ok((routing != RoutingOptions::default()).then_some(routing))
}

fn read_max_price(provider: &mut Fields<'_>) -> Result<Option<MaxPrice>, Error> {
    let Some(price) = provider.object("max_price")? else { return Ok(None) };
    let mut price = Fields::new(price, provider.at("max_price"));
    let most = MaxPrice { prompt: decimal(&mut price, "prompt")?, completion: decimal(&mut price, "completion")? };
    let rest = std::mem::take(&mut price.map);
    if !rest.is_empty() {
        provider.map.insert("max_price".to_owned(), rest.into());
    }
    Ok(Some(most))
}

/// A number, or a string that holds one.
fn decimal(fields: &mut Fields<'_>, name: &str) -> Result<Option<f64>, Error> {
    if let Some(Value::String(text)) = fields.map.get(name) {
        let number = text.parse().map_err(|_| fields.at(name).must_be("a number"))?;
        fields.take(name);
        return Ok(Some(number));
    }
    fields.number(name)
}

/// Fields that mean nothing to the gateway: OpenRouter always reports usage now.
pub(super) fn forget_defaults(request: &mut ChatRequest) {
    if let Some(options) = &mut request.provider_options {
        options.fields.retain(|field| field.key != "usage");
        if options.fields.is_empty() {
            request.provider_options = None;
        }
    }
}
