//! A table whose transactions become visible item by item in random order, and whose queries look at one key after the
//! other while that happens.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ops::Bound::{Excluded, Unbounded},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};

use crate::{
    domain::{Customer, CustomerId, Lifecycle, Profile, Settings, Tenant, TenantId, Timestamp},
    protocol::{PackedRow, head::number, keys, row, tenant_item},
    store::{
        Action, Condition, Item, Key, OperatorStore, QueryPage, Reason, ScanPage, Segment, Store, StoreError,
        TransactError, Write,
    },
    usage::Meter,
};

/// Items on a page of a scan.
const SCAN_PAGE: u32 = 3;

/// The live rows of a shard: customer → sequence number.
pub(crate) type LiveRows = BTreeMap<CustomerId, u64>;

/// What all processes share.
#[derive(Default)]
struct Contents {
    items: BTreeMap<Key, Item>,
    /// Items that a transaction is at work on.
    locked: BTreeSet<Key>,
    /// Tokens of the transactions that were applied.
    applied: BTreeSet<String>,
    /// By partition and head: the rows that were live then.
    history: BTreeMap<(String, u64), LiveRows>,
}

/// How a table misbehaves beyond what DynamoDB may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// The condition on the head is not checked.
    NoHeadCondition,
    /// Queries begin behind the highest row that this process was ever shown.
    CursorAtMaximumSeen,
}

/// One process's way to the table.
pub(crate) struct SimulatedTable {
    contents: Arc<Mutex<Contents>>,
    random: Mutex<StdRng>,
    fault: Fault,
    /// Whether answers get lost, transactions are turned away and steps take their time.
    hostile: bool,
    maximum_seen: AtomicU64,
    /// Answers to the next transactions, instead of theirs; the flag says whether they are applied.
    pub(crate) scripted: Mutex<VecDeque<(bool, TransactError)>>,
    pub(crate) tokens_sent: Mutex<Vec<String>>,
    /// The most items that a query finds at a time.
    pub(crate) page_rows: u32,
    /// How many queries are answered before one is not.
    pub(crate) queries_until_failure: Mutex<Option<u32>>,
    meter: Meter,
}

/// A tenant with one shard.
pub(crate) fn tenant() -> Tenant {
    let id: TenantId = "sim".parse().unwrap();
    Tenant { id, settings: Settings::default(), epoch: 1, shards: 1, row_format: row::FORMAT }
}

/// A customer of whom nothing is known.
pub(crate) fn customer(id: CustomerId) -> Customer {
    let moment = Timestamp::from_unix_seconds(0);
    Customer {
        id,
        guid: uuid::Uuid::nil(),
        eid: uuid::Uuid::nil(),
        profile: Profile::default(),
        lifecycle: Lifecycle {
            created_at: moment,
            updated_at: moment,
            created_by: String::new(),
            updated_by: String::new(),
            deleted_at: None,
        },
    }
}

impl SimulatedTable {
    /// An empty table but for the tenant, with honest and prompt answers.
    pub(crate) fn new() -> Self {
        let tenant = tenant();
        let contents = Contents {
            items: BTreeMap::from([(keys::tenant(&tenant.id), tenant_item(&tenant).unwrap())]),
            ..Contents::default()
        };
        Self::on(Arc::new(Mutex::new(contents)), 0, Fault::None, false)
    }

    fn on(contents: Arc<Mutex<Contents>>, seed: u64, fault: Fault, hostile: bool) -> Self {
        Self {
            contents,
            random: Mutex::new(StdRng::seed_from_u64(seed)),
            fault,
            hostile,
            maximum_seen: AtomicU64::new(0),
            scripted: Mutex::default(),
            tokens_sent: Mutex::default(),
            page_rows: u32::MAX,
            queries_until_failure: Mutex::default(),
            meter: Meter::default(),
        }
    }

    /// The same table for another process, hostile from now on.
    pub(crate) fn for_process(&self, seed: u64, fault: Fault) -> Arc<Self> {
        Arc::new(Self::on(Arc::clone(&self.contents), seed, fault, true))
    }

    /// The same for a process that is shown few items at a time.
    pub(crate) fn with_small_pages(&self, seed: u64) -> Arc<Self> {
        let process = Self::on(Arc::clone(&self.contents), seed, Fault::None, true);
        Arc::new(Self { page_rows: 3, ..process })
    }

    /// The rows that were live under the head `sequence` of `partition`.
    pub(crate) fn live_rows(&self, partition: &str, sequence: u64) -> LiveRows {
        let contents = self.contents.lock().unwrap();
        contents.history.get(&(partition.to_owned(), sequence)).cloned().unwrap_or_default()
    }

    /// All items under keys that `wanted` picks.
    pub(crate) fn items(&self, wanted: impl Fn(&Key) -> bool) -> Vec<(Key, Item)> {
        let contents = self.contents.lock().unwrap();
        contents.items.iter().filter(|(key, _)| wanted(key)).map(|(key, item)| (key.clone(), item.clone())).collect()
    }

    /// Puts an item without ado.
    pub(crate) fn put(&self, key: Key, item: Item) {
        self.contents.lock().unwrap().items.insert(key, item);
    }

    pub(crate) fn remove(&self, key: &Key) {
        self.contents.lock().unwrap().items.remove(key);
    }

    fn chance(&self, percent: u32) -> bool {
        self.hostile && self.random.lock().unwrap().random_range(0..100) < percent
    }

    /// Lets others go first, for a random while.
    async fn step(&self) {
        let turns = if self.hostile { self.random.lock().unwrap().random_range(0..6) } else { 0 };
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }

    fn holds(&self, contents: &Contents, write: &Write) -> bool {
        let item = contents.items.get(&write.key);
        if self.fault == Fault::NoHeadCondition && write.key.sort == keys::HEAD {
            return true;
        }
        let has = |name: &str, value: u64| item.and_then(|item| number(item, name)) == Some(value);
        match write.condition {
            Condition::Absent => item.is_none(),
            Condition::Present => item.is_some(),
            Condition::Sequence(sequence) => has("q", sequence),
            Condition::OpenSequence(sequence) => {
                has("q", sequence) && item.is_some_and(|item| !item.contains_key("closed"))
            }
            Condition::Owner(id) => has("owner", id),
            Condition::Epoch(epoch) => has("e", epoch),
        }
    }

    /// Decides on a transaction and locks its items; the reasons if it is cancelled.
    fn prepare(&self, writes: &[Write]) -> Result<(), Vec<Reason>> {
        let mut contents = self.contents.lock().unwrap();
        let reasons: Vec<Reason> = writes
            .iter()
            .map(|write| {
                if contents.locked.contains(&write.key) {
                    Reason::Conflict
                } else if self.holds(&contents, write) {
                    Reason::None
                } else {
                    let shown = matches!(write.action, Action::Set(_));
                    Reason::ConditionFailed(contents.items.get(&write.key).filter(|_| shown).cloned())
                }
            })
            .collect();
        if reasons.iter().any(|reason| *reason != Reason::None) {
            return Err(reasons);
        }
        contents.locked.extend(writes.iter().map(|write| write.key.clone()));
        contents.record(writes);
        Ok(())
    }

    async fn apply(&self, writes: &[Write]) {
        let mut order: Vec<&Write> = writes.iter().collect();
        order.shuffle(&mut *self.random.lock().unwrap());
        for write in order {
            self.step().await;
            let mut contents = self.contents.lock().unwrap();
            match &write.action {
                Action::Put(item) => drop(contents.items.insert(write.key.clone(), item.clone())),
                Action::Set(item) => contents.items.entry(write.key.clone()).or_default().extend(item.clone()),
                Action::Delete => drop(contents.items.remove(&write.key)),
            }
        }
        let mut contents = self.contents.lock().unwrap();
        for write in writes {
            contents.locked.remove(&write.key);
        }
    }
}

impl Contents {
    /// Notes which rows are live under the head that `writes` set.
    fn record(&mut self, writes: &[Write]) {
        if writes.iter().any(|write| write.key.sort == "T") {
            // A switch to another epoch changes no customer.
            return;
        }
        let Some(head) = writes.iter().find(|write| write.key.sort == keys::HEAD) else { return };
        let Action::Set(attributes) = &head.action else { return };
        let sequence = number(attributes, "q").unwrap();
        let before = (head.key.partition.clone(), sequence - 1);
        let mut rows = self.history.get(&before).cloned().unwrap_or_default();
        for write in writes.iter().filter(|write| write.key.partition == head.key.partition) {
            if let Action::Put(item) = &write.action {
                let (PackedRow::Live { id, .. } | PackedRow::Tombstone { id }) =
                    PackedRow::read(row::packed(item).unwrap()).unwrap();
                rows.insert(id, row::sequence(&write.key.sort).unwrap());
            }
        }
        self.history.insert((head.key.partition.clone(), sequence), rows);
    }
}

#[async_trait]
impl OperatorStore for SimulatedTable {
    async fn scan(&self, prefix: &str, segment: Segment, from: Option<&Key>) -> Result<ScanPage, StoreError> {
        let mut page = ScanPage::default();
        let mut last = from.cloned().unwrap_or(Key { partition: prefix.to_owned(), sort: String::new() });
        for _ in 0..SCAN_PAGE {
            self.step().await;
            let contents = self.contents.lock().unwrap();
            let next = contents
                .items
                .range((Excluded(&last), Unbounded))
                .find(|(key, _)| key.partition.bytes().map(u32::from).sum::<u32>() % segment.of == segment.number);
            let Some((key, item)) = next.filter(|(key, _)| key.partition.starts_with(prefix)) else { return Ok(page) };
            last.clone_from(key);
            page.items.push(with_key(key, item));
        }
        page.next = Some(last);
        Ok(page)
    }

    async fn put_many(&self, items: Vec<(Key, Item)>) -> Result<(), StoreError> {
        self.contents.lock().unwrap().items.extend(items);
        Ok(())
    }

    async fn delete_many(&self, keys: Vec<Key>) -> Result<(), StoreError> {
        for key in keys {
            self.step().await;
            self.remove(&key);
        }
        Ok(())
    }
}

#[async_trait]
impl Store for SimulatedTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        self.step().await;
        Ok(self.contents.lock().unwrap().items.get(key).map(|item| with_key(key, item)))
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let mut found = Vec::new();
        for key in keys {
            found.extend(self.get(key).await?);
        }
        Ok(found)
    }

    async fn query(&self, partition: &str, after: &str, limit: u32) -> Result<QueryPage, StoreError> {
        let left = self.queries_until_failure.lock().unwrap().take();
        if left == Some(0) {
            return Err(StoreError::Unavailable("simulated: throttled".into()));
        }
        *self.queries_until_failure.lock().unwrap() = left.map(|left| left - 1);
        let mut last = after.to_owned();
        if self.fault == Fault::CursorAtMaximumSeen {
            last = last.max(keys::row_sort(self.maximum_seen.load(Relaxed)));
        }
        let mut page = QueryPage::default();
        for _ in 0..limit.min(self.page_rows) {
            self.step().await;
            let contents = self.contents.lock().unwrap();
            let from = Key { partition: partition.to_owned(), sort: format!("{last}\0") };
            let next = contents.items.range(from..).next().filter(|(key, _)| key.partition == partition);
            let Some((key, item)) = next else { return Ok(page) };
            last.clone_from(&key.sort);
            if let Ok(sequence) = row::sequence(&key.sort) {
                self.maximum_seen.fetch_max(sequence, Relaxed);
            }
            page.items.push(with_key(key, item));
        }
        page.more = true;
        Ok(page)
    }

    async fn add(&self, key: &Key, amount: u64, also: Item) -> Result<u64, StoreError> {
        let mut contents = self.contents.lock().unwrap();
        let item = contents.items.entry(key.clone()).or_default();
        let sum = number(item, "n").unwrap_or(0) + amount;
        item.insert("n".to_owned(), AttributeValue::N(sum.to_string()));
        item.extend(also);
        Ok(sum)
    }

    async fn transact(&self, writes: &[Write], token: &str) -> Result<(), TransactError> {
        self.tokens_sent.lock().unwrap().push(token.to_owned());
        let scripted = self.scripted.lock().unwrap().pop_front();
        if let Some((false, error)) = scripted {
            return Err(error);
        }
        if self.chance(3) {
            return Err(TransactError::Throttled("simulated".into()));
        }
        if self.chance(3) {
            return Err(TransactError::Unknown("simulated: never arrived".into()));
        }
        if !self.contents.lock().unwrap().applied.contains(token) {
            self.prepare(writes).map_err(TransactError::Cancelled)?;
            self.apply(writes).await;
            self.contents.lock().unwrap().applied.insert(token.to_owned());
        }
        if let Some((true, error)) = scripted {
            return Err(error);
        }
        if self.chance(5) {
            return Err(TransactError::Unknown("simulated: answer lost".into()));
        }
        Ok(())
    }

    fn meter(&self) -> &Meter {
        &self.meter
    }
}

fn with_key(key: &Key, item: &Item) -> Item {
    let mut item = item.clone();
    item.insert("PK".to_owned(), AttributeValue::S(key.partition.clone()));
    item.insert("SK".to_owned(), AttributeValue::S(key.sort.clone()));
    item
}
