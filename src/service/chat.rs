//! Chat: parse, admit, route, meter.

use super::{Caller, ChatCall, Gateway};
use crate::{error::Error, events::Events, pb};

impl Gateway {
    /// Answers event by event. Returns when the first event is there, or the reason why none will come.
    pub async fn stream_chat(&self, _caller: Caller, _call: ChatCall) -> Result<Events, Error> {
        std::future::ready(Err(Error::internal("not wired yet"))).await
    }

    /// Answers when the model has finished: the fold of [`Gateway::stream_chat`].
    pub async fn chat(&self, caller: Caller, call: ChatCall) -> Result<pb::ChatResponse, Error> {
        self.stream_chat(caller, call).await?.fold().await
    }
}
