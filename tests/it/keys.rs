//! Gateway keys.

use std::time::Duration;

use generative_gateway::{error::Reason, service::keys::Keys};

use crate::database;

/// Keys that are looked up each time.
async fn keys() -> (Keys, database::Database) {
    let database = database::fresh().await;
    (Keys::with_cache_time(database.store.clone(), Duration::ZERO), database)
}

async fn refusal(keys: &Keys, presented: &str) -> Reason {
    keys.authenticate(presented).await.unwrap_err().reason
}

#[tokio::test]
async fn a_first_start_makes_one_admin_key_and_only_once() {
    let (keys, database) = keys().await;
    let first = keys.first_start().await.unwrap().unwrap();
    let key = keys.authenticate(&first).await.unwrap();
    assert!(key.admin);
    assert_eq!(key.project, "default");
    assert_eq!(keys.first_start().await.unwrap(), None);
    assert_eq!(database.sql().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM api_keys").await, 1);
}

#[tokio::test]
async fn a_key_works_from_its_making_to_its_revocation() {
    let (keys, database) = keys().await;
    let full = keys.create("default", "laptop", false, None).await.unwrap();
    let key = keys.authenticate(&full).await.unwrap();
    assert_eq!((key.name.as_str(), key.admin), ("laptop", false));
    assert!(full.starts_with(&format!("ggw_{}_", key.id)));

    let elsewhere = Keys::new(database.connect_again().await);
    elsewhere.revoke(&key.id).await.unwrap();
    assert_eq!(refusal(&keys, &full).await, Reason::KeyRevoked);
    assert_eq!(keys.revoke("nosuchkey123").await.unwrap_err().reason, Reason::NotFound);
}

#[tokio::test]
async fn only_keys_that_were_seen_are_remembered() {
    let (_, database) = keys().await;
    let keys = Keys::with_cache_time(database.store.clone(), Duration::from_secs(3600));
    let elsewhere = Keys::new(database.store.clone());
    let full = elsewhere.create("default", "laptop", false, None).await.unwrap();
    let id = keys.authenticate(&full).await.unwrap().id.clone();
    elsewhere.revoke(&id).await.unwrap();
    keys.authenticate(&full).await.expect("remembered, so the revocation elsewhere is not seen yet");
    keys.revoke(&id).await.unwrap();
    assert_eq!(refusal(&keys, &full).await, Reason::KeyRevoked, "one's own revocation counts at once");
}

#[tokio::test]
async fn garbled_unknown_and_expired_keys_are_told_apart_only_by_who_knows_the_secret() {
    let (keys, _database) = keys().await;
    let expired = keys.create("default", "old", false, Some(1)).await.unwrap();
    assert_eq!(refusal(&keys, &expired).await, Reason::KeyExpired);
    let (rest, _) = expired.split_at(expired.len() - 1);
    for garbled in [
        String::new(),
        "sk-something".to_owned(),
        rest.to_owned(),
        format!("{rest}é"),
        format!("{expired} "),
        expired.to_uppercase(),
        format!("{}{}", &expired[..17], "x".repeat(40)),
        format!("ggw_nosuchkey123_{}", "x".repeat(40)),
    ] {
        assert_eq!(refusal(&keys, &garbled).await, Reason::KeyInvalid, "{garbled:?}");
    }
}

#[tokio::test]
async fn a_rotated_key_keeps_its_old_secret_for_the_grace_and_no_longer() {
    let (keys, _database) = keys().await;
    let first = keys.create("default", "laptop", true, None).await.unwrap();
    let id = keys.authenticate(&first).await.unwrap().id.clone();
    let second = keys.rotate(&id, Duration::from_secs(3600)).await.unwrap();
    for full in [&first, &second] {
        assert_eq!(keys.authenticate(full).await.unwrap().id, id);
    }
    let third = keys.rotate(&id, Duration::ZERO).await.unwrap();
    assert_eq!(keys.authenticate(&third).await.unwrap().id, id);
    for full in [&first, &second] {
        assert_eq!(refusal(&keys, full).await, Reason::KeyInvalid);
    }
    keys.revoke(&id).await.unwrap();
    assert_eq!(keys.rotate(&id, Duration::ZERO).await.unwrap_err().reason, Reason::NotFound);
}

#[tokio::test]
async fn a_project_is_made_before_its_keys_and_only_once() {
    let (keys, _database) = keys().await;
    assert_eq!(keys.create("team", "x", false, None).await.unwrap_err().reason, Reason::NotFound);
    keys.create_project("team").await.unwrap();
    assert_eq!(keys.create_project("team").await.unwrap_err().reason, Reason::AlreadyExists);
    assert_eq!(keys.create_project("No Spaces").await.unwrap_err().reason, Reason::InvalidRequest);
    let full = keys.create("team", "x", false, None).await.unwrap();
    assert_eq!(keys.authenticate(&full).await.unwrap().project, "team");
}
