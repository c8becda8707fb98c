//! The next epoch of a tenant's list index, built from the documents beside writers.

mod epoch;

use tokio::time::Instant;

use super::{
    FORMAT, Head,
    attempt::{self, Outcome, TIME_ALLOWED},
    census::{Census, Shard},
    keys,
    refresh::Stop,
    row::row_keys,
    safeguard::Safeguard,
    tenants::{find_tenant, index_attributes},
};
use crate::{
    backoff::Backoff,
    domain::{Tenant, TenantId},
    fault::Fault,
    store::{Action, Condition, OperatorStore, Write},
};
use epoch::Epoch;

/// Writes that DynamoDB takes in one transaction.
const TRANSACTION_MAXIMUM: usize = 100;
/// How often the switch is tried. Writers that are faster are let go first.
const ATTEMPTS: usize = 100;
/// How often a rebuild starts over because another one was faster.
const EPOCHS_FOLLOWED: usize = 5;
/// Rows looked at in one query when they are removed.
const PAGE_ROWS: u32 = 2_000;

/// What a rebuild made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// The epoch that is now in force.
    pub epoch: u64,
    /// Into how many shards it is split.
    pub shards: u32,
    /// The format of its rows.
    pub row_format: u8,
    /// How many customers it lists, soft-deleted ones included.
    pub customers: u64,
    /// Whether the epoch before was damaged: its rows or heads were not those of the documents.
    pub was_damaged: bool,
    /// Whether the rows of epochs that were left are gone. If not, the next rebuild removes them.
    pub is_swept: bool,
}

/// Builds the list index of `tenant` anew from its documents, in this release's row format and with `shards` shards, or as
/// many as it has. Requests go on meanwhile. The index may be of a format that this release does not know, or damaged.
///
/// # Errors
///
/// [`Fault::Unsplittable`] if `shards` is not a multiple of what there are, or too many; [`Fault::Damaged`] if a document
/// cannot be read; [`Fault::Contended`] if writers won every attempt. The epoch in force stays in force then. After
/// [`Fault::OutcomeUnknown`] it may be either.
pub async fn rebuild_tenant(
    store: &dyn OperatorStore,
    tenant: &TenantId,
    shards: Option<u32>,
) -> Result<Rebuilt, Fault> {
    let mut backoff = Backoff::default();
    for _ in 0..EPOCHS_FOLLOWED {
        let old = find_tenant(store, tenant).await?;
        let shards = split(old.shards, shards)?;
        match rebuild(store, &old, shards).await {
            Ok(rebuilt) => return Ok(rebuilt),
            Err(Stop::Fault(fault)) => return Err(fault),
            Err(Stop::Closed) => backoff.sleep().await,
        }
    }
    Err(Fault::Contended)
}

/// The number of shards, if that many can follow on `shards`: then each new shard is a part of one old shard, in which no
/// two rows have the same sequence number.
fn split(shards: u32, wanted: Option<u32>) -> Result<u32, Fault> {
    let wanted = wanted.unwrap_or(shards);
    // The switch writes all heads, old and new, and the tenant item.
    let most = u32::try_from(TRANSACTION_MAXIMUM).unwrap_or_default().saturating_sub(shards + 1) / shards * shards;
    if wanted == 0 || !wanted.is_multiple_of(shards) || wanted > most {
        return Err(Fault::Unsplittable { shards, wanted, most });
    }
    Ok(wanted)
}

async fn rebuild(store: &dyn OperatorStore, old: &Tenant, shards: u32) -> Result<Rebuilt, Stop> {
    let number = epoch::claim(store, old, shards).await?;
    let new = Tenant { epoch: number, shards, row_format: FORMAT, ..old.clone() };
    let mut epoch = Epoch::begin(store, &new).await?;
    let mut census = Census::new(store, old);
    census.scan(&mut epoch).await?;
    let mut backoff = Backoff::default();
    for _ in 0..ATTEMPTS {
        census.settle(&mut epoch).await?;
        if !census.unreadable.is_empty() {
            return Err(Fault::Damaged("a document that cannot be read").into());
        }
        let switch = Switch { old, new: &new, shards: &census.shards, epoch: &epoch };
        if switch.is_done(store).await? {
            return Ok(Rebuilt {
                epoch: new.epoch,
                shards,
                row_format: new.row_format,
                customers: census.shards.iter().map(Shard::customers).sum(),
                was_damaged: census.shards.iter().any(|shard| shard.damage.is_any()),
                is_swept: sweep(store, &new).await.is_ok(),
            });
        }
        backoff.sleep().await;
    }
    Err(Fault::Contended.into())
}

/// The transaction that leaves one epoch for the next.
struct Switch<'a> {
    old: &'a Tenant,
    new: &'a Tenant,
    /// The shards of the old epoch.
    shards: &'a [Shard],
    epoch: &'a Epoch<'a>,
}

/// Place of the tenant item among the writes.
const TENANT: usize = 0;

impl Switch<'_> {
    /// Tries it once. Not done means that writers were faster.
    async fn is_done(&self, store: &dyn OperatorStore) -> Result<bool, Stop> {
        let writes = self.writes()?;
        let reasons = match attempt::send(store, &writes, Instant::now() + TIME_ALLOWED).await? {
            Outcome::Committed => return Ok(true),
            Outcome::Cancelled(reasons) => reasons,
        };
        if reasons.failed(TENANT) {
            // No other rebuild has this epoch: if it is in force, this one did it.
            let is_ours = find_tenant(store, &self.new.id).await?.epoch == self.new.epoch;
            return if is_ours { Ok(true) } else { Err(Stop::Closed) };
        }
        if reasons.contended() || reasons.any_failed() { Ok(false) } else { Err(reasons.refusal().into()) }
    }

    fn writes(&self) -> Result<Vec<Write>, Fault> {
        let mut writes = vec![Write {
            key: keys::tenant(&self.old.id),
            action: Action::Set(index_attributes(self.new)),
            condition: Condition::Epoch(self.old.epoch),
        }];
        let closing = self.shards.iter().filter(|shard| shard.head.is_some() || !Safeguard::AbsentHeads.is_off());
        writes.extend(closing.map(|shard| Write {
            key: keys::head(shard.partition()),
            action: Action::Set(
                Head { closed: !Safeguard::ClosedHeads.is_off(), ..shard.head.unwrap_or_default() }.attributes(),
            ),
            // Where no head stands, a writer would put the first one.
            condition: shard.head.map_or(Condition::Absent, |head| Condition::OpenSequence(head.sequence)),
        }));
        writes.extend(self.epoch.opening(&self.shards.iter().map(|shard| shard.head).collect::<Vec<_>>()));
        if writes.len() > TRANSACTION_MAXIMUM {
            return Err(Fault::Damaged("too many documents with the sequence number of another"));
        }
        Ok(writes)
    }
}

/// Removes the rows of all epochs before that of `tenant`. Their heads stay, closed, for late readers and writers to find.
async fn sweep(store: &dyn OperatorStore, tenant: &Tenant) -> Result<(), Fault> {
    for epoch in 1..tenant.epoch {
        for shard in 0.. {
            let partition = keys::shard(&tenant.id, epoch, shard);
            if store.get(&keys::head(&partition)).await?.is_none() {
                // Of an epoch that was begun, every shard has a head.
                break;
            }
            loop {
                let page = store.query(&partition, &keys::row_sort(0), PAGE_ROWS).await?;
                let rows = row_keys(&page.items)?;
                if rows.is_empty() {
                    break;
                }
                store.delete_many(rows).await?;
            }
        }
    }
    Ok(())
}
