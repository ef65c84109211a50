//! Writes a chat for OpenRouter: the client's own bytes where there are some, else every field of the contract.

use serde_json::{Map, Value, json};

use super::tools::{tool_choice, write_tool};
use crate::{
    dialect::{
        Family, OutgoingChat, OutgoingEmbed, Written,
        openai::client::{embeddings_body, splice_chat, splice_embeddings, write_messages},
    },
    error::Error,
    pb::{
        ChatRequest, Model, ResponseFormatType, RoutingOptions, ShortName, Thinking, ThinkingEffort, ThinkingMode,
        Warning, WebSearch, thinking::Level, tool, well_known::Struct,
    },
};

/// Writes a chat.
pub(in crate::dialect) fn write_chat(chat: OutgoingChat<'_>) -> Result<Written, Error> {
    let path = "/chat/completions".to_owned();
    if let Some(source) = chat.source.filter(|source| source.family == Family::OpenAi) {
        let (body, warnings) = splice_chat(&chat, source)?;
        return Ok(Written { path, body, warnings });
    }
    let mut written = Writing::default();
    written.chat(&chat)?;
    let body = Value::Object(written.json).to_string().into();
    Ok(Written { path, body, warnings: written.warnings })
}

/// Writes a request for embeddings.
pub(in crate::dialect) fn write_embeddings(embed: OutgoingEmbed<'_>) -> Result<Written, Error> {
    let path = "/embeddings".to_owned();
    if let Some(source) = embed.source.filter(|source| source.family == Family::OpenAi) {
        return Ok(Written { path, body: splice_embeddings(&embed, source)?, warnings: Vec::new() });
    }
    let mut written = Writing { json: embeddings_body(&embed)?, warnings: Vec::new() };
    if let Some(routing) = &embed.request.routing {
        written.routing(routing);
    }
    written.provider_options(embed.request.provider_options.as_ref());
    Ok(Written { path, body: Value::Object(written.json).to_string().into(), warnings: written.warnings })
}

/// A body that is being written. Fields stand in one fixed order, what is stable first, so that prefixes are too.
#[derive(Default)]
struct Writing {
    json: Map<String, Value>,
    warnings: Vec<Warning>,
}

impl Writing {
    fn chat(&mut self, chat: &OutgoingChat<'_>) -> Result<(), Error> {
        let request = chat.request;
        self.put("model", chat.model);
        self.tools(request);
        self.put("messages", write_messages(&request.messages)?);
        if chat.stream {
            self.put("stream", true);
            self.put("stream_options", json!({"include_usage": true}));
        }
        self.sampling(request);
        self.shape(request);
        if let Some(thinking) = &request.thinking {
            self.thinking(thinking, chat.facts);
        }
        if let Some(search) = &request.web_search {
            self.web_search(search);
        }
        if let Some(routing) = &request.routing {
            self.routing(routing);
        }
        self.text("user", &request.end_user);
        if !request.metadata.is_empty() {
            self.put("metadata", json!(request.metadata));
        }
        self.provider_options(request.provider_options.as_ref());
        Ok(())
    }

    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.json.insert(name.to_owned(), value.into());
    }

    fn maybe(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.put(name, value);
        }
    }

    fn list(&mut self, name: &str, value: &[String]) {
        if !value.is_empty() {
            self.put(name, value);
        }
    }

    fn warn(&mut self, code: &str, field: &str, message: String) {
        self.warnings.push(Warning { code: code.to_owned(), field: field.to_owned(), message });
    }

    fn sampling(&mut self, request: &ChatRequest) {
        self.maybe("max_tokens", request.max_output_tokens);
        self.maybe("temperature", request.temperature.map(number));
        self.maybe("top_p", request.top_p.map(number));
        self.maybe("top_k", request.top_k);
        self.maybe("min_p", request.min_p.map(number));
        self.maybe("presence_penalty", request.presence_penalty.map(number));
        self.maybe("frequency_penalty", request.frequency_penalty.map(number));
        self.maybe("repetition_penalty", request.repetition_penalty.map(number));
        self.maybe("seed", request.seed);
        self.list("stop", &request.stop);
        self.maybe("logprobs", request.logprobs);
        self.maybe("top_logprobs", request.top_logprobs);
        if !request.logit_bias.is_empty() {
            let bias = request.logit_bias.iter().map(|(token, bias)| (token.clone(), number(*bias)));
            self.put("logit_bias", bias.collect::<Map<_, _>>());
        }
    }

    fn tools(&mut self, request: &ChatRequest) {
        if !request.tools.is_empty() {
            self.put("tools", request.tools.iter().map(write_tool).collect::<Vec<_>>());
        }
        if let Some(choice) = &request.tool_choice {
            let custom = |name: &str| {
                request
                    .tools
                    .iter()
                    .any(|tool| matches!(&tool.kind, Some(tool::Kind::Custom(tool)) if tool.name == name))
            };
            self.maybe("tool_choice", tool_choice(choice, custom));
        }
        self.maybe("parallel_tool_calls", request.parallel_tool_calls);
    }

    fn shape(&mut self, request: &ChatRequest) {
        if let Some(format) = &request.response_format {
            let schema = format.json_schema.as_ref().map(|schema| {
                let mut json = Map::new();
                json.insert("name".to_owned(), schema.name.as_str().into());
                if !schema.description.is_empty() {
                    json.insert("description".to_owned(), schema.description.as_str().into());
                }
                if let Some(strict) = schema.strict {
                    json.insert("strict".to_owned(), strict.into());
                }
                json.insert("schema".to_owned(), json!(schema.schema));
                json
            });
            match format.r#type() {
                ResponseFormatType::Unspecified => {}
                ResponseFormatType::Text => self.put("response_format", json!({"type": "text"})),
                ResponseFormatType::JsonObject => self.put("response_format", json!({"type": "json_object"})),
                ResponseFormatType::JsonSchema => {
                    self.put("response_format", json!({"type": "json_schema", "json_schema": schema}));
                }
            }
        }
        self.list("modalities", &request.modalities);
        self.maybe("image_config", request.image_config.as_ref().map(|config| json!(config)));
        if let Some(audio) = &request.audio {
            self.put("audio", json!({"voice": audio.voice, "format": audio.format}));
        }
        self.text("verbosity", &request.verbosity);
        self.text("service_tier", &request.service_tier);
        self.text("prompt_cache_key", &request.prompt_cache_key);
    }

    /// The one knob as OpenRouter's `reasoning`, clamped to what the model can.
    fn thinking(&mut self, thinking: &Thinking, facts: Option<&Model>) {
        let support = facts.and_then(|facts| facts.thinking.as_ref());
        let cannot = facts.is_some_and(|facts| {
            facts.thinking.is_none()
                && !facts.supported_parameters.is_empty()
                && !facts.supported_parameters.iter().any(|name| name == "reasoning")
        });
        let off = matches!(thinking.level, Some(Level::Mode(mode)) if mode == i32::from(ThinkingMode::Off));
        if cannot {
            if !off && thinking.level.is_some() {
                self.warn("thinking_unsupported", "thinking", "the model does not think; asked without it".to_owned());
            }
            return;
        }
        let mut json = Map::new();
        match thinking.level {
            Some(Level::Mode(_)) if off && support.is_some_and(|support| support.mandatory) => {
                let least = support.and_then(|support| nearest(&support.supported_efforts, ThinkingEffort::Minimal));
                let message = "the model always thinks; asked for its least effort".to_owned();
                self.warn("thinking_mandatory", "thinking.mode", message);
                json.insert("effort".to_owned(), least.unwrap_or_else(|| "low".to_owned()).into());
            }
            Some(Level::Mode(_)) if off => {
                json.insert("enabled".to_owned(), false.into());
            }
            Some(Level::Mode(mode)) if mode == i32::from(ThinkingMode::Auto) => {
                json.insert("enabled".to_owned(), true.into());
            }
            Some(Level::Effort(effort)) => {
                let effort = ThinkingEffort::try_from(effort).unwrap_or_default();
                if effort != ThinkingEffort::Unspecified {
                    json.insert(
                        "effort".to_owned(),
                        self.effort(effort, support.map(|it| &*it.supported_efforts)).into(),
                    );
                }
            }
            Some(Level::BudgetTokens(budget)) => {
                json.insert("max_tokens".to_owned(), budget.into());
            }
            Some(Level::Mode(_)) | None => {}
        }
        if thinking.exclude {
            json.insert("exclude".to_owned(), true.into());
        }
        if !json.is_empty() {
            self.put("reasoning", json);
        }
    }

    fn effort(&mut self, asked: ThinkingEffort, supported: Option<&[String]>) -> String {
        let word = asked.short_name();
        let supported = supported.unwrap_or_default();
        if supported.is_empty() || supported.iter().any(|known| known == word) {
            return word.to_owned();
        }
        let Some(near) = nearest(supported, asked) else {
            return word.to_owned();
        };
        self.warn(
            "thinking_clamped",
            "thinking.effort",
            format!("the model has no effort `{word}`; asked for `{near}`"),
        );
        near
    }

    /// The `web` plugin searches before each answer, as the contract promises, and `web_search_options` says how much
    /// is read; only the `openrouter:web_search` tool knows domains and a number of searches, but leaves it to the
    /// model whether to search: <https://openrouter.ai/docs/features/web-search>.
    fn web_search(&mut self, search: &WebSearch) {
        let mut parameters = Map::new();
        if !search.context_size.is_empty() {
            parameters.insert("search_context_size".to_owned(), search.context_size.as_str().into());
        }
        if let Some(location) = &search.user_location {
            parameters.insert("user_location".to_owned(), json!(location));
        }
        let narrow =
            search.max_uses.is_some() || !(search.allowed_domains.is_empty() && search.excluded_domains.is_empty());
        if !narrow {
            let mut plugin = Map::new();
            plugin.insert("id".to_owned(), "web".into());
            if let Some(most) = search.max_results {
                plugin.insert("max_results".to_owned(), most.into());
            }
            self.put("plugins", vec![Value::Object(plugin)]);
            if !parameters.is_empty() {
                self.put("web_search_options", parameters);
            }
            return;
        }
        for (name, value) in [("max_results", search.max_results), ("max_uses", search.max_uses)] {
            if let Some(value) = value {
                parameters.insert(name.to_owned(), value.into());
            }
        }
        for (name, domains) in
            [("allowed_domains", &search.allowed_domains), ("excluded_domains", &search.excluded_domains)]
        {
            if !domains.is_empty() {
                parameters.insert(name.to_owned(), domains.as_slice().into());
            }
        }
        let tool = json!({"type": "openrouter:web_search", "parameters": parameters});
        match self.json.entry("tools").or_insert_with(|| json!([])) {
            Value::Array(tools) => tools.push(tool),
            _ => unreachable!("tools are written as a list"),
        }
    }

    /// Without `models`: the gateway falls back by itself, so that each attempt is on its books.
    fn routing(&mut self, routing: &RoutingOptions) {
        let mut provider = Map::new();
        for (name, list) in [("order", &routing.order), ("only", &routing.only), ("ignore", &routing.ignore)] {
            if !list.is_empty() {
                provider.insert(name.to_owned(), list.as_slice().into());
            }
        }
        for (name, flag) in
            [("allow_fallbacks", routing.allow_fallbacks), ("require_parameters", routing.require_parameters)]
        {
            if let Some(flag) = flag {
                provider.insert(name.to_owned(), flag.into());
            }
        }
        for (name, word) in [("sort", &routing.sort), ("data_collection", &routing.data_collection)] {
            if !word.is_empty() {
                provider.insert(name.to_owned(), word.as_str().into());
            }
        }
        if !routing.quantizations.is_empty() {
            provider.insert("quantizations".to_owned(), routing.quantizations.as_slice().into());
        }
        if let Some(most) = &routing.max_price {
            let mut price = Map::new();
            for (name, value) in [("prompt", most.prompt), ("completion", most.completion)] {
                if let Some(value) = value {
                    price.insert(name.to_owned(), number(value));
                }
            }
            provider.insert("max_price".to_owned(), price.into());
        }
        if !provider.is_empty() {
            self.put("provider", provider);
        }
    }

    /// Adds the caller's own fields. A field that the contract names is not overridden, only completed: further
    /// members of an object, further elements of `plugins`.
    fn provider_options(&mut self, options: Option<&Struct>) {
        // How the answer comes is between the gateway and the provider.
        const OURS: [&str; 3] = ["stream", "stream_options", "encoding_format"];
        for field in options.iter().flat_map(|options| &options.fields) {
            let value = json!(field.value);
            match (self.json.get_mut(&field.key), value) {
                (None, _) if OURS.contains(&field.key.as_str()) => self.ignore(&field.key),
                (None, value) => self.put(&field.key, value),
                (Some(Value::Object(named)), Value::Object(more)) => {
                    more.into_iter().for_each(|(key, value)| _ = named.entry(key).or_insert(value));
                }
                (Some(Value::Array(named)), Value::Array(more)) if field.key == "plugins" => {
                    // The caller's own settings of a plugin say more than the contract's.
                    named.retain(|plugin| !more.iter().any(|other| other.get("id") == plugin.get("id")));
                    named.extend(more);
                }
                _ => self.ignore(&field.key),
            }
        }
    }

    fn ignore(&mut self, key: &str) {
        let message = format!("`{key}` is set by the request itself or by the gateway");
        self.warn("option_ignored", &format!("provider_options.{key}"), message);
    }
}

/// Whole numbers without a point, as they were most likely typed.
fn number(value: f64) -> Value {
    json!(crate::pb::well_known::Value { kind: Some(crate::pb::well_known::Kind::Number(value)) })
}

/// The supported effort nearest to the one asked for; the lower of two equally near.
fn nearest(supported: &[String], asked: ThinkingEffort) -> Option<String> {
    let efforts = supported.iter().filter_map(|word| Some((ThinkingEffort::from_name(word)?, word)));
    let near = efforts.min_by_key(|(effort, _)| {
        let (effort, asked) = (i32::from(*effort), i32::from(asked));
        ((effort - asked).abs(), effort)
    });
    near.map(|(_, word)| word.clone())
}
