//! Half a minute of writers that all change the same few customers, and readers beside them: no list lacks what was
//! acknowledged before it began, and at the end the index is what the documents say.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bundle::StackOptions;
use customers::{
    Columns, Customer, CustomerId, Decision, Direction, EditError, Fault, Filter, Hierarchy, Identity, ListQuery,
    NewTenant, Page, Profile, Repository, Sort, SortKey, TextField, Timestamp, audit_tenant, table::Store,
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

/// A version of each customer.
type Versions = BTreeMap<CustomerId, u64>;

/// Customer `id` at `version`, which is its name. It is its own parent, so that a list can tell what its row says, too.
fn at(id: CustomerId, version: u64) -> Profile {
    Profile {
        identity: Identity { name: version.to_string(), ..Identity::default() },
        hierarchy: Hierarchy { parent: Some(id), ..Hierarchy::default() },
        ..Profile::default()
    }
}

fn version(name: &str) -> u64 {
    name.parse().unwrap()
}

/// Lets the faults of contention pass, and no others.
fn let_pass(fault: &Fault) {
    assert!(fault.is_unavailable(), "{fault}");
}

/// Changes one customer after the other to its next version. Returns how many changes were acknowledged.
async fn write(store: Arc<dyn Store>, acknowledged: &Mutex<Versions>, until: Instant, seed: u64) -> u64 {
    let repository = Repository::new(store);
    let (tenant, mut random, mut written) = (tenant(), StdRng::seed_from_u64(seed), 0);
    while Instant::now() < until {
        let id = CustomerId::from(random.random_range(1..=CUSTOMERS));
        let directory = repository.directory(&tenant, "writer");
        let edit = match directory.begin_edit(id).await {
            Ok(edit) => edit,
            Err(fault) => {
                let_pass(&fault);
                continue;
            }
        };
        let next = Mutex::new(0);
        let change = |customer: &Customer| {
            let version = version(&customer.profile.identity.name) + 1;
            *next.lock().unwrap() = version;
            Ok::<_, ()>(Decision::Replace(at(id, version)))
        };
        match edit.apply("writer", NOW, change).await {
            Ok(_) => {
                let (next, mut acknowledged) = (*next.lock().unwrap(), acknowledged.lock().unwrap());
                acknowledged.entry(id).and_modify(|last| *last = next.max(*last));
                written += 1;
            }
            Err(EditError::Fault(fault)) => let_pass(&fault),
            Err(_) => panic!("customer {id} is gone"),
        }
    }
    written
}

/// The versions of all customers, by their rows or by their documents, whichever is older.
async fn list(repository: &Repository) -> Result<Versions, Fault> {
    let tenant = tenant();
    let directory = repository.directory(&tenant, "reader");
    let query = ListQuery {
        filter: Filter::default(),
        sort: Sort { key: SortKey::Text(TextField::Name), direction: Direction::Descending },
        page: Page { offset: 0, limit: None },
    };
    let mut view = directory.view(Columns::ALL).await?;
    let listing = view.list(&query).await?;
    let older = |customer: &Arc<Customer>| {
        let row = view.superior(customer).unwrap();
        (customer.id, version(&row.name).min(version(&customer.profile.identity.name)))
    };
    let shown: Versions = listing.customers.iter().map(older).collect();
    assert_eq!((listing.total as u64, shown.len() as u64), (CUSTOMERS, CUSTOMERS));
    Ok(shown)
}

/// A reader of lists.
struct Reader {
    store: Arc<Unreliable>,
    repository: Repository,
    /// Whether it begins each list as a new process.
    is_always_cold: bool,
    answered: u64,
    refused: u64,
}

impl Reader {
    fn new(store: Unreliable, is_always_cold: bool) -> Self {
        let store = Arc::new(store);
        Self { repository: Repository::new(Arc::clone(&store) as _), store, is_always_cold, answered: 0, refused: 0 }
    }

    /// Lists again and again.
    async fn read(&mut self, acknowledged: &Mutex<Versions>, until: Instant) {
        while Instant::now() < until {
            if self.is_always_cold {
                self.repository.forget_replicas();
            }
            let before = acknowledged.lock().unwrap().clone();
            match list(&self.repository).await {
                Ok(shown) => {
                    self.answered += 1;
                    for (id, version) in before {
                        let shown = shown[&id];
                        assert!(
                            shown >= version,
                            "customer {id} was acknowledged at {version} and is shown at {shown}"
                        );
                    }
                }
                Err(fault) => {
                    self.refused += 1;
                    let_pass(&fault);
                }
            }
        }
    }
}

/// Writers beside readers who get so many of a hundred pages spoiled. Returns how often a reader found that its index
/// does not agree with a head.
async fn mismatches(spoiled_percent: u32) -> u64 {
    let customers = (1..=CUSTOMERS).map(|id| customer(id, at(id.into(), 0), OffsetDateTime::UNIX_EPOCH)).collect();
    let tenant_of_few = NewTenant { shards: SHARDS, customers, logins: Vec::new(), ..fixture() };
    let site = Site::start_with(StackOptions::default(), tenant_of_few).await;
    let acknowledged = &Mutex::new((1..=CUSTOMERS).map(|id| (id.into(), 0)).collect::<Versions>());
    let mut readers: Vec<_> =
        (0..READERS).map(|seed| Reader::new(Unreliable::new(site.store(), spoiled_percent, seed), seed == 0)).collect();
    let until = Instant::now() + TIME;
    let writers = (0..WRITERS).map(|seed| write(site.store(), acknowledged, until, seed));
    let reading = readers.iter_mut().map(|reader| reader.read(acknowledged, until));
    let (written, _) = tokio::join!(join_all(writers), join_all(reading));
    let acknowledged = acknowledged.lock().unwrap().clone();

    assert!(written.iter().all(|written| *written > 0), "changes by writer: {written:?}");
    let audit = audit_tenant(&*site.operator_store(), &tenant()).await.unwrap();
    assert_eq!((audit.customers, audit.damage), (CUSTOMERS, Vec::new()));
    for Reader { store, repository, answered, refused, .. } in &readers {
        assert!(answered > refused, "{answered} lists were answered and {refused} were not");
        store.recover();
        assert_eq!(list(repository).await.unwrap(), acknowledged);
    }
    readers.iter().map(|reader| reader.repository.usage().mismatches).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_hold_what_was_acknowledged_before_them() {
    assert_eq!(mismatches(0).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_lost_and_heads_that_are_wrong_mislead_no_list() {
    assert!(mismatches(10).await > 0);
}
