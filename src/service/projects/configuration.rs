//! The configuration as meant.

use crate::{
    config::Explained,
    error::Error,
    pb,
    service::{Caller, Gateway},
};

impl Gateway {
    /// Every value with where it came from; secrets are told apart from their absence, no more.
    pub async fn get_configuration(
        &self,
        caller: &Caller,
        _request: pb::GetConfigurationRequest,
    ) -> Result<pb::GetConfigurationResponse, Error> {
        caller.require_gateway_admin()?;
        let values = self.config.explain().into_iter().map(told).collect();
        let file = self.config.file().unwrap_or_default();
        std::future::ready(Ok(pb::GetConfigurationResponse { values, file })).await
    }
}

fn told(row: Explained) -> pb::ConfigurationValue {
    pb::ConfigurationValue {
        key: row.key,
        value: row.value,
        source: row.source.into(),
        location: row.location,
        secret: row.secret,
        is_set: row.is_set,
    }
}
