//! What can go wrong, from the one error table: a response for each status, with the reasons behind it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{contract::Contract, operation::header, schemas::refer};
use crate::{api::errors::row, error::Reason, pb::ShortName as _};

/// In which shape a door tells errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Native,
    OpenAi,
}

/// What a method does, as far as it decides what can go wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Work {
    /// It sends to a model and books it.
    pub(super) infers: bool,
    /// It asks providers for something that is not booked.
    pub(super) asks_providers: bool,
    pub(super) has_body: bool,
    /// It looks for something by name.
    pub(super) finds: bool,
    /// It changes what others may have changed or made before.
    pub(super) changes: bool,
    /// It goes on in a stream from a place.
    pub(super) resumes: bool,
}

impl Work {
    fn can_end_with(self, status: u16) -> bool {
        match status {
            400 | 401 | 403 | 500 | 503 | 504 => true,
            402 | 429 | 502 => self.infers || self.asks_providers,
            404 => self.finds || self.infers,
            409 => self.changes || self.infers,
            410 => self.resumes,
            413 | 415 => self.has_body,
            499 => self.infers,
            _ => false,
        }
    }
}

impl Shape {
    fn component(self, status: u16) -> String {
        match self {
            Self::Native => format!("Error{status}"),
            Self::OpenAi => format!("OpenAiError{status}"),
        }
    }

    fn schema(self) -> Value {
        refer(match self {
            Self::Native => "Error",
            Self::OpenAi => "OpenAiError",
        })
    }
}

/// Every reason under its status.
fn by_status() -> BTreeMap<u16, Vec<Reason>> {
    let mut statuses = BTreeMap::<u16, Vec<Reason>>::new();
    for reason in Reason::NAMES.iter().filter_map(|(number, ..)| Reason::try_from(*number).ok()) {
        if reason != Reason::Unspecified {
            statuses.entry(row(reason).status.as_u16()).or_default().push(reason);
        }
    }
    statuses
}

/// Adds what may go wrong to an operation's responses.
pub(super) fn add(responses: &mut Value, shape: Shape, work: Work) {
    for status in by_status().into_keys().filter(|status| work.can_end_with(*status)) {
        responses[status.to_string()] = json!({"$ref": format!("#/components/responses/{}", shape.component(status))});
    }
}

/// The responses that operations refer to.
pub(super) fn components(contract: &Contract) -> Map<String, Value> {
    let words = contract.words("gateway.v1.ErrorReason");
    let about =
        |reason: Reason| words.iter().find(|(name, _)| name == reason.short_name()).map_or("", |(_, about)| about);
    let mut responses = Map::new();
    for shape in [Shape::Native, Shape::OpenAi] {
        for (status, reasons) in by_status() {
            let lines = reasons.iter().map(|reason| format!("- `{}`: {}", reason.short_name(), about(*reason)));
            let mut headers = json!({"x-request-id": header("RequestId")});
            if matches!(status, 429 | 502..=504) {
                headers["retry-after"] = header("RetryAfter");
            }
            let response = json!({
                "description": lines.collect::<Vec<_>>().join("\n"),
                "headers": headers,
                "content": {"application/json": {"schema": shape.schema()}},
            });
            responses.insert(shape.component(status), response);
        }
    }
    responses
}
