//! Tools and tool choice as OpenRouter wants them.

use serde_json::{Map, Value, json};

use crate::{
    dialect::openai::client::insert_cache_control,
    pb::{ShortName, Tool, ToolChoice, ToolChoiceMode, tool, tool_choice::Choice},
};

/// Writes a tool.
pub(super) fn write_tool(tool: &Tool) -> Value {
    let mut json = Map::new();
    match &tool.kind {
        Some(tool::Kind::Function(function)) => {
            let mut inner = Map::new();
            inner.insert("name".to_owned(), function.name.as_str().into());
            if !function.description.is_empty() {
                inner.insert("description".to_owned(), function.description.as_str().into());
            }
            if let Some(parameters) = &function.parameters {
                inner.insert("parameters".to_owned(), json!(parameters));
            }
            if let Some(strict) = function.strict {
                inner.insert("strict".to_owned(), strict.into());
            }
            json.insert("type".to_owned(), "function".into());
            json.insert("function".to_owned(), inner.into());
        }
        Some(tool::Kind::Custom(custom)) => {
            let mut inner = Map::new();
            inner.insert("name".to_owned(), custom.name.as_str().into());
            if !custom.description.is_empty() {
                inner.insert("description".to_owned(), custom.description.as_str().into());
            }
            if let Some(format) = &custom.format {
                inner.insert("format".to_owned(), json!(format));
            }
            json.insert("type".to_owned(), "custom".into());
            json.insert("custom".to_owned(), inner.into());
        }
        Some(tool::Kind::Provider(provider)) => {
            json.insert("type".to_owned(), provider.r#type.as_str().into());
            let parameters = provider.parameters.as_ref();
            // OpenRouter's own tools hold their settings under `parameters`, vendors' beside `type`.
            if provider.r#type.starts_with("openrouter:") {
                if let Some(parameters) = parameters {
                    json.insert("parameters".to_owned(), json!(parameters));
                }
            } else {
                let settings = parameters.into_iter().flat_map(|parameters| &parameters.fields);
                json.extend(settings.map(|field| (field.key.clone(), json!(field.value))));
            }
        }
        None => {}
    }
    insert_cache_control(&mut json, tool.cache_control.as_ref());
    json.into()
}

/// Writes a tool choice; none where the provider is to choose itself.
pub(super) fn tool_choice(choice: &ToolChoice, is_custom: impl FnOnce(&str) -> bool) -> Option<Value> {
    match choice.choice.as_ref()? {
        Choice::Mode(mode) => match ToolChoiceMode::try_from(*mode).unwrap_or_default() {
            ToolChoiceMode::Unspecified => None,
            mode => Some(mode.short_name().into()),
        },
        Choice::Name(name) if is_custom(name) => Some(json!({"type": "custom", "custom": {"name": name}})),
        Choice::Name(name) => Some(json!({"type": "function", "function": {"name": name}})),
    }
}
