//! Searching all texts of an arena.

use std::ops::Range;

use fixedbitset::{Block, FixedBitSet};
use memchr::{memchr, memmem, memrchr};
use wide::{u8x64, u16x16};

use super::{
    arena::{Arena, BLOCK, BORDER},
    at,
    needle::Needle,
};
use crate::domain::Pattern;

/// Places looked at together.
const WIDTH: usize = 64;
const BORDERS: u8x64 = u8x64::splat(BORDER);
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
        self.run_in_order(arena, found);
        let finder = memmem::Finder::new(&self.needle.bytes);
        for (slot, strings) in arena.replaced() {
            let mut texts = strings.split(|byte| *byte == BORDER);
            let is_found = finder.find(strings).is_some();
            let fits = is_found && (self.needle.decides || texts.any(|text| fits(self.pattern, text)));
            found.set(at(slot), fits);
        }
    }

    fn run_in_order(&self, arena: &Arena, found: &mut FixedBitSet) {
        let (bytes, words) = (arena.bytes(), found.as_mut_slice());
        let mut blocks = arena.blocks().enumerate();
        let mut block = blocks.next();
        let (mut carry, mut tested) = (false, 0);
        for base in (1..bytes.len()).step_by(WIDTH) {
            let borders = chunk(bytes, base).simd_eq(BORDERS).to_bitmask();
            let hits = self.hits(bytes, base, self.candidates(bytes, base), &mut tested);
            // A text is a run of ones: what is added to it is carried over to the border behind it, once.
            let sum;
            (sum, carry) = hits.carrying_add(!borders, carry);
            let mut ends = sum & borders;
            while ends != 0 {
                let end = base + ends.trailing_zeros() as usize;
                ends &= ends - 1;
                while block.as_ref().is_some_and(|(_, strings)| strings.range.end <= end) {
                    block = blocks.next();
                }
                let Some((number, strings)) = &block else { return };
                if let Some(word) = words.get_mut(number / BLOCKS_PER_WORD) {
                    let owner = Block::from(owner(strings.starts(), end - strings.range.start));
                    *word |= owner << (number % BLOCKS_PER_WORD * BLOCK);
                }
            }
        }
    }

    /// Of the `candidates`, places from `base` on by bits, those where a text that fits holds the needle. A text that lies
    /// before `tested` has its hit already.
    fn hits(&self, bytes: &[u8], base: usize, mut candidates: u64, tested: &mut usize) -> u64 {
        let Needle { bytes: needle, decides, .. } = self.needle;
        if needle.len() <= 2 && *decides {
            return candidates;
        }
        let mut hits = 0;
        while candidates != 0 {
            let lowest = candidates & candidates.wrapping_neg();
            candidates ^= lowest;
            let place = base + lowest.trailing_zeros() as usize;
            if place >= *tested && self.is_hit(bytes, place) && (*decides || self.fits_around(bytes, place, tested)) {
                hits |= lowest;
            }
        }
        hits
    }

    /// The places from `base` on, by bits, where a text's part in the needle may begin.
    #[inline(always)]
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
        bytes.get(begin..begin + needle.len()).is_some_and(|there| there == needle)
    }

    /// Whether the text that holds the byte at `place` fits. It is tested once, however often it holds the needle.
    fn fits_around(&self, bytes: &[u8], place: usize, tested: &mut usize) -> bool {
        let text = text_around(bytes, place);
        *tested = text.end;
        bytes.get(text).is_some_and(|text| fits(self.pattern, text))
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
#[inline(always)]
fn owner(starts: u16x16, place: usize) -> u16 {
    let place = u16x16::splat(u16::try_from(place).unwrap_or(u16::MAX));
    // Starts ascend: those that are not behind the place are the first ones.
    let upto = starts.simd_le(place).to_bitmask();
    let last = upto & !(upto >> 1);
    u16::try_from(last & u32::from(u16::MAX)).unwrap_or_default()
}

/// The bytes from `base` on, filled up where there are no more.
#[inline(always)]
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
        let text = prop_oneof!["[abé]{0,3}", "[ab]{1,2}%[abé]{1,2}", "%[ab]{2}", "[ab]{2}%"];
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
            searched_before in any::<bool>(),
        ) {
            let (mut column, mut held) = (ArenaColumn::default(), Vec::new());
            let bytes = |values: &[String]| values.iter().map(String::clone).map(String::into_bytes).collect::<Vec<_>>();
            for (slot, values) in (0..).zip(puts) {
                column.put(slot, bytes(&values).iter().map(Vec::as_slice));
                held.push(values);
            }
            if searched_before {
                column.keep(&mut FixedBitSet::with_capacity(held.len()), &pattern);
            }
            for (place, values) in edits {
                let place = place.index(held.len() + 1);
                column.put(place.try_into()?, bytes(&values).iter().map(Vec::as_slice));
                held.resize(held.len().max(place + 1), Vec::new());
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
