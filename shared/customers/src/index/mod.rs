//! The list index in memory: parallel columns by slot, so that a filter is a scan of one array and a sort compares
//! slices, whatever the number of customers.

mod column;
mod select;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use fixedbitset::FixedBitSet;

use crate::{
    domain::{CustomerId, CustomerKind, IspId, ResellerId, ServiceId, TextField},
    protocol::Projection,
};
use column::TextColumn;

/// Place of a customer's values in every column.
pub(crate) type Slot = u32;

/// The rows of all customers of a tenant, soft-deleted ones included.
#[derive(Debug, Default)]
pub(crate) struct Index {
    by_id: HashMap<CustomerId, Slot>,
    /// Slots whose customer was purged, to be filled again.
    free: Vec<Slot>,
    live: FixedBitSet,
    deleted: FixedBitSet,
    ids: Vec<CustomerId>,
    sequences: Vec<u64>,
    isps: Vec<Option<IspId>>,
    resellers: Vec<Option<ResellerId>>,
    kinds: Vec<Option<CustomerKind>>,
    created_at: Vec<i64>,
    /// By slot; few customers have more than one or two.
    services: Vec<Box<[ServiceId]>>,
    /// In the order of [`TextField::ALL`].
    texts: [TextColumn; TextField::ALL.len()],
}

impl Index {
    /// The sequence number of the row that is held of `id`.
    pub(crate) fn sequence_of(&self, id: CustomerId) -> Option<u64> {
        self.sequences.get(at(*self.by_id.get(&id)?)).copied()
    }

    /// Puts the row of `id` in place of the one held, if any.
    pub(crate) fn upsert(&mut self, id: CustomerId, sequence: u64, deleted: bool, row: &Projection<'_>) {
        let slot = match self.by_id.get(&id) {
            Some(slot) => *slot,
            None => self.occupy(id),
        };
        set(&mut self.sequences, slot, sequence);
        set(&mut self.isps, slot, row.isp);
        set(&mut self.resellers, slot, row.reseller);
        set(&mut self.kinds, slot, row.kind);
        set(&mut self.created_at, slot, row.created_at);
        set(&mut self.services, slot, row.services.iter().map(|(id, _)| *id).collect());
        self.deleted.set(at(slot), deleted);
        for (column, field) in self.texts.iter_mut().zip(TextField::ALL) {
            column.replace(slot, row.texts(field));
        }
    }

    /// Forgets `id`.
    pub(crate) fn remove(&mut self, id: CustomerId) {
        let Some(slot) = self.by_id.remove(&id) else { return };
        self.live.set(at(slot), false);
        self.deleted.set(at(slot), false);
        set(&mut self.services, slot, Box::default());
        for column in &mut self.texts {
            column.replace(slot, std::iter::empty());
        }
        self.free.push(slot);
    }

    /// Forgets all customers whose ids do not fit.
    pub(crate) fn retain(&mut self, fits: impl Fn(CustomerId) -> bool) {
        let gone: Vec<CustomerId> = self.by_id.keys().copied().filter(|id| !fits(*id)).collect();
        for id in gone {
            self.remove(id);
        }
    }

    /// All rows that are held, by id and sequence number, in order.
    #[cfg(test)]
    pub(crate) fn rows(&self) -> impl Iterator<Item = (CustomerId, u64)> {
        let mut ids: Vec<CustomerId> = self.by_id.keys().copied().collect();
        ids.sort_unstable();
        ids.into_iter().filter_map(|id| Some((id, self.sequence_of(id)?)))
    }

    /// The first text of `id` in `field`, folded.
    #[cfg(test)]
    pub(crate) fn text_of(&self, id: CustomerId, field: TextField) -> Option<String> {
        let text = self.column(field).first(*self.by_id.get(&id)?);
        Some(String::from_utf8(text.to_vec()).unwrap())
    }

    fn occupy(&mut self, id: CustomerId) -> Slot {
        let slot = self.free.pop().unwrap_or_else(|| self.append());
        set(&mut self.ids, slot, id);
        self.live.set(at(slot), true);
        self.by_id.insert(id, slot);
        slot
    }

    fn append(&mut self) -> Slot {
        let slots = self.ids.len() + 1;
        self.live.grow(slots);
        self.deleted.grow(slots);
        self.ids.push(CustomerId::from(0));
        self.sequences.push(0);
        self.isps.push(None);
        self.resellers.push(None);
        self.kinds.push(None);
        self.created_at.push(0);
        self.services.push(Box::default());
        for column in &mut self.texts {
            column.append_slot();
        }
        // More slots than 2^32 do not fit a function's memory by far.
        Slot::try_from(slots - 1).unwrap_or(Slot::MAX)
    }

    fn column(&self, field: TextField) -> &TextColumn {
        #[expect(clippy::indexing_slicing, reason = "there is a column for every field")]
        &self.texts[field as usize]
    }
}

/// A slot as a place in a column.
const fn at(slot: Slot) -> usize {
    slot as usize
}

fn set<T>(column: &mut [T], slot: Slot, value: T) {
    if let Some(place) = column.get_mut(at(slot)) {
        *place = value;
    }
}
