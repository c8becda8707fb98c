//! A way to the table that shows a few items at a time, and may lose or spoil some of them.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use customers::table::{BinaryPage, Item, Key, Meter, QueryPage, RawItem, Store, StoreError, TransactError, Write};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};

/// The most items on a page.
const PAGE: u32 = 3;

/// Another store behind small pages.
pub(crate) struct Unreliable {
    inner: Arc<dyn Store>,
    /// How many pages of a hundred lose an item or show a wrong head.
    spoiled_percent: AtomicU32,
    random: Mutex<StdRng>,
}

impl Unreliable {
    pub(crate) fn new(inner: Arc<dyn Store>, spoiled_percent: u32, seed: u64) -> Self {
        Self { inner, spoiled_percent: spoiled_percent.into(), random: Mutex::new(StdRng::seed_from_u64(seed)) }
    }

    /// Loses and spoils nothing from now on.
    pub(crate) fn recover(&self) {
        self.spoiled_percent.store(0, Relaxed);
    }

    /// Loses a row of the page, or spoils the head that ends its partition.
    fn spoil(&self, page: &mut QueryPage) {
        let random = &mut *self.random.lock().unwrap();
        if page.items.is_empty() || random.random_range(0..100) >= self.spoiled_percent.load(Relaxed) {
            return;
        }
        let place = random.random_range(0..page.items.len());
        if page.items[place].contains_key("h") {
            spoil_head(&mut page.items[place], random);
        } else {
            page.items.remove(place);
        }
    }
}

/// Makes one of a head's numbers another one.
fn spoil_head(head: &mut Item, random: &mut StdRng) {
    let name = *["q", "c", "h"].choose(random).unwrap();
    let number: u64 = head[name].as_n().unwrap().parse().unwrap();
    let other = if random.random() { number.saturating_add(1) } else { number.saturating_sub(1) };
    head.insert(name.to_owned(), AttributeValue::N(other.to_string()));
}

#[async_trait]
impl Store for Unreliable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        self.inner.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        self.inner.get_many(keys).await
    }

    async fn get_many_raw(&self, keys: &[Key]) -> Result<Vec<RawItem>, StoreError> {
        self.inner.get_many_raw(keys).await
    }

    async fn query(&self, partition: &str, after: &str, limit: u32) -> Result<QueryPage, StoreError> {
        let mut page = self.inner.query(partition, after, limit.min(PAGE)).await?;
        self.spoil(&mut page);
        Ok(page)
    }

    async fn query_binary(&self, partition: &str, after: &str, limit: u32) -> Result<BinaryPage, StoreError> {
        if self.spoiled_percent.load(Relaxed) > 0 {
            return self.query(partition, after, limit).await.map(BinaryPage::from);
        }
        self.inner.query_binary(partition, after, limit.min(PAGE)).await
    }

    async fn add(&self, key: &Key, amount: u64, also: Item) -> Result<u64, StoreError> {
        self.inner.add(key, amount, also).await
    }

    async fn transact(&self, writes: &[Write], token: &str) -> Result<(), TransactError> {
        self.inner.transact(writes, token).await
    }

    fn meter(&self) -> &Meter {
        self.inner.meter()
    }
}
