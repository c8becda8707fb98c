//! Columns of texts: of many different ones in an arena, so that a substring filter is one search over contiguous memory,
//! of few different ones by number.

use std::hash::BuildHasher;

use fixedbitset::FixedBitSet;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::{
    Slot,
    arena::{Arena, BORDER},
    at,
    interned::Interned,
    needle::Needle,
    scan::{Scan, fits},
    searches::Searches,
};
use crate::domain::Pattern;

/// Searches for whole values, each through all of them, after which a table for them is worth its making.
const SEARCHES_BEFORE_TABLE: u32 = if cfg!(test) { 1 } else { 8 };
/// Slots below which it never is; tests have few.
const TABLE_MINIMUM: usize = if cfg!(test) { 3 } else { 4096 };
/// What a hash table keeps of each slot.
const SLOT_SIZE: usize = 5;

/// Folded texts by slot: none, one or several each.
#[derive(Debug)]
pub(super) enum TextColumn {
    Arena(ArenaColumn),
    /// For fields with one value at most.
    Interned(Interned<Vec<u8>>),
}

impl TextColumn {
    /// Gives `slot` this value, if any, instead of what it has.
    pub(super) fn put(&mut self, slot: Slot, value: Option<&[u8]>) {
        match self {
            Self::Arena(column) => column.put(slot, value.into_iter()),
            Self::Interned(column) => column.put(slot, value),
        }
    }

    /// Gives `slot` these values instead of those it has.
    pub(super) fn put_all<'a>(&mut self, slot: Slot, mut values: impl Iterator<Item = &'a [u8]> + Clone) {
        match self {
            Self::Arena(column) => column.put(slot, values),
            Self::Interned(column) => column.put(slot, values.next()),
        }
    }

    /// The first value of `slot`.
    pub(super) fn first(&self, slot: Slot) -> Option<&[u8]> {
        match self {
            Self::Arena(column) => column.values(slot).next(),
            Self::Interned(column) => column.get(slot).map(Vec::as_slice),
        }
    }

    /// Drops the slots that have no value that fits.
    pub(super) fn keep(&mut self, slots: &mut FixedBitSet, pattern: &Pattern) {
        match self {
            Self::Arena(column) => column.keep(slots, pattern),
            Self::Interned(column) => column.keep(slots, |value| value.is_some_and(|value| fits(pattern, value))),
        }
    }

    /// Forgets what only makes searches faster.
    pub(super) fn give_up_extras(&mut self) {
        match self {
            Self::Arena(column) => column.give_up_extras(),
            Self::Interned(_) => {}
        }
    }

    /// Bytes of memory in use.
    pub(super) fn memory(&self) -> usize {
        match self {
            Self::Arena(column) => column.memory(),
            Self::Interned(column) => column.memory(),
        }
    }
}

/// Texts in an arena, each ended by a [`BORDER`].
#[derive(Debug, Default)]
pub(super) struct ArenaColumn {
    arena: Arena,
    hasher: DefaultHashBuilder,
    /// The slots by their values, each as often as it has values; none while it is not worth it.
    table: Option<HashTable<Slot>>,
    /// Searches for whole values since there is no table.
    whole_searches: u32,
    searches: Searches,
}

impl ArenaColumn {
    /// Gives `slot` these values instead of those it has.
    pub(super) fn put<'a>(&mut self, slot: Slot, values: impl Iterator<Item = &'a [u8]> + Clone) {
        let is_held =
            if self.is_new(slot) { values.clone().next().is_none() } else { self.values(slot).eq(values.clone()) };
        if !is_held {
            self.write(slot, |bytes| values.for_each(|value| end_value(bytes, value)));
        }
    }

    /// Gives `slot` these numbers, as texts, instead of those it has.
    pub(super) fn put_numbers(&mut self, slot: Slot, numbers: impl Iterator<Item = u64> + Clone) {
        let is_held = if self.is_new(slot) {
            numbers.clone().next().is_none()
        } else {
            let held = self.values(slot).map(|value| std::str::from_utf8(value).ok()?.parse().ok());
            held.eq(numbers.clone().map(Some))
        };
        if !is_held {
            let mut digits = itoa::Buffer::new();
            self.write(slot, |bytes| numbers.for_each(|number| end_value(bytes, digits.format(number).as_bytes())));
        }
    }

    /// Whether `slot` lies behind all that have values.
    fn is_new(&self, slot: Slot) -> bool {
        at(slot) >= self.arena.len()
    }

    fn write(&mut self, slot: Slot, write: impl FnOnce(&mut Vec<u8>)) {
        if self.table.is_none() && self.searches.is_empty() {
            // As in a cold load.
            return self.arena.put(slot, write);
        }
        self.take_from_table(slot);
        self.arena.put(slot, write);
        self.add_to_table(slot);
        self.searches.note(slot, &values(&self.arena, slot));
    }

    fn values(&self, slot: Slot) -> impl Iterator<Item = &[u8]> + Clone {
        values(&self.arena, slot)
    }

    /// Drops the slots that have no value that fits.
    pub(super) fn keep(&mut self, slots: &mut FixedBitSet, pattern: &Pattern) {
        let needle = Needle::of(pattern);
        if let Some(whole) = needle.as_ref().and_then(Needle::whole_value) {
            self.count_search();
            if let Some(table) = &self.table {
                slots.intersect_with(&self.look_up(table, whole, slots.len()));
                return;
            }
        }
        let arena = &self.arena;
        self.searches.restrict(slots, pattern, |end| {
            let mut found = FixedBitSet::with_capacity(end);
            match needle {
                Some(needle) => Scan::new(pattern, &needle).run(arena, &mut found),
                None => found.extend((0..).take(arena.len()).filter(|slot| !arena.get(*slot).is_empty()).map(at)),
            }
            found
        });
    }

    /// Forgets what only makes searches faster.
    pub(super) fn give_up_extras(&mut self) {
        self.table = None;
        self.searches = Searches::default();
    }

    /// Bytes of memory in use.
    pub(super) fn memory(&self) -> usize {
        let table = self.table.as_ref().map_or(0, |table| table.capacity() * SLOT_SIZE);
        self.arena.memory() + table + self.searches.memory()
    }

    /// The slots below `end` that have the value `whole`.
    fn look_up(&self, table: &HashTable<Slot>, whole: &[u8], end: usize) -> FixedBitSet {
        let mut found = FixedBitSet::with_capacity(end);
        let is_equal = |slot: &&Slot| self.values(**slot).any(|value| value == whole);
        let slots = table.iter_hash(self.hasher.hash_one(whole)).filter(is_equal);
        slots.for_each(|slot| found.insert(at(*slot)));
        found
    }

    fn count_search(&mut self) {
        if self.table.is_some() || self.arena.len() < TABLE_MINIMUM {
            return;
        }
        self.whole_searches += 1;
        if self.whole_searches > SEARCHES_BEFORE_TABLE {
            self.whole_searches = 0;
            let slots = || (0..).take(self.arena.len());
            let values: usize = slots().map(|slot| self.values(slot).count()).sum();
            // Some more room than there are values, for those to come.
            self.table = Some(HashTable::with_capacity(values + values / 16));
            (0..).take(self.arena.len()).for_each(|slot| self.add_to_table(slot));
        }
    }

    /// A full table is given up, to be made anew when it is worth it again.
    fn add_to_table(&mut self, slot: Slot) {
        let Some(mut table) = self.table.take() else { return };
        for value in self.values(slot) {
            if table.len() == table.capacity() {
                return;
            }
            table.insert_unique(self.hasher.hash_one(value), slot, |_| 0);
        }
        self.table = Some(table);
    }

    fn take_from_table(&mut self, slot: Slot) {
        let Some(mut table) = self.table.take() else { return };
        for value in self.values(slot) {
            if let Ok(entry) = table.find_entry(self.hasher.hash_one(value), |other| *other == slot) {
                entry.remove();
            }
        }
        self.table = Some(table);
    }
}

/// The values of `slot`.
fn values(arena: &Arena, slot: Slot) -> impl Iterator<Item = &[u8]> + Clone {
    let region = arena.get(slot);
    let values = region.strip_suffix(&[BORDER]).map(|values| values.split(|byte| *byte == BORDER));
    values.into_iter().flatten()
}

fn end_value(bytes: &mut Vec<u8>, value: &[u8]) {
    bytes.extend_from_slice(value);
    bytes.push(BORDER);
}
