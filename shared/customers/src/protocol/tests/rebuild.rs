//! What a rebuild makes of indexes, old and damaged, and of the ways in which its switch may end.

use std::sync::Arc;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};

use crate::{
    Repository,
    domain::{Columns, CustomerId, Identity, Profile, Tenant, TextField, Timestamp},
    edit::Decision,
    fault::Fault,
    protocol::{
        FORMAT, Rebuilt, audit_tenant, keys, rebuild_tenant,
        safeguard::Safeguard,
        tenant_item,
        testing::{SimulatedTable, tenant},
    },
    store::{Item, Key, Reason, Store, TransactError},
};

pub(super) const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);
/// A format that this release does not know.
const OLD_FORMAT: u8 = 1;

pub(super) fn named(name: &str) -> Profile {
    let identity = Identity { name: name.to_owned(), unique_id: Some(format!("id of {name}")), ..Identity::default() };
    Profile { identity, ..Profile::default() }
}

/// A table with some customers, whose ids count from 1.
pub(super) async fn table(names: &[&str]) -> Arc<SimulatedTable> {
    let table = Arc::new(SimulatedTable::new());
    let process = repository(&table);
    for name in names {
        create(&process, name).await;
    }
    table
}

pub(super) fn repository(table: &Arc<SimulatedTable>) -> Repository {
    Repository::new(Arc::clone(table) as Arc<dyn Store>)
}

async fn create(repository: &Repository, name: &str) -> CustomerId {
    let directory = repository.directory(&tenant().id, "request");
    directory.begin_create().await.unwrap().commit(named(name), "writer", NOW).await.unwrap()
}

pub(super) async fn rename(repository: &Repository, id: u64, name: &str) {
    let directory = repository.directory(&tenant().id, "request");
    let edit = directory.begin_edit(id.into()).await.unwrap();
    edit.apply("writer", NOW, |_| Ok::<_, ()>(Decision::Replace(named(name)))).await.unwrap();
}

/// The names that a process lists, in the order of the ids.
async fn names(repository: &Repository) -> Vec<String> {
    let directory = repository.directory(&tenant().id, "request");
    let view = directory.view(Columns::ALL).await.unwrap();
    let index = view.index().unwrap();
    index.rows().map(|(id, _)| index.text_of(id, TextField::Name).unwrap()).collect()
}

pub(super) async fn rebuild(table: &SimulatedTable, shards: Option<u32>) -> Result<Rebuilt, Fault> {
    rebuild_tenant(table, &tenant().id, shards).await
}

pub(super) fn partition(epoch: u64) -> String {
    keys::shard(&tenant().id, epoch, 0)
}

/// The rows of shard 0 of an epoch.
pub(super) fn rows(table: &SimulatedTable, epoch: u64) -> Vec<(Key, Item)> {
    table.items(|key| key.partition == partition(epoch) && key.sort != keys::HEAD)
}

async fn is_clean(table: &SimulatedTable) -> bool {
    audit_tenant(table, &tenant().id).await.unwrap().damage.is_empty()
}

#[tokio::test]
async fn readers_and_writers_of_the_old_epoch_go_on_in_the_new_one() {
    let table = table(&["a", "b"]).await;
    let warm = repository(&table);
    assert_eq!(names(&warm).await, ["a", "b"]);
    let rebuilt = rebuild(&table, Some(4)).await.unwrap();
    let expected =
        Rebuilt { epoch: 2, shards: 4, row_format: FORMAT, customers: 2, was_damaged: false, is_swept: true };
    assert_eq!(rebuilt, expected);
    assert_eq!(rows(&table, 1), [], "the rows of the old epoch are gone");
    assert_eq!(names(&warm).await, ["a", "b"]);
    create(&warm, "c").await;
    rename(&warm, 1, "d").await;
    for process in [&warm, &repository(&table)] {
        assert_eq!(names(process).await, ["d", "b", "c"]);
    }
    assert!(is_clean(&table).await);
}

#[tokio::test]
async fn a_tenant_without_customers_is_rebuilt_and_keeps_its_settings() {
    let table = table(&[]).await;
    let mut settled = tenant();
    settled.settings.currency = Some("CHF".to_owned());
    table.put(keys::tenant(&settled.id), tenant_item(&settled).unwrap());
    assert_eq!(rebuild(&table, None).await.unwrap().customers, 0);
    let process = repository(&table);
    assert_eq!(names(&process).await, Vec::<String>::new());
    let directory = process.directory(&settled.id, "request");
    assert_eq!(*directory.tenant().await.unwrap(), Tenant { epoch: 2, ..settled });
}

/// A create that read the heads of an empty index, and commits after a rebuild; whether others then see it.
async fn a_late_first_create_is_seen() -> bool {
    let table = table(&[]).await;
    let late = repository(&table);
    let directory = late.directory(&tenant().id, "late");
    let creation = directory.begin_create().await.unwrap();
    rebuild(&table, Some(2)).await.unwrap();
    creation.commit(named("late"), "writer", NOW).await.unwrap();
    names(&repository(&table)).await == ["late"]
}

#[tokio::test]
async fn a_shard_without_a_head_is_closed_too() {
    assert!(a_late_first_create_is_seen().await);
}

#[tokio::test]
async fn without_closing_a_shard_that_has_no_head_its_first_write_is_lost() {
    Safeguard::AbsentHeads.switch_off();
    assert!(!a_late_first_create_is_seen().await);
}

#[tokio::test]
async fn an_unknown_outcome_of_the_switch_is_asked_for_again() {
    let unknown = || TransactError::Unknown("answer lost".into());
    let not_this_epoch = || TransactError::Cancelled(vec![Reason::ConditionFailed(None)]);
    for (is_applied, error, sent) in [
        (true, unknown(), 2),
        (false, unknown(), 2),
        (false, TransactError::InProgress("at it".into()), 2),
        (true, not_this_epoch(), 1),
    ] {
        let table = table(&["a"]).await;
        table.tokens_sent.lock().unwrap().clear();
        table.scripted.lock().unwrap().push_back((is_applied, error));
        assert_eq!(rebuild(&table, None).await.unwrap().epoch, 2);
        let tokens = table.tokens_sent.lock().unwrap().clone();
        assert!(tokens.len() == sent && tokens.iter().all(|token| *token == tokens[0]), "{tokens:?}");
        assert_eq!(names(&repository(&table)).await, ["a"]);
    }
}

#[tokio::test]
async fn a_lost_race_is_followed_and_a_refusal_is_not() {
    let table = table(&["a"]).await;
    let conflict = || TransactError::Cancelled(vec![Reason::None, Reason::Conflict, Reason::None]);
    table.scripted.lock().unwrap().extend([(false, conflict()), (false, conflict())]);
    assert_eq!(rebuild(&table, None).await.unwrap().epoch, 2);
    table.scripted.lock().unwrap().push_back((false, TransactError::Refused("no permission".into())));
    assert!(matches!(rebuild(&table, None).await, Err(Fault::Refused(_))));
    assert_eq!(rebuild(&table, None).await.unwrap().epoch, 4, "no two rebuilds share an epoch");
    assert!(rows(&table, 3).is_empty(), "nothing is left of the one that failed");
    assert_eq!(names(&repository(&table)).await, ["a"]);
}

#[tokio::test]
async fn shards_are_only_multiplied_and_not_too_many() {
    let table = table(&["a"]).await;
    rebuild(&table, Some(2)).await.unwrap();
    for wanted in [0, 1, 3, 98, 100] {
        let refused = rebuild(&table, Some(wanted)).await.unwrap_err();
        assert!(matches!(refused, Fault::Unsplittable { shards: 2, most: 96, .. }), "{wanted}");
    }
    assert_eq!(rebuild(&table, Some(96)).await.unwrap().shards, 96);
}

#[tokio::test]
async fn rows_of_an_unknown_format_are_followed_by_id_and_rebuilt() {
    let table = table(&["a", "b"]).await;
    for (key, mut item) in rows(&table, 1) {
        let id = if key.sort.ends_with('1') { 1 } else { 2 };
        item.insert("p".to_owned(), AttributeValue::B(Blob::new([OLD_FORMAT, 0, id, 0xff, 0xff, 0xff])));
        table.put(key, item);
    }
    let old = Tenant { row_format: OLD_FORMAT, ..tenant() };
    table.put(keys::tenant(&old.id), tenant_item(&old).unwrap());
    let process = repository(&table);
    let directory = process.directory(&old.id, "request");
    assert!(matches!(directory.view(Columns::ALL).await.err(), Some(Fault::UnknownFormat(OLD_FORMAT))));
    assert!(is_clean(&table).await);
    assert!(!rebuild(&table, None).await.unwrap().was_damaged);
    assert_eq!(names(&process).await, ["a", "b"]);
    assert!(is_clean(&table).await);
}

#[tokio::test(start_paused = true)]
async fn documents_that_share_a_sequence_number_get_their_own() {
    let table = table(&["a", "b", "c"]).await;
    for id in [1, 2] {
        let key = keys::document(&tenant().id, id.into());
        let mut document = table.items(|other| *other == key).remove(0).1;
        document.insert("q".to_owned(), AttributeValue::N("9".to_owned()));
        table.put(key, document);
    }
    assert!(rebuild(&table, None).await.unwrap().was_damaged);
    let process = repository(&table);
    assert_eq!(names(&process).await, ["a", "b", "c"]);
    assert!(is_clean(&table).await);
    rename(&process, 1, "d").await;
    rename(&process, 2, "e").await;
    assert_eq!(names(&process).await, ["d", "e", "c"]);
}
