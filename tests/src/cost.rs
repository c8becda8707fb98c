//! What operations cost, in DynamoDB's own units and in round trips.

use customers::{
    Condition, Dialect, Direction, Filter, ListQuery, Listing, Page, Profile, Repository, Sort, SortKey, TextField,
    Timestamp, Usage,
};

use crate::harness::{Site, tenant};

/// One request's list with its login, as a function does it.
async fn list(repository: &Repository) -> (Listing, Usage) {
    let before = repository.usage();
    let directory = repository.directory(&tenant(), "request");
    let (login, view) = tokio::join!(directory.login(Dialect::NeuCrm, "5"), directory.view());
    assert!(login.unwrap().is_some());
    let query = ListQuery {
        filter: Filter(vec![Condition::Deleted(false)]),
        sort: Sort { key: SortKey::Text(TextField::Name), direction: Direction::Ascending },
        page: Page { offset: 0, limit: Some(3) },
    };
    let listing = view.unwrap().list(&query).await.unwrap();
    (listing, repository.usage().since(&before))
}

async fn create(repository: &Repository) -> Usage {
    let before = repository.usage();
    let directory = repository.directory(&tenant(), "request");
    let (login, creation) = tokio::join!(directory.login(Dialect::NeuCrm, "5"), directory.begin_create());
    assert!(login.unwrap().is_some());
    creation.unwrap().commit(Profile::default(), "isp2", Timestamp::now()).await.unwrap();
    repository.usage().since(&before)
}

#[tokio::test]
async fn a_warm_list_reads_a_unit_per_shard_one_for_the_login_and_its_new_documents_in_two_round_trips() {
    let site = Site::start().await;
    let repository = Repository::new(site.store());
    let other_process = Repository::new(site.store());
    list(&repository).await;
    let (listing, usage) = list(&repository).await;
    assert_eq!(listing.total, 4);
    assert_eq!((usage.read_units, usage.calls, usage.round_trips), (4.0 + 1.0, 5, 1), "nothing changed");
    assert_eq!(usage.rows, 0);

    create(&other_process).await;
    let (listing, usage) = list(&repository).await;
    assert_eq!(listing.total, 5);
    assert_eq!(usage.rows, 1, "only what changed is read");
    assert_eq!((usage.read_units, usage.calls, usage.round_trips), (4.0 + 1.0 + 1.0, 6, 2), "one document is new");
}

#[tokio::test]
async fn a_warm_create_is_one_read_round_trip_and_one_transaction() {
    let site = Site::start().await;
    let repository = Repository::new(site.store());
    create(&repository).await;
    let usage = create(&repository).await;
    assert_eq!(usage.round_trips, 2);
    assert_eq!(usage.calls, 3, "login and heads side by side, then the transaction");
    assert_eq!(usage.read_units, 1.0 + 4.0);
    assert_eq!(
        usage.write_units,
        2.0 + 2.0 + 2.0,
        "document, row and head, each below 1 KB and twice for being transactional"
    );
}
