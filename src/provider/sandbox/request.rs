//! What the sandbox is asked, read as strictly as providers read it: media must arrive whole.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{models::CONTEXT, tokens, wire::Refusal};

/// A chat request's body, as much of it as the sandbox heeds.
#[derive(Debug, Deserialize)]
pub(super) struct ChatBody {
    pub model: String,
    pub messages: Vec<Message>,
    #[serde(default)]
    pub stream: bool,
    pub max_tokens: Option<u32>,
    pub max_completion_tokens: Option<u32>,
    #[serde(default, deserialize_with = "one_or_many")]
    pub stop: Vec<String>,
    #[serde(default)]
    pub tools: Vec<Value>,
    #[serde(default)]
    pub tool_choice: Value,
    pub parallel_tool_calls: Option<bool>,
    #[serde(default)]
    pub response_format: Value,
    #[serde(default)]
    pub reasoning: Thinking,
    pub reasoning_effort: Option<String>,
}

/// How much to think.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Thinking {
    pub effort: Option<String>,
    pub max_tokens: Option<u32>,
    pub enabled: Option<bool>,
    pub exclude: bool,
}

/// A message.
#[derive(Debug, Deserialize)]
pub(super) struct Message {
    pub role: String,
    #[serde(default)]
    pub content: Value,
    #[serde(default)]
    pub tool_calls: Vec<Value>,
    #[serde(default)]
    pub tool_call_id: String,
    #[serde(default)]
    pub reasoning_details: Vec<Value>,
    #[serde(default)]
    cache_control: Value,
}

/// What was seen in a request.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// Media, each as it is told to the user.
    pub images: Vec<String>,
    pub files: Vec<String>,
    pub sounds: Vec<String>,
    pub videos: Vec<String>,
    /// Tokens of the whole prompt.
    pub tokens: u32,
}

impl ChatBody {
    /// Reads a body.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let request: Self = serde_json::from_slice(body)
            .map_err(|error| Refusal::new(400, format!("the request is wrong: {error}")))?;
        if request.messages.is_empty() {
            return Err(Refusal::new(400, "messages: at least one is needed".to_owned()));
        }
        Ok(request)
    }

    /// The last thing that the user said.
    pub(super) fn prompt(&self) -> String {
        self.messages.iter().rev().find(|message| message.role == "user").map(Message::text).unwrap_or_default()
    }

    /// Most tokens of output.
    pub(super) fn limit(&self) -> u32 {
        self.max_completion_tokens.or(self.max_tokens).unwrap_or(u32::MAX)
    }

    /// Looks at everything that is there.
    pub(super) fn sight(&self) -> Result<Sight, Refusal> {
        let mut sight = Sight::default();
        for tool in &self.tools {
            sight.tokens += tokens::of_text(&tool.to_string());
        }
        for (at, message) in self.messages.iter().enumerate() {
            if !["system", "developer", "user", "assistant", "tool"].contains(&message.role.as_str()) {
                return Err(Refusal::new(400, format!("messages[{at}].role: {} is not a role", message.role)));
            }
            sight.tokens += tokens::of_text(&message.text());
            sight.tokens += message.tool_calls.iter().map(|call| tokens::of_text(&call.to_string())).sum::<u32>();
            for (part_at, part) in message.parts().iter().enumerate() {
                sight
                    .look(part)
                    .map_err(|words| Refusal::new(400, format!("messages[{at}].content[{part_at}]: {words}")))?;
            }
        }
        if sight.tokens > CONTEXT {
            let words =
                format!("This endpoint's maximum context length is {CONTEXT} tokens, you asked for {}", sight.tokens);
            return Err(Refusal::new(400, words));
        }
        Ok(sight)
    }
}

impl Message {
    /// Its text.
    pub(super) fn text(&self) -> String {
        match &self.content {
            Value::String(text) => text.clone(),
            _ => self.parts().iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n"),
        }
    }

    fn parts(&self) -> &[Value] {
        self.content.as_array().map_or(&[], Vec::as_slice)
    }

    /// A cache marker is on it or in it.
    pub(super) fn is_marked(&self) -> bool {
        self.cache_control.is_object() || self.parts().iter().any(|part| part["cache_control"].is_object())
    }

    /// What a cache compares.
    pub(super) fn without_markers(&self) -> String {
        let mut content = self.content.clone();
        for part in content.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            part.remove("cache_control");
        }
        format!("{}{content}{}", self.role, Value::from(self.tool_calls.clone()))
    }
}

impl Sight {
    fn look(&mut self, part: &Value) -> Result<(), String> {
        let kind = part["type"].as_str().unwrap_or("");
        match kind {
            "text" => {}
            "image_url" => {
                let url = part["image_url"]["url"]
                    .as_str()
                    .or_else(|| part["image_url"].as_str())
                    .ok_or("image_url.url is missing")?;
                self.images.push(describe(url, "image/")?.0);
                self.tokens += tokens::IMAGE;
            }
            "file" => {
                let file = &part["file"];
                let name = file["filename"].as_str().unwrap_or("unnamed");
                let data = file["file_data"].as_str().ok_or("file.file_data is missing")?;
                let (words, bytes) = describe(data, "")?;
                self.files.push(format!("{name}, {words}"));
                self.tokens += tokens::of_media(bytes);
            }
            "input_audio" => {
                let sound = &part["input_audio"];
                let bytes = decode(sound["data"].as_str().ok_or("input_audio.data is missing")?)?;
                self.sounds.push(format!("{}, {bytes} bytes", sound["format"].as_str().unwrap_or("no format")));
                self.tokens += tokens::of_media(bytes);
            }
            "video_url" => {
                let (words, bytes) =
                    describe(part["video_url"]["url"].as_str().ok_or("video_url.url is missing")?, "video/")?;
                self.videos.push(words);
                self.tokens += tokens::of_media(bytes);
            }
            _ => return Err(format!("{kind:?} is not a kind of content")),
        }
        Ok(())
    }

    /// What was seen, such as `I see 1 image (image/png, 68 bytes).`; empty where there was only text.
    pub(super) fn words(&self) -> String {
        let kinds = [("image", &self.images), ("file", &self.files), ("sound", &self.sounds), ("video", &self.videos)];
        let seen = kinds.iter().filter(|(_, list)| !list.is_empty()).map(|(kind, list)| {
            let plural = if list.len() == 1 { "" } else { "s" };
            format!("{} {kind}{plural} ({})", list.len(), list.join("; "))
        });
        let seen: Vec<_> = seen.collect();
        if seen.is_empty() { String::new() } else { format!("I see {}.", seen.join(" and ")) }
    }
}

/// A URL in words: what a data URL holds, or where the thing is, which is not fetched. And its size.
fn describe(url: &str, family: &str) -> Result<(String, usize), String> {
    let Some(rest) = url.strip_prefix("data:") else {
        let known = url.starts_with("https://") || url.starts_with("http://");
        return if known {
            Ok(("by URL".to_owned(), 0))
        } else {
            Err("the URL is neither data: nor http(s)".to_owned())
        };
    };
    let (media_type, data) = rest.split_once(";base64,").ok_or("the data URL is not base64")?;
    if !media_type.starts_with(family) {
        return Err(format!("{media_type} is not {family}*"));
    }
    let bytes = decode(data)?;
    Ok((format!("{media_type}, {bytes} bytes"), bytes))
}

fn decode(data: &str) -> Result<usize, String> {
    STANDARD.decode(data).map(|bytes| bytes.len()).map_err(|_| "the data is not base64".to_owned())
}

pub(super) fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Texts {
        None,
        One(String),
        Many(Vec<String>),
    }
    Ok(match Texts::deserialize(deserializer)? {
        Texts::None => Vec::new(),
        Texts::One(text) => vec![text],
        Texts::Many(texts) => texts,
    })
}
