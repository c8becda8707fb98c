//! What comes before what.

use std::{borrow::Cow, cmp::Ordering, ops::Range};

use super::{Index, Slot, at};
use crate::{
    domain::{Direction, RareField, RareValue, Sort, SortKey, fold},
    protocol::rare_value,
};

/// The first eight bytes of what a row is sorted by, and the row: most are told apart by them alone.
type Ranked = (u64, Slot);

/// What a row is sorted by. All rows have values of one kind.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Value<'a> {
    Id(Option<u64>),
    Moment(Option<i64>),
    Flag(bool),
    Text(Option<Cow<'a, [u8]>>),
    Rare(Option<RareValue<'a>>),
}

impl Index {
    /// The rows that stand at `range` once `slots` are in the order `sort`. A value is looked at once for each row, and only
    /// where its first eight bytes do not decide: it may have to be unpacked, and most rows may have the same.
    pub(super) fn sort_out(&self, sort: Sort, slots: impl Iterator<Item = Slot>, range: Range<usize>) -> Vec<Slot> {
        let by_rank = |left: &Ranked, right: &Ranked| directed(sort.direction, left.0.cmp(&right.0));
        let mut rows: Vec<Ranked> = slots.map(|slot| (self.rank(sort.key, slot), slot)).collect();
        let mut begin = narrow(&mut rows, &range, by_rank);
        rows.sort_unstable_by(by_rank);
        let mut found = Vec::with_capacity(range.len());
        for tied in rows.chunk_by(|left, right| left.0 == right.0) {
            let end = begin + tied.len();
            let part = range.start.clamp(begin, end) - begin..range.end.clamp(begin, end) - begin;
            match tied {
                [(_, slot)] => found.extend((!part.is_empty()).then_some(*slot)),
                _ if part.is_empty() => {}
                _ => found.extend(self.untied(sort, tied, part)),
            }
            begin = end;
        }
        found
    }

    /// The rows that stand at `range` once `tied` are in order.
    fn untied(&self, sort: Sort, tied: &[Ranked], range: Range<usize>) -> impl Iterator<Item = Slot> {
        let value = |(_, slot): &Ranked| (self.value(sort.key, *slot), self.ids.get(*slot), *slot);
        let rows = pick(tied.iter().map(value).collect(), range, |left, right| {
            directed(sort.direction, left.0.cmp(&right.0)).then_with(|| left.1.cmp(&right.1))
        });
        rows.into_iter().map(|(_, _, slot)| slot)
    }

    /// The order of two rows in a list.
    pub(super) fn compare(&self, sort: Sort, left: Slot, right: Slot) -> Ordering {
        let by_value = self.value(sort.key, left).cmp(&self.value(sort.key, right));
        directed(sort.direction, by_value).then_with(|| self.ids.get(left).cmp(&self.ids.get(right)))
    }

    /// A number for the value of `slot`: of two rows, none with a larger one comes first when ascending.
    fn rank(&self, key: SortKey, slot: Slot) -> u64 {
        match self.value(key, slot) {
            Value::Id(id) => id.unwrap_or_default(),
            Value::Moment(moment) => moment.map_or(0, ascending),
            Value::Flag(flag) => u64::from(flag),
            Value::Text(text) => text.map_or(0, |text| beginning(&text)),
            Value::Rare(value) => value.map_or(0, |value| rare_rank(&value)),
        }
    }

    fn value(&self, key: SortKey, slot: Slot) -> Value<'_> {
        match key {
            SortKey::Id => Value::Id(self.ids.get(slot)),
            SortKey::Text(field) => Value::Text(self.text(field, slot)),
            SortKey::Created => Value::Moment(self.created_at.get(slot)),
            SortKey::Updated => Value::Moment(self.updated_at.get(slot)),
            SortKey::Active => Value::Flag(!self.inactive.contains(at(slot))),
            SortKey::HasParent => Value::Flag(self.parents.get(slot).is_some()),
            SortKey::Currency => Value::Rare(self.currency(slot)),
            SortKey::Rare(field) => Value::Rare(self.rare_value(slot, field)),
        }
    }

    fn currency(&self, slot: Slot) -> Option<RareValue<'_>> {
        let default = || RareValue::Text(Cow::Owned(fold(&self.default_currency)));
        Some(self.rare_value(slot, RareField::SalesCurrency).unwrap_or_else(default))
    }

    fn rare_value(&self, slot: Slot, field: RareField) -> Option<RareValue<'_>> {
        rare_value(self.rare.get(slot), field)
    }
}

/// Drops rows that stand at no place of `range` once all are in order, tied ones together, and returns how many went before it.
fn narrow<T: Copy>(rows: &mut Vec<T>, range: &Range<usize>, order: impl Fn(&T, &T) -> Ordering) -> usize {
    let all = rows.len();
    if range.start > 0 && range.start < rows.len() {
        let first = *rows.select_nth_unstable_by(range.start, &order).1;
        rows.retain(|row| order(row, &first).is_ge());
    }
    let before = all - rows.len();
    if let Some(last) = range.end.checked_sub(before + 1).filter(|last| *last < rows.len()) {
        let last = *rows.select_nth_unstable_by(last, &order).1;
        rows.retain(|row| order(row, &last).is_le());
    }
    before
}

/// Puts in order only what stands at `range`: everything before and behind it just has to be apart.
fn pick<T>(mut rows: Vec<T>, range: Range<usize>, order: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    if range.start > 0 && range.start < rows.len() {
        rows.select_nth_unstable_by(range.start, &order);
    }
    let mut rest = rows.split_off(range.start);
    if range.len() < rest.len() {
        rest.select_nth_unstable_by(range.len(), &order);
        rest.truncate(range.len());
    }
    rest.sort_unstable_by(order);
    rest
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
