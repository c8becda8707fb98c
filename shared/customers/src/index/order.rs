//! What comes before what.

use std::{borrow::Cow, cmp::Ordering};

use super::{Index, Slot, at};
use crate::{
    domain::{Direction, RareField, RareValue, Sort, SortKey, TextField, fold},
    protocol::rare_value,
};

/// A row with the first eight bytes of what it is sorted by: most rows are told apart by them alone.
pub(super) type Ranked = (u64, Slot);

impl Index {
    /// `slot` with the beginning of what it is sorted by: of two rows, none with a larger one comes first when ascending.
    pub(super) fn ranked(&self, key: SortKey, slot: Slot) -> Ranked {
        let rank = match key {
            SortKey::Id => self.ids.get(slot).unwrap_or_default(),
            SortKey::Text(TextField::Reference) => {
                self.text(TextField::Reference, slot).map_or(0, |text| beginning(&text))
            }
            SortKey::Text(field) => self.column(field).first(slot).map_or(0, beginning),
            SortKey::Created => self.created_at.get(slot).map_or(0, ascending),
            SortKey::Updated => self.updated_at.get(slot).map_or(0, ascending),
            SortKey::Active => u64::from(self.is_active(slot)),
            SortKey::HasParent => u64::from(self.has_parent(slot)),
            SortKey::Currency => self.currency(slot).map_or(0, |currency| rare_rank(&currency)),
            SortKey::Rare(field) => self.rare_value(slot, field).map_or(0, |value| rare_rank(&value)),
        };
        (rank, slot)
    }

    /// The order of two ranked rows in a list.
    pub(super) fn compare_ranked(&self, sort: Sort, left: Ranked, right: Ranked) -> Ordering {
        directed(sort.direction, left.0.cmp(&right.0)).then_with(|| self.compare(sort, left.1, right.1))
    }

    /// The order of two rows in a list.
    pub(super) fn compare(&self, sort: Sort, left: Slot, right: Slot) -> Ordering {
        let by_key = match sort.key {
            // Ties go by id.
            SortKey::Id => return directed(sort.direction, self.ids.get(left).cmp(&self.ids.get(right))),
            SortKey::Text(field) => self.text(field, left).cmp(&self.text(field, right)),
            SortKey::Created => self.created_at.get(left).cmp(&self.created_at.get(right)),
            SortKey::Updated => self.updated_at.get(left).cmp(&self.updated_at.get(right)),
            SortKey::Active => self.is_active(left).cmp(&self.is_active(right)),
            SortKey::HasParent => self.has_parent(left).cmp(&self.has_parent(right)),
            SortKey::Currency => self.currency(left).cmp(&self.currency(right)),
            SortKey::Rare(field) => self.rare_value(left, field).cmp(&self.rare_value(right, field)),
        };
        directed(sort.direction, by_key).then_with(|| self.ids.get(left).cmp(&self.ids.get(right)))
    }

    fn is_active(&self, slot: Slot) -> bool {
        !self.inactive.contains(at(slot))
    }

    fn has_parent(&self, slot: Slot) -> bool {
        self.parents.get(slot).is_some()
    }

    fn currency(&self, slot: Slot) -> Option<RareValue<'_>> {
        let default = || RareValue::Text(Cow::Owned(fold(&self.default_currency)));
        Some(self.rare_value(slot, RareField::SalesCurrency).unwrap_or_else(default))
    }

    fn rare_value(&self, slot: Slot, field: RareField) -> Option<RareValue<'_>> {
        rare_value(self.rare.get(slot), field)
    }
}

fn directed(direction: Direction, order: Ordering) -> Ordering {
    match direction {
        Direction::Ascending => order,
        Direction::Descending => order.reverse(),
    }
}

/// The first eight bytes as a number, in the order of the bytes.
fn beginning(text: &[u8]) -> u64 {
    let first = text.first_chunk().copied().unwrap_or_else(|| {
        let mut padded = [0; 8];
        padded.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
        padded
    });
    u64::from_be_bytes(first)
}

/// Negative numbers before positive ones.
fn ascending(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

/// All values of a field are of one kind.
fn rare_rank(value: &RareValue<'_>) -> u64 {
    match value {
        RareValue::Flag(flag) => u64::from(*flag),
        RareValue::Number(number) => ascending(*number),
        RareValue::Text(text) => beginning(text.as_bytes()),
    }
}
