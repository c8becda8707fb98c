//! Searching all texts of an arena.

use std::ops::Range;

use fixedbitset::{Block, FixedBitSet};
use memchr::{memchr, memmem, memrchr};
use wide::{u8x64, u16x16};

use super::{
    arena::{Arena, BLOCK, BORDER, Strings},
    at,
    needle::Needle,
};
use crate::domain::Pattern;

/// Places looked at together.
const WIDTH: usize = 64;
/// Blocks of slots that a word of a set of slots has bits for.
const BLOCKS_PER_WORD: usize = Block::BITS as usize / BLOCK;

/// Searches an arena for the texts that fit a pattern.
///
/// The first and the last byte of the needle are looked for at many places at once, so that a hit costs little more than a
/// miss: a word may well be part of every third name.
pub(super) struct Scan<'a> {
    pattern: &'a Pattern,
    needle: &'a Needle,
    first: u8x64,
    last: u8x64,
}

impl<'a> Scan<'a> {
    /// A search for `needle`, which was made of `pattern`.
    pub(super) fn new(pattern: &'a Pattern, needle: &'a Needle) -> Self {
        let splat = |byte: Option<&u8>| u8x64::splat(byte.copied().unwrap_or_default());
        Self { pattern, needle, first: splat(needle.bytes.first()), last: splat(needle.bytes.last()) }
    }

    /// Adds to `found`, which is empty, the slots that have a text that fits.
    pub(super) fn run(&self, arena: &Arena, found: &mut FixedBitSet) {
        let words = found.as_mut_slice();
        for (number, strings) in arena.blocks().enumerate() {
            if let Some(word) = words.get_mut(number / BLOCKS_PER_WORD) {
                let owners = Block::from(self.owners(arena.bytes(), &strings));
                *word |= owners << (number % BLOCKS_PER_WORD * BLOCK);
            }
        }
        let finder = memmem::Finder::new(&self.needle.bytes);
        for (slot, strings) in arena.replaced() {
            let mut texts = strings.split(|byte| *byte == BORDER);
            let is_found = finder.find(strings).is_some();
            let fits = is_found && (self.needle.decides || texts.any(|text| fits(self.pattern, text)));
            found.set(at(slot), fits);
        }
    }

    /// A bit for each of the strings, set where a text fits.
    fn owners(&self, bytes: &[u8], strings: &Strings<'_>) -> u16 {
        let starts = strings.starts();
        let (mut owners, mut tested) = (0, 0);
        for base in strings.range.clone().step_by(WIDTH) {
            let mut candidates = self.candidates(bytes, base);
            if let Some(rest @ ..WIDTH) = strings.range.end.checked_sub(base) {
                candidates &= !(u64::MAX << rest);
            }
            while candidates != 0 {
                let place = base + candidates.trailing_zeros() as usize;
                candidates &= candidates - 1;
                if place < tested || !self.is_hit(bytes, place) {
                    continue;
                }
                if !self.needle.decides {
                    // The text is tested once, however often it holds the needle.
                    let text = text_around(bytes, place);
                    tested = text.end;
                    if !bytes.get(text).is_some_and(|text| fits(self.pattern, text)) {
                        continue;
                    }
                }
                owners |= owner(starts, place - strings.range.start);
            }
        }
        owners
    }

    /// The places from `base` on, by bits, where a text's part in the needle may begin.
    fn candidates(&self, bytes: &[u8], base: usize) -> u64 {
        let Needle { bytes: needle, leading_borders, .. } = self.needle;
        let base = base - leading_borders;
        let (firsts, lasts) = (chunk(bytes, base), chunk(bytes, base + needle.len() - 1));
        (firsts.simd_eq(self.first) & lasts.simd_eq(self.last)).to_bitmask()
    }

    /// Whether a text has its part in the needle at `place`.
    fn is_hit(&self, bytes: &[u8], place: usize) -> bool {
        let Needle { bytes: needle, leading_borders, .. } = self.needle;
        let begin = place - leading_borders;
        let there = bytes.get(begin..begin + needle.len());
        // Of shorter needles, all is known.
        there.is_some_and(|there| needle.len() <= 2 || there == needle)
    }
}

/// The text that holds the byte at `place`.
fn text_around(bytes: &[u8], place: usize) -> Range<usize> {
    let (before, behind) = bytes.split_at_checked(place).unwrap_or_default();
    let begin = memrchr(BORDER, before).map_or(0, |border| border + 1);
    begin..place + memchr(BORDER, behind).unwrap_or(behind.len())
}

/// Whether `text` fits.
pub(super) fn fits(pattern: &Pattern, text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| pattern.matches(text))
}

/// The bit of the last string that does not start behind `place`.
fn owner(starts: u16x16, place: usize) -> u16 {
    let place = u16x16::splat(u16::try_from(place).unwrap_or(u16::MAX));
    // Starts ascend: those that are not behind the place are the first ones.
    let upto = starts.simd_le(place).to_bitmask();
    let last = upto & !(upto >> 1);
    u16::try_from(last & u32::from(u16::MAX)).unwrap_or_default()
}

/// The bytes from `base` on, filled up where there are no more.
#[inline]
fn chunk(bytes: &[u8], base: usize) -> u8x64 {
    match bytes.get(base..).and_then(<[u8]>::first_chunk) {
        Some(chunk) => u8x64::from(*chunk),
        None => last_chunk(bytes.get(base..).unwrap_or_default()),
    }
}

#[cold]
fn last_chunk(rest: &[u8]) -> u8x64 {
    let mut filled = [0; WIDTH];
    filled.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    u8x64::from(filled)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::index::text::ArenaColumn;

    /// Values of a slot: few letters, so that there are many hits, and long ones, so that there are many blocks.
    fn values() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec("[abé]{0,40}", 0..3)
    }

    fn pattern() -> impl Strategy<Value = Pattern> {
        let text = prop_oneof!["[abé]{1,3}", "[ab]{1,2}%[abé]{1,2}", "%[ab]{2}", "[ab]{2}%"];
        (text, any::<bool>()).prop_map(|(text, is_whole)| match is_whole {
            true => Pattern::wildcard(&text, '%'),
            false => Pattern::contains(&text),
        })
    }

    #[test]
    fn long_texts_are_found_wherever_they_lie() {
        // The later ones of sixteen lie further from the first than a small number tells, the last ones in the tail.
        let text = |slot: u32| format!("{} number {slot}.", "x".repeat(if slot < 16 { 2_500 } else { 7_000 }));
        let mut column = ArenaColumn::default();
        (0..40).for_each(|slot| column.put(slot, std::iter::once(text(slot).as_bytes())));
        for slot in 0..40 {
            let mut found = FixedBitSet::with_capacity(40);
            found.insert_range(..);
            column.keep(&mut found, &Pattern::contains(&format!("number {slot}.")));
            assert_eq!(found.ones().collect::<Vec<_>>(), [at(slot)]);
        }
    }

    proptest! {
        #[test]
        fn a_search_finds_what_fits(
            puts in prop::collection::vec(values(), 0..80),
            edits in prop::collection::vec((any::<prop::sample::Index>(), values()), 0..20),
            pattern in pattern(),
        ) {
            let (mut column, mut held) = (ArenaColumn::default(), Vec::new());
            let bytes = |values: &[String]| values.iter().map(String::clone).map(String::into_bytes).collect::<Vec<_>>();
            for (slot, values) in (0..).zip(puts) {
                column.put(slot, bytes(&values).iter().map(Vec::as_slice));
                held.push(values);
            }
            for (place, values) in edits {
                if held.is_empty() {
                    break;
                }
                let place = place.index(held.len());
                column.put(place.try_into()?, bytes(&values).iter().map(Vec::as_slice));
                held[place] = values;
            }
            let mut found = FixedBitSet::with_capacity(held.len());
            found.insert_range(..);
            column.keep(&mut found, &pattern);
            let fitting = held.iter().map(|values| values.iter().any(|value| pattern.matches(value)));
            prop_assert_eq!((0..held.len()).map(|slot| found.contains(slot)).collect::<Vec<_>>(), fitting.collect::<Vec<_>>());
        }
    }
}
