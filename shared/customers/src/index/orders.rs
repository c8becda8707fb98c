//! Orders that are kept, for pages from anywhere without sorting.

use std::mem::take;

use fixedbitset::FixedBitSet;

use super::{Index, Slot, at};
use crate::domain::{Sort, SortKey};

/// Orders kept at a time; the one used longest ago makes room.
const ORDERS_KEPT: usize = 4;
/// Orders remembered as wanted once: the second time, they are made and kept.
const WANTED_KEPT: usize = 16;
/// Rows below which a page is sorted out faster than an order is kept; tests have few.
const ROWS_MINIMUM: usize = if cfg!(test) { 3 } else { 4096 };
/// Changes, as a share of all slots, after which an order is made anew rather than mended.
const CHANGES_SHARE: usize = 8;
/// Changed rows that are looked for one by one; tests make few.
const FEW_CHANGES: usize = if cfg!(test) { 1 } else { 8 };
/// Slots that are compared with one at once.
const PART: usize = 1024;

/// All live rows in the orders that lists ask for again and again.
#[derive(Debug, Default)]
pub(super) struct Orders {
    /// Those used last are last.
    kept: Vec<Order>,
    wanted: Vec<Sort>,
    /// Slots whose rows changed, in the order of changes, while an order is kept.
    changed: Vec<Slot>,
}

#[derive(Debug)]
struct Order {
    sort: Sort,
    slots: Vec<Slot>,
    /// Changes that it has taken in.
    seen: usize,
}

impl Orders {
    /// Remembers that the row of `slot`, one of so many, changed, came or went.
    pub(super) fn note_change(&mut self, slot: Slot, slots: usize) {
        if !self.kept.is_empty() {
            self.changed.push(slot);
            self.forget_outdated(slots);
        }
    }

    /// Forgets the orders that were made by `key`.
    pub(super) fn forget(&mut self, key: SortKey) {
        self.kept.retain(|order| order.sort.key != key);
    }

    /// Bytes of memory in use.
    pub(super) fn memory(&self) -> usize {
        let slots: usize = self.kept.iter().map(|order| order.slots.capacity()).sum();
        (slots + self.changed.capacity()) * size_of::<Slot>()
    }
}

impl Index {
    /// All live rows in the order `sort`, if it is kept or worth keeping from now on.
    pub(super) fn kept_order(&mut self, sort: Sort) -> Option<&[Slot]> {
        let mut orders = take(&mut self.orders);
        orders.bring_up(self, sort);
        self.orders = orders;
        self.orders.kept.last().filter(|order| order.sort == sort).map(|order| order.slots.as_slice())
    }
}

impl Orders {
    /// Has the order `sort` come last, as it is now; if it is not kept, only from the second time on.
    fn bring_up(&mut self, index: &Index, sort: Sort) {
        let changes = self.changed.len();
        if let Some(place) = self.kept.iter().position(|order| order.sort == sort) {
            let mut order = self.kept.remove(place);
            order.mend(index, self.changed.get(order.seen..).unwrap_or_default());
            order.seen = changes;
            self.kept.push(order);
        } else if index.by_id.len() >= ROWS_MINIMUM {
            if let Some(place) = self.wanted.iter().position(|wanted| *wanted == sort) {
                self.wanted.remove(place);
                if self.kept.len() == ORDERS_KEPT {
                    self.kept.remove(0);
                }
                let live = index.live.ones().filter_map(|slot| Slot::try_from(slot).ok());
                let slots = index.sort_out(sort, live, 0..index.by_id.len());
                self.kept.push(Order { sort, slots, seen: changes });
            } else {
                if self.wanted.len() == WANTED_KEPT {
                    self.wanted.remove(0);
                }
                self.wanted.push(sort);
            }
        }
        self.forget_seen();
    }

    /// Gives up orders that more rows have changed in than it is worth to mend.
    fn forget_outdated(&mut self, slots: usize) {
        let (changes, limit) = (self.changed.len(), slots / CHANGES_SHARE + ROWS_MINIMUM);
        if changes > limit {
            self.kept.retain(|order| changes - order.seen <= limit);
            self.forget_seen();
        }
    }

    /// Forgets the changes that all orders have taken in.
    fn forget_seen(&mut self) {
        let seen = self.kept.iter().map(|order| order.seen).min().unwrap_or(self.changed.len());
        if seen > self.changed.len() / 2 {
            self.changed.drain(..seen);
            self.kept.iter_mut().for_each(|order| order.seen -= seen);
        }
    }
}

impl Order {
    /// Takes in that the rows of `changed` are others now: all of them go, and those that are live come back.
    fn mend(&mut self, index: &Index, changed: &[Slot]) {
        if changed.is_empty() {
            return;
        }
        let mut fresh = changed.to_vec();
        fresh.sort_unstable();
        fresh.dedup();
        self.remove(&fresh, index.live.len());
        fresh.retain(|slot| index.live.contains(at(*slot)));
        fresh.sort_unstable_by(|left, right| index.compare(self.sort, *left, *right));
        let mut end = self.slots.len();
        self.slots.reserve_exact(fresh.len());
        self.slots.resize(end + fresh.len(), 0);
        for (before, slot) in fresh.iter().enumerate().rev() {
            let ahead = self.slots.get(..end).unwrap_or_default();
            let place = ahead.partition_point(|other| index.compare(self.sort, *other, *slot).is_lt());
            self.slots.copy_within(place..end, place + before + 1);
            if let Some(free) = self.slots.get_mut(place + before) {
                *free = *slot;
            }
            end = place;
        }
    }
    /// Drops `gone`, of so many slots, in one pass, or in a quicker one for each if they are few.
    fn remove(&mut self, gone: &[Slot], slots: usize) {
        if gone.len() <= FEW_CHANGES {
            for slot in gone {
                let parts = self.slots.chunks(PART).position(|part| part.contains(slot));
                let place = parts.and_then(|part| place_from(&self.slots, part * PART, slot));
                place.map(|place| self.slots.remove(place));
            }
        } else {
            let mut touched = FixedBitSet::with_capacity(slots);
            gone.iter().for_each(|slot| touched.insert(at(*slot)));
            self.slots.retain(|slot| !touched.contains(at(*slot)));
        }
    }
}

/// The first place of `slot` from `begin` on.
fn place_from(slots: &[Slot], begin: usize, slot: &Slot) -> Option<usize> {
    slots.get(begin..)?.iter().position(|other| other == slot).map(|place| begin + place)
}
