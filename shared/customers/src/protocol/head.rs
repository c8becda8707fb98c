//! The head of a shard: the certificate of its live rows.

use aws_sdk_dynamodb::types::AttributeValue;

use super::term;
use crate::{domain::CustomerId, fault::Fault, store::Item};

/// Which rows of a shard are live, in three numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// The last sequence number given out.
    pub(crate) sequence: u64,
    /// How many rows are live; those of soft-deleted customers count.
    pub(crate) count: u64,
    /// The sum of their [`term`]s modulo 2^64.
    pub(crate) hash: u64,
    /// Whether its epoch was left for another.
    pub(crate) closed: bool,
}

impl Head {
    /// The head after customer `id` got a row in place of the one at `previous`, or its first one.
    pub(crate) fn advanced(self, id: CustomerId, previous: Option<u64>) -> Self {
        let sequence = self.sequence + 1;
        let left = previous.map_or(0, |sequence| term(id, sequence));
        Self {
            sequence,
            count: self.count + u64::from(previous.is_none()),
            hash: self.hash.wrapping_sub(left).wrapping_add(term(id, sequence)),
            closed: self.closed,
        }
    }

    /// The attributes of the head's item.
    pub(crate) fn attributes(self) -> Item {
        let mut attributes = Item::from([
            ("q".to_owned(), AttributeValue::N(self.sequence.to_string())),
            ("c".to_owned(), AttributeValue::N(self.count.to_string())),
            ("h".to_owned(), AttributeValue::N(self.hash.to_string())),
        ]);
        attributes.extend(self.closed.then(|| ("closed".to_owned(), AttributeValue::Bool(true))));
        attributes
    }
}

impl TryFrom<&Item> for Head {
    type Error = Fault;

    fn try_from(item: &Item) -> Result<Self, Fault> {
        let damaged = || Fault::Damaged("a head without its numbers");
        Ok(Self {
            sequence: number(item, "q").ok_or_else(damaged)?,
            count: number(item, "c").ok_or_else(damaged)?,
            hash: number(item, "h").ok_or_else(damaged)?,
            closed: item.contains_key("closed"),
        })
    }
}

/// The whole number in attribute `name`.
pub(crate) fn number(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}
