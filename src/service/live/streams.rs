//! The generations of this process that run, and those that ended lately.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{runtime::Handle, time::Instant};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::{
    drive,
    generation::{Joinable, Live, Source},
    replay::{Pool, Replay},
};
use crate::{config, error::Error, pb::Door, provider::OnDisconnect, service::Caller};

/// The running generations. Cheap to clone; all clones are the same.
#[derive(Clone)]
pub struct Streams(Arc<Inner>);

struct Inner {
    settings: config::Streams,
    pool: Arc<Pool>,
    known: Mutex<Known>,
    /// Generations that no connection drives.
    tasks: TaskTracker,
}

#[derive(Default)]
struct Known {
    by_id: HashMap<Uuid, Arc<Live>>,
    /// By project and Idempotency-Key.
    by_key: HashMap<(Uuid, String), Arc<Live>>,
    /// In the order in which they ended.
    ended: VecDeque<Ended>,
    ended_bytes: usize,
}

struct Ended {
    live: Arc<Live>,
    at: Instant,
    bytes: usize,
}

/// Who makes a request that may be joined.
pub(super) enum Claim {
    /// Whoever asks, as the first.
    New(Arc<Live>),
    /// Somebody has made it.
    Made(Arc<Live>),
}

impl Streams {
    /// None yet.
    pub fn new(settings: config::Streams) -> Self {
        let pool = Arc::new(Pool::new(settings.replay_total_bytes));
        let (known, tasks) = (Mutex::default(), TaskTracker::new());
        Self(Arc::new(Inner { settings, pool, known, tasks }))
    }

    /// A generation that is about to begin; `streamed` tells whether its caller takes a stream.
    pub(in crate::service) fn begin(&self, caller: &Caller, streamed: bool, joinable: Option<Joinable>) -> Arc<Live> {
        let settings = &self.0.settings;
        // Clients of other formats have no word for coming back.
        let native = matches!(caller.door, Door::Grpc | Door::GrpcWeb | Door::Rest);
        let grace = if native && streamed { settings.resume_grace_seconds } else { Duration::ZERO };
        // Who waits for a whole answer reads its events at once, and nobody reads them again.
        let bound = if streamed || joinable.is_some() { settings.replay_bytes } else { 0 };
        let replay = Replay::new(bound, Arc::clone(&self.0.pool));
        Arc::new(Live::new(Arc::clone(&caller.key), grace, joinable, replay))
    }

    /// Makes a generation known by its id, for as long as the guard says.
    pub(in crate::service) fn enter(&self, id: Uuid, live: &Arc<Live>) -> Entered {
        live.name(id);
        self.known().by_id.insert(id, Arc::clone(live));
        Entered { live: Arc::clone(live), streams: self.clone(), begun: false }
    }

    /// The generation of that id, where it runs here or ended lately.
    pub(super) fn find(&self, id: Uuid) -> Option<Arc<Live>> {
        let mut known = self.known();
        self.purge(&mut known);
        known.by_id.get(&id).cloned()
    }

    /// The generation of that project and key; `new` becomes it where there is none.
    pub(super) fn claim(&self, project: Uuid, key: &str, new: impl FnOnce() -> Arc<Live>) -> Claim {
        let mut known = self.known();
        self.purge(&mut known);
        match known.by_key.entry((project, key.to_owned())) {
            Entry::Occupied(made) => Claim::Made(Arc::clone(made.get())),
            Entry::Vacant(place) => Claim::New(Arc::clone(place.insert(new()))),
        }
    }

    /// Keeps a generation that has ended for those who come back late, as far as there is room and time.
    pub(super) fn retire(&self, live: &Arc<Live>) {
        let settings = &self.0.settings;
        let bytes = live.state().replay.bytes();
        if settings.replay_seconds.is_zero() || (bytes == 0 && live.joinable.is_none()) {
            return self.forget(live);
        }
        let mut known = self.known();
        known.ended.push_back(Ended { live: Arc::clone(live), at: Instant::now(), bytes });
        known.ended_bytes += bytes;
        self.purge(&mut known);
    }

    /// Forgets a generation.
    pub(super) fn forget(&self, live: &Arc<Live>) {
        self.known().forget(live);
    }

    /// Lets a task poll a generation's provider.
    pub(super) fn drive(&self, live: &Arc<Live>, source: Source) {
        let task = drive::drive(Arc::clone(live), self.clone(), source);
        // Outside of a runtime, which is at the very end, the dropped source settles as cancelled.
        if let Ok(runtime) = Handle::try_current() {
            self.0.tasks.spawn_on(task, &runtime);
        }
    }

    /// Runs what is to outlive its connection.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.tasks.spawn(task);
    }

    /// Waits until no generation runs without a connection.
    pub async fn drained(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Bytes that all replay buffers hold.
    pub fn replay_bytes(&self) -> usize {
        self.0.pool.used()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets the ended generations whose time is over or for which there is no room.
    fn purge(&self, known: &mut Known) {
        let settings = &self.0.settings;
        while let Some(oldest) = known.ended.front() {
            let crowded = known.ended.len() > settings.replay_streams
                // What runs has the other half.
                || known.ended_bytes > settings.replay_total_bytes / 2;
            if !crowded && oldest.at.elapsed() < settings.replay_seconds {
                return;
            }
            if let Some(oldest) = known.ended.pop_front() {
                known.ended_bytes -= oldest.bytes;
                known.forget(&oldest.live);
            }
        }
    }
}

impl Known {
    fn forget(&mut self, live: &Arc<Live>) {
        if let Some(id) = live.id() {
            self.by_id.remove(&id);
        }
        if let Some(joinable) = &live.joinable
            && let Entry::Occupied(held) = self.by_key.entry((live.key.project_id, joinable.idempotency_key.clone()))
            && Arc::ptr_eq(held.get(), live)
        {
            held.remove();
        }
    }
}

/// A generation on its way to its first word. Dropped before that, it is forgotten.
pub(in crate::service) struct Entered {
    live: Arc<Live>,
    streams: Streams,
    begun: bool,
}

impl Entered {
    /// There is a first word.
    pub(in crate::service) fn begun(mut self, on_disconnect: OnDisconnect) {
        self.live.state().on_disconnect = on_disconnect;
        self.begun = true;
    }

    /// There will be none, and those who wait are told why.
    pub(in crate::service) fn failed(mut self, error: Error) -> Error {
        self.begun = true;
        // What others may join is ended by the task that makes it for all of them.
        if self.live.joinable.is_none() {
            self.live.end(Err(error.clone()));
            self.streams.forget(&self.live);
        }
        error
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if !self.begun {
            self.live.give_up();
            self.streams.forget(&self.live);
        }
    }
}
