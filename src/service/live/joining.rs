//! Requests that are the same: an Idempotency-Key makes one generation of them, which all of them read.

use std::{panic::AssertUnwindSafe, pin::pin, sync::Arc};

use futures::FutureExt as _;
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use tracing::Instrument as _;

use super::{
    drive::drive,
    generation::{Joinable, Live},
    reader::Reader,
    streams::Claim,
};
use crate::{
    error::{Error, Reason},
    events::Events,
    service::{Caller, ChatCall, Gateway, usage::sight},
    store::usage::id_text,
};

impl Gateway {
    /// Answers a request that has an Idempotency-Key: as a generation of its own, or as a further reader of the one that
    /// the same request began. It runs in a task, so that it is nobody's connection that the others depend on.
    ///
    /// # Errors
    /// As for any chat; [`Reason::AlreadyExists`] where the key stands for another request, or the answer is gone from
    /// memory.
    pub(in crate::service) async fn join_chat(
        &self,
        caller: Caller,
        call: ChatCall,
        idempotency_key: String,
    ) -> Result<Events, Error> {
        let (key, received) = (Arc::clone(&caller.key), caller.received);
        let joinable = Joinable { idempotency_key, request: hash(&call) };
        let claim = self.live.claim(key.project_id, &joinable.idempotency_key, || {
            self.live.begin(&caller, call.stream, Some(joinable.clone()))
        });
        let (live, reader) = match claim {
            Claim::New(live) => {
                let reader = Reader::join(&live, &self.live, 0)?;
                let task = lead(self.clone(), caller, call, Arc::clone(&live));
                self.live.spawn(task.instrument(tracing::Span::current()));
                (live, reader)
            }
            Claim::Made(live) => {
                if !sight(&caller).covers(live.key.project_id, &live.key.id) {
                    return Err(made_before(None));
                }
                if live.joinable.as_ref() != Some(&joinable) {
                    return Err(made_before(live.id().map(id_text)));
                }
                let joined = Reader::join(&live, &self.live, 0);
                let reader = joined.map_err(|_| made_before(live.id().map(id_text)))?;
                (live, reader)
            }
        };
        reader.begun().await?;
        let id = live.id().map(id_text).unwrap_or_default();
        Ok(Events::new(id, received.elapsed(), reader))
    }

    /// What the books know of a key that another request had.
    async fn point_to_first(&self, caller: &Caller, error: Error) -> Error {
        let Some(key) = caller.idempotency_key.as_deref().filter(|_| error.reason == Reason::AlreadyExists) else {
            return error;
        };
        match self.store.find_by_idempotency_key(&sight(caller), caller.key.project_id, key).await {
            Ok(first) => made_before(first.map(id_text)),
            Err(unread) => unread,
        }
    }
}

/// Makes the generation for all who join.
async fn lead(gateway: Gateway, caller: Caller, call: ChatCall, live: Arc<Live>) {
    let streams = gateway.live.clone();
    let opened = async {
        let mut opened = pin!(gateway.open_chat(caller.clone(), call, &live));
        tokio::select! {
            biased;
            opened = &mut opened => opened,
            () = live.left() => {
                live.reins.cancel();
                opened.await
            }
        }
    };
    // Whoever waits for it must be told, and the key be free again.
    let opened = AssertUnwindSafe(opened).catch_unwind().await;
    let opened = opened.unwrap_or_else(|_| Err(Error::internal("a chat panicked before its first word")));
    let error = match opened {
        Ok(events) => {
            // What runs holds what it needs of the gateway by itself.
            drop(gateway);
            return drive(live, streams, events.into_stream()).await;
        }
        Err(error) => gateway.point_to_first(&caller, error).await,
    };
    // What never was on the books may be asked again.
    let booked = live.id().map(id_text).is_some_and(|id| error.generation_id.as_deref() == Some(&*id));
    live.end(Err(error));
    if booked {
        streams.retire(&live);
    } else {
        streams.forget(&live);
    }
}

/// What makes a request another one: its words. Of a message of the contract not whether they are answered in one piece;
/// a body that a provider gets as it came counts whole.
fn hash(call: &ChatCall) -> [u8; 32] {
    match &call.source {
        Some(source) => {
            // A header may name the session.
            let hash = Sha256::new().chain_update(call.request.session_id.as_bytes()).chain_update(b"\n");
            hash.chain_update(&source.body).finalize().into()
        }
        None => {
            let mut request = call.request.clone();
            request.stream = false;
            Sha256::digest(request.encode_to_vec()).into()
        }
    }
}

fn made_before(generation_id: Option<String>) -> Error {
    let words = "a request with this idempotency key was made before; ask for its generation, or send another key for \
                 another request";
    let error = Error::new(Reason::AlreadyExists, words).with_field("idempotency_key");
    match generation_id {
        Some(id) => error.with_generation(id),
        None => error,
    }
}
