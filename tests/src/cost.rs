//! What operations cost, in DynamoDB's own units and in round trips.

use customers::{
    Address, Columns, Condition, Credential, Dialect, Direction, Directory, Filter, Hierarchy, Identity, ListQuery,
    Listing, Login, LoginEntry, NewTenant, Page, Profile, RareField, Repository, Scope, Sort, SortKey, TextField,
    Timestamp, Usage,
};

use crate::harness::{self, Site, customer, fixture, tenant};

/// The moment of every request.
const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);
/// The identity of the logins with a password, and the password.
const USER: &str = "user";
const PASSWORD: &str = "password";

fn live() -> Filter {
    Filter(vec![Condition::Deleted(false)])
}

/// One request's list with its login, as a function does it.
async fn list(repository: &Repository) -> (Listing, Usage) {
    let before = repository.usage();
    let directory = repository.directory(&tenant(), "request");
    let (login, view) = tokio::join!(directory.login(Dialect::NeuCrm, "5"), directory.view(Columns::ALL));
    assert!(login.unwrap().is_some());
    let query = ListQuery {
        filter: live(),
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

#[tokio::test]
async fn no_warm_create_waits_for_its_id() {
    let site = Site::start().await;
    let repository = Repository::new(site.store());
    create(&repository).await;
    for number in 2..=40 {
        assert_eq!(create(&repository).await.round_trips, 2, "create {number} of the process");
    }
}

/// What a request does, whose process has the index in memory and no document.
#[derive(Debug, Clone, Copy)]
enum Work {
    /// Valomnia's login with a session.
    Session,
    /// Enswitch's login with a password that the process has seen.
    RememberedPassword,
    /// The number of all customers.
    Count,
    /// A page of all customers, by this key.
    List(SortKey, Page),
    /// The same, with what they show of their parents.
    ListWithSuperiors(SortKey, Page),
}
use Work::{Count, List, ListWithSuperiors, RememberedPassword, Session};

impl Work {
    /// Does it, and returns how many customers or logins it found.
    async fn run(self, directory: &Directory<'_>, token: &str) -> usize {
        let query =
            |key, page| ListQuery { filter: live(), sort: Sort { key, direction: Direction::Descending }, page };
        match self {
            Session => {
                let (login, view) =
                    tokio::join!(directory.session_login(Dialect::Valomnia, token, NOW), directory.view(Columns::ALL));
                assert!(login.unwrap().is_some());
                let mut view = view.unwrap();
                view.count(&live()).unwrap()
            }
            RememberedPassword => {
                let login = directory.login_by_password(Dialect::Enswitch, USER, PASSWORD, "", NOW).await;
                usize::from(login.unwrap().is_some())
            }
            Count => directory.view(Columns::ALL).await.unwrap().count(&live()).unwrap(),
            List(key, page) => {
                directory.view(Columns::ALL).await.unwrap().list(&query(key, page)).await.unwrap().customers.len()
            }
            ListWithSuperiors(key, page) => {
                let mut view = directory.view(Columns::ALL).await.unwrap();
                let customers = view.list(&query(key, page)).await.unwrap().customers;
                let superiors = customers.iter().filter_map(|customer| view.superior(customer));
                customers.len() + superiors.count()
            }
        }
    }
}

/// Nine customers in three shards: 1 stands above all, 2 to 5 below it, 6 and 7 below 2, 8 below 3 and 9 below 4. The
/// later they are, the earlier their street is in the alphabet; the first ones have none.
fn family() -> NewTenant {
    let parents = [None, Some(1), Some(1), Some(1), Some(1), Some(2), Some(2), Some(3), Some(4)];
    let customers = (1..).zip(parents).map(|(id, parent): (u64, Option<u64>)| {
        let street = (id > 3).then(|| format!("{} street", 10 - id));
        let profile = Profile {
            identity: Identity { name: format!("Customer {id}"), ..Identity::default() },
            address: Address { street, ..Address::default() },
            hierarchy: Hierarchy { parent: parent.map(Into::into), ..Hierarchy::default() },
            ..Profile::default()
        };
        customer(id, profile, NOW)
    });
    let login = |dialect, scope| LoginEntry {
        dialect,
        identity: USER.to_owned(),
        login: Login {
            roles: ["commerce".to_owned()].into(),
            ..harness::login(USER, scope, Credential::password(PASSWORD).unwrap())
        },
    };
    let logins = vec![
        login(Dialect::Enswitch, Scope::Subtree(1.into())),
        login(Dialect::Valomnia, Scope::Organisation("one".to_owned())),
    ];
    NewTenant { shards: 3, customers: customers.collect(), logins, ..fixture() }
}

async fn open_session(site: &Site) -> String {
    let repository = Repository::new(site.store());
    let directory = repository.directory(&tenant(), "login");
    let login = directory.login(Dialect::Valomnia, USER).await.unwrap().unwrap();
    directory.open_session(Dialect::Valomnia, USER, &login, NOW).await.unwrap()
}

#[tokio::test]
async fn reads_cost_what_they_are_said_to() {
    const SHARDS: f64 = 3.0;
    let by_street = SortKey::Rare(RareField::Street);
    let page = |offset, limit| Page { offset, limit: Some(limit) };
    let site = Site::start_with(bundle::StackOptions::default(), family()).await;
    let token = open_session(&site).await;
    for (work, customers, read_units, calls, round_trips) in [
        // The session and the login.
        (Session, 9, SHARDS + 2.0, 3 + 1, 1),
        (RememberedPassword, 1, 1.0, 1, 1),
        (Count, 9, SHARDS, 3, 1),
        (List(SortKey::Id, page(9, 5)), 0, SHARDS, 3, 1),
        (List(SortKey::Id, page(0, 0)), 0, SHARDS, 3, 1),
        (List(SortKey::Id, page(0, 4)), 4, SHARDS + 4.0, 3 + 1, 2),
        (List(by_street, page(0, 2)), 2, SHARDS + 2.0, 3 + 1, 2),
        (List(by_street, page(8, 2)), 1, SHARDS + 1.0, 3 + 1, 2),
        // 9 and 8 below 4 and 3: what a row shows of its parent comes from the index.
        (ListWithSuperiors(SortKey::Id, page(0, 2)), 2 + 2, SHARDS + 2.0, 3 + 1, 2),
        // 2 and 1: the parent of the one is the other, and that has none.
        (ListWithSuperiors(SortKey::Id, page(7, 2)), 2 + 1, SHARDS + 2.0, 3 + 1, 2),
    ] {
        let repository = Repository::new(site.store());
        let directory = repository.directory(&tenant(), "request");
        drop(directory.view(Columns::ALL).await.unwrap());
        RememberedPassword.run(&directory, &token).await;
        let before = repository.usage();
        assert_eq!(work.run(&directory, &token).await, customers, "{work:?}");
        let usage = repository.usage().since(&before);
        let cost = (usage.read_units, usage.calls, usage.round_trips);
        assert_eq!(cost, (read_units, calls, round_trips), "{work:?}: {usage:?}");
        assert_eq!((usage.write_units, usage.rows), (0.0, 0), "{work:?}: {usage:?}");
    }
}
