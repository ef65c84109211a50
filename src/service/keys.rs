//! Gateway keys: made, shown once, checked, changed.

mod secret;
mod uses;

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use self::{
    secret::{Presented, Secret},
    uses::{LastUse, Uses},
};
use super::{
    Key,
    clock::{millis, now_ms},
    projects::{
        audit::{Actor, changes},
        describe_key, describe_project, fields, new_project,
    },
};
use crate::{
    error::{Error, Reason},
    store::{Store, audit::AuditEvent, budgets::BudgetRecord, keys::KeyRecord, projects::Project},
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
    uses: Uses,
}

/// A key as it is kept, and as requests carry it.
struct Seen {
    record: KeyRecord,
    key: Arc<Key>,
    last_use: LastUse,
}

impl Keys {
    /// Keys of this database.
    pub fn new(store: Store) -> Self {
        Self::with_cache_time(store, CACHE_TIME)
    }

    /// Keys that are looked up again after that time.
    pub fn with_cache_time(store: Store, time: Duration) -> Self {
        let seen = Cache::builder().max_capacity(CACHED).time_to_live(time).build();
        Self { store, seen, uses: Uses::default() }
    }

    /// The same, noting when keys are used. The task that writes it ends when the last clone is dropped.
    #[must_use]
    pub fn noting_uses(self, tasks: &TaskTracker) -> Self {
        Self { uses: Uses::start(self.store.clone(), tasks), ..self }
    }

    /// The key that a caller presents, as it stands in the header without `Bearer`.
    pub async fn authenticate(&self, presented: &str) -> Result<Arc<Key>, Error> {
        let Some(presented) = Presented::parse(presented) else { return Err(invalid()) };
        let seen = self.find(presented.id).await?;
        let now = now_ms();
        check(&seen.record, &presented, now)?;
        self.uses.note(&seen.record.id, &seen.last_use, now);
        Ok(seen.key.clone())
    }

    /// Makes a key for the gateway itself and returns it whole: it is never shown again. The project `default` is made
    /// where it is missing.
    pub async fn create(
        &self,
        project: &str,
        name: &str,
        admin: bool,
        expires_at_ms: Option<i64>,
    ) -> Result<String, Error> {
        let project = self.open_project(project).await?;
        let key = KeyRecord { name: name.to_owned(), admin, expires_at_ms, ..KeyRecord::default() };
        let (_, full) = self.keep(&Actor::gateway(), &project, key, None).await?;
        Ok(full)
    }

    /// The project of that name; `default` is made where it is missing.
    pub async fn open_project(&self, name: &str) -> Result<Project, Error> {
        match self.store.find_project(name).await? {
            Some(project) => Ok(project),
            None if name == DEFAULT_PROJECT => self.create_project(name).await,
            None => Err(no_project(name)),
        }
    }

    /// On an empty database, makes the project `default` and one key with the admin scope, and returns that key whole.
    pub async fn first_start(&self) -> Result<Option<String>, Error> {
        let (secret, actor) = (Secret::generate(), Actor::gateway());
        let project = new_project(DEFAULT_PROJECT, now_ms());
        let key = KeyRecord { name: "first".to_owned(), admin: true, ..KeyRecord::default() };
        let key = completed(key, &secret, &project, &actor);
        let event = made(&actor, &key, &project);
        let made = self.store.create_first(project, key, event).await?;
        Ok(made.then(|| secret.full()))
    }

    /// Makes a project for the gateway itself. Its name is 1 to 64 lower-case letters, digits and hyphens.
    pub async fn create_project(&self, name: &str) -> Result<Project, Error> {
        fields::project_id(name)?;
        let project = new_project(name, now_ms());
        let told = changes(None, Some(&describe_project(&project)));
        let event =
            Actor::gateway().event(project.created_at_ms, "project.create", name, format!("projects/{name}"), told);
        self.store.create_project(project.clone(), event).await?;
        Ok(project)
    }

    /// Revokes a key, for good. One that was revoked keeps its first time.
    pub async fn revoke(&self, id: &str) -> Result<(), Error> {
        self.change(&Actor::gateway(), None, id, "key.revoke", revoked).await.map(drop)
    }

    /// Gives a key a new secret and returns it whole. The old secret holds for `grace` longer.
    pub async fn rotate(&self, id: &str, grace: Duration) -> Result<String, Error> {
        Ok(self.renew(&Actor::gateway(), None, id, grace).await?.1)
    }

    /// Keeps a new key of which all but id, secret, project, creator and time is said; returns it, and it whole.
    pub(super) async fn keep(
        &self,
        by: &Actor,
        project: &Project,
        key: KeyRecord,
        budget: Option<(BudgetRecord, AuditEvent)>,
    ) -> Result<(KeyRecord, String), Error> {
        let secret = Secret::generate().of_id(&key.id);
        let key = completed(key, &secret, project, by);
        let mut events = vec![made(by, &key, project)];
        let budget = budget.map(|(budget, event)| {
            events.push(event);
            budget
        });
        self.store.create_key(key.clone(), budget, events).await?;
        Ok((key, secret.full()))
    }

    /// An id for a key that is going to be made.
    pub(super) fn new_id() -> String {
        Secret::generate().id().to_owned()
    }

    /// Changes a key of a project, or of any, as `change` says; it counts here at once.
    pub(super) async fn change(
        &self,
        by: &Actor,
        project: Option<Uuid>,
        id: &str,
        action: &str,
        change: impl FnOnce(&mut KeyRecord, i64) -> Result<(), Error>,
    ) -> Result<(KeyRecord, Project), Error> {
        let now = now_ms();
        let changed = self.store.change_key(project, id, |key, project| {
            let before = describe_key(key, project, now);
            change(key, now)?;
            let told = changes(Some(&before), Some(&describe_key(key, project, now)));
            Ok(by.event(now, action, &project.name, target(project, key), told))
        });
        let changed = changed.await?.ok_or_else(|| no_key(id))?;
        self.seen.invalidate(id).await;
        Ok(changed)
    }

    /// Gives a key a new secret; returns it, and it whole.
    pub(super) async fn renew(
        &self,
        by: &Actor,
        project: Option<Uuid>,
        id: &str,
        grace: Duration,
    ) -> Result<((KeyRecord, Project), String), Error> {
        let secret = Secret::generate().of_id(id);
        let hash = secret.hash();
        let rotated = |key: &mut KeyRecord, now: i64| {
            if key.revoked_at_ms.is_some() {
                return Err(no_key(id));
            }
            key.old_secret_hash = Some(std::mem::replace(&mut key.secret_hash, hash));
            key.old_secret_expires_at_ms = Some(now.saturating_add(millis(grace)));
            key.rotated_at_ms = Some(now);
            Ok(())
        };
        Ok((self.change(by, project, id, "key.rotate", rotated).await?, secret.full()))
    }

    /// Looks all keys up again, because what they hang on was changed.
    pub(super) fn forget(&self) {
        self.seen.invalidate_all();
    }

    /// Requests that look for the same key at once share one look-up. Ids that do not exist are looked up each time:
    /// remembering them would let anybody fill the memory.
    async fn find(&self, id: &str) -> Result<Arc<Seen>, Error> {
        if let Some(seen) = self.seen.get(id).await {
            return Ok(seen);
        }
        let look_up = async {
            let (record, project) = self.store.find_key(id).await?.ok_or_else(invalid)?;
            let (key, last_use) = (Arc::new(Key::of(&record, &project)), LastUse::new(record.last_used_at_ms));
            Ok(Arc::new(Seen { record, key, last_use }))
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

impl Key {
    /// A key as requests carry it.
    pub(super) fn of(record: &KeyRecord, project: &Project) -> Self {
        Self {
            id: record.id.clone(),
            name: record.name.clone(),
            project_id: project.id,
            project: project.name.clone(),
            admin: record.admin,
            limits: record.limits,
            project_limits: project.limits,
            allowed_models: record.allowed_models.clone(),
            project_allowed_models: project.allowed_models.clone(),
        }
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

/// A change: the key is revoked, unless it was.
pub(super) fn revoked(key: &mut KeyRecord, now_ms: i64) -> Result<(), Error> {
    key.revoked_at_ms.get_or_insert(now_ms);
    Ok(())
}

fn completed(key: KeyRecord, secret: &Secret, project: &Project, by: &Actor) -> KeyRecord {
    KeyRecord {
        id: secret.id().to_owned(),
        project_id: project.id,
        secret_hash: secret.hash(),
        created_at_ms: now_ms(),
        creator: by.id.clone(),
        ..key
    }
}

fn made(by: &Actor, key: &KeyRecord, project: &Project) -> AuditEvent {
    let told = changes(None, Some(&describe_key(key, project, key.created_at_ms)));
    by.event(key.created_at_ms, "key.create", &project.name, target(project, key), told)
}

/// How the audit trail names a key.
fn target(project: &Project, key: &KeyRecord) -> String {
    format!("projects/{}/keys/{}", project.name, key.id)
}

fn invalid() -> Error {
    Error::new(
        Reason::KeyInvalid,
        "this is not a gateway key; keys look like ggw_<public id>_<secret>, check for cut or added characters",
    )
}

/// There is no project of that name, or not for this caller.
pub(super) fn no_project(name: &str) -> Error {
    Error::new(Reason::NotFound, format!("there is no project `{name}` that this key may see; create it first"))
        .with_field("project_id")
}

/// There is no such key, or not in this project.
pub(super) fn no_key(id: &str) -> Error {
    Error::new(Reason::NotFound, format!("there is no key `{id}` that could be changed; `keys list` shows all"))
        .with_field("key_id")
}
