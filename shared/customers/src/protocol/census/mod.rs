//! All documents of a tenant, read beside writers and compared with the heads and rows of its list index.
//!
//! A scan is of no single moment. So the rows are read next, and documents that are not the ones that the rows stand for
//! are read again, until the documents of each shard have the count and the set hash of its head: then they are its
//! snapshot. Only the beginning of a row is read, which all formats share.

mod shard;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use futures_util::future::try_join_all;
use tokio::time::Instant;

pub(super) use shard::{Shard, Version};

use super::{Document, FORMAT, PackedRow, keys, refresh::Stop, row, shard_of};
use crate::{
    backoff::Backoff,
    domain::{Customer, CustomerId, Tenant},
    fault::Fault,
    store::{Item, Key, OperatorStore, Segment},
};

/// Parts of the table that are scanned side by side.
const SEGMENTS: u32 = 4;
/// Documents asked for at a time when they are read again.
const DOCUMENTS_AT_A_TIME: usize = 800;
/// After so many looks a shard that still differs is read anew from its beginning.
const LOOKS_BEFORE_RELOAD: u32 = 4;
/// How long shards may differ, now this way and now that; reading time does not count.
const PATIENCE: Duration = Duration::from_secs(60);

/// The documents of a tenant.
pub(super) struct Census<'a> {
    store: &'a dyn OperatorStore,
    tenant: &'a Tenant,
    pub(super) shards: Vec<Shard>,
    /// Customers whose documents cannot be read.
    pub(super) unreadable: BTreeSet<CustomerId>,
}

/// A customer whose document is another one than the census held so far.
pub(super) struct Change {
    pub(super) id: CustomerId,
    /// The sequence number of the document held before.
    pub(super) left: Option<u64>,
    /// The document; none if the customer was purged.
    pub(super) found: Option<Found>,
}

/// A document that was read.
pub(super) struct Found {
    pub(super) sequence: u64,
    pub(super) customer: Arc<Customer>,
    /// The attributes of its row in this release's format.
    pub(super) row: Item,
}

/// Who is told of every change.
pub(super) trait Observer {
    /// Takes notice. A customer occurs at most once among `changes`.
    async fn observe(&mut self, changes: Vec<Change>) -> Result<(), Fault>;
}

impl<'a> Census<'a> {
    /// Knows of no document yet.
    pub(super) fn new(store: &'a dyn OperatorStore, tenant: &'a Tenant) -> Self {
        // Rows of another format cannot be compared with what this release would write.
        let contents = tenant.row_format == FORMAT;
        let partitions = (0..tenant.shards).map(|shard| keys::shard(&tenant.id, tenant.epoch, shard));
        let shards = partitions.map(|partition| Shard::new(partition, contents)).collect();
        Self { store, tenant, shards, unreadable: BTreeSet::new() }
    }

    /// Reads all documents.
    pub(super) async fn scan(&mut self, observer: &mut impl Observer) -> Result<(), Fault> {
        let prefix = keys::documents(&self.tenant.id);
        let mut pages = scan(self.store, &prefix);
        while let Some(items) = pages.next().await? {
            let documents = items.into_iter().map(|item| Ok((self.id_of(&item)?, Some(item))));
            self.take(documents.collect::<Result<_, Fault>>()?, observer).await?;
        }
        Ok(())
    }

    /// Follows the list index until the documents of every shard are a snapshot that its head certifies; or differ from it,
    /// and their rows from them, in a way that does not pass.
    pub(super) async fn settle(&mut self, observer: &mut impl Observer) -> Result<(), Stop> {
        let mut backoff = Backoff::default();
        let mut waited = Duration::ZERO;
        for looks in 1.. {
            self.look(observer).await?;
            if self.shards.iter().all(Shard::is_settled) {
                return Ok(());
            }
            if waited > PATIENCE {
                break;
            }
            for shard in self.shards.iter_mut().filter(|shard| !shard.is_settled()) {
                shard.suspect();
                if looks >= LOOKS_BEFORE_RELOAD {
                    shard.forget_rows();
                }
            }
            let waiting_since = Instant::now();
            backoff.sleep().await;
            waited += waiting_since.elapsed();
        }
        Err(Fault::Unverified.into())
    }

    /// Reads the rows that are new in each shard, and the documents that differ from their rows.
    async fn look(&mut self, observer: &mut impl Observer) -> Result<(), Stop> {
        let store = self.store;
        try_join_all(self.shards.iter_mut().map(|shard| shard.pull(store))).await?;
        let unsettled = self.shards.iter().filter(|shard| !shard.is_settled());
        let differing: Vec<CustomerId> = unsettled.flat_map(Shard::differing).collect();
        for ids in differing.chunks(DOCUMENTS_AT_A_TIME) {
            let wanted: Vec<Key> = ids.iter().map(|id| keys::document(&self.tenant.id, *id)).collect();
            let mut found: BTreeMap<CustomerId, Option<Item>> = ids.iter().map(|id| (*id, None)).collect();
            for item in store.get_many(&wanted).await? {
                found.insert(self.id_of(&item)?, Some(item));
            }
            self.take(found.into_iter().collect(), observer).await?;
        }
        for shard in &mut self.shards {
            shard.advance();
        }
        Ok(())
    }

    async fn take(
        &mut self,
        documents: Vec<(CustomerId, Option<Item>)>,
        observer: &mut impl Observer,
    ) -> Result<(), Fault> {
        let changes = documents.into_iter().filter_map(|(id, item)| self.change(id, item)).collect();
        observer.observe(changes).await
    }

    /// Holds what was read of customer `id`; the change if it is one.
    fn change(&mut self, id: CustomerId, item: Option<Item>) -> Option<Change> {
        let found = item.map(|item| Found::read(id, item));
        let is_unreadable = matches!(found, Some(Err(_)));
        let was_unreadable = if is_unreadable { !self.unreadable.insert(id) } else { self.unreadable.remove(&id) };
        let found = found.and_then(Result::ok);
        let now = found.as_ref().map(|found| Version::of(found.sequence, &found.row));
        let shard = usize::try_from(shard_of(id, self.tenant.shards)).unwrap_or_default();
        let before = self.shards.get_mut(shard)?.replace_document(id, now);
        let is_change = before != now || was_unreadable != is_unreadable;
        is_change.then_some(Change { id, left: before.map(|version| version.sequence), found })
    }

    fn id_of(&self, item: &Item) -> Result<CustomerId, Fault> {
        let key = Key::try_from(item)?;
        let id = key.partition.strip_prefix(&keys::documents(&self.tenant.id)).and_then(|id| id.parse::<u64>().ok());
        id.map(CustomerId::from).ok_or(Fault::Damaged("a document under a key that names no customer"))
    }
}

impl Found {
    fn read(id: CustomerId, item: Item) -> Result<Self, Fault> {
        let Document { customer, sequence, .. } = Document::try_from(item)?;
        if customer.id != id {
            return Err(Fault::Damaged("a document under another customer's key"));
        }
        let row = PackedRow::of(&customer)?.attributes()?;
        Ok(Self { sequence, customer, row })
    }
}

/// A scan under way.
pub(super) struct Scan<'a> {
    store: &'a dyn OperatorStore,
    prefix: &'a str,
    /// The segments that are not at their end, and where each goes on.
    open: Vec<(Segment, Option<Key>)>,
}

/// Begins a scan of the items whose partition keys begin with `prefix`.
pub(super) fn scan<'a>(store: &'a dyn OperatorStore, prefix: &'a str) -> Scan<'a> {
    let open = (0..SEGMENTS).map(|number| (Segment { number, of: SEGMENTS }, None)).collect();
    Scan { store, prefix, open }
}

impl Scan<'_> {
    /// The next items, maybe none; nothing behind the last ones.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Item>>, Fault> {
        if self.open.is_empty() {
            return Ok(None);
        }
        let open = std::mem::take(&mut self.open);
        let pages = open.iter().map(|(segment, from)| self.store.scan(self.prefix, *segment, from.as_ref()));
        let pages = try_join_all(pages).await?;
        let mut items = Vec::new();
        for ((segment, _), page) in open.iter().zip(pages) {
            items.extend(page.items);
            self.open.extend(page.next.map(|next| (*segment, Some(next))));
        }
        Ok(Some(items))
    }
}
