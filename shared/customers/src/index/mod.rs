//! The list index in memory: parallel columns by slot, so that a filter is a scan of one array and a sort compares
//! slices, whatever the number of customers.

mod column;
mod names;
mod select;
#[cfg(test)]
mod tests;
mod tree;

use std::{borrow::Cow, collections::HashMap};

use fixedbitset::FixedBitSet;

use crate::{
    domain::{BillType, CustomerId, CustomerKind, IspId, ResellerId, ServiceId, TextField, default_reference, fold},
    protocol::{Flags, Projection},
};
use column::TextColumn;
use names::NameColumn;

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
    listed: FixedBitSet,
    inactive: FixedBitSet,
    ids: Vec<CustomerId>,
    sequences: Vec<u64>,
    guids: Vec<[u8; 16]>,
    isps: Vec<Option<IspId>>,
    resellers: Vec<Option<ResellerId>>,
    parents: Vec<Option<CustomerId>>,
    kinds: Vec<Option<CustomerKind>>,
    bill_types: Vec<Option<BillType>>,
    created_at: Vec<i64>,
    updated_at: Vec<i64>,
    organisations: NameColumn,
    partners: NameColumn,
    /// Few customers have more than one or two.
    services: Vec<Box<[ServiceId]>>,
    /// In the order of [`TextField::ALL`].
    texts: [TextColumn; TextField::ALL.len()],
    /// Packed: see [`rare_value`](crate::protocol::rare_value).
    rare: Vec<Box<[u8]>>,
}

impl Index {
    /// The sequence number of the row that is held of `id`.
    pub(crate) fn sequence_of(&self, id: CustomerId) -> Option<u64> {
        self.sequences.get(at(*self.by_id.get(&id)?)).copied()
    }

    /// Puts the row of `id` in place of the one held, if any.
    pub(crate) fn upsert(&mut self, id: CustomerId, sequence: u64, flags: Flags, row: &Projection<'_>) {
        let slot = match self.by_id.get(&id) {
            Some(slot) => *slot,
            None => self.occupy(id),
        };
        put(&mut self.ids, slot, id);
        put(&mut self.sequences, slot, sequence);
        put(&mut self.guids, slot, row.guid);
        put(&mut self.isps, slot, row.isp);
        put(&mut self.resellers, slot, row.reseller);
        put(&mut self.parents, slot, row.parent);
        put(&mut self.kinds, slot, row.kind);
        put(&mut self.bill_types, slot, row.bill_type);
        put(&mut self.created_at, slot, row.created_at);
        put(&mut self.updated_at, slot, row.updated_at);
        put(&mut self.services, slot, row.services.iter().map(|(id, _)| *id).collect());
        put(&mut self.rare, slot, row.rare.as_ref().into());
        self.organisations.put(slot, row.organisation);
        self.partners.put(slot, row.partner);
        for (column, field) in self.texts.iter_mut().zip(TextField::ALL) {
            column.replace(slot, row.texts(field));
        }
        for (set, on) in [
            (&mut self.live, true),
            (&mut self.deleted, flags.deleted),
            (&mut self.listed, flags.listed),
            (&mut self.inactive, flags.inactive),
        ] {
            set.grow(at(slot) + 1);
            set.set(at(slot), on);
        }
    }

    /// Forgets `id`.
    pub(crate) fn remove(&mut self, id: CustomerId) {
        let Some(slot) = self.by_id.remove(&id) else { return };
        self.live.set(at(slot), false);
        put(&mut self.services, slot, Box::default());
        put(&mut self.rare, slot, Box::default());
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
        let text = self.text(field, *self.by_id.get(&id)?)?;
        Some(String::from_utf8(text.to_vec()).unwrap())
    }

    fn occupy(&mut self, id: CustomerId) -> Slot {
        // More slots than 2^32 do not fit a function's memory by far.
        let slot = self.free.pop().unwrap_or_else(|| Slot::try_from(self.ids.len()).unwrap_or(Slot::MAX));
        self.by_id.insert(id, slot);
        slot
    }

    fn column(&self, field: TextField) -> &TextColumn {
        #[expect(clippy::indexing_slicing, reason = "there is a column for every field")]
        &self.texts[field as usize]
    }

    /// The first text of `slot` in `field`, folded.
    fn text(&self, field: TextField, slot: Slot) -> Option<Cow<'_, [u8]>> {
        let held = self.column(field).first(slot).map(Cow::Borrowed);
        held.or_else(|| {
            let id = self.ids.get(at(slot)).filter(|_| field == TextField::Reference)?;
            Some(Cow::Owned(fold(&default_reference(*id)).into_bytes()))
        })
    }
}

/// A slot as a place in a column.
const fn at(slot: Slot) -> usize {
    slot as usize
}

/// Sets the value of `slot`, which is at most one behind the last.
fn put<T>(column: &mut Vec<T>, slot: Slot, value: T) {
    match column.get_mut(at(slot)) {
        Some(place) => *place = value,
        None => column.push(value),
    }
}
