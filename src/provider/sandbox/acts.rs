//! What each model does with a request.

use serde_json::{Value, json};

use super::{
    memory::hash,
    models::{EFFORTS, Sheet},
    png,
    request::{ChatBody, Sight},
    schema, tokens,
    wire::Refusal,
};

/// What a model says, in order.
#[derive(Debug, Default)]
pub(super) struct Act {
    pub sayings: Vec<Saying>,
    /// Web searches it made.
    pub searches: u32,
    /// The thinking is not to be shown.
    pub hide_thinking: bool,
}

/// A thing that a model says.
#[derive(Debug)]
pub(super) enum Saying {
    /// Thinking.
    Thought(String),
    /// Text.
    Text(String),
    /// A call.
    Call { id: String, name: String, arguments: String },
    /// A PNG.
    Picture(Vec<u8>),
    /// A source of the text from `start` to `end`, in characters.
    Source { url: String, title: String, quote: String, start: usize, end: usize },
}

/// What the model of that sheet does.
pub(super) fn perform(sheet: &Sheet, request: &ChatBody, sight: &Sight) -> Result<Act, Refusal> {
    let prompt = request.prompt();
    if let Some(schema) = wanted_schema(&request.response_format) {
        return Ok(say(schema::example(schema, &prompt).to_string()));
    }
    if request.response_format["type"] == "json_object" {
        return Ok(say(json!({"answer": prompt}).to_string()));
    }
    Ok(match sheet.name {
        "echo" => say(join(&[&prompt, &sight.words()])),
        "think" => think(request, &prompt, sight)?,
        "tools" => use_tools(request, &prompt)?,
        "image" => draw(&prompt),
        "cite" => cite(&prompt),
        _ => say(chat(&prompt, sight)),
    })
}

fn wanted_schema(format: &Value) -> Option<&Value> {
    (format["type"] == "json_schema").then(|| &format["json_schema"]["schema"])
}

fn say(text: String) -> Act {
    Act { sayings: vec![Saying::Text(text)], ..Act::default() }
}

fn chat(prompt: &str, sight: &Sight) -> String {
    let asked = prompt.to_lowercase();
    let about = |words: &[&str]| words.iter().any(|word| asked.contains(word));
    let mut answer = vec![format!("**You asked:** {}", excerpt(prompt)), sight.words()];
    if about(&["table", "compare"]) {
        answer.push(TABLE.to_owned());
    }
    if about(&["code", "program", "function"]) {
        answer.push(CODE.to_owned());
    }
    if about(&["math", "formula", "equation"]) {
        answer.push(MATH.to_owned());
    }
    if about(&["image", "picture", "draw"]) {
        answer.push("Pictures are drawn by `sandbox/image`; ask it the same.".to_owned());
    }
    if answer.len() == 2 {
        answer.push(PLAIN.to_owned());
    }
    join(&answer.iter().map(String::as_str).collect::<Vec<_>>())
}

const PLAIN: &str = "This is the sandbox: its answers are made on this machine, cost nothing and are the same each \
time. What you see is how any model's answer arrives:\n\n1. word by word,\n2. with its *usage* and its `cost`,\n3. and \
with the reason why it ended.\n\nAsk for a table, code or math, or set a provider's key to reach real models.";

const TABLE: &str = "| model | does | try |\n|---|---|---|\n| `sandbox/echo` | repeats you | anything |\n| \
`sandbox/think` | thinks first | a question |\n| `sandbox/tools` | calls your tools | two tools at once |\n| \
`sandbox/image` | draws | any words |";

const CODE: &str = "```rust\n/// The n-th Fibonacci number.\nfn fibonacci(n: u32) -> u64 {\n    (0..n).fold((0, 1), \
|(a, b), _| (b, a + b)).0\n}\n```";

const MATH: &str = "The roots of $ax^2 + bx + c = 0$ are\n\n$$x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}$$";

fn think(request: &ChatBody, prompt: &str, sight: &Sight) -> Result<Act, Refusal> {
    let knob = &request.reasoning;
    let effort = knob.effort.as_deref().or(request.reasoning_effort.as_deref());
    let off = knob.enabled == Some(false) || effort == Some("none");
    let level = match effort {
        _ if off => 0,
        None => 3,
        Some(effort) => {
            let level = EFFORTS.iter().position(|known| *known == effort);
            let words = || format!("reasoning.effort: {effort} is none of none, {}", EFFORTS.join(", "));
            level.ok_or_else(|| Refusal::new(400, words()))? + 1
        }
    };
    let remembered = thoughts_that_came_back(request)?;

    let steps = [
        "What is asked",
        "What is known of it",
        "What would be a good answer",
        "Whether that is true",
        "How to say it briefly",
    ];
    let sentences = (0..level * 2)
        .map(|at| format!("{} ({} of {}): {}. ", steps[at % steps.len()], at + 1, level * 2, excerpt(prompt)));
    let thought: String = sentences.collect();
    let thought = tokens::cut(&thought, knob.max_tokens.unwrap_or(u32::MAX)).to_owned();

    let conclusion = if thought.is_empty() { "I did not think." } else { "I have thought about it." };
    let memory = if remembered == 0 { String::new() } else { format!("I remember {remembered} earlier thoughts.") };
    let answer = join(&[conclusion, &memory, &format!("You asked: {}", excerpt(prompt)), &sight.words()]);
    let thoughts = (!thought.is_empty()).then_some(Saying::Thought(thought));
    let sayings = thoughts.into_iter().chain([Saying::Text(answer)]).collect();
    Ok(Act { sayings, hide_thinking: knob.exclude, ..Act::default() })
}

/// Checks the thoughts that come back as vendors do, who refuse what was altered. Returns how many there are.
fn thoughts_that_came_back(request: &ChatBody) -> Result<usize, Refusal> {
    let mut count = 0;
    for (at, message) in request.messages.iter().enumerate() {
        for (detail_at, detail) in message.reasoning_details.iter().enumerate() {
            let text = detail["text"].as_str().unwrap_or("");
            if detail["signature"].as_str() != Some(&signature(text)) {
                let words =
                    format!("messages[{at}].reasoning_details[{detail_at}]: the signature does not fit the text");
                return Err(Refusal::new(400, words));
            }
            count += 1;
        }
    }
    Ok(count)
}

/// What a thought is signed with.
pub(super) fn signature(thought: &str) -> String {
    format!("sandbox-{:016x}", hash(thought.as_bytes()))
}

fn use_tools(request: &ChatBody, prompt: &str) -> Result<Act, Refusal> {
    let results: Vec<_> = request.messages.iter().rev().take_while(|message| message.role == "tool").collect();
    if !results.is_empty() {
        return results_in_words(request, &results).map(say);
    }
    let functions: Vec<_> =
        request.tools.iter().map(|tool| &tool["function"]).filter(|tool| tool.is_object()).collect();
    let named = request.tool_choice["function"]["name"].as_str();
    let chosen: Vec<_> = match named {
        Some(name) => functions.into_iter().filter(|tool| tool["name"] == name).take(1).collect(),
        None if request.tool_choice == "none" => Vec::new(),
        None => functions.into_iter().take(if request.parallel_tool_calls == Some(false) { 1 } else { 2 }).collect(),
    };
    if let (Some(name), true) = (named, chosen.is_empty()) {
        return Err(Refusal::new(400, format!("tool_choice: there is no tool {name}")));
    }
    if chosen.is_empty() {
        return Ok(say(
            "There is no tool that I may call; give me one, such as `get_weather` with a `city`.".to_owned()
        ));
    }
    let calls = chosen.iter().enumerate().map(|(at, tool)| {
        let name = tool["name"].as_str().unwrap_or_default().to_owned();
        let arguments = schema::example(&tool["parameters"], prompt);
        let arguments = if arguments.is_object() { arguments } else { json!({}) }.to_string();
        Saying::Call { id: format!("call_{:016x}", hash(format!("{at}{name}{prompt}").as_bytes())), name, arguments }
    });
    Ok(Act { sayings: calls.collect(), ..Act::default() })
}

fn results_in_words(request: &ChatBody, results: &[&super::request::Message]) -> Result<String, Refusal> {
    let calls: Vec<_> = request.messages.iter().flat_map(|message| &message.tool_calls).collect();
    let mut lines = vec!["The tools say:".to_owned(), String::new()];
    for result in results.iter().rev() {
        let call = calls.iter().find(|call| call["id"] == result.tool_call_id.as_str());
        let words = || format!("tool_call_id: nothing was called as {:?}", result.tool_call_id);
        let call = call.ok_or_else(|| Refusal::new(400, words()))?;
        let name = call["function"]["name"].as_str().unwrap_or("?");
        lines.push(format!("- `{name}`: {}", result.text()));
    }
    Ok(lines.join("\n"))
}

fn draw(prompt: &str) -> Act {
    let text = Saying::Text(format!("Here is what I see in: {}", excerpt(prompt)));
    Act { sayings: vec![text, Saying::Picture(png::draw(hash(prompt.as_bytes())))], ..Act::default() }
}

fn cite(prompt: &str) -> Act {
    let subject = excerpt(prompt);
    let sources =
        [("https://example.com/first", "The first source"), ("https://example.org/second", "The second source")];
    let mut text = String::new();
    let mut sayings = Vec::new();
    for (url, title) in sources {
        let start = text.chars().count();
        let quote = format!("{title} speaks of {subject}.");
        text.push_str(&quote);
        let end = text.chars().count();
        text.push_str(&format!(" [{}]({url}) ", url.trim_start_matches("https://")));
        sayings.push(Saying::Source { url: url.to_owned(), title: title.to_owned(), quote, start, end });
    }
    sayings.insert(0, Saying::Text(text));
    Act { sayings, searches: 1, ..Act::default() }
}

/// The beginning of a prompt, on one line.
fn excerpt(prompt: &str) -> String {
    let line = prompt.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 80 { line } else { line.chars().take(79).chain(['…']).collect() }
}

fn join(paragraphs: &[&str]) -> String {
    paragraphs.iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>().join("\n\n")
}
