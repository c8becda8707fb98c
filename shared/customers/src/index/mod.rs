//! The list index in memory: parallel columns by slot, so that a filter is a scan of one array and a page a walk along
//! one, whatever the number of customers.

mod arena;
mod bits;
mod cased;
mod hash;
mod interned;
mod needle;
mod numbers;
mod order;
mod orders;
mod scan;
mod searches;
mod select;
#[cfg(test)]
pub(crate) mod tests;
mod text;
mod tree;

use std::borrow::Cow;

use fixedbitset::FixedBitSet;
use hashbrown::{HashTable, hash_table::Entry};

use crate::{
    domain::{BillType, Column, Columns, CustomerId, CustomerKind, TextField, default_reference, fold},
    protocol::{Flags, Projection},
};
use arena::Arena;
use cased::CasedColumn;
use hash::hash;
use interned::Interned;
use numbers::Numbers;
use orders::Orders;
use text::{ArenaColumn, TextColumn};

pub use tree::Superior;

/// Place of a customer's values in every column.
pub(crate) type Slot = u32;

/// What the hash table of ids keeps of each slot.
const SLOT_SIZE: usize = 5;
/// Bits that a set grows by: growing takes longer than setting. Tests have few slots.
const BITS_AT_A_TIME: usize = if cfg!(test) { 8 } else { 4096 };
/// Customers that room is made for at a time: a head may be damaged.
const RESERVE_MAXIMUM: usize = 1 << 20;

/// The rows of all customers of a tenant, soft-deleted ones included.
#[derive(Debug)]
pub(crate) struct Index {
    columns: Columns,
    by_id: HashTable<Slot>,
    /// Slots whose customer was purged, to be filled again.
    free: Vec<Slot>,
    live: FixedBitSet,
    deleted: FixedBitSet,
    listed: FixedBitSet,
    inactive: FixedBitSet,
    ids: Numbers<u32, u64>,
    sequences: Numbers<u32, u64>,
    guids: Vec<[u8; 16]>,
    isps: Interned<u64>,
    resellers: Interned<u64>,
    parents: Interned<u64>,
    kinds: Vec<Option<CustomerKind>>,
    bill_types: Vec<Option<BillType>>,
    created_at: Numbers<u32, i64>,
    updated_at: Numbers<u32, i64>,
    organisations: Interned<String>,
    partners: Interned<String>,
    /// Ids as texts.
    services: ArenaColumn,
    /// In the order of [`TextField::ALL`].
    texts: [TextColumn; TextField::ALL.len()],
    /// How names and references were written.
    cased_names: CasedColumn,
    cased_references: CasedColumn,
    /// Packed: see [`rare_value`](crate::protocol::rare_value).
    rare: Arena,
    orders: Orders,
    /// The currency of customers that name none.
    default_currency: String,
}

/// A row is not newer than the one held.
#[derive(Debug)]
pub(crate) struct Outdated;

impl Outdated {
    fn check(held: Option<u64>, sequence: u64) -> Result<(), Self> {
        if held.is_some_and(|held| held >= sequence) { Err(Self) } else { Ok(()) }
    }
}

impl Index {
    /// Holds nothing yet, and of each row only `columns`.
    pub(crate) fn new(columns: Columns) -> Self {
        let column = |field| match field {
            TextField::PostalCode | TextField::State | TextField::City | TextField::CategoryReference => {
                TextColumn::Interned(Interned::default())
            }
            _ => TextColumn::Arena(ArenaColumn::default()),
        };
        Self {
            columns,
            by_id: HashTable::default(),
            free: Vec::new(),
            live: FixedBitSet::new(),
            deleted: FixedBitSet::new(),
            listed: FixedBitSet::new(),
            inactive: FixedBitSet::new(),
            ids: Numbers::default(),
            sequences: Numbers::default(),
            guids: Vec::new(),
            isps: Interned::default(),
            resellers: Interned::default(),
            parents: Interned::default(),
            kinds: Vec::new(),
            bill_types: Vec::new(),
            created_at: Numbers::default(),
            updated_at: Numbers::default(),
            organisations: Interned::default(),
            partners: Interned::default(),
            services: ArenaColumn::default(),
            texts: TextField::ALL.map(column),
            cased_names: CasedColumn::default(),
            cased_references: CasedColumn::default(),
            rare: Arena::default(),
            orders: Orders::default(),
            default_currency: String::new(),
        }
    }

    /// What it holds of each row.
    pub(crate) fn columns(&self) -> Columns {
        self.columns
    }

    /// Makes room for so many customers more, within reason.
    pub(crate) fn reserve(&mut self, customers: u64) {
        let customers = usize::try_from(customers).unwrap_or(usize::MAX).min(RESERVE_MAXIMUM);
        let slots = self.ids.len() + customers;
        let Self { by_id, ids, .. } = self;
        by_id.reserve(customers, |slot| hash_at(ids, *slot));
        self.ids.reserve(slots);
        self.sequences.reserve(slots);
        self.kinds.reserve(customers);
        self.bill_types.reserve(customers);
        if self.columns.hold(Column::Guid) {
            self.guids.reserve(customers);
        }
        if self.columns.hold(Column::Created) {
            self.created_at.reserve(slots);
        }
        if self.columns.hold(Column::Updated) {
            self.updated_at.reserve(slots);
        }
    }

    /// Puts the row of `id` in place of the one held, whose sequence number it returns, if there is one.
    pub(crate) fn upsert(
        &mut self,
        id: CustomerId,
        sequence: u64,
        flags: Flags,
        row: &Projection<'_>,
    ) -> Result<Option<u64>, Outdated> {
        let (slot, held) = self.occupy(id);
        Outdated::check(held, sequence)?;
        self.sequences.put(slot, sequence);
        put(&mut self.kinds, slot, row.kind);
        put(&mut self.bill_types, slot, row.bill_type);
        self.isps.put(slot, row.isp.map(|isp| isp.get()).as_ref());
        self.resellers.put(slot, row.reseller.map(|reseller| reseller.get()).as_ref());
        self.parents.put(slot, row.parent.map(|parent| parent.get()).as_ref());
        self.organisations.put(slot, row.organisation);
        self.partners.put(slot, row.partner);
        self.upsert_columns(slot, row);
        let switches = [
            (&mut self.live, true),
            (&mut self.deleted, flags.deleted),
            (&mut self.listed, flags.listed),
            (&mut self.inactive, flags.inactive),
        ];
        for (set, on) in switches {
            if at(slot) >= set.len() {
                set.grow((at(slot) + 1).next_multiple_of(BITS_AT_A_TIME));
            }
            set.set(at(slot), on);
        }
        self.orders.note_change(slot, self.ids.len());
        Ok(held)
    }

    fn upsert_columns(&mut self, slot: Slot, row: &Projection<'_>) {
        for (column, field) in self.texts.iter_mut().zip(TextField::ALL) {
            match field {
                field if !self.columns.hold(Column::Text(field)) => {}
                TextField::ServiceUsername => column.put_all(slot, row.usernames()),
                field => column.put(slot, row.text(field)),
            }
        }
        if self.columns.hold(Column::WrittenCase) {
            self.cased_names.put(slot, &row.name_case);
            self.cased_references.put(slot, &row.reference_case);
        }
        if self.columns.hold(Column::Guid) {
            put(&mut self.guids, slot, row.guid);
        }
        if self.columns.hold(Column::Service) {
            self.services.put_numbers(slot, row.service_ids());
        }
        if self.columns.hold(Column::Created) {
            self.created_at.put(slot, row.created_at);
        }
        if self.columns.hold(Column::Updated) {
            self.updated_at.put(slot, row.updated_at);
        }
        if self.columns.hold(Column::Rare) {
            self.rare.set(slot, &row.rare);
        }
    }

    /// Forgets `id`, which was purged with this sequence number, and returns that of the row held, if there is one.
    pub(crate) fn remove(&mut self, id: CustomerId, sequence: u64) -> Result<Option<u64>, Outdated> {
        let held = self.slot_of(id).and_then(|slot| self.sequences.get(slot));
        Outdated::check(held, sequence)?;
        self.forget(id);
        Ok(held)
    }

    fn forget(&mut self, id: CustomerId) {
        let Self { by_id, ids, .. } = self;
        let Ok(entry) = by_id.find_entry(hash(id.get()), |slot| ids.get(*slot) == Some(id.get())) else { return };
        let (slot, _) = entry.remove();
        self.live.set(at(slot), false);
        for column in &mut self.texts {
            column.put(slot, None);
        }
        self.services.put_numbers(slot, std::iter::empty());
        self.rare.set(slot, &[]);
        self.parents.put(slot, None::<&u64>);
        self.free.push(slot);
        self.orders.note_change(slot, self.ids.len());
    }

    /// Forgets all customers whose ids do not fit.
    pub(crate) fn retain(&mut self, fits: impl Fn(CustomerId) -> bool) {
        let ids = self.by_id.iter().filter_map(|slot| self.id(*slot));
        let gone: Vec<CustomerId> = ids.filter(|id| !fits(*id)).collect();
        for id in gone {
            self.forget(id);
        }
    }

    /// Gives up what only makes lists faster. Returns whether there was anything.
    pub(crate) fn give_up_extras(&mut self) -> bool {
        let before = self.memory();
        self.orders = Orders::default();
        self.services.give_up_extras();
        self.texts.iter_mut().for_each(TextColumn::give_up_extras);
        self.memory() < before
    }

    /// Bytes of memory in use.
    pub(crate) fn memory(&self) -> usize {
        let sets = [&self.live, &self.deleted, &self.listed, &self.inactive];
        let texts = self.texts.iter().map(TextColumn::memory).sum::<usize>();
        self.by_id.capacity() * SLOT_SIZE
            + sets.map(|set| size_of_val(set.as_slice())).iter().sum::<usize>()
            + [&self.ids, &self.sequences].map(Numbers::memory).iter().sum::<usize>()
            + [&self.created_at, &self.updated_at].map(Numbers::memory).iter().sum::<usize>()
            + size_of_val(self.guids.as_slice())
            + size_of_val(self.kinds.as_slice())
            + size_of_val(self.bill_types.as_slice())
            + [&self.isps, &self.resellers, &self.parents].map(Interned::memory).iter().sum::<usize>()
            + [&self.organisations, &self.partners].map(Interned::memory).iter().sum::<usize>()
            + [&self.cased_names, &self.cased_references].map(CasedColumn::memory).iter().sum::<usize>()
            + texts
            + self.services.memory()
            + self.rare.memory()
            + self.orders.memory()
    }

    /// All rows that are held, by id and sequence number, in order.
    #[cfg(test)]
    pub(crate) fn rows(&self) -> impl Iterator<Item = (CustomerId, u64)> {
        let mut ids: Vec<CustomerId> = self.by_id.iter().filter_map(|slot| self.id(*slot)).collect();
        ids.sort_unstable();
        ids.into_iter().filter_map(|id| Some((id, self.sequences.get(self.slot_of(id)?)?)))
    }

    /// The first text of `id` in `field`, folded.
    #[cfg(test)]
    pub(crate) fn text_of(&self, id: CustomerId, field: TextField) -> Option<String> {
        let text = self.text(field, self.slot_of(id)?)?;
        Some(String::from_utf8(text.to_vec()).unwrap())
    }

    /// The slot of `id`, a new one if it has none, and the sequence number of the row that it holds.
    fn occupy(&mut self, id: CustomerId) -> (Slot, Option<u64>) {
        let Self { by_id, ids, free, sequences, .. } = self;
        let is_same = |slot: &Slot| ids.get(*slot) == Some(id.get());
        match by_id.entry(hash(id.get()), is_same, |slot| hash_at(ids, *slot)) {
            Entry::Occupied(entry) => (*entry.get(), sequences.get(*entry.get())),
            Entry::Vacant(entry) => {
                // More slots than 2^32 do not fit a function's memory by far.
                let slot = free.pop().unwrap_or_else(|| Slot::try_from(ids.len()).unwrap_or(Slot::MAX));
                entry.insert(slot);
                ids.put(slot, id.get());
                (slot, None)
            }
        }
    }

    fn slot_of(&self, id: CustomerId) -> Option<Slot> {
        self.by_id.find(hash(id.get()), |slot| self.ids.get(*slot) == Some(id.get())).copied()
    }

    fn id(&self, slot: Slot) -> Option<CustomerId> {
        self.ids.get(slot).map(CustomerId::from)
    }

    fn column_mut(&mut self, field: TextField) -> &mut TextColumn {
        #[expect(clippy::indexing_slicing, reason = "there is a column for every field")]
        &mut self.texts[field as usize]
    }

    fn column(&self, field: TextField) -> &TextColumn {
        #[expect(clippy::indexing_slicing, reason = "there is a column for every field")]
        &self.texts[field as usize]
    }

    /// The first text of `slot` in `field`, folded.
    fn text(&self, field: TextField, slot: Slot) -> Option<Cow<'_, [u8]>> {
        let held = self.column(field).first(slot).map(Cow::Borrowed);
        held.or_else(|| {
            let id = self.id(slot).filter(|_| field == TextField::Reference)?;
            Some(Cow::Owned(fold(&default_reference(id)).into_bytes()))
        })
    }
}

fn hash_at(ids: &Numbers<u32, u64>, slot: Slot) -> u64 {
    hash(ids.get(slot).unwrap_or_default())
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
