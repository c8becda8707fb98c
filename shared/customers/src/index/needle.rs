//! What an arena is searched for.

use super::arena::BORDER;
use crate::domain::Pattern;

/// The bytes to search an arena for.
pub(super) struct Needle {
    pub(super) bytes: Vec<u8>,
    /// How many of the bytes stand before the value that they hit.
    pub(super) leading_borders: usize,
    /// Whether every hit is a value that fits.
    pub(super) decides: bool,
    is_whole_value: bool,
}

impl Needle {
    /// The longest segment of `pattern`, with the borders of the value where the pattern says so. None if every value
    /// fits.
    pub(super) fn of(pattern: &Pattern) -> Option<Self> {
        let Some((place, segment)) = pattern.segments.iter().enumerate().max_by_key(|(_, segment)| segment.len())
        else {
            let is_empty = pattern.from_start && pattern.to_end;
            let bytes = vec![BORDER, BORDER];
            return is_empty.then_some(Self { bytes, leading_borders: 1, decides: true, is_whole_value: true });
        };
        let from_start = pattern.from_start && place == 0;
        let to_end = pattern.to_end && place + 1 == pattern.segments.len();
        let mut bytes = Vec::with_capacity(segment.len() + 2);
        bytes.extend(from_start.then_some(BORDER));
        bytes.extend_from_slice(segment.as_bytes());
        bytes.extend(to_end.then_some(BORDER));
        let decides = pattern.segments.len() == 1;
        let is_whole_value = decides && from_start && to_end;
        Some(Self { bytes, leading_borders: usize::from(from_start), decides, is_whole_value })
    }

    /// The value that is searched for, if it is a whole one.
    pub(super) fn whole_value(&self) -> Option<&[u8]> {
        self.bytes.get(1..self.bytes.len() - 1).filter(|_| self.is_whole_value)
    }
}
