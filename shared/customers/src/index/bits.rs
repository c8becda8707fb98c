//! Sets of slots.

use fixedbitset::{Block, FixedBitSet};
use wide::u8x64;

const WIDTH: usize = Block::BITS as usize;
/// The bit of a byte that stands for it among the bits of many.
const SIGN: u8 = 7;

/// Drops the slots whose value in `column` does not fit. Those behind its end are dropped unless they `pass`.
pub(super) fn keep<T>(slots: &mut FixedBitSet, column: &[T], fits: impl Fn(&T) -> bool, pass: bool) {
    let mut values = column.chunks(WIDTH);
    for block in slots.as_mut_slice() {
        let values = values.next().unwrap_or_default();
        if *block == 0 {
            continue;
        }
        let behind = if pass { Block::MAX.checked_shl(length(values)).unwrap_or_default() } else { 0 };
        *block &= mask(values, &fits) | behind;
    }
}

/// A bit for each of the values that fits. All of them are looked at before their bits are put together: so the compiler
/// can look at several at once.
fn mask<T>(values: &[T], fits: impl Fn(&T) -> bool) -> Block {
    let mut signs = [0; WIDTH];
    signs.iter_mut().zip(values).for_each(|(sign, value)| *sign = u8::from(fits(value)) << SIGN);
    #[expect(clippy::cast_possible_truncation, reason = "a block has 64 bits wherever functions run")]
    let mask = u8x64::from(signs).to_bitmask() as Block;
    mask
}

fn length<T>(values: &[T]) -> u32 {
    u32::try_from(values.len()).unwrap_or(Block::BITS)
}

/// Drops the slots that are in `set`, or those that are not.
pub(super) fn match_set(slots: &mut FixedBitSet, set: &FixedBitSet, on: bool) {
    if on {
        slots.intersect_with(set);
    } else {
        slots.difference_with(set);
    }
}
