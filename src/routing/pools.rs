//! Names that stand for several models or providers: `routing.models`. Pure.

use super::{catalog::Resolved, plan::Named};
use crate::{
    config::{self, VirtualModel},
    error::{Error, Reason},
    pb::ResolutionRule,
};

/// The virtual model of that name.
pub fn find<'a>(name: &str, settings: &'a config::Routing) -> Option<&'a VirtualModel> {
    // Nearly always there is none at all.
    if settings.models.is_empty() { None } else { settings.models.get(name) }
}

/// Who may serve a virtual model: its members, then its fallbacks. Each is found by `resolve`; none may be a virtual
/// model or an alias itself, so that names cannot go in circles.
pub fn members(
    name: &str,
    pool: &VirtualModel,
    resolve: impl Fn(&str) -> Result<Resolved, Error>,
) -> Result<Vec<Named>, Error> {
    let found = |wanted: String, weight: f64, fallback: bool| {
        let wrong = |message: String| Error::new(Reason::ModelNotFound, message).with_field("model");
        let mut resolved = resolve(&wanted).map_err(|error| {
            wrong(format!("{name:?} stands for {wanted:?}, which is no model; correct routing.models: {error}"))
        })?;
        if resolved.resolution.rule() == ResolutionRule::Alias {
            return Err(wrong(format!("{name:?} stands for the alias {wanted:?}; name a model in routing.models")));
        }
        resolved.resolution.requested = name.to_owned();
        resolved.resolution.rule = ResolutionRule::Alias.into();
        resolved.resolution.confidence = 1.0;
        Ok(Named { resolved, weight, fallback })
    };
    let targets = pool.targets.iter().map(|member| {
        let wanted = match &member.provider {
            Some(provider) => format!("{provider}/{}", member.model),
            None => member.model.clone(),
        };
        found(wanted, member.weight, false)
    });
    let fallbacks = pool.fallbacks.iter().map(|fallback| found(fallback.clone(), 1.0, true));
    let members: Vec<Named> = targets.chain(fallbacks).collect::<Result<_, _>>()?;
    if members.is_empty() {
        let message = format!("routing.models says nobody who serves {name:?}; add targets");
        return Err(Error::new(Reason::ModelNotFound, message).with_field("model"));
    }
    Ok(members)
}
