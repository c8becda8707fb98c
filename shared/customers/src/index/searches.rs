//! Searches that are kept, so that who pages through a list searches once.

use fixedbitset::FixedBitSet;

use super::{Slot, at, scan::fits};
use crate::domain::Pattern;

/// Searches kept of one column; the one used longest ago makes room. Tests make few.
const KEPT: usize = if cfg!(test) { 2 } else { 4 };
/// Bytes of the longest pattern that is kept: a caller sends what they like.
const PATTERN_MAXIMUM: usize = 256;

/// What a column was searched for, and where it was found, changes since then included.
#[derive(Debug, Default)]
pub(super) struct Searches {
    /// Those used last are last.
    kept: Vec<Search>,
}

#[derive(Debug)]
struct Search {
    pattern: Pattern,
    /// The slots that have a value that fits.
    found: FixedBitSet,
}

impl Searches {
    /// Drops the slots that have no value that fits `pattern`: those that `search` does not find among so many slots, unless
    /// that is known from before.
    pub(super) fn restrict(
        &mut self,
        slots: &mut FixedBitSet,
        pattern: &Pattern,
        search: impl FnOnce(usize) -> FixedBitSet,
    ) {
        let known = self.kept.iter().position(|search| search.pattern == *pattern);
        let search = match known {
            Some(place) => self.kept.remove(place),
            None => Search { pattern: pattern.clone(), found: search(slots.len()) },
        };
        slots.intersect_with(&search.found);
        if pattern.segments.iter().map(String::len).sum::<usize>() > PATTERN_MAXIMUM {
            return;
        }
        if self.kept.len() == KEPT {
            self.kept.remove(0);
        }
        self.kept.push(search);
    }

    /// Whether none is kept.
    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Takes in that `slot` has these values now.
    pub(super) fn note<'a>(&mut self, slot: Slot, values: &(impl Iterator<Item = &'a [u8]> + Clone)) {
        for Search { pattern, found } in &mut self.kept {
            found.grow(at(slot) + 1);
            found.set(at(slot), values.clone().any(|value| fits(pattern, value)));
        }
    }

    /// Bytes of memory in use.
    pub(super) fn memory(&self) -> usize {
        self.kept.iter().map(|search| size_of_val(search.found.as_slice())).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_searches_used_last_are_kept_and_long_ones_never() {
        let mut searches = Searches::default();
        let mut is_searched = |text: &str| {
            let (mut slots, mut searched) = (FixedBitSet::from_iter([0, 1, 2]), false);
            searches.restrict(&mut slots, &Pattern::contains(text), |end| {
                searched = true;
                let mut found = FixedBitSet::with_capacity(end);
                found.insert(text.len() % 3);
                found
            });
            assert_eq!(slots.ones().collect::<Vec<_>>(), [text.len() % 3]);
            searched
        };
        assert!(is_searched("a") && is_searched("bb") && !is_searched("a"));
        assert!(is_searched("ccc") && !is_searched("a") && is_searched("bb"), "the second was used longest ago");
        let long = "x".repeat(PATTERN_MAXIMUM + 1);
        assert!(is_searched(&long) && is_searched(&long));
        assert!(!is_searched("a") && !is_searched("bb"));
        assert_eq!(searches.memory(), 2 * size_of::<usize>());
    }
}
