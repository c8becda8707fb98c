//! A page of items of which one binary attribute matters, as the rows of a list index are.

use super::{Item, QueryPage, SORT};

/// Bytes after which a page is not taken for a short one.
const SHORT: usize = 64 << 10;
/// Bytes after which DynamoDB ends a page.
const LONGEST: usize = 1 << 20;

/// One page of a partition, in one piece of memory.
#[derive(Debug, Default, PartialEq)]
pub struct BinaryPage {
    /// Sort keys and values, one behind the other.
    bytes: Vec<u8>,
    /// Where each sort key ends, and where the value behind it does.
    ends: Vec<(usize, usize)>,
    /// The items without a binary attribute, in ascending order of their sort keys.
    pub others: Vec<Item>,
    /// Whether the partition may hold more behind it.
    pub more: bool,
}

impl BinaryPage {
    /// Sort keys and binary values, ascending.
    pub fn entries(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut begin = 0;
        self.ends.iter().map(move |(sort_end, end)| {
            let sort = self.bytes.get(begin..*sort_end);
            let value = self.bytes.get(*sort_end..*end);
            begin = *end;
            (sort.unwrap_or_default(), value.unwrap_or_default())
        })
    }

    /// Adds an item that has a binary attribute; `append` writes its value.
    pub(super) fn push<T>(&mut self, sort: &[u8], append: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        if self.bytes.len() > SHORT {
            self.bytes.reserve(LONGEST.saturating_sub(self.bytes.len()));
        }
        self.bytes.extend_from_slice(sort);
        let sort_end = self.bytes.len();
        let appended = append(&mut self.bytes);
        self.ends.push((sort_end, self.bytes.len()));
        appended
    }
}

impl From<QueryPage> for BinaryPage {
    fn from(QueryPage { items, more }: QueryPage) -> Self {
        let mut page = Self { more, ..Self::default() };
        for item in items {
            let sort = item.get(SORT).and_then(|value| value.as_s().ok());
            match item.values().find_map(|value| value.as_b().ok()) {
                Some(value) => {
                    page.push(sort.map_or(&[], |sort| sort.as_bytes()), |bytes| {
                        bytes.extend_from_slice(value.as_ref());
                    });
                }
                None => page.others.push(item),
            }
        }
        page
    }
}
