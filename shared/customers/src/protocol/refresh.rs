//! Bringing the replica of a list index up to date, and proving that it is.

use std::{
    sync::{Mutex, PoisonError, atomic::Ordering::Relaxed},
    time::Duration,
};

use futures_util::future::try_join_all;
use tokio::time::Instant;

use super::{Head, PackedRow, commit::read_head, keys, row, safeguard::Safeguard, shard_of, term};
use crate::{
    backoff::Backoff,
    domain::{CustomerId, Tenant},
    fault::Fault,
    index::Index,
    store::{Item, Store},
};

/// Rows asked for at a time: about the 1 MB that DynamoDB puts on a page.
const PAGE_ROWS: u32 = 8_000;
/// A shard that disagreed so often is read anew from its beginning.
const MISSES_BEFORE_RELOAD: u32 = 4;
/// How long a shard may disagree with its certificate; reading time does not count.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a process holds of a tenant's list index.
#[derive(Debug)]
pub(crate) struct Replica {
    pub(crate) epoch: u64,
    pub(crate) index: Index,
    shards: Vec<Shard>,
    page_rows: u32,
}

/// What a process knows of one shard. The rows themselves are in the index, among those of the other shards.
#[derive(Debug, Default, Clone, Copy)]
struct Shard {
    /// The head's sequence number when the shard was last proved right; 0 if never.
    cursor: u64,
    /// Where the next query begins: the cursor, or within a longer load the last page that need not be read again.
    resume: u64,
    /// How many rows of it the index holds.
    count: u64,
    /// The sum of their terms.
    hash: u64,
}

/// Why a replica could not be brought up to date.
pub(crate) enum Stop {
    /// The epoch was closed: read the tenant item again.
    Closed,
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Stop {
    fn from(fault: E) -> Self {
        Self::Fault(fault.into())
    }
}

impl Replica {
    /// Holds nothing yet.
    pub(crate) fn new(tenant: &Tenant) -> Self {
        Self {
            epoch: tenant.epoch,
            index: Index::default(),
            shards: vec![Shard::default(); usize::try_from(tenant.shards).unwrap_or(1)],
            page_rows: PAGE_ROWS,
        }
    }

    /// Reads pages of so many rows, to meet the borders of pages with few rows.
    #[cfg(test)]
    pub(crate) fn with_page_rows(self, page_rows: u32) -> Self {
        Self { page_rows, ..self }
    }

    /// The head that shard 0 was proved right by.
    #[cfg(test)]
    pub(crate) fn accepted_head(&self) -> Head {
        let Shard { cursor, count, hash, .. } = self.shards[0];
        Head { sequence: cursor, count, hash, closed: false }
    }

    /// Applies what changed since the last time and returns once every shard agrees with its certificate: the index is
    /// then, shard by shard, a snapshot that holds every write acknowledged before the call.
    pub(crate) async fn refresh(&mut self, store: &dyn Store, tenant: &Tenant) -> Result<(), Stop> {
        let page_rows = self.page_rows;
        let index = Mutex::new(&mut self.index);
        let shards = (0..tenant.shards).zip(&mut self.shards).map(|(number, shard)| {
            let partition = keys::shard(&tenant.id, tenant.epoch, number);
            let members = Members { number, shards: tenant.shards };
            let reader = Reader { store, index: &index, partition, members, page_rows };
            async move { reader.refresh(shard).await }
        });
        try_join_all(shards).await.map(drop)
    }
}

/// Which customers' rows a shard keeps.
#[derive(Clone, Copy)]
struct Members {
    number: u32,
    shards: u32,
}

impl Members {
    fn include(self, id: CustomerId) -> bool {
        shard_of(id, self.shards) == self.number
    }
}

/// Reads one shard.
struct Reader<'a> {
    store: &'a dyn Store,
    index: &'a Mutex<&'a mut Index>,
    partition: String,
    members: Members,
    page_rows: u32,
}

impl Reader<'_> {
    async fn refresh(&self, shard: &mut Shard) -> Result<(), Stop> {
        let meter = self.store.meter();
        let mut backoff = Backoff::default();
        let mut disagreeing_for = Duration::ZERO;
        for misses in 1.. {
            match self.pull(shard).await? {
                Some(head) if head.closed => return Err(Stop::Closed),
                Some(head) if shard.agrees_with(head) => {
                    shard.accept(head);
                    return Ok(());
                }
                _ => {}
            }
            meter.mismatches.fetch_add(1, Relaxed);
            if disagreeing_for > PATIENCE {
                break;
            }
            if misses % MISSES_BEFORE_RELOAD == 0 {
                meter.reloads.fetch_add(1, Relaxed);
                self.clear(shard);
            }
            let waiting_since = Instant::now();
            backoff.sleep().await;
            disagreeing_for += waiting_since.elapsed();
        }
        Err(Fault::Unverified.into())
    }

    /// Applies the rows from `shard.resume` on, up to the head, and returns that; none if it did not come into sight.
    ///
    /// Rows up to a head that was read before them are applied page by page, so that a load that is broken off goes on
    /// where it was, and never holds more than a page. A page that was read before the head is read again: it may have
    /// passed by a row that became visible in between.
    async fn pull(&self, shard: &mut Shard) -> Result<Option<Head>, Stop> {
        let mut known = None;
        if shard.cursor == 0 {
            match read_head(self.store, &self.partition).await? {
                Some(head) if head.closed => return Ok(Some(head)),
                Some(head) => known = Some(head.sequence),
                None => return Ok(Some(Head::default())),
            }
        }
        let mut unsettled = Vec::new();
        let mut page_after = shard.resume;
        loop {
            let page = self.store.query(&self.partition, &keys::row_sort(page_after), self.page_rows).await?;
            let (more, last) = (page.more, page.items.last().map(sort_key).transpose()?.map(str::to_owned));
            if known.is_none() && more && last.as_deref() != Some(keys::HEAD) {
                let Some(head) = read_head(self.store, &self.partition).await? else { return Ok(None) };
                known = Some(head.sequence);
                continue;
            }
            let head = self.apply_page(shard, page.items, known.unwrap_or(shard.cursor), &mut unsettled)?;
            if let Some(head) = head {
                self.settle(shard, &unsettled, head)?;
                shard.resume = known.map_or(shard.resume, |known| known.min(page_after));
                return Ok(Some(head));
            }
            let Some(last) = last.filter(|_| more) else { return Ok(None) };
            page_after = row::sequence(&last)?;
            if unsettled.is_empty() {
                shard.resume = page_after;
            }
        }
    }

    /// Applies the rows of a page that are certainly below the head, puts the others off, and returns the head if the
    /// page holds it.
    fn apply_page(
        &self,
        shard: &mut Shard,
        items: Vec<Item>,
        known: u64,
        unsettled: &mut Vec<(u64, Item)>,
    ) -> Result<Option<Head>, Fault> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        for item in items {
            let sort = sort_key(&item)?;
            if sort == keys::HEAD {
                return Head::try_from(&item).map(Some);
            }
            self.store.meter().rows.fetch_add(1, Relaxed);
            let sequence = row::sequence(sort)?;
            if sequence <= known {
                shard.apply(&mut index, sequence, &PackedRow::read(&item)?);
            } else {
                unsettled.push((sequence, item));
            }
        }
        Ok(None)
    }

    /// Applies the rows that were put off, but for those behind the head: their turn comes with a later head.
    fn settle(&self, shard: &mut Shard, unsettled: &[(u64, Item)], head: Head) -> Result<(), Fault> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        for (sequence, item) in unsettled.iter().filter(|(sequence, _)| *sequence <= head.sequence) {
            shard.apply(&mut index, *sequence, &PackedRow::read(item)?);
        }
        Ok(())
    }

    /// Forgets all rows of the shard.
    fn clear(&self, shard: &mut Shard) {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        index.retain(|id| !self.members.include(id));
        *shard = Shard::default();
    }
}

impl Shard {
    /// Applies one row: the higher sequence number of a customer wins, so that applying again changes nothing.
    fn apply(&mut self, index: &mut Index, sequence: u64, row: &PackedRow<'_>) {
        let (PackedRow::Live { id, .. } | PackedRow::Tombstone { id }) = row;
        let held = index.sequence_of(*id);
        if held.is_some_and(|held| held >= sequence) {
            return;
        }
        if let Some(held) = held {
            self.count -= 1;
            self.hash = self.hash.wrapping_sub(term(*id, held));
        }
        match row {
            PackedRow::Tombstone { id } => index.remove(*id),
            PackedRow::Live { id, flags, projection } => {
                self.count += 1;
                self.hash = self.hash.wrapping_add(term(*id, sequence));
                index.upsert(*id, sequence, *flags, projection);
            }
        }
    }

    fn agrees_with(&self, head: Head) -> bool {
        (self.count == head.count || Safeguard::Count.is_off()) && (self.hash == head.hash || Safeguard::Hash.is_off())
    }

    fn accept(&mut self, head: Head) {
        self.cursor = head.sequence;
        self.resume = head.sequence;
    }
}

fn sort_key(item: &Item) -> Result<&str, Fault> {
    let sort = item.get("SK").and_then(|value| value.as_s().ok());
    sort.map(String::as_str).ok_or(Fault::Damaged("an item without its sort key"))
}
