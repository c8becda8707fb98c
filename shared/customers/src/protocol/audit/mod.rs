//! Whether the list index and the guards of a tenant are those of its documents.

mod guards;

use super::{
    census::{Census, Shard},
    keys,
    refresh::Stop,
    row::row_keys,
    tenants::find_tenant,
};
use crate::{
    backoff::Backoff,
    domain::{CustomerId, Tenant, TenantId},
    fault::Fault,
    store::{Key, OperatorStore},
};
use guards::Claims;

/// How often a closed epoch is followed to the next one.
const EPOCHS_FOLLOWED: usize = 5;

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// How many customers have a document, soft-deleted ones included.
    pub customers: u64,
    /// How many shards the list index has.
    pub shards: u32,
    /// What is not as it must be.
    pub damage: Vec<Damage>,
}

/// Something that is not as it must be. Its text names customers by id only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The count or the hash of a head is not that of the documents.
    #[error("shard {shard}: the head does not certify the documents")]
    Head {
        /// The shard.
        shard: u32,
    },
    /// A document has no row.
    #[error("shard {shard}: customer {id} has no row")]
    NoRow {
        /// The shard.
        shard: u32,
        /// The customer.
        id: CustomerId,
    },
    /// A row has no document.
    #[error("shard {shard}: customer {id} has a row, but no document")]
    NoDocument {
        /// The shard.
        shard: u32,
        /// The customer.
        id: CustomerId,
    },
    /// A row is of another sequence number or content than the document.
    #[error("shard {shard}: the row of customer {id} is not that of its document")]
    OtherRow {
        /// The shard.
        shard: u32,
        /// The customer.
        id: CustomerId,
    },
    /// A row stands beside a later one of the same customer.
    #[error("shard {shard}: row {sequence} was superseded, but stands")]
    SupersededRow {
        /// The shard.
        shard: u32,
        /// The row.
        sequence: u64,
    },
    /// A row cannot be read.
    #[error("shard {shard}: row {sort} cannot be read")]
    UnreadableRow {
        /// The shard.
        shard: u32,
        /// Its sort key.
        sort: String,
    },
    /// A document cannot be read.
    #[error("the document of customer {id} cannot be read")]
    UnreadableDocument {
        /// The customer.
        id: CustomerId,
    },
    /// A customer has a unique value whose guard is missing or another's.
    #[error("a unique value of customer {id} is not guarded as its own")]
    Unguarded {
        /// The customer.
        id: CustomerId,
    },
    /// A guard belongs to a customer that does not have the value, or does not exist.
    #[error("customer {id} owns the guard of a value that it does not have")]
    IdleGuard {
        /// The customer.
        id: CustomerId,
    },
}

/// Compares the heads, rows and guards of `tenant` with its documents. Requests go on meanwhile: what differs is looked at
/// again for some seconds before it counts as damage. The contents of rows are compared if they are of this release's
/// format.
///
/// # Errors
///
/// [`Fault::Unverified`] if a shard differs each time in another way.
pub async fn audit_tenant(store: &dyn OperatorStore, tenant: &TenantId) -> Result<Audit, Fault> {
    let mut backoff = Backoff::default();
    for _ in 0..EPOCHS_FOLLOWED {
        match audit(store, &find_tenant(store, tenant).await?).await {
            Ok(audit) => return Ok(audit),
            Err(Stop::Fault(fault)) => return Err(fault),
            Err(Stop::Closed) => backoff.sleep().await,
        }
    }
    Err(Fault::Unverified)
}

async fn audit(store: &dyn OperatorStore, tenant: &Tenant) -> Result<Audit, Stop> {
    let mut claims = Claims::new(tenant);
    let mut census = Census::new(store, tenant);
    census.scan(&mut claims).await?;
    census.settle(&mut claims).await?;
    let mut damage: Vec<Damage> = census.unreadable.iter().map(|id| Damage::UnreadableDocument { id: *id }).collect();
    for (number, shard) in (0..).zip(&census.shards) {
        let is_readable = |id: &CustomerId| !census.unreadable.contains(id);
        damage.extend(shard.damage.is_of_head().then_some(Damage::Head { shard: number }));
        damage
            .extend(shard.damage.differing.iter().copied().filter(is_readable).map(|id| difference(shard, number, id)));
        let unreadable = shard.unreadable.iter().cloned();
        damage.extend(unreadable.map(|sort| Damage::UnreadableRow { shard: number, sort }));
        damage.extend(superseded(store, shard, number).await?);
    }
    damage.extend(claims.damage(store).await?);
    let customers = census.shards.iter().map(Shard::customers).sum();
    Ok(Audit { customers, shards: tenant.shards, damage })
}

fn difference(shard: &Shard, number: u32, id: CustomerId) -> Damage {
    match shard.held(id) {
        (None, _) => Damage::NoRow { shard: number, id },
        (_, None) => Damage::NoDocument { shard: number, id },
        _ => Damage::OtherRow { shard: number, id },
    }
}

/// The superseded rows of a shard that are not gone by now.
async fn superseded(store: &dyn OperatorStore, shard: &Shard, number: u32) -> Result<Vec<Damage>, Fault> {
    let met: Vec<Key> = shard.superseded.iter().map(|sequence| keys::row(shard.partition(), *sequence)).collect();
    let standing = row_keys(&store.get_many(&met).await?)?;
    let sequences = standing.iter().map(|key| super::row::sequence(&key.sort));
    sequences.map(|sequence| Ok(Damage::SupersededRow { shard: number, sequence: sequence? })).collect()
}
