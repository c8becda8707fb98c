//! Sets of slots.

use fixedbitset::{Block, FixedBitSet};

const WIDTH: usize = Block::BITS as usize;

/// Drops the slots whose value in `column` does not fit. Those behind its end are dropped unless they `pass`.
pub(super) fn keep<T>(slots: &mut FixedBitSet, column: &[T], fits: impl Fn(&T) -> bool, pass: bool) {
    let mut values = column.chunks(WIDTH);
    for block in slots.as_mut_slice() {
        let values = values.next().unwrap_or_default();
        if *block == 0 {
            continue;
        }
        let behind = if pass { Block::MAX.checked_shl(length(values)).unwrap_or_default() } else { 0 };
        *block &= values.iter().rev().fold(0, |mask, value| mask << 1 | Block::from(fits(value))) | behind;
    }
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
