//! Gateway keys: made, shown once, checked, revoked.

mod secret;

use std::{sync::Arc, time::Duration};

use moka::future::Cache;

use self::secret::{Presented, Secret};
use super::{Key, clock::now_ms};
use crate::{
    error::{Error, Reason},
    store::{
        Store,
        keys::{KeyRecord, Project},
    },
};

/// What another process does to a key counts here after at most this long.
const CACHE_TIME: Duration = Duration::from_secs(1);
/// Keys that are kept at hand.
const CACHED: u64 = 10_000;
/// The project that is there from the start; its administrators see all.
pub const DEFAULT_PROJECT: &str = "default";

/// Gateway keys, with those that were seen lately at hand.
#[derive(Clone)]
pub struct Keys {
    store: Store,
    seen: Cache<String, Arc<Seen>>,
}

/// A key as it is kept, and as requests carry it.
struct Seen {
    record: KeyRecord,
    key: Arc<Key>,
}

impl Keys {
    /// Keys of this database.
    pub fn new(store: Store) -> Self {
        Self::with_cache_time(store, CACHE_TIME)
    }

    /// Keys that are looked up again after that time.
    pub fn with_cache_time(store: Store, time: Duration) -> Self {
        let seen = Cache::builder().max_capacity(CACHED).time_to_live(time).build();
        Self { store, seen }
    }

    /// The key that a caller presents, as it stands in the header without `Bearer`.
    pub async fn authenticate(&self, presented: &str) -> Result<Arc<Key>, Error> {
        let Some(presented) = Presented::parse(presented) else { return Err(invalid()) };
        let seen = self.find(presented.id).await?;
        check(&seen.record, &presented, now_ms())?;
        Ok(seen.key.clone())
    }

    /// Makes a key and returns it whole: it is never shown again. The project `default` is made where it is missing.
    pub async fn create(
        &self,
        project: &str,
        name: &str,
        admin: bool,
        expires_at_ms: Option<i64>,
    ) -> Result<String, Error> {
        let project = match self.store.find_project(project).await? {
            Some(project) => project,
            None if project == DEFAULT_PROJECT => self.create_project(project).await?,
            None => return Err(no_project(project)),
        };
        let secret = Secret::generate();
        let record = KeyRecord { project_id: project.id, ..record(&secret, name, admin, expires_at_ms) };
        self.store.create_key(record).await?;
        Ok(secret.full())
    }

    /// On an empty database, makes the project `default` and one key with the admin scope, and returns that key whole.
    pub async fn first_start(&self) -> Result<Option<String>, Error> {
        let secret = Secret::generate();
        let made = self.store.create_first(DEFAULT_PROJECT, record(&secret, "first", true, None)).await?;
        Ok(made.then(|| secret.full()))
    }

    /// Makes a project. Its name is at most 64 lower-case letters, digits, `-` and `_`.
    pub async fn create_project(&self, name: &str) -> Result<Project, Error> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        if name.is_empty() || name.len() > 64 || !name.bytes().all(fits) {
            return Err(Error::invalid("name", "a project's name is 1 to 64 lower-case letters, digits, `-` and `_`"));
        }
        self.store.create_project(name, now_ms()).await
    }

    /// All keys of a project or of all projects, oldest first; never their secrets.
    pub async fn list(&self, project: Option<&str>) -> Result<Vec<KeyRecord>, Error> {
        let project = match project {
            None => None,
            Some(name) => Some(self.store.find_project(name).await?.ok_or_else(|| no_project(name))?.id),
        };
        self.store.list_keys(project).await
    }

    /// Revokes a key, for good.
    pub async fn revoke(&self, id: &str) -> Result<(), Error> {
        if !self.store.revoke_key(id, now_ms()).await? {
            return Err(no_key(id));
        }
        self.seen.invalidate(id).await;
        Ok(())
    }

    /// Gives a key a new secret and returns it whole. The old secret holds for `grace` longer.
    pub async fn rotate(&self, id: &str, grace: Duration) -> Result<String, Error> {
        let secret = Secret::generate().of(id);
        let now = now_ms();
        let until = now.saturating_add(i64::try_from(grace.as_millis()).unwrap_or(i64::MAX));
        if !self.store.rotate_key(id, secret.hash(), until, now).await? {
            return Err(no_key(id));
        }
        self.seen.invalidate(id).await;
        Ok(secret.full())
    }

    /// Requests that look for the same key at once share one look-up. Ids that do not exist are looked up each time:
    /// remembering them would let anybody fill the memory.
    async fn find(&self, id: &str) -> Result<Arc<Seen>, Error> {
        if let Some(seen) = self.seen.get(id).await {
            return Ok(seen);
        }
        let look_up = async {
            let record = self.store.find_key(id).await?.ok_or_else(invalid)?;
            let key = Key {
                id: record.id.clone(),
                name: record.name.clone(),
                project_id: record.project_id,
                project: record.project.clone(),
                admin: record.admin,
                ..Key::default()
            };
            Ok(Arc::new(Seen { record, key: Arc::new(key) }))
        };
        // Boxed, because it is large and seldom needed.
        Box::pin(self.seen.try_get_with_by_ref(id, look_up)).await.map_err(|shared: Arc<Error>| {
            Arc::try_unwrap(shared).unwrap_or_else(|shared| match shared.reason {
                Reason::KeyInvalid => invalid(),
                _ => Error::books(shared.context.as_deref().unwrap_or_default()),
            })
        })
    }
}

/// Whether the secret is the key's and the key may be used. Who does not know the secret learns nothing of the key.
fn check(record: &KeyRecord, presented: &Presented<'_>, now_ms: i64) -> Result<(), Error> {
    let hash = presented.hash();
    let is_old = || {
        let holds = record.old_secret_expires_at_ms.is_some_and(|until| now_ms < until);
        holds && record.old_secret_hash.as_ref().is_some_and(|old| secret::same(old, &hash))
    };
    if !secret::same(&record.secret_hash, &hash) && !is_old() {
        return Err(invalid());
    }
    if record.revoked_at_ms.is_some() {
        return Err(Error::new(Reason::KeyRevoked, "this gateway key was revoked; ask for another one"));
    }
    if record.expires_at_ms.is_some_and(|until| until <= now_ms) {
        return Err(Error::new(Reason::KeyExpired, "this gateway key has expired; ask for another one"));
    }
    Ok(())
}

fn record(secret: &Secret, name: &str, admin: bool, expires_at_ms: Option<i64>) -> KeyRecord {
    KeyRecord {
        id: secret.id().to_owned(),
        name: name.to_owned(),
        admin,
        secret_hash: secret.hash(),
        created_at_ms: now_ms(),
        expires_at_ms,
        ..KeyRecord::default()
    }
}

fn invalid() -> Error {
    Error::new(
        Reason::KeyInvalid,
        "this is not a gateway key; keys look like ggw_<public id>_<secret>, check for cut or added characters",
    )
}

fn no_project(name: &str) -> Error {
    Error::new(Reason::NotFound, format!("there is no project `{name}`; create it first")).with_field("project")
}

fn no_key(id: &str) -> Error {
    Error::new(Reason::NotFound, format!("there is no key `{id}` that could be changed; `keys list` shows all"))
        .with_field("key_id")
}
