//! A session as a document of its own.

use super::{
    super::{Caller, Gateway},
    document,
};
use crate::{error::Error, pb, store::sessions::Direction};

/// Messages read at once.
const PORTION: u32 = 500;
/// Most messages of a document, which is made in memory.
const MOST_MESSAGES: usize = 20_000;

impl Gateway {
    /// A session as Markdown for people or as JSON for programs.
    pub async fn export_session(
        &self,
        caller: &Caller,
        request: pb::ExportSessionRequest,
    ) -> Result<pb::ExportSessionResponse, Error> {
        let session = self.find_session(caller, &request.session_id).await?;
        let as_json = request.format() == pb::SessionExportFormat::Json;
        if request.all_branches && !as_json {
            return Err(Error::invalid(
                "all_branches",
                "Markdown holds one branch; export all of them with format=json",
            ));
        }
        let path = match request.all_branches {
            true => None,
            false => Some(self.branch(&session, &request.leaf_message_id).await?),
        };
        let (mut messages, mut depth, mut id) = (Vec::new(), None, None);
        loop {
            let page = match &path {
                Some(path) => self.store.path_messages(path, &[], Direction::Oldest, depth, PORTION).await?,
                None => self.store.session_messages(session.id, &[], Direction::Oldest, id, PORTION).await?,
            };
            let Some(last) = page.last() else { break };
            (depth, id) = (Some(last.depth), Some(last.id));
            messages.extend(self.tell_messages(session.id, page).await?);
            if messages.len() > MOST_MESSAGES {
                return Err(Error::invalid(
                    "session_id",
                    format!(
                        "the session has more than {MOST_MESSAGES} messages; read it page by page with ListMessages"
                    ),
                ));
            }
        }
        let session = self.describe(vec![session]).await?.pop().unwrap_or_default();
        let (ending, media_type, content) = match as_json {
            true => ("json", "application/json", document::json(&session, &messages)?),
            false => ("md", "text/markdown", document::markdown(&session, &messages)),
        };
        Ok(pb::ExportSessionResponse {
            filename: format!("{}.{ending}", document::file_stem(&session)),
            media_type: media_type.to_owned(),
            content,
        })
    }
}
