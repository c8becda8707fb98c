//! A column of values of which few are distinct.

use std::{
    borrow::Borrow,
    hash::{BuildHasher, Hash},
};

use fixedbitset::FixedBitSet;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::{Slot, at, numbers::Numbers};

/// What a hash table keeps of each number.
const NUMBER_SIZE: usize = 5;
/// Values among which one is found sooner by a look at each than by its hash.
const FEW: usize = if cfg!(test) { 2 } else { 8 };

/// Optional values by slot, each distinct one kept once and named by a number; 0 is none. Takes nothing for slots behind
/// the last one that has a value.
#[derive(Debug, Default)]
pub(super) struct Interned<T> {
    hasher: DefaultHashBuilder,
    numbers: HashTable<u32>,
    values: Vec<T>,
    by_slot: Numbers<u16, u32>,
    /// The number of the value that was put last: the next slot often has the same.
    last: u32,
    /// Bytes that the values point at, or are.
    value_bytes: usize,
}

impl<T> Interned<T> {
    /// The value of `slot`.
    pub(super) fn get(&self, slot: Slot) -> Option<&T> {
        self.value(self.by_slot.get(slot)?)
    }

    /// Sets the value of `slot`.
    pub(super) fn put<Q>(&mut self, slot: Slot, value: Option<&Q>)
    where
        T: Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = T> + ?Sized,
    {
        let number = match value {
            Some(value) => self.number_or_new(value),
            None if at(slot) >= self.by_slot.len() => return,
            None => 0,
        };
        while self.by_slot.len() < at(slot) {
            self.by_slot.put(Slot::try_from(self.by_slot.len()).unwrap_or(Slot::MAX), 0);
        }
        self.by_slot.put(slot, number);
    }

    /// The distinct values, that of number 1 first.
    pub(super) fn values(&self) -> &[T] {
        &self.values
    }

    /// The number of the value of `slot`.
    pub(super) fn number_of(&self, slot: Slot) -> u32 {
        self.by_slot.get(slot).unwrap_or_default()
    }

    /// The number of `value`, if a slot ever had it.
    pub(super) fn number<Q>(&self, value: &Q) -> Option<u32>
    where
        T: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        if self.values.len() <= FEW {
            let place = self.values.iter().position(|known| known.borrow() == value)?;
            return u32::try_from(place + 1).ok();
        }
        let hash = self.hasher.hash_one(value);
        let is_same = |number: &u32| self.value(*number).is_some_and(|known| known.borrow() == value);
        self.numbers.find(hash, is_same).copied()
    }

    /// Drops the slots whose value does not fit.
    pub(super) fn keep(&self, slots: &mut FixedBitSet, fits: impl Fn(Option<&T>) -> bool) {
        let fitting: Vec<bool> =
            std::iter::once(fits(None)).chain(self.values.iter().map(|value| fits(Some(value)))).collect();
        self.keep_numbers(slots, &fitting);
    }

    /// Drops the slots whose value has a number that is not `fitting`, by numbers.
    pub(super) fn keep_numbers(&self, slots: &mut FixedBitSet, fitting: &[bool]) {
        let none_fits = fitting.first() == Some(&true);
        if fitting.iter().any(|fits| !fits) {
            self.by_slot.keep(slots, |number| fitting.get(at(number)) == Some(&true), none_fits);
        }
    }

    /// Drops the slots whose value is not `value`.
    pub(super) fn keep_equal<Q>(&self, slots: &mut FixedBitSet, value: &Q)
    where
        T: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        match self.number(value) {
            Some(wanted) => self.by_slot.keep(slots, |number| number == wanted, false),
            None => slots.clear(),
        }
    }

    /// Bytes of memory in use.
    pub(super) fn memory(&self) -> usize {
        let values = size_of_val(self.values.as_slice()) + self.value_bytes;
        self.by_slot.memory() + values + self.numbers.capacity() * NUMBER_SIZE
    }

    fn value(&self, number: u32) -> Option<&T> {
        self.values.get(at(number.checked_sub(1)?))
    }

    fn number_or_new<Q>(&mut self, value: &Q) -> u32
    where
        T: Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = T> + ?Sized,
    {
        if self.value(self.last).is_some_and(|last| last.borrow() == value) {
            return self.last;
        }
        if let Some(number) = self.number(value) {
            self.last = number;
            return number;
        }
        self.value_bytes += size_of_val(value);
        self.values.push(value.to_owned());
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        let Self { hasher, numbers, values, .. } = self;
        let hash_of = |number: &u32| {
            let value = values.get(at(number.saturating_sub(1))).map(Borrow::borrow);
            value.map_or(0, |value| hasher.hash_one(value))
        };
        numbers.insert_unique(hasher.hash_one(value), number, hash_of);
        self.last = number;
        number
    }
}
