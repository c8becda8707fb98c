//! A store that stands farther away, or tells how many bytes it read.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use async_trait::async_trait;
use customers::table::{BinaryPage, Item, Key, Meter, QueryPage, RawItem, Store, StoreError, TransactError, Write};
use futures_timer::Delay;

use super::item;

/// How long a request takes on its way, there and back.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Latency {
    pub(super) read: Duration,
    pub(super) transaction: Duration,
}

/// A store behind some distance, with a scale.
pub(super) struct Instrumented {
    inner: Arc<dyn Store>,
    latency: Latency,
    bytes: AtomicUsize,
    /// Whether the scale is in use: to weigh takes time.
    weighs: AtomicBool,
}

impl Instrumented {
    pub(super) fn new(inner: Arc<dyn Store>, latency: Latency) -> Self {
        Self { inner, latency, bytes: AtomicUsize::new(0), weighs: AtomicBool::new(true) }
    }

    /// Bytes of the items read so far, while they were weighed.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Relaxed)
    }

    /// Uses the scale, as at first, or does not.
    pub(super) fn weigh_from_now(&self, weighs: bool) {
        self.weighs.store(weighs, Relaxed);
    }

    fn weigh<'i>(&self, items: impl IntoIterator<Item = &'i Item>) {
        if self.weighs.load(Relaxed) {
            self.bytes.fetch_add(items.into_iter().map(item::bytes).sum(), Relaxed);
        }
    }
}

/// Half of the latency before the request arrives, half before its answer does. Tokio's timer counts in whole milliseconds,
/// and would add one to each half.
async fn far<T>(latency: Duration, request: impl Future<Output = T>) -> T {
    if latency.is_zero() {
        return request.await;
    }
    Delay::new(latency / 2).await;
    let answer = request.await;
    Delay::new(latency / 2).await;
    answer
}

#[async_trait]
impl Store for Instrumented {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let item = far(self.latency.read, self.inner.get(key)).await?;
        self.weigh(&item);
        Ok(item)
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let items = far(self.latency.read, self.inner.get_many(keys)).await?;
        self.weigh(&items);
        Ok(items)
    }

    async fn get_many_raw(&self, keys: &[Key]) -> Result<Vec<RawItem>, StoreError> {
        if self.weighs.load(Relaxed) {
            return self.get_many(keys).await?.into_iter().map(RawItem::try_from).collect();
        }
        far(self.latency.read, self.inner.get_many_raw(keys)).await
    }

    async fn query(&self, partition: &str, after: &str, limit: u32) -> Result<QueryPage, StoreError> {
        let page = far(self.latency.read, self.inner.query(partition, after, limit)).await?;
        self.weigh(&page.items);
        Ok(page)
    }

    async fn query_binary(&self, partition: &str, after: &str, limit: u32) -> Result<BinaryPage, StoreError> {
        let page = far(self.latency.read, self.inner.query_binary(partition, after, limit)).await?;
        let entries: usize = page.entries().map(|(sort, value)| partition.len() + sort.len() + value.len()).sum();
        self.bytes.fetch_add(entries, Relaxed);
        self.weigh(&page.others);
        Ok(page)
    }

    async fn add(&self, key: &Key, amount: u64, also: Item) -> Result<u64, StoreError> {
        far(self.latency.read, self.inner.add(key, amount, also)).await
    }

    async fn transact(&self, writes: &[Write], token: &str) -> Result<(), TransactError> {
        far(self.latency.transaction, self.inner.transact(writes, token)).await
    }

    fn meter(&self) -> &Meter {
        self.inner.meter()
    }
}
