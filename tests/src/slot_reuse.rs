//! The sequence of writes that a list index without a condition on its head loses: a writer with a stale head finds the
//! slot behind it free again, because the row that stood there was superseded.

use customers::{
    Columns, Condition, Decision, Direction, Filter, Identity, ListQuery, NewTenant, Page, Pattern, Profile,
    Repository, Sort, SortKey, TextField, Timestamp,
};

use crate::harness::{Site, fixture, tenant};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

fn named(name: &str) -> Profile {
    Profile { identity: Identity { name: name.to_owned(), ..Identity::default() }, ..Profile::default() }
}

async fn count(repository: &Repository, name: &str) -> usize {
    let directory = repository.directory(&tenant(), "reader");
    let query = ListQuery {
        filter: Filter(vec![Condition::Text(TextField::Name, Pattern::exact(name))]),
        sort: Sort { key: SortKey::Id, direction: Direction::Ascending },
        page: Page { offset: 0, limit: None },
    };
    let mut view = directory.view(Columns::ALL).await.unwrap();
    view.list(&query).await.unwrap().customers.len()
}

#[tokio::test]
async fn a_writer_with_a_stale_head_does_not_commit_behind_a_warm_reader() {
    let one_shard = NewTenant { shards: 1, customers: Vec::new(), ..fixture() };
    let site = Site::start_with(bundle::StackOptions::default(), one_shard).await;
    let (stale, busy, reader) =
        (Repository::new(site.store()), Repository::new(site.store()), Repository::new(site.store()));

    let busy_directory = busy.directory(&tenant(), "busy");
    let stale_directory = stale.directory(&tenant(), "stale");
    let first = busy_directory.begin_create().await.unwrap().commit(named("first"), "busy", NOW).await.unwrap();
    let creation = stale_directory.begin_create().await.unwrap();
    for name in ["second", "third", "fourth"] {
        let edit = busy_directory.begin_edit(first).await.unwrap();
        edit.apply("busy", NOW, |_| Ok::<_, ()>(Decision::Replace(named(name)))).await.unwrap();
    }
    assert_eq!(count(&reader, "fourth").await, 1, "the reader is warm at the fourth row; slots 2 and 3 are free");
    creation.commit(named("late"), "stale", NOW).await.unwrap();
    assert_eq!(count(&reader, "late").await, 1, "the acknowledged write is seen");
    assert_eq!(count(&reader, "fourth").await, 1);
}
