//! Answering a query: which slots fit, how many, and which of them stand on the page.

use std::{borrow::Cow, cmp::Ordering};

use fixedbitset::FixedBitSet;

use super::{Index, Slot, at};
use crate::{
    domain::{
        Condition, CustomerId, Direction, Filter, Page, Pattern, RareField, RareValue, Sort, SortKey, TextField,
        default_reference, fold,
    },
    protocol::rare_value,
};

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
            Condition::Text(field, pattern) => slots.intersect_with(&self.search(*field, pattern)),
            Condition::Deleted(on) => match_set(slots, &self.deleted, *on),
            Condition::Directory(on) => match_set(slots, &self.listed, *on),
            Condition::Active(on) => match_set(slots, &self.inactive, !*on),
            Condition::Guid(guids) => keep(slots, &self.guids, |guid| guids.contains(&uuid::Uuid::from_bytes(*guid))),
            Condition::Isp(isp) => keep(slots, &self.isps, |value| *value == Some(*isp)),
            Condition::Reseller(reseller) => keep(slots, &self.resellers, |value| *value == Some(*reseller)),
            Condition::Parent(parents) => {
                let pairs: Vec<_> = self.ids.iter().zip(&self.parents).collect();
                keep(slots, &pairs, |(id, parent)| parents.include(**id, **parent));
            }
            Condition::Organisation(owner) => {
                let fitting = self.organisations.fitting(|name| owner.owns(name));
                keep(slots, self.organisations.by_slot(), |number| fitting.get(at(*number)) == Some(&true));
            }
            Condition::Partner(owner) => {
                let fitting = self.partners.fitting(|name| owner.owns(name));
                keep(slots, self.partners.by_slot(), |number| fitting.get(at(*number)) == Some(&true));
            }
            Condition::Kind(kind) => keep(slots, &self.kinds, |value| *value == Some(*kind)),
            Condition::BillType(bill_type) => keep(slots, &self.bill_types, |value| *value == Some(*bill_type)),
            Condition::Service(id) => keep(slots, &self.services, |services| services.contains(id)),
            Condition::CreatedFrom(moment) => keep(slots, &self.created_at, |at| *at >= moment.unix_seconds()),
            Condition::CreatedBefore(moment) => keep(slots, &self.created_at, |at| *at < moment.unix_seconds()),
            Condition::UpdatedFrom(moment) => keep(slots, &self.updated_at, |at| *at >= moment.unix_seconds()),
            Condition::UpdatedBefore(moment) => keep(slots, &self.updated_at, |at| *at < moment.unix_seconds()),
        }
    }

    fn search(&self, field: TextField, pattern: &Pattern) -> FixedBitSet {
        let mut fitting = FixedBitSet::with_capacity(self.live.len());
        let column = self.column(field);
        column.search(pattern, &mut fitting);
        if field == TextField::Reference {
            for (slot, id) in self.live.ones().filter_map(|slot| Some((slot, self.ids.get(slot)?))) {
                let follows_from_id = column.first(Slot::try_from(slot).unwrap_or(Slot::MAX)).is_none();
                if follows_from_id && pattern.matches(&fold(&default_reference(*id))) {
                    fitting.insert(slot);
                }
            }
        }
        fitting
    }
}

/// Drops the slots that are in `set`, or those that are not.
fn match_set(slots: &mut FixedBitSet, set: &FixedBitSet, on: bool) {
    if on {
        slots.intersect_with(set);
    } else {
        slots.difference_with(set);
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

    /// Ids and sequence numbers of the rows on `page`, in order; `default_currency` is that of customers that name none.
    pub(crate) fn page(&self, sort: Sort, page: Page, default_currency: &str) -> Vec<(CustomerId, u64)> {
        let index = self.index;
        let slots = self.slots.ones().filter_map(|slot| Slot::try_from(slot).ok());
        let page = match sort.key {
            SortKey::Id => window(slots.collect(), page, |left, right| {
                directed(sort.direction, index.ids.get(at(*left)).cmp(&index.ids.get(at(*right))))
            }),
            SortKey::Text(field) => self.by_key(slots.collect(), sort.direction, page, |slot| index.text(field, slot)),
            SortKey::Created => {
                self.by_key(slots.collect(), sort.direction, page, |slot| index.created_at.get(at(slot)))
            }
            SortKey::Updated => {
                self.by_key(slots.collect(), sort.direction, page, |slot| index.updated_at.get(at(slot)))
            }
            SortKey::Active => {
                self.by_key(slots.collect(), sort.direction, page, |slot| !index.inactive.contains(at(slot)))
            }
            SortKey::HasParent => self.by_key(slots.collect(), sort.direction, page, |slot| {
                index.parents.get(at(slot)).is_some_and(Option::is_some)
            }),
            SortKey::Rare(field) => {
                self.by_decoded(slots.map(|slot| (index.rare_value(slot, field), slot)), sort.direction, page)
            }
            SortKey::Currency => {
                let default = RareValue::Text(Cow::Owned(fold(default_currency)));
                let named = |slot: Slot| index.rare_value(slot, RareField::SalesCurrency);
                let decoded = slots.map(|slot| (named(slot).unwrap_or_else(|| default.clone()), slot));
                self.by_decoded(decoded, sort.direction, page)
            }
        };
        page.into_iter().filter_map(|slot| index.row(slot)).collect()
    }

    /// The slots on `page` when ordered by what `key` says of each.
    fn by_key<K: Ord>(&self, slots: Vec<Slot>, direction: Direction, page: Page, key: impl Fn(Slot) -> K) -> Vec<Slot> {
        window(slots, page, |left, right| {
            directed(direction, key(*left).cmp(&key(*right))).then_with(|| self.index.by_id(*left, *right))
        })
    }

    /// The slots on `page` when ordered by the values that stand with them.
    fn by_decoded<K: Ord>(
        &self,
        decoded: impl Iterator<Item = (K, Slot)>,
        direction: Direction,
        page: Page,
    ) -> Vec<Slot> {
        let rows = window(decoded.collect(), page, |(left, left_slot), (right, right_slot)| {
            directed(direction, left.cmp(right)).then_with(|| self.index.by_id(*left_slot, *right_slot))
        });
        rows.into_iter().map(|(_, slot)| slot).collect()
    }
}

impl Index {
    fn rare_value(&self, slot: Slot, field: RareField) -> Option<RareValue<'_>> {
        self.rare.get(at(slot)).and_then(|rare| rare_value(rare, field))
    }

    fn row(&self, slot: Slot) -> Option<(CustomerId, u64)> {
        Some((*self.ids.get(at(slot))?, *self.sequences.get(at(slot))?))
    }

    fn by_id(&self, left: Slot, right: Slot) -> Ordering {
        self.ids.get(at(left)).cmp(&self.ids.get(at(right)))
    }
}

fn directed(direction: Direction, order: Ordering) -> Ordering {
    match direction {
        Direction::Ascending => order,
        Direction::Descending => order.reverse(),
    }
}

/// The part of `rows` that stands on `page` once they are in order. Only that part is ordered: everything before and
/// behind it just has to be apart.
fn window<T>(mut rows: Vec<T>, page: Page, order: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let begin = page.offset.min(rows.len());
    let end = page.limit.map_or(rows.len(), |limit| begin.saturating_add(limit).min(rows.len()));
    if begin > 0 && begin < rows.len() {
        rows.select_nth_unstable_by(begin, &order);
    }
    let mut rest = rows.split_off(begin);
    let length = end - begin;
    if length < rest.len() {
        rest.select_nth_unstable_by(length, &order);
        rest.truncate(length);
    }
    rest.sort_unstable_by(order);
    rest
}
