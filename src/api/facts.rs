//! What headers and gRPC metadata tell of an inference beside its body.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{error::Error, pb};

const GENERATION_ID: HeaderName = HeaderName::from_static("x-generation-id");
const OVERHEAD_MS: HeaderName = HeaderName::from_static("x-gateway-overhead-ms");
const WARNING: HeaderName = HeaderName::from_static("x-gateway-warning");

/// Headers that browsers of other origins may read.
pub(super) const EXPOSED: [HeaderName; 4] = [super::edge::REQUEST_ID, GENERATION_ID, OVERHEAD_MS, WARNING];

/// What is known of a generation when its answer begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Facts {
    pub(super) generation_id: String,
    /// The gateway's own share of the time.
    pub(super) overhead_ms: f64,
    pub(super) warnings: Vec<pb::Warning>,
}

impl Facts {
    pub(super) fn of_chat(response: &pb::ChatResponse) -> Self {
        Self {
            generation_id: response.generation_id.clone(),
            overhead_ms: response.timings.map_or(0.0, |timings| timings.overhead_ms),
            warnings: response.warnings.clone(),
        }
    }

    pub(super) fn of_embeddings(response: &pb::EmbedResponse) -> Self {
        Self {
            generation_id: response.generation_id.clone(),
            overhead_ms: response.timings.map_or(0.0, |timings| timings.overhead_ms),
            warnings: response.warnings.clone(),
        }
    }

    /// What is known of a generation that failed; `None` where none had begun.
    pub(super) fn of_error(error: &Error) -> Option<Self> {
        let generation_id = error.generation_id.clone()?;
        let overhead_ms = error.overhead.map_or(0.0, |overhead| overhead.as_secs_f64() * 1e3);
        Some(Self { generation_id, overhead_ms, warnings: Vec::new() })
    }

    pub(super) fn write(&self, headers: &mut HeaderMap) {
        if let Ok(id) = HeaderValue::from_str(&self.generation_id) {
            headers.insert(GENERATION_ID, id);
        }
        let overhead = HeaderValue::try_from(format!("{:.3}", self.overhead_ms)).expect("digits");
        headers.insert(OVERHEAD_MS, overhead);
        for warning in &self.warnings {
            headers.append(WARNING, one_line(warning));
        }
    }
}

/// `code field: message`, in what a header may hold.
fn one_line(warning: &pb::Warning) -> HeaderValue {
    let text = format!("{} {}: {}", warning.code, warning.field, warning.message);
    let text: String = text.chars().map(|letter| if matches!(letter, ' '..='~') { letter } else { '?' }).collect();
    HeaderValue::try_from(text).expect("visible ASCII and blanks")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_become_one_header_each_whatever_they_hold() {
        let warning = |field: &str, message: &str| pb::Warning {
            code: "parameter_dropped".to_owned(),
            field: field.to_owned(),
            message: message.to_owned(),
        };
        let warnings = vec![warning("seed", "no seed\r\nthere"), warning("top_k", "größer")];
        let mut headers = HeaderMap::new();
        Facts { generation_id: "gen_1".to_owned(), overhead_ms: 0.25, warnings }.write(&mut headers);
        assert_eq!(headers["x-generation-id"], "gen_1");
        assert_eq!(headers["x-gateway-overhead-ms"], "0.250");
        let lines: Vec<_> = headers.get_all("x-gateway-warning").iter().map(|line| line.to_str().unwrap()).collect();
        assert_eq!(lines, ["parameter_dropped seed: no seed??there", "parameter_dropped top_k: gr??er"]);
    }
}
