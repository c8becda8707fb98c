//! Half a minute of writers that all change the same few customers, and readers beside them: no list lacks what was
//! acknowledged before it began, and at the end the index is what the documents say.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use bundle::StackOptions;
use customers::{
    Columns, CustomerId, Decision, Direction, Fault, Filter, Identity, ListQuery, NewTenant, Page, Profile, Repository,
    Sort, SortKey, TextField, Timestamp, audit_tenant,
};
use futures_util::future::join_all;
use rand::{Rng, SeedableRng, rngs::StdRng};
use time::OffsetDateTime;

use crate::{
    harness::{Site, customer, fixture, tenant},
    unreliable::Unreliable,
};

const CUSTOMERS: u64 = 20;
const SHARDS: u32 = 2;
const WRITERS: u64 = 8;
const READERS: u64 = 4;
const TIME: Duration = Duration::from_secs(30);
const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

/// What writers were told: the last version of each customer that was acknowledged.
type Acknowledged = Mutex<BTreeMap<CustomerId, u64>>;

/// A customer at `version`, which is its name.
fn at(version: u64) -> Profile {
    Profile { identity: Identity { name: version.to_string(), ..Identity::default() }, ..Profile::default() }
}

fn version(profile: &Profile) -> u64 {
    profile.identity.name.parse().unwrap()
}

/// Changes one customer after the other to its next version. Returns how many changes were acknowledged.
async fn write(repository: Repository, acknowledged: &Acknowledged, until: Instant, seed: u64) -> u64 {
    let (tenant, mut random, mut written) = (tenant(), StdRng::seed_from_u64(seed), 0);
    while Instant::now() < until {
        let id = CustomerId::from(random.random_range(1..=CUSTOMERS));
        let directory = repository.directory(&tenant, "writer");
        let Ok(edit) = directory.begin_edit(id).await else { continue };
        let next = Mutex::new(0);
        let change = |customer: &customers::Customer| {
            let version = version(&customer.profile) + 1;
            *next.lock().unwrap() = version;
            Ok::<_, ()>(Decision::Replace(at(version)))
        };
        if edit.apply("writer", NOW, change).await.is_ok() {
            let next = *next.lock().unwrap();
            let last = &mut *acknowledged.lock().unwrap();
            last.entry(id).and_modify(|last| *last = next.max(*last)).or_insert(next);
            written += 1;
        }
    }
    written
}

/// The versions of all customers.
async fn list(repository: &Repository) -> Result<BTreeMap<CustomerId, u64>, Fault> {
    let tenant = tenant();
    let directory = repository.directory(&tenant, "reader");
    let query = ListQuery {
        filter: Filter::default(),
        sort: Sort { key: SortKey::Text(TextField::Name), direction: Direction::Descending },
        page: Page { offset: 0, limit: None },
    };
    let listing = directory.view(Columns::ALL).await?.list(&query).await?;
    let shown: BTreeMap<_, _> =
        listing.customers.iter().map(|customer| (customer.id, version(&customer.profile))).collect();
    assert_eq!((listing.total as u64, shown.len() as u64), (CUSTOMERS, CUSTOMERS));
    Ok(shown)
}

/// Lists again and again, with what is kept or as a new process each time. Returns how many lists were answered.
async fn read(store: &Arc<Unreliable>, acknowledged: &Acknowledged, until: Instant, is_always_cold: bool) -> u64 {
    let (mut repository, mut answered) = (Repository::new(Arc::clone(store) as _), 0);
    while Instant::now() < until {
        if is_always_cold {
            repository = Repository::new(Arc::clone(store) as _);
        }
        let before = acknowledged.lock().unwrap().clone();
        let Ok(shown) = list(&repository).await else { continue };
        for (id, version) in before {
            assert!(
                shown[&id] >= version,
                "customer {id} was acknowledged at {version} and is shown at {}",
                shown[&id]
            );
        }
        answered += 1;
    }
    answered
}

/// Writers and readers who get so many of a hundred pages spoiled. Returns how many pages were.
async fn half_a_minute(spoiled_percent: u32) -> u64 {
    let customers = (1..=CUSTOMERS).map(|id| customer(id, at(0), OffsetDateTime::UNIX_EPOCH)).collect();
    let twenty = NewTenant { shards: SHARDS, customers, logins: Vec::new(), ..fixture() };
    let site = Site::start_with(StackOptions::default(), twenty).await;
    let store = |seed| Arc::new(Unreliable::new(site.store(), spoiled_percent, seed));
    let (acknowledged, until) = (&Acknowledged::default(), Instant::now() + TIME);
    let stores: Vec<_> = (0..READERS).map(|reader| store(WRITERS + reader)).collect();
    let readers = (0..).zip(&stores).map(|(reader, store)| read(store, acknowledged, until, reader == 0));
    let writers = (0..WRITERS).map(|writer| write(Repository::new(store(writer) as _), acknowledged, until, writer));
    let (written, answered) = tokio::join!(join_all(writers), join_all(readers));
    let all_got_on = written.iter().chain(&answered).all(|times| *times > 0);
    assert!(all_got_on, "changes by writer {written:?}, lists by reader {answered:?}");

    let audit = audit_tenant(&*site.operator_store(), &tenant()).await.unwrap();
    assert_eq!((audit.customers, audit.damage), (CUSTOMERS, Vec::new()));
    assert_eq!(list(&Repository::new(site.store())).await.unwrap(), *acknowledged.lock().unwrap());
    stores.iter().map(|store| store.spoiled.load(Relaxed)).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_hold_what_was_acknowledged_before_them() {
    assert_eq!(half_a_minute(0).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_lost_and_heads_that_are_wrong_mislead_no_list() {
    assert!(half_a_minute(10).await > 0);
}
