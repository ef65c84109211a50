//! Media apart from the messages that hold them: content-addressed, each kept once a project.

use std::collections::{BTreeSet, HashMap};

use bytes::Bytes;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Store, text::marks};
use crate::pb::{self, content_part::Part, file, image, video};

/// Ids in one statement.
const PORTION: usize = 200;

/// Calls for each place of a message that may hold bytes, in order.
fn slots(message: &mut pb::Message, visit: &mut impl FnMut(&mut Bytes)) {
    fn parts(content: &mut [pb::ContentPart], visit: &mut impl FnMut(&mut Bytes)) {
        for part in content.iter_mut().filter_map(|part| part.part.as_mut()) {
            match part {
                Part::Image(pb::Image { source: Some(image::Source::Data(data)), .. })
                | Part::File(pb::File { source: Some(file::Source::Data(data)), .. })
                | Part::Video(pb::Video { source: Some(video::Source::Data(data)), .. }) => visit(data),
                Part::Audio(audio) => visit(&mut audio.data),
                Part::ToolResult(result) => parts(&mut result.content, visit),
                _ => {}
            }
        }
    }
    parts(&mut message.content, visit);
}

/// Takes the media out of a message; each with its place.
pub(super) fn take(message: &mut pb::Message) -> Vec<(i32, Bytes)> {
    let (mut taken, mut position) = (Vec::new(), 0);
    slots(message, &mut |data| {
        if !data.is_empty() {
            taken.push((position, std::mem::take(data)));
        }
        position += 1;
    });
    taken
}

/// Puts media back where [`take`] found them.
pub(super) fn put(message: &mut pb::Message, media: &HashMap<i32, Bytes>) {
    let mut position = 0;
    slots(message, &mut |data| {
        if let Some(found) = media.get(&position) {
            data.clone_from(found);
        }
        position += 1;
    });
}

/// Keeps a message's media.
pub(super) async fn save(
    store: &Store,
    transaction: &DatabaseTransaction,
    project_id: Uuid,
    (session_id, message_id): (Uuid, Uuid),
    media: Vec<(i32, Bytes)>,
) -> Result<(), DbErr> {
    // The useless update locks a row that is there already, so that nobody collects it before this commits.
    const BLOB: &str = "INSERT INTO blobs (project_id, hash, size, data) VALUES (?, ?, ?, ?) \
                        ON CONFLICT (project_id, hash) DO UPDATE SET size = excluded.size";
    const HOLD: &str =
        "INSERT INTO message_blobs (session_id, message_id, position, project_id, hash) VALUES (?, ?, ?, ?, ?)";
    for (position, data) in media {
        let hash = Sha256::digest(&data).to_vec();
        let size = i64::try_from(data.len()).unwrap_or(i64::MAX);
        let blob = [project_id.into(), hash.clone().into(), size.into(), data.to_vec().into()];
        transaction.execute_raw(store.statement(BLOB, blob)).await?;
        let hold = [session_id.into(), message_id.into(), position.into(), project_id.into(), hash.into()];
        transaction.execute_raw(store.statement(HOLD, hold)).await?;
    }
    Ok(())
}

/// The media of messages of one session, by message and place. Bytes that several hold are in memory once.
pub(super) async fn load(
    store: &Store,
    session_id: Uuid,
    messages: &[Uuid],
) -> Result<HashMap<Uuid, HashMap<i32, Bytes>>, DbErr> {
    let connection = &store.0.readers;
    let mut places = Vec::new();
    for ids in messages.chunks(PORTION) {
        let sql = format!(
            "SELECT message_id, position, project_id, hash FROM message_blobs \
             WHERE session_id = ? AND message_id IN ({})",
            marks(ids.len())
        );
        let values = std::iter::once(session_id.into()).chain(ids.iter().map(|id| Value::from(*id)));
        for row in connection.query_all_raw(store.statement(&sql, values)).await? {
            let hash: Vec<u8> = row.try_get("", "hash")?;
            places.push((
                row.try_get("", "message_id")?,
                row.try_get("", "position")?,
                row.try_get("", "project_id")?,
                hash,
            ));
        }
    }
    let mut known = HashMap::<Vec<u8>, Bytes>::new();
    let mut found = HashMap::<Uuid, HashMap<i32, Bytes>>::new();
    for (message, position, project, hash) in places {
        let (message, position, project): (Uuid, i32, Uuid) = (message, position, project);
        if !known.contains_key(&hash) {
            let sql = "SELECT data FROM blobs WHERE project_id = ? AND hash = ?";
            let row = connection.query_one_raw(store.statement(sql, [project.into(), hash.clone().into()])).await?;
            let Some(row) = row else { continue };
            known.insert(hash.clone(), row.try_get::<Vec<u8>>("", "data")?.into());
        }
        found.entry(message).or_default().insert(position, known[&hash].clone());
    }
    Ok(found)
}

/// The hashes that some messages hold.
pub(super) async fn held_by(
    store: &Store,
    transaction: &DatabaseTransaction,
    condition: &str,
    values: Vec<Value>,
) -> Result<BTreeSet<Vec<u8>>, DbErr> {
    let sql = format!("SELECT DISTINCT hash FROM message_blobs WHERE {condition}");
    let rows = transaction.query_all_raw(store.statement(&sql, values)).await?;
    rows.iter().map(|row| row.try_get("", "hash")).collect()
}

/// Deletes those of these blobs that no message holds any more.
pub(super) async fn collect(
    store: &Store,
    transaction: &DatabaseTransaction,
    project_id: Uuid,
    hashes: BTreeSet<Vec<u8>>,
) -> Result<(), DbErr> {
    // In order, so that two who collect at once wait for each other instead of for ever.
    for hash in hashes {
        let values = || [Value::from(project_id), hash.clone().into()];
        // Locks the row first: the delete's own view of who holds it then begins after whoever was about to.
        let lock = "UPDATE blobs SET size = size WHERE project_id = ? AND hash = ?";
        transaction.execute_raw(store.statement(lock, values())).await?;
        let delete = "DELETE FROM blobs WHERE project_id = ? AND hash = ? AND NOT EXISTS (SELECT 1 FROM message_blobs \
                      WHERE message_blobs.project_id = blobs.project_id AND message_blobs.hash = blobs.hash)";
        transaction.execute_raw(store.statement(delete, values())).await?;
    }
    Ok(())
}
