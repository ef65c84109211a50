//! Inputs of embeddings, where a bare string is a text.

use serde::{Deserialize, Deserializer, Serialize};

use super::{EmbedInput, EmbedParts, TokenIds, content::TextOr, embed_input::Input};

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum InputJson {
    Text(String),
    Tokens(TokenIds),
    Parts(EmbedParts),
}

impl From<String> for InputJson {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<'de> Deserialize<'de> for EmbedInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let TextOr(input) = TextOr::<InputJson>::deserialize(deserializer)?;
        let input = match input {
            InputJson::Text(text) => Input::Text(text),
            InputJson::Tokens(tokens) => Input::Tokens(tokens),
            InputJson::Parts(parts) => Input::Parts(parts),
        };
        Ok(Self { input: Some(input) })
    }
}

impl Serialize for EmbedInput {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.input.clone() {
            None => serializer.serialize_none(),
            Some(Input::Text(text)) => InputJson::Text(text).serialize(serializer),
            Some(Input::Tokens(tokens)) => InputJson::Tokens(tokens).serialize(serializer),
            Some(Input::Parts(parts)) => InputJson::Parts(parts).serialize(serializer),
        }
    }
}
