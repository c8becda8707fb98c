//! Answering a query: which slots fit, how many, and which of them stand on the page.

use fixedbitset::FixedBitSet;
use uuid::Uuid;

use super::{
    Index, Slot, at,
    bits::{keep, match_set},
};
use crate::domain::{Condition, CustomerId, DEFAULT_REFERENCE, Filter, Page, Pattern, Sort, SortKey, TextField, fold};

/// Rows that are walked along in the time in which one is put in its place.
const STEPS_PER_RANK: usize = 16;
/// Rows that are passed at once on such a walk; tests have few.
const STRIDE: usize = if cfg!(test) { 2 } else { 256 };

/// The rows that fit a filter.
pub(crate) struct Selection {
    slots: FixedBitSet,
    total: usize,
}

impl Selection {
    /// How many rows fit.
    pub(crate) fn total(&self) -> usize {
        self.total
    }
}

impl Index {
    /// The rows for which every condition of `filter` holds.
    pub(crate) fn select(&mut self, filter: &Filter) -> Selection {
        let mut slots = self.live.clone();
        for condition in &filter.0 {
            self.restrict(&mut slots, condition);
        }
        let total = slots.count_ones(..);
        Selection { slots, total }
    }

    fn restrict(&mut self, slots: &mut FixedBitSet, condition: &Condition) {
        match condition {
            Condition::Id(id) => {
                let slot = self.slot_of(*id).filter(|slot| slots.contains(at(*slot)));
                slots.clear();
                slots.extend(slot.map(at));
            }
            Condition::Text(TextField::Reference, pattern) => self.keep_references(slots, pattern),
            Condition::Text(field, pattern) => self.column_mut(*field).keep(slots, pattern),
            Condition::Deleted(on) => match_set(slots, &self.deleted, *on),
            Condition::Directory(on) => match_set(slots, &self.listed, *on),
            Condition::Active(on) => match_set(slots, &self.inactive, !*on),
            Condition::Guid(guids) => keep(slots, &self.guids, |guid| guids.contains(&Uuid::from_bytes(*guid)), false),
            Condition::Isp(isp) => self.isps.keep_equal(slots, &isp.get()),
            Condition::Reseller(reseller) => self.resellers.keep_equal(slots, &reseller.get()),
            Condition::Parent(parents) => self.keep_below(slots, parents),
            Condition::Organisation(owner) => {
                self.organisations.keep(slots, |name| owner.owns(name.map(String::as_str)));
            }
            Condition::Partner(owner) => self.partners.keep(slots, |name| owner.owns(name.map(String::as_str))),
            Condition::Kind(kind) => keep(slots, &self.kinds, |value| *value == Some(*kind), false),
            Condition::BillType(bill_type) => {
                keep(slots, &self.bill_types, |value| *value == Some(*bill_type), false);
            }
            Condition::Service(id) => self.services.keep(slots, &Pattern::exact(&id.to_string())),
            Condition::CreatedFrom(moment) => self.created_at.keep(slots, |at| at >= moment.unix_seconds(), false),
            Condition::CreatedBefore(moment) => self.created_at.keep(slots, |at| at < moment.unix_seconds(), false),
            Condition::UpdatedFrom(moment) => self.updated_at.keep(slots, |at| at >= moment.unix_seconds(), false),
            Condition::UpdatedBefore(moment) => self.updated_at.keep(slots, |at| at < moment.unix_seconds(), false),
        }
    }

    /// Drops the slots whose reference does not fit; one that was not given follows from the id.
    fn keep_references(&mut self, slots: &mut FixedBitSet, pattern: &Pattern) {
        let following = self.following_references(slots, pattern);
        self.column_mut(TextField::Reference).keep(slots, pattern);
        following.into_iter().for_each(|slot| slots.insert(at(slot)));
    }

    /// Those of `slots` that were given no reference, and for which the one that follows from their id fits.
    fn following_references(&self, slots: &FixedBitSet, pattern: &Pattern) -> Vec<Slot> {
        let (mut digits, mut reference) = (itoa::Buffer::new(), fold(DEFAULT_REFERENCE));
        let mut fits = |slot: &Slot| {
            reference.truncate(DEFAULT_REFERENCE.len());
            reference.push_str(digits.format(self.ids.get(*slot).unwrap_or_default()));
            self.column(TextField::Reference).first(*slot).is_none() && pattern.matches(&reference)
        };
        if let Some(only) = pattern.only_text() {
            let id = only.strip_prefix(&fold(DEFAULT_REFERENCE)).and_then(|id| id.parse::<u64>().ok());
            let slot = id.and_then(|id| self.slot_of(id.into())).filter(|slot| slots.contains(at(*slot)));
            return slot.filter(|slot| fits(slot)).into_iter().collect();
        }
        slots.ones().filter_map(|slot| Slot::try_from(slot).ok()).filter(fits).collect()
    }

    /// Ids and sequence numbers of the selected rows on `page`, in order.
    pub(crate) fn page(&mut self, selection: &Selection, sort: Sort, page: Page) -> Vec<(CustomerId, u64)> {
        let Selection { slots, total } = selection;
        let window = Window::of(page, *total);
        if window.begin == window.end {
            return Vec::new();
        }
        let slots = match self.order_for(sort, &window) {
            Some(order) if order.len() == *total => window.cut(order),
            Some(order) => window.walk(order, slots),
            None => {
                let rows = slots.ones().filter_map(|slot| Slot::try_from(slot).ok());
                self.sort_out(sort, rows, window.begin..window.end)
            }
        };
        slots.into_iter().filter_map(|slot| Some((self.id(slot)?, self.sequences.get(slot)?))).collect()
    }

    /// A kept order, if it is there and faster than sorting the rows of this list alone.
    fn order_for(&mut self, sort: Sort, window: &Window) -> Option<&[Slot]> {
        let steps = self.by_id.len().checked_div(window.total)?.saturating_mul(window.distance());
        if steps / STEPS_PER_RANK > window.total {
            return None;
        }
        self.kept_order(sort)
    }

    /// The currency of customers that name none.
    pub(crate) fn set_default_currency(&mut self, currency: &str) {
        if self.default_currency != currency {
            self.default_currency = currency.to_owned();
            self.orders.forget(SortKey::Currency);
        }
    }
}

/// What remains of `order` when parts of it, which `split` takes off, are gone that have no more than `skip` selected rows
/// together, and how many of these remain to be skipped. To count them takes less time than to meet each.
fn pass<'a>(
    mut order: &'a [Slot],
    mut skip: usize,
    is_selected: impl Fn(&&Slot) -> bool,
    split: impl Fn(&'a [Slot]) -> Option<(&'a [Slot], &'a [Slot])>,
) -> (&'a [Slot], usize) {
    while let Some((part, rest)) = split(order) {
        let selected = part.iter().filter(&is_selected).count();
        if selected > skip {
            break;
        }
        (order, skip) = (rest, skip - selected);
    }
    (order, skip)
}

/// The part of the selected rows, once in order, that stands on a page.
struct Window {
    total: usize,
    begin: usize,
    end: usize,
}

impl Window {
    fn of(page: Page, total: usize) -> Self {
        let begin = page.offset.min(total);
        let end = page.limit.map_or(total, |limit| begin.saturating_add(limit).min(total));
        Self { total, begin, end }
    }

    /// How many rows lie between it, its own included, and the nearer end.
    fn distance(&self) -> usize {
        self.end.min(self.total - self.begin)
    }

    fn cut(&self, order: &[Slot]) -> Vec<Slot> {
        order.get(self.begin..self.end).unwrap_or_default().to_vec()
    }

    /// Goes along `order` from the nearer end, past rows that are not in `slots`.
    fn walk(&self, order: &[Slot], slots: &FixedBitSet) -> Vec<Slot> {
        let is_selected = |slot: &&Slot| slots.contains(at(**slot));
        let length = self.end - self.begin;
        if self.end <= self.total - self.begin {
            let (rest, skip) = pass(order, self.begin, is_selected, |rest| rest.split_at_checked(STRIDE));
            return rest.iter().filter(is_selected).skip(skip).take(length).copied().collect();
        }
        let (rest, skip) = pass(order, self.total - self.end, is_selected, |rest| {
            let (rest, last) = rest.split_at(rest.len().checked_sub(STRIDE)?);
            Some((last, rest))
        });
        let mut found: Vec<_> = rest.iter().rev().filter(is_selected).skip(skip).take(length).copied().collect();
        found.reverse();
        found
    }
}
