//! A column of texts: one arena of all values, so that a substring filter is one search over contiguous memory.

use fixedbitset::FixedBitSet;
use memchr::memmem::Finder;

use super::{Slot, at, put};
use crate::domain::Pattern;

/// Ends every value, and stands before the first one. No byte of UTF-8 is equal to it.
const END: u8 = 0xff;
/// A slot without a value, and an entry without an owner.
const NONE: u32 = u32::MAX;
/// Dead bytes that are not worth a compaction.
const SLACK: usize = 4096;

/// Folded texts by slot: none, one or several each.
#[derive(Debug)]
pub(super) struct TextColumn {
    /// `END value END value END …`, in the order in which values were added.
    arena: Vec<u8>,
    /// Where the value of each entry begins.
    starts: Vec<u32>,
    /// The slot of each entry; [`NONE`] once the value was replaced.
    owners: Vec<Slot>,
    /// The first entry of each slot; its others follow it directly.
    first_entries: Vec<u32>,
    dead_bytes: usize,
}

impl Default for TextColumn {
    fn default() -> Self {
        Self { arena: vec![END], starts: Vec::new(), owners: Vec::new(), first_entries: Vec::new(), dead_bytes: 0 }
    }
}

impl TextColumn {
    /// Gives `slot` these values instead of those it has.
    pub(super) fn replace<'a>(&mut self, slot: Slot, values: impl Iterator<Item = &'a str>) {
        let values: Vec<&str> = values.collect();
        if at(slot) < self.first_entries.len()
            && self.entries(slot).map(|entry| self.value(entry)).eq(values.iter().map(|value| value.as_bytes()))
        {
            return;
        }
        for entry in self.entries(slot) {
            self.dead_bytes += self.value(entry).len() + 1;
            if let Some(owner) = self.owners.get_mut(entry) {
                *owner = NONE;
            }
        }
        let first = if values.is_empty() { NONE } else { offset(self.starts.len()) };
        put(&mut self.first_entries, slot, first);
        for value in values {
            self.push(slot, value.as_bytes());
        }
        if self.dead_bytes > SLACK && self.dead_bytes > self.arena.len() / 2 {
            self.compact();
        }
    }

    /// The first value of `slot`.
    pub(super) fn first(&self, slot: Slot) -> Option<&[u8]> {
        self.entries(slot).next().map(|entry| self.value(entry))
    }

    /// Adds to `slots` all that have a value that fits.
    pub(super) fn search(&self, pattern: &Pattern, slots: &mut FixedBitSet) {
        let Some(needle) = Needle::of(pattern) else {
            self.owners.iter().filter(|owner| **owner != NONE).for_each(|owner| slots.insert(at(*owner)));
            return;
        };
        let finder = Finder::new(&needle.bytes);
        let mut from = 0;
        let mut entry = 0;
        while let Some(hit) = self.arena.get(from..).and_then(|rest| finder.find(rest)) {
            let hit = from + hit + needle.leading_ends;
            // Hits ascend, and so do entries: what lies behind is never looked at again.
            let ahead = self.starts.get(entry..).unwrap_or_default();
            entry += ahead.partition_point(|start| at(*start) <= hit).saturating_sub(1);
            let value = self.value(entry);
            let owner = self.owners.get(entry).copied().unwrap_or(NONE);
            if owner != NONE && (needle.decides || fits(pattern, value)) {
                slots.insert(at(owner));
            }
            from = self.starts.get(entry).map_or(self.arena.len(), |start| at(*start) + value.len());
        }
    }

    #[cfg(test)]
    pub(super) fn arena_length(&self) -> usize {
        self.arena.len()
    }

    fn entries(&self, slot: Slot) -> impl Iterator<Item = usize> + use<> {
        let first = self.first_entries.get(at(slot)).copied().unwrap_or(NONE);
        let owned = if first == NONE { &[] } else { self.owners.get(at(first)..).unwrap_or_default() };
        let count = owned.iter().take_while(|owner| **owner == slot).count();
        at(first)..at(first).saturating_add(count)
    }

    fn value(&self, entry: usize) -> &[u8] {
        let start = self.starts.get(entry).map_or(self.arena.len(), |start| at(*start));
        let end = self.starts.get(entry + 1).map_or(self.arena.len(), |next| at(*next));
        self.arena.get(start..end.saturating_sub(1)).unwrap_or_default()
    }

    fn push(&mut self, slot: Slot, value: &[u8]) {
        self.starts.push(offset(self.arena.len()));
        self.owners.push(slot);
        self.arena.extend_from_slice(value);
        self.arena.push(END);
    }

    fn compact(&mut self) {
        let mut compacted = Self { first_entries: vec![NONE; self.first_entries.len()], ..Self::default() };
        for (entry, owner) in self.owners.iter().enumerate().filter(|(_, owner)| **owner != NONE) {
            if let Some(first) = compacted.first_entries.get_mut(at(*owner)).filter(|first| **first == NONE) {
                *first = offset(compacted.starts.len());
            }
            compacted.push(*owner, self.value(entry));
        }
        *self = compacted;
    }
}

/// The bytes to search an arena for.
struct Needle {
    bytes: Vec<u8>,
    /// How many of the bytes stand before the value that they hit.
    leading_ends: usize,
    /// Whether every hit is a value that fits.
    decides: bool,
}

impl Needle {
    /// The longest segment of `pattern`, with the borders of the value where the pattern says so. None if every value
    /// fits.
    fn of(pattern: &Pattern) -> Option<Self> {
        let Some((place, segment)) = pattern.segments.iter().enumerate().max_by_key(|(_, segment)| segment.len())
        else {
            let is_empty = pattern.from_start && pattern.to_end;
            return is_empty.then(|| Self { bytes: vec![END, END], leading_ends: 1, decides: true });
        };
        let from_start = pattern.from_start && place == 0;
        let to_end = pattern.to_end && place + 1 == pattern.segments.len();
        let mut bytes = Vec::with_capacity(segment.len() + 2);
        bytes.extend(from_start.then_some(END));
        bytes.extend_from_slice(segment.as_bytes());
        bytes.extend(to_end.then_some(END));
        Some(Self { bytes, leading_ends: usize::from(from_start), decides: pattern.segments.len() == 1 })
    }
}

fn fits(pattern: &Pattern, value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok_and(|value| pattern.matches(value))
}

/// A place in an arena. One of 4 GiB does not fit a function's memory together with the rest.
fn offset(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(NONE)
}
