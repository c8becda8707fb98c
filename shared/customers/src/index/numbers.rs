//! A column of whole numbers.

use std::mem::take;

use fixedbitset::FixedBitSet;

use super::{Slot, at, bits::keep, put};

/// A number per slot: in the narrow type for as long as it fits them all.
#[derive(Debug, Default)]
pub(super) struct Numbers<N, W> {
    narrow: Vec<N>,
    /// In use once it is not empty.
    wide: Vec<W>,
}

impl<N: Copy, W: Copy + From<N> + TryInto<N>> Numbers<N, W> {
    /// The number of `slot`.
    pub(super) fn get(&self, slot: Slot) -> Option<W> {
        let narrow = || self.narrow.get(at(slot)).map(|number| W::from(*number));
        if self.wide.is_empty() { narrow() } else { self.wide.get(at(slot)).copied() }
    }

    /// Sets the number of `slot`, which is at most one behind the last.
    pub(super) fn put(&mut self, slot: Slot, number: W) {
        if self.wide.is_empty() {
            if let Ok(narrow) = number.try_into() {
                put(&mut self.narrow, slot, narrow);
                return;
            }
            self.wide = take(&mut self.narrow).into_iter().map(W::from).collect();
        }
        put(&mut self.wide, slot, number);
    }

    /// How many slots have a number.
    pub(super) fn len(&self) -> usize {
        self.narrow.len() + self.wide.len()
    }

    /// Drops the slots whose number does not fit. Those without one are dropped unless they `pass`.
    pub(super) fn keep(&self, slots: &mut FixedBitSet, fits: impl Fn(W) -> bool, pass: bool) {
        if self.wide.is_empty() {
            keep(slots, &self.narrow, |number| fits(W::from(*number)), pass);
        } else {
            keep(slots, &self.wide, |number| fits(*number), pass);
        }
    }

    /// Makes room for `slots` in all.
    pub(super) fn reserve(&mut self, slots: usize) {
        if self.wide.is_empty() {
            self.narrow.reserve(slots.saturating_sub(self.narrow.len()));
        }
    }

    /// Bytes of memory in use.
    pub(super) fn memory(&self) -> usize {
        size_of_val(self.narrow.as_slice()) + size_of_val(self.wide.as_slice())
    }
}
