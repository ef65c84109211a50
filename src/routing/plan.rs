//! Which targets serve a request, in which order, and why: pure.

use super::{Target, catalog::Resolved};
use crate::{
    error::{Error, Reason},
    pb,
    provider::Registry,
};

/// The targets for a request in the order in which they are tried, and everything that was considered, for the
/// books. `resolved` is the model that was asked for, then the fallback models, as the caller named them.
///
/// What the caller wants of the hosts *behind* an aggregating provider (`routing.order`, `only`, `sort`, …) goes to
/// that provider with the request.
pub fn plan(resolved: &[Resolved], providers: &Registry) -> Result<(Vec<Target>, Vec<pb::Candidate>), Error> {
    let mut targets: Vec<Target> = Vec::with_capacity(resolved.len());
    let mut candidates = Vec::with_capacity(resolved.len());
    for (at, model) in resolved.iter().enumerate() {
        let named_before =
            targets.iter().any(|known| known.provider.name == model.provider && known.model == model.upstream_id);
        let (chosen, reason) = match providers.find(&model.provider) {
            None => (false, "the provider is not configured"),
            Some(_) if named_before => (false, "named before"),
            Some(provider) => {
                let (provider, entry) = (provider.clone(), model.entry.clone());
                targets.push(Target { provider, model: model.upstream_id.clone(), entry });
                (true, if at == 0 { "serves the model that was asked for" } else { "serves a fallback model" })
            }
        };
        candidates.push(pb::Candidate {
            provider: model.provider.clone(),
            upstream_model: model.upstream_id.clone(),
            chosen,
            reason: reason.to_owned(),
        });
    }
    if targets.is_empty() {
        let provider = resolved.first().map_or("", |model| &model.provider);
        let message = format!("the provider {provider} is not configured; set its key, or ask for another model");
        return Err(Error::new(Reason::ProviderNotConfigured, message).with_field("model"));
    }
    Ok((targets, candidates))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn resolved(provider: &str, id: &str) -> Resolved {
        let resolution = pb::ModelResolution::default();
        Resolved { resolution, provider: provider.to_owned(), upstream_id: id.to_owned(), entry: None }
    }

    #[test]
    fn targets_come_as_named_and_every_candidate_has_a_reason() {
        let providers = Registry::from_config(&Config::default(), |_| None).unwrap();
        let named = [
            resolved("openrouter", "x/y"),
            resolved("sandbox", "chat"),
            resolved("sandbox", "chat"),
            resolved("sandbox", "echo"),
        ];
        let (targets, candidates) = plan(&named, &providers).unwrap();
        let models: Vec<_> = targets.iter().map(|target| target.model.as_str()).collect();
        assert_eq!(models, ["chat", "echo"]);
        let chosen: Vec<_> = candidates.iter().map(|candidate| (candidate.chosen, candidate.reason.as_str())).collect();
        assert_eq!(
            chosen,
            [
                (false, "the provider is not configured"),
                (true, "serves a fallback model"),
                (false, "named before"),
                (true, "serves a fallback model"),
            ]
        );
        assert_eq!(plan(&named[..1], &providers).unwrap_err().reason, Reason::ProviderNotConfigured);
    }
}
