//! Reads what postcard wrote, value by value and without a copy: a cold load reads every row of a tenant.

use serde::Deserialize;

/// Bytes of the longest number.
const NUMBER_BYTES: u32 = 10;

/// Packed values that were not read yet. Each method reads one of them; none if that is not what stands there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unpack<'a>(pub(super) &'a [u8]);

impl<'a> Unpack<'a> {
    /// A number of up to 64 bits: seven of them a byte, the lowest first, each byte but the last one with its top bit set.
    #[inline(always)]
    pub(super) fn number(&mut self) -> Option<u64> {
        match self.byte()? {
            short @ ..0x80 => Some(short.into()),
            first => self.long_number(first),
        }
    }

    #[inline(never)]
    fn long_number(&mut self, first: u8) -> Option<u64> {
        let mut number = u64::from(first & 0x7f);
        for place in 1..NUMBER_BYTES {
            let byte = self.byte()?;
            if place == NUMBER_BYTES - 1 && byte > 1 {
                return None;
            }
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// A signed number: -1 stands as 1, 1 as 2, -2 as 3.
    #[inline(always)]
    pub(super) fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    /// Bytes with their length before them.
    #[inline(always)]
    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        let (bytes, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(bytes)
    }

    /// A text.
    #[inline(always)]
    pub(super) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// As many bytes as `N`.
    #[inline(always)]
    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    /// A value that may be none.
    #[inline(always)]
    pub(super) fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.byte()? {
            0 => Some(None),
            1 => Some(Some(read(self)?)),
            _ => None,
        }
    }

    /// A value of a type that postcard reads: of an enum, say.
    pub(super) fn value<T: Deserialize<'a>>(&mut self) -> Option<T> {
        let (value, rest) = postcard::take_from_bytes(self.0).ok()?;
        self.0 = rest;
        Some(value)
    }

    #[inline(always)]
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Values<'a> = (u64, i64, &'a str, [u8; 3], Option<u64>);

    fn values(packed: &[u8]) -> Option<(Values<'_>, &[u8])> {
        let mut unpack = Unpack(packed);
        let number = unpack.number()?;
        let signed = unpack.signed()?;
        let text = unpack.text()?;
        let array = unpack.array()?;
        let option = unpack.option(Unpack::number)?;
        Some(((number, signed, text, array, option), unpack.0))
    }

    proptest! {
        #[test]
        fn what_postcard_wrote_is_read(
            values in any::<(u64, i64, String, [u8; 3], Option<u64>)>(), shifts in (0..64_u32, 0..64_u32)
        ) {
            let (number, signed, text, array, option) = values;
            // Short numbers, too.
            let written: Values<'_> = (number >> shifts.0, signed >> shifts.1, &text, array, option);
            let packed = postcard::to_allocvec(&written).unwrap();
            prop_assert_eq!(super::tests::values(&packed), Some((written, [].as_slice())));
        }

        #[test]
        fn damage_is_read_as_postcard_reads_it(
            mut packed in prop::collection::vec(any::<u8>(), 0..40), few in any::<bool>()
        ) {
            if few {
                packed.iter_mut().for_each(|byte| *byte %= 4);
            }
            prop_assert_eq!(values(&packed), postcard::take_from_bytes::<Values<'_>>(&packed).ok());
        }

        #[test]
        fn long_numbers_are_read_as_postcard_reads_them(last in any::<u8>(), before in 8..11_usize) {
            let mut packed = vec![0x80 | last; before];
            packed.push(last);
            prop_assert_eq!(Unpack(&packed).number(), postcard::from_bytes(&packed).ok());
        }
    }
}
