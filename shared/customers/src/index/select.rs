//! Answering a query: which slots fit, how many, and which of them stand on the page.

use std::cmp::{Ordering, Reverse};

use fixedbitset::FixedBitSet;

use super::{Index, Slot, at};
use crate::domain::{Condition, CustomerId, Direction, Filter, Page, Sort, SortKey, TextField};

/// The rows that fit a filter.
pub(crate) struct Selection<'a> {
    index: &'a Index,
    slots: FixedBitSet,
}

impl Index {
    /// The rows for which every condition of `filter` holds.
    pub(crate) fn select(&self, filter: &Filter) -> Selection<'_> {
        let mut slots = self.live.clone();
        for condition in &filter.0 {
            self.restrict(&mut slots, condition);
        }
        Selection { index: self, slots }
    }

    fn restrict(&self, slots: &mut FixedBitSet, condition: &Condition) {
        match condition {
            Condition::Id(id) => {
                let mut only = FixedBitSet::with_capacity(slots.len());
                if let Some(slot) = self.by_id.get(id) {
                    only.insert(at(*slot));
                }
                slots.intersect_with(&only);
            }
            Condition::Text(field, pattern) => {
                let mut fitting = FixedBitSet::with_capacity(slots.len());
                self.column(*field).search(pattern, &mut fitting);
                slots.intersect_with(&fitting);
            }
            Condition::Deleted(true) => slots.intersect_with(&self.deleted),
            Condition::Deleted(false) => slots.difference_with(&self.deleted),
            Condition::Isp(isp) => keep(slots, &self.isps, |value| *value == Some(*isp)),
            Condition::Reseller(reseller) => keep(slots, &self.resellers, |value| *value == Some(*reseller)),
            Condition::Kind(kind) => keep(slots, &self.kinds, |value| *value == Some(*kind)),
            Condition::Service(id) => keep(slots, &self.services, |services| services.contains(id)),
            Condition::CreatedFrom(moment) => keep(slots, &self.created_at, |at| *at >= moment.unix_seconds()),
            Condition::CreatedBefore(moment) => keep(slots, &self.created_at, |at| *at < moment.unix_seconds()),
        }
    }
}

/// Drops the slots whose value in `column` does not fit.
fn keep<T>(slots: &mut FixedBitSet, column: &[T], fits: impl Fn(&T) -> bool) {
    for (slot, value) in column.iter().enumerate() {
        if !fits(value) {
            slots.set(slot, false);
        }
    }
}

impl Selection<'_> {
    /// How many rows fit.
    pub(crate) fn total(&self) -> usize {
        self.slots.count_ones(..)
    }

    /// Ids and sequence numbers of the rows on `page`, in order.
    pub(crate) fn page(&self, sort: Sort, page: Page) -> Vec<(CustomerId, u64)> {
        let mut slots: Vec<Slot> = self.slots.ones().filter_map(|slot| Slot::try_from(slot).ok()).collect();
        let begin = page.offset.min(slots.len());
        let end = page.limit.map_or(slots.len(), |limit| begin.saturating_add(limit).min(slots.len()));
        let order = |left: &Slot, right: &Slot| self.index.compare(sort, *left, *right);
        // Only what stands on the page needs an order: everything before and behind it just has to be apart.
        if begin > 0 && begin < slots.len() {
            slots.select_nth_unstable_by(begin, order);
        }
        let mut rest = slots.split_off(begin);
        let length = end - begin;
        if length < rest.len() {
            rest.select_nth_unstable_by(length, order);
            rest.truncate(length);
        }
        rest.sort_unstable_by(order);
        rest.iter().filter_map(|slot| self.index.row(*slot)).collect()
    }
}

impl Index {
    fn row(&self, slot: Slot) -> Option<(CustomerId, u64)> {
        Some((*self.ids.get(at(slot))?, *self.sequences.get(at(slot))?))
    }

    fn compare(&self, sort: Sort, left: Slot, right: Slot) -> Ordering {
        let by_id = || self.ids.get(at(left)).cmp(&self.ids.get(at(right)));
        let by_text = |field: TextField| {
            let column = self.column(field);
            match sort.direction {
                Direction::Ascending => column.first(left).cmp(column.first(right)),
                Direction::Descending => Reverse(column.first(left)).cmp(&Reverse(column.first(right))),
            }
            .then_with(by_id)
        };
        match (sort.key, sort.direction) {
            (SortKey::Id, Direction::Ascending) => by_id(),
            (SortKey::Id, Direction::Descending) => by_id().reverse(),
            (SortKey::Name, _) => by_text(TextField::Name),
            (SortKey::Mobile, _) => by_text(TextField::Mobile),
            (SortKey::Email, _) => by_text(TextField::Email),
        }
    }
}
