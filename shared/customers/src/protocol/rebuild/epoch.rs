//! An epoch that is being built.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use aws_sdk_dynamodb::types::AttributeValue;

use super::super::{
    Head,
    census::{Change, Found, Observer},
    keys,
    safeguard::Safeguard,
    shard_of, term,
};
use crate::{
    domain::{CustomerId, Tenant},
    fault::Fault,
    store::{Action, Condition, Item, OperatorStore, Write},
};

/// A number for the next epoch that no other rebuild has or had, so that nothing stands under its keys.
pub(super) async fn claim(store: &dyn OperatorStore, tenant: &Tenant, shards: u32) -> Result<u64, Fault> {
    let counter = keys::epoch_counter(&tenant.id);
    let mut last = store.add(&counter, 1, Item::new()).await?;
    loop {
        if last > tenant.epoch && is_vacant(store, tenant, last, shards).await? {
            return Ok(last);
        }
        let behind = tenant.epoch.saturating_sub(last);
        last = store.add(&counter, behind + 1, Item::new()).await?;
    }
}

async fn is_vacant(store: &dyn OperatorStore, tenant: &Tenant, epoch: u64, shards: u32) -> Result<bool, Fault> {
    for shard in 0..shards {
        let partition = keys::shard(&tenant.id, epoch, shard);
        if !store.query(&partition, &keys::row_sort(0), 1).await?.items.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// An epoch whose rows are written while nobody reads them.
pub(super) struct Epoch<'a> {
    store: &'a dyn OperatorStore,
    tenant: &'a Tenant,
    shards: Vec<Shard>,
}

/// What was written of a shard.
#[derive(Default)]
struct Shard {
    /// What the rows come to. Its sequence number is the highest of them, and never falls.
    head: Head,
    /// Whose row stands at a sequence number.
    rows: HashMap<u64, CustomerId>,
    /// Customers whose sequence number is another one's, too, as it may be after damage: they get new ones.
    homeless: BTreeMap<CustomerId, Found>,
}

impl<'a> Epoch<'a> {
    /// Puts closed heads. If the tenant item came into sight before the heads that the same transaction puts, a shard
    /// without a head would look empty; a closed one sends its reader back.
    pub(super) async fn begin(store: &'a dyn OperatorStore, tenant: &'a Tenant) -> Result<Self, Fault> {
        let shards: Vec<Shard> = (0..tenant.shards).map(|_| Shard::default()).collect();
        if !Safeguard::StandingHeads.is_off() {
            let closed = Head { closed: true, ..Head::default() };
            let partitions = (0..tenant.shards).map(|shard| keys::shard(&tenant.id, tenant.epoch, shard));
            store.put_many(partitions.map(|partition| (keys::head(&partition), closed.attributes())).collect()).await?;
        }
        Ok(Self { store, tenant, shards })
    }

    /// The writes that open all shards, given the heads of the epoch before.
    pub(super) fn opening(&self, before: &[Option<Head>]) -> Vec<Write> {
        let mut writes = Vec::new();
        for (number, shard) in (0..).zip(&self.shards) {
            let partition = keys::shard(&self.tenant.id, self.tenant.epoch, number);
            let source = before.get(usize::try_from(number).unwrap_or_default() % before.len().max(1));
            let sequence = source.copied().flatten().unwrap_or_default().sequence;
            let mut head = Head { sequence: shard.head.sequence.max(sequence), ..shard.head };
            for (id, found) in &shard.homeless {
                head = head.advanced(*id, None);
                let renumbered = Item::from([("q".to_owned(), AttributeValue::N(head.sequence.to_string()))]);
                writes.push(Write {
                    key: keys::document(&self.tenant.id, *id),
                    action: Action::Set(renumbered),
                    condition: Condition::Sequence(found.sequence),
                });
                writes.push(Write {
                    key: keys::row(&partition, head.sequence),
                    action: Action::Put(found.row.clone()),
                    condition: Condition::Absent,
                });
            }
            let standing = if Safeguard::StandingHeads.is_off() { Condition::Absent } else { Condition::Sequence(0) };
            writes.push(Write {
                key: keys::head(&partition),
                action: Action::Put(head.attributes()),
                condition: standing,
            });
        }
        writes
    }
}

impl Observer for Epoch<'_> {
    async fn observe(&mut self, changes: Vec<Change>) -> Result<(), Fault> {
        let (mut left, mut put) = (Vec::new(), Vec::new());
        for Change { id, left: before, found } in changes {
            let number = shard_of(id, self.tenant.shards);
            let partition = keys::shard(&self.tenant.id, self.tenant.epoch, number);
            let Some(shard) = self.shards.get_mut(usize::try_from(number).unwrap_or_default()) else { continue };
            if let Some(sequence) = before
                && shard.leave(id, sequence)
            {
                left.push(keys::row(&partition, sequence));
            }
            if let Some(found) = found {
                let row = (keys::row(&partition, found.sequence), found.row.clone());
                if shard.settle(id, found) {
                    put.push(row);
                }
            }
        }
        self.store.delete_many(left).await?;
        Ok(self.store.put_many(put).await?)
    }
}

impl Shard {
    /// Takes the row of `id` from `sequence`; whether it stood there.
    fn leave(&mut self, id: CustomerId, sequence: u64) -> bool {
        if self.homeless.remove(&id).is_some() || self.rows.get(&sequence) != Some(&id) {
            return false;
        }
        self.rows.remove(&sequence);
        self.head.count -= 1;
        self.head.hash = self.head.hash.wrapping_sub(term(id, sequence));
        true
    }

    /// Gives `id` the place of its sequence number; whether it was free.
    fn settle(&mut self, id: CustomerId, found: Found) -> bool {
        self.head.sequence = self.head.sequence.max(found.sequence);
        match self.rows.entry(found.sequence) {
            Entry::Occupied(_) => {
                self.homeless.insert(id, found);
                return false;
            }
            Entry::Vacant(place) => place.insert(id),
        };
        self.head.count += 1;
        self.head.hash = self.head.hash.wrapping_add(term(id, found.sequence));
        true
    }
}
