//! Bringing the replica of a list index up to date, and proving that it is.

use std::{
    sync::{Mutex, MutexGuard, PoisonError, atomic::Ordering::Relaxed},
    time::Duration,
};

use futures_util::future::{try_join, try_join_all};
use tokio::{task::yield_now, time::Instant};

use super::{Head, PackedRow, commit::read_head, keys, row, safeguard::Safeguard, shard_of, term};
use crate::{
    backoff::Backoff,
    domain::{Columns, CustomerId, Tenant},
    fault::Fault,
    index::Index,
    store::{BinaryPage, Store},
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

/// Whether there is room for an index of so many bytes.
pub(crate) type Room<'a> = dyn Fn(usize) -> Result<(), Fault> + Sync + 'a;

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
    pub(crate) fn new(tenant: &Tenant, columns: Columns) -> Self {
        Self {
            epoch: tenant.epoch,
            index: Index::new(columns),
            shards: vec![Shard::default(); usize::try_from(tenant.shards).unwrap_or(1)],
            page_rows: PAGE_ROWS,
        }
    }

    /// Whether it is one of the epoch that `tenant` is in.
    pub(crate) fn is_of(&self, tenant: &Tenant) -> bool {
        self.epoch == tenant.epoch
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
    ///
    /// `room` is told again and again how many bytes the index takes, and may put an end to it.
    pub(crate) async fn refresh(&mut self, store: &dyn Store, tenant: &Tenant, room: &Room<'_>) -> Result<(), Stop> {
        let page_rows = self.page_rows;
        let index = Mutex::new(&mut self.index);
        let shards = (0..tenant.shards).zip(&mut self.shards).map(|(number, shard)| {
            let partition = keys::shard(&tenant.id, tenant.epoch, number);
            let members = Members { number, shards: tenant.shards };
            let reader = Reader { store, index: &index, partition, members, page_rows, room };
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
struct Reader<'a, 'i> {
    store: &'a dyn Store,
    index: &'a Mutex<&'i mut Index>,
    partition: String,
    members: Members,
    page_rows: u32,
    room: &'a Room<'a>,
}

impl<'i> Reader<'_, 'i> {
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
            if shard.cursor > 0 {
                shard.resume = shard.cursor;
            }
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
    /// Rows up to a head that was read before them are applied page by page, while the next one is on its way, so that a
    /// load that is broken off goes on where it was, and never holds more than two pages. A page that was read before the
    /// head is read again: it may have passed by a row that became visible in between.
    async fn pull(&self, shard: &mut Shard) -> Result<Option<Head>, Stop> {
        let mut known = None;
        if shard.cursor == 0 {
            match self.read_head().await? {
                // No row has got a sequence number yet.
                Some(head) if head.closed || head.sequence == 0 => return Ok(Some(head)),
                Some(head) => {
                    self.index().reserve(head.count.saturating_sub(shard.count));
                    known = Some(head.sequence);
                }
                None => return Ok(Some(Head::default())),
            }
        }
        let mut unsettled = Vec::new();
        let mut page_after = shard.resume;
        let mut page = self.page(page_after).await?;
        loop {
            if let Some(head) = page.others.first().map(Head::try_from).transpose()? {
                self.apply_late(shard, &unsettled, head.sequence)?;
                self.apply_page(shard, &page, head.sequence, &mut unsettled)?;
                shard.resume = known.map_or(shard.resume, |known| known.min(page_after));
                return Ok(Some(head));
            }
            let last = page.entries().last().filter(|_| page.more);
            let Some(last) = last.map(|(sort, _)| row::sequence(sort)).transpose()? else { return Ok(None) };
            let Some(up_to) = known else {
                let Some(head) = self.read_head().await? else { return Ok(None) };
                known = Some(head.sequence);
                page = self.page(page_after).await?;
                continue;
            };
            let apply = async {
                // Lets the request for the next page out first.
                yield_now().await;
                yield_now().await;
                self.apply_page(shard, &page, up_to, &mut unsettled)
            };
            let (next, ()) = try_join(self.page(last), apply).await?;
            (page, page_after) = (next, last);
            if unsettled.is_empty() {
                shard.resume = page_after;
            }
        }
    }

    async fn read_head(&self) -> Result<Option<Head>, Fault> {
        read_head(self.store, &self.partition).await
    }

    async fn page(&self, after: u64) -> Result<BinaryPage, Fault> {
        Ok(self.store.query_binary(&self.partition, &keys::row_sort(after), self.page_rows).await?)
    }

    /// Applies the rows of a page up to `up_to`, and puts the others off: their turn comes with a later head.
    fn apply_page(
        &self,
        shard: &mut Shard,
        page: &BinaryPage,
        up_to: u64,
        unsettled: &mut Vec<(u64, Vec<u8>)>,
    ) -> Result<(), Fault> {
        let mut index = self.index();
        let mut rows = 0;
        // In one pass: a page hardly fits the processor's cache.
        for (sort, packed) in page.entries() {
            rows += 1;
            let sequence = row::sequence(sort)?;
            if sequence <= up_to {
                shard.apply(&mut index, sequence, &PackedRow::read(packed)?);
            } else {
                unsettled.push((sequence, packed.to_vec()));
            }
        }
        self.store.meter().rows.fetch_add(rows, Relaxed);
        (self.room)(index.memory())
    }

    /// Applies those of the rows put off whose turn it is.
    fn apply_late(&self, shard: &mut Shard, unsettled: &[(u64, Vec<u8>)], up_to: u64) -> Result<(), Fault> {
        let mut index = self.index();
        for (sequence, packed) in unsettled.iter().filter(|(sequence, _)| *sequence <= up_to) {
            shard.apply(&mut index, *sequence, &PackedRow::read(packed)?);
        }
        Ok(())
    }

    fn index(&self) -> MutexGuard<'_, &'i mut Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets all rows of the shard.
    fn clear(&self, shard: &mut Shard) {
        self.index().retain(|id| !self.members.include(id));
        *shard = Shard::default();
    }
}

impl Shard {
    /// Applies one row: the higher sequence number of a customer wins, so that applying again changes nothing.
    fn apply(&mut self, index: &mut Index, sequence: u64, row: &PackedRow<'_>) {
        let (id, held) = match row {
            PackedRow::Live { id, flags, projection } => (*id, index.upsert(*id, sequence, *flags, projection)),
            PackedRow::Tombstone { id } => (*id, index.remove(*id, sequence)),
        };
        let Ok(held) = held else { return };
        if let PackedRow::Live { .. } = row {
            self.count = self.count.wrapping_add(1);
            self.hash = self.hash.wrapping_add(term(id, sequence));
        }
        if let Some(held) = held {
            self.count = self.count.wrapping_sub(1);
            self.hash = self.hash.wrapping_sub(term(id, held));
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
