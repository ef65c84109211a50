//! What stands in a frame of a stream, or in a whole answer: read in one pass, texts borrowed.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny},
};
use serde_json::value::RawValue;

use crate::dialect::lenient::{self, Count, Text};

/// A chunk, a whole answer or an error.
#[derive(Default)]
pub(super) struct Frame<'a> {
    pub id: Text<'a>,
    pub model: Text<'a>,
    pub provider: Text<'a>,
    pub choices: Option<Vec<Choice<'a>>>,
    pub usage: Option<&'a RawValue>,
    pub error: Option<&'a RawValue>,
    pub system_fingerprint: Text<'a>,
    /// Top-level fields without a name here; `null` ones are left out.
    pub others: Vec<(Cow<'a, str>, &'a RawValue)>,
}

#[derive(Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(default)]
    pub index: Count,
    // In boxes, because a choice is moved at each step of its reading.
    #[serde(borrow, default, deserialize_with = "lenient::object")]
    pub delta: Option<Box<Delta<'a>>>,
    #[serde(borrow, default, deserialize_with = "lenient::object")]
    pub message: Option<Box<Delta<'a>>>,
    #[serde(borrow, default)]
    pub finish_reason: Text<'a>,
    #[serde(borrow, default)]
    pub native_finish_reason: Text<'a>,
    #[serde(borrow, default, deserialize_with = "lenient::object")]
    pub logprobs: Option<Logprobs<'a>>,
    #[serde(borrow, default)]
    pub error: Option<&'a RawValue>,
}

/// A message, or a piece of one.
#[derive(Deserialize)]
pub(super) struct Delta<'a> {
    #[serde(borrow, default)]
    pub content: Text<'a>,
    #[serde(borrow, default)]
    pub refusal: Text<'a>,
    #[serde(borrow, default)]
    pub reasoning: Text<'a>,
    /// What DeepSeek, Alibaba, Moonshot and others call `reasoning`.
    #[serde(borrow, default)]
    pub reasoning_content: Text<'a>,
    #[serde(borrow, default, deserialize_with = "lenient::objects")]
    pub reasoning_details: Vec<Detail<'a>>,
    #[serde(borrow, default, deserialize_with = "lenient::objects")]
    pub tool_calls: Vec<Call<'a>>,
    /// The call of old clients' `functions`.
    #[serde(borrow, default, deserialize_with = "lenient::object")]
    pub function_call: Option<Function<'a>>,
    #[serde(borrow, default, deserialize_with = "lenient::objects")]
    pub images: Vec<Image<'a>>,
    #[serde(borrow, default, deserialize_with = "lenient::objects")]
    pub annotations: Vec<Annotation<'a>>,
    #[serde(borrow, default, deserialize_with = "lenient::object")]
    pub audio: Option<Sound<'a>>,
}

/// A fragment of thinking: <https://openrouter.ai/docs/use-cases/reasoning-tokens>.
#[derive(Deserialize)]
pub(super) struct Detail<'a> {
    #[serde(borrow, default, rename = "type")]
    pub kind: Text<'a>,
    #[serde(borrow, default)]
    pub text: Text<'a>,
    #[serde(borrow, default)]
    pub summary: Text<'a>,
    #[serde(borrow, default)]
    pub data: Text<'a>,
    #[serde(borrow, default)]
    pub signature: Text<'a>,
    #[serde(borrow, default)]
    pub format: Text<'a>,
    #[serde(borrow, default)]
    pub id: Text<'a>,
    #[serde(default)]
    pub index: Count,
}

#[derive(Deserialize)]
pub(super) struct Call<'a> {
    #[serde(default)]
    pub index: Count,
    #[serde(borrow, default)]
    pub id: Text<'a>,
    #[serde(borrow, default, deserialize_with = "lenient::object")]
    pub function: Option<Function<'a>>,
    #[serde(borrow, default, deserialize_with = "lenient::object")]
    pub custom: Option<Custom<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Function<'a> {
    #[serde(borrow, default)]
    pub name: Text<'a>,
    #[serde(borrow, default)]
    pub arguments: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct Custom<'a> {
    #[serde(borrow, default)]
    pub name: Text<'a>,
    #[serde(borrow, default)]
    pub input: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct Image<'a> {
    #[serde(borrow, default, deserialize_with = "lenient::object")]
    pub image_url: Option<Url<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Url<'a> {
    #[serde(borrow, default)]
    pub url: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct Annotation<'a> {
    #[serde(borrow, default, deserialize_with = "lenient::object")]
    pub url_citation: Option<UrlCitation<'a>>,
    /// A file as the provider parsed it, kept whole.
    #[serde(default)]
    pub file: Option<crate::pb::well_known::Value>,
}

#[derive(Deserialize)]
pub(super) struct UrlCitation<'a> {
    #[serde(borrow, default)]
    pub url: Text<'a>,
    #[serde(borrow, default)]
    pub title: Text<'a>,
    #[serde(borrow, default)]
    pub content: Text<'a>,
    #[serde(default)]
    pub start_index: Count,
    #[serde(default)]
    pub end_index: Count,
}

#[derive(Deserialize)]
pub(super) struct Sound<'a> {
    #[serde(borrow, default)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub data: Text<'a>,
    #[serde(borrow, default)]
    pub transcript: Text<'a>,
    #[serde(borrow, default)]
    pub format: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct Logprobs<'a> {
    #[serde(borrow, default, deserialize_with = "lenient::objects")]
    pub content: Vec<Logprob<'a>>,
    #[serde(borrow, default, deserialize_with = "lenient::objects")]
    pub refusal: Vec<Logprob<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Logprob<'a> {
    #[serde(borrow, default)]
    pub token: Text<'a>,
    #[serde(default)]
    pub logprob: f64,
    #[serde(default)]
    pub bytes: Option<Vec<u8>>,
    #[serde(borrow, default, deserialize_with = "lenient::objects")]
    pub top_logprobs: Vec<Logprob<'a>>,
}

/// A list of choices, or something else that is passed over.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Choices<'a>(#[serde(deserialize_with = "lenient::objects")] Vec<Choice<'a>>);

/// A name of a field; borrowed where it holds no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

// Written by hand because serde's `flatten`, which would keep the unnamed fields, buffers every value first.
impl<'de: 'a, 'a> Deserialize<'de> for Frame<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FrameVisitor;

        impl<'de> de::Visitor<'de> for FrameVisitor {
            type Value = Frame<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an answer")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut frame = Frame::default();
                while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
                    match &*name {
                        "id" => frame.id = map.next_value()?,
                        "model" => frame.model = map.next_value()?,
                        "provider" => frame.provider = map.next_value()?,
                        "choices" => frame.choices = Some(map.next_value::<Choices<'de>>()?.0),
                        "usage" => frame.usage = map.next_value()?,
                        "error" => frame.error = map.next_value()?,
                        "system_fingerprint" => frame.system_fingerprint = map.next_value()?,
                        // `obfuscation` and `p` are padding; `object` and `created` say nothing new.
                        "object" | "created" | "obfuscation" | "p" => {
                            map.next_value::<IgnoredAny>()?;
                        }
                        _ => {
                            if let Some(value) = map.next_value::<Option<&'de RawValue>>()? {
                                frame.others.push((name, value));
                            }
                        }
                    }
                }
                Ok(frame)
            }
        }

        deserializer.deserialize_map(FrameVisitor)
    }
}
