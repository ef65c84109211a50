//! Tools and tool choice as clients write them.

use serde_json::{Map, Value};

use super::{
    fields::{Fields, Path},
    parts::read_cache_control,
};
use crate::{
    error::Error,
    pb::{
        ChatRequest, CustomTool, FunctionTool, ProviderTool, Tool, ToolChoice, ToolChoiceMode, tool,
        tool_choice::Choice,
    },
};

/// Reads `tools`, `tool_choice` and their predecessors `functions` and `function_call`.
pub(super) fn read_tools(fields: &mut Fields<'_>, request: &mut ChatRequest) -> Result<(), Error> {
    let tools = fields.list("tools")?;
    for (at, tool) in tools.into_iter().enumerate() {
        let path = fields.at("tools");
        request.tools.push(read_tool(tool, Path::Element(&path, at))?);
    }
    let functions = fields.list("functions")?;
    for (at, function) in functions.into_iter().enumerate() {
        let path = fields.at("functions");
        let function = read_function(&mut Fields::of(function, Path::Element(&path, at))?)?;
        request.tools.push(Tool { kind: Some(tool::Kind::Function(function)), cache_control: None });
    }
    let old = fields.take("function_call").map(|choice| match choice {
        Value::Object(named) => Value::from_iter([("type", Value::from("function")), ("function", named.into())]),
        word => word,
    });
    if let Some(choice) = fields.take("tool_choice").or(old) {
        match read_choice(&choice, &fields.at("tool_choice"))? {
            Some(choice) => request.tool_choice = Some(ToolChoice { choice: Some(choice) }),
            // `allowed_tools` and what may come: for providers of this dialect.
            None => _ = fields.map.insert("tool_choice".to_owned(), choice),
        }
    }
    request.parallel_tool_calls = fields.flag("parallel_tool_calls")?;
    Ok(())
}

fn read_choice(choice: &Value, path: &Path<'_>) -> Result<Option<Choice>, Error> {
    let mode = |mode: ToolChoiceMode| Ok(Some(Choice::Mode(mode.into())));
    match choice {
        Value::String(word) => match word.as_str() {
            "auto" => mode(ToolChoiceMode::Auto),
            "none" => mode(ToolChoiceMode::None),
            "required" | "any" => mode(ToolChoiceMode::Required),
            _ => Err(path.must_be("auto, none, required or an object that names a tool")),
        },
        Value::Object(named) => {
            let inner = named.get("function").or_else(|| named.get("custom"));
            let name = inner.and_then(|inner| inner.get("name")).and_then(Value::as_str);
            Ok(name.filter(|name| !name.is_empty()).map(|name| Choice::Name(name.to_owned())))
        }
        _ => Err(path.must_be("auto, none, required or an object that names a tool")),
    }
}

fn read_tool(tool: Value, path: Path<'_>) -> Result<Tool, Error> {
    let mut fields = Fields::of(tool, path)?;
    let kind = fields.needed_text("type")?;
    let cache_control = read_cache_control(&mut fields)?;
    let kind = match kind.as_str() {
        "function" => {
            let function = fields.object("function")?.ok_or_else(|| fields.at("function").must_be("an object"))?;
            let mut function = Fields::new(function, fields.at("function"));
            tool::Kind::Function(read_function(&mut function)?)
        }
        "custom" => {
            let custom = fields.object("custom")?.ok_or_else(|| fields.at("custom").must_be("an object"))?;
            let mut custom = Fields::new(custom, fields.at("custom"));
            tool::Kind::Custom(CustomTool {
                name: custom.needed_text("name")?,
                description: custom.text_or_empty("description")?,
                format: custom.structure("format")?,
            })
        }
        // OpenRouter's own tools hold their settings under `parameters`, vendors' beside `type`.
        name if name.starts_with("openrouter:") => {
            let parameters = fields.structure("parameters")?;
            tool::Kind::Provider(ProviderTool { r#type: kind, parameters })
        }
        _ => {
            let settings: Map<_, _> = std::mem::take(&mut fields.map);
            let parameters = (!settings.is_empty()).then(|| settings.into());
            tool::Kind::Provider(ProviderTool { r#type: kind, parameters })
        }
    };
    Ok(Tool { kind: Some(kind), cache_control })
}

fn read_function(function: &mut Fields<'_>) -> Result<FunctionTool, Error> {
    Ok(FunctionTool {
        name: function.needed_text("name")?,
        description: function.text_or_empty("description")?,
        parameters: function.structure("parameters")?,
        strict: function.flag("strict")?,
    })
}
