//! Byte strings by slot, one behind the other in one piece of memory.

use std::{mem::take, ops::Range};

use hashbrown::HashMap;
use wide::u16x16;

use super::{Slot, at};

/// The byte that stands before the first string. No byte of UTF-8 is equal to it.
pub(super) const BORDER: u8 = 0xff;
/// Slots whose places are counted from one start.
pub(super) const BLOCK: usize = 16;
/// Strings out of order that are always accepted; tests have few.
const SLACK: usize = if cfg!(test) { 8 } else { 1024 };

/// A byte string per slot, empty where none was put. Slots that were put in order lie in order; what replaces them lies in
/// a tail, until there is enough of it to put all in order once more. Takes nothing for slots behind the last one in use.
#[derive(Debug, Default)]
pub(super) struct Arena {
    ordered: Ordered,
    tail: Tail,
}

impl Arena {
    /// The string of `slot`.
    pub(super) fn get(&self, slot: Slot) -> &[u8] {
        match self.tail.entries.get(&slot) {
            Some(entry) => self.tail.get(at(*entry)),
            None => self.ordered.bytes.get(self.ordered.region(at(slot))).unwrap_or_default(),
        }
    }

    /// Gives `slot` what `write` appends, instead of what it has.
    pub(super) fn put(&mut self, slot: Slot, write: impl FnOnce(&mut Vec<u8>)) {
        if at(slot) < self.ordered.len() {
            self.tail.begin(slot);
            write(&mut self.tail.bytes);
            if self.tail.owners.len() > self.tail.settled * 2 + SLACK + self.ordered.len() / 8 {
                self.put_in_order();
            }
            return;
        }
        while self.ordered.len() <= at(slot) {
            self.ordered.begin();
        }
        write(&mut self.ordered.bytes);
        if self.ordered.is_last_too_long() {
            let long = self.ordered.cut_last();
            self.tail.begin(slot);
            self.tail.bytes.extend(long);
        }
    }

    /// Gives `slot` this string instead of what it has.
    pub(super) fn set(&mut self, slot: Slot, string: &[u8]) {
        let is_new = at(slot) >= self.ordered.len();
        if if is_new { !string.is_empty() } else { self.get(slot) != string } {
            self.put(slot, |bytes| bytes.extend_from_slice(string));
        }
    }

    /// Slots that may have a string are below this.
    pub(super) fn len(&self) -> usize {
        self.ordered.len()
    }

    /// The memory that [`Arena::blocks`] lie in.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.ordered.bytes
    }

    /// The strings that lie in order, [`BLOCK`] slots at a time; among them those that [`Arena::replaced`] takes the place
    /// of.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Strings<'_>> {
        let ends = self.ordered.blocks.iter().skip(1).map(|begin| at(*begin)).chain([self.ordered.bytes.len()]);
        let starts = self.ordered.within.chunks(BLOCK);
        self.ordered
            .blocks
            .iter()
            .zip(ends)
            .zip(starts)
            .map(|((begin, end), starts)| Strings { range: at(*begin)..end, starts })
    }

    /// The strings that do not lie in order, each with the [`BORDER`] before it.
    pub(super) fn replaced(&self) -> impl Iterator<Item = (Slot, &[u8])> {
        let Tail { entries, bytes, .. } = &self.tail;
        entries.iter().map(|(slot, entry)| {
            let Range { start, end } = self.tail.region(at(*entry));
            (*slot, bytes.get(start - 1..end).unwrap_or_default())
        })
    }

    /// Bytes of memory in use.
    pub(super) fn memory(&self) -> usize {
        let Self { ordered, tail } = self;
        let places = ordered.blocks.len() * 4 + ordered.within.len() * 2;
        ordered.bytes.len() + places + tail.bytes.len() + tail.owners.len() * 8 + tail.entries.allocation_size()
    }

    fn put_in_order(&mut self) {
        let old = take(self);
        self.ordered.bytes.reserve(old.ordered.bytes.len());
        for slot in (0..).take(old.len()) {
            self.put(slot, |bytes| bytes.extend_from_slice(old.get(slot)));
        }
        self.tail.settled = self.tail.owners.len();
    }
}

/// Strings in the order of their slots.
#[derive(Debug)]
struct Ordered {
    bytes: Vec<u8>,
    /// Where the first string of each block begins.
    blocks: Vec<u32>,
    /// Where each string begins, counted from the beginning of its block.
    within: Vec<u16>,
}

impl Default for Ordered {
    fn default() -> Self {
        Self { bytes: vec![BORDER], blocks: Vec::new(), within: Vec::new() }
    }
}

impl Ordered {
    fn len(&self) -> usize {
        self.within.len()
    }

    /// Adds a slot.
    fn begin(&mut self) {
        if self.within.len().is_multiple_of(BLOCK) {
            self.blocks.push(place(self.bytes.len()));
        }
        let block = self.blocks.last().copied().unwrap_or_default();
        self.within.push(u16::try_from(self.bytes.len() - at(block)).unwrap_or(u16::MAX));
    }

    /// Whether the next string in the block of the last one could not be found behind it.
    fn is_last_too_long(&self) -> bool {
        let block = at(self.blocks.last().copied().unwrap_or_default());
        self.bytes.len() - block > usize::from(u16::MAX)
    }

    /// Takes away the last string.
    fn cut_last(&mut self) -> Vec<u8> {
        self.bytes.split_off(self.start(self.len() - 1).unwrap_or(self.bytes.len()))
    }

    fn start(&self, slot: usize) -> Option<usize> {
        let within = self.within.get(slot)?;
        Some(at(*self.blocks.get(slot / BLOCK)?) + usize::from(*within))
    }

    fn region(&self, slot: usize) -> Range<usize> {
        let end = self.bytes.len();
        self.start(slot).unwrap_or(end)..self.start(slot + 1).unwrap_or(end)
    }
}

/// The strings of a block of slots.
pub(super) struct Strings<'a> {
    /// Where they lie, one behind the other.
    pub(super) range: Range<usize>,
    starts: &'a [u16],
}

impl Strings<'_> {
    /// Where each of them starts, counted from the first one. There is none behind them all in the last block.
    pub(super) fn starts(&self) -> u16x16 {
        let starts = self.starts.first_chunk().copied().unwrap_or_else(|| {
            let mut filled = [u16::MAX; BLOCK];
            filled.iter_mut().zip(self.starts).for_each(|(to, from)| *to = *from);
            filled
        });
        u16x16::from(starts)
    }
}

/// Strings in the order in which they were put.
#[derive(Debug)]
struct Tail {
    bytes: Vec<u8>,
    starts: Vec<u32>,
    owners: Vec<Slot>,
    /// The string in force of each slot that has one here.
    entries: HashMap<Slot, u32>,
    /// Strings that had to stay here when all were put in order last.
    settled: usize,
}

impl Default for Tail {
    fn default() -> Self {
        let (starts, owners) = (Vec::new(), Vec::new());
        Self { bytes: vec![BORDER], starts, owners, entries: HashMap::new(), settled: 0 }
    }
}

impl Tail {
    fn begin(&mut self, slot: Slot) {
        self.entries.insert(slot, place(self.owners.len()));
        self.starts.push(place(self.bytes.len()));
        self.owners.push(slot);
    }

    fn get(&self, entry: usize) -> &[u8] {
        self.bytes.get(self.region(entry)).unwrap_or_default()
    }

    fn region(&self, entry: usize) -> Range<usize> {
        let start = |entry: usize| self.starts.get(entry).map_or(self.bytes.len(), |start| at(*start));
        start(entry)..start(entry + 1)
    }
}

/// A place in an arena. One of 4 GiB does not fit a function's memory together with the rest.
fn place(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
