//! The packed row: all that lists filter and sort on, in one binary attribute.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};

use super::{keys::HEAD, projection::Projection, unpack::Unpack};
use crate::{
    domain::{Customer, CustomerId},
    fault::Fault,
    store::{Item, Key},
};

/// The row format that this release writes and reads.
pub(crate) const FORMAT: u8 = 3;
/// The attribute that holds a row.
const PACKED: &str = "p";
/// Digits of a row's sort key.
const SEQUENCE_DIGITS: usize = 12;

const TOMBSTONE: u8 = 1;
const SOFT_DELETED: u8 = 2;
const LISTED: u8 = 4;
const INACTIVE: u8 = 8;

const DAMAGED: Fault = Fault::Damaged("an index row that cannot be read");
const UNPACKABLE: Fault = Fault::Damaged("a customer that cannot be packed into a row");

/// A row of the list index.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "most rows are of the large kind, and none stays")]
pub(crate) enum PackedRow<'a> {
    /// A customer's current row.
    Live { id: CustomerId, flags: Flags, projection: Projection<'a> },
    /// A customer was purged.
    Tombstone { id: CustomerId },
}

/// The switches of a customer that lists filter and sort on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Flags {
    pub(crate) deleted: bool,
    /// Listed in the telephone directory.
    pub(crate) listed: bool,
    /// Out of use.
    pub(crate) inactive: bool,
}

impl Flags {
    fn of(customer: &Customer) -> Self {
        Self {
            deleted: customer.is_deleted(),
            listed: customer.profile.telephony.directory,
            inactive: customer.profile.sales.inactive,
        }
    }

    fn pack(self) -> u8 {
        let bit = |flag: bool, bit: u8| if flag { bit } else { 0 };
        bit(self.deleted, SOFT_DELETED) | bit(self.listed, LISTED) | bit(self.inactive, INACTIVE)
    }

    fn unpack(bits: u8) -> Self {
        let has = |bit: u8| bits & bit != 0;
        Self { deleted: has(SOFT_DELETED), listed: has(LISTED), inactive: has(INACTIVE) }
    }
}

impl PackedRow<'_> {
    /// The row of `customer`.
    pub(crate) fn of(customer: &Customer) -> Result<PackedRow<'_>, Fault> {
        let projection = Projection::of(customer).map_err(|_| UNPACKABLE)?;
        Ok(PackedRow::Live { id: customer.id, flags: Flags::of(customer), projection })
    }

    /// The attributes of the row's item.
    pub(crate) fn attributes(&self) -> Result<Item, Fault> {
        let packed = match self {
            Self::Live { id, flags, projection } => postcard::to_extend(&(id, projection), vec![FORMAT, flags.pack()]),
            Self::Tombstone { id } => postcard::to_extend(id, vec![FORMAT, TOMBSTONE]),
        };
        let packed = packed.map_err(|_| UNPACKABLE)?;
        Ok(Item::from([(PACKED.to_owned(), AttributeValue::B(Blob::new(packed)))]))
    }

    /// Reads a row, without copying its texts.
    pub(crate) fn read(packed: &[u8]) -> Result<PackedRow<'_>, Fault> {
        match packed {
            [FORMAT, flags, rest @ ..] => {
                let mut fields = Unpack(rest);
                let id = fields.number().ok_or(DAMAGED)?.into();
                if flags & TOMBSTONE != 0 {
                    return Ok(PackedRow::Tombstone { id });
                }
                let projection = Projection::unpack(&mut fields).ok_or(DAMAGED)?;
                Ok(PackedRow::Live { id, flags: Flags::unpack(*flags), projection })
            }
            [format, ..] => Err(Fault::UnknownFormat(*format)),
            [] => Err(DAMAGED),
        }
    }
}

/// What the rows of every format have in common: a byte for the format, a byte for the flags with the bit of a tombstone,
/// and the id, packed as postcard packs a number. No format may change this: a rebuild follows rows of formats that it does
/// not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stub {
    pub(crate) id: CustomerId,
    pub(crate) is_tombstone: bool,
}

impl TryFrom<&Item> for Stub {
    type Error = Fault;

    fn try_from(item: &Item) -> Result<Self, Fault> {
        match packed(item).ok_or(DAMAGED)? {
            [_, flags, rest @ ..] => {
                let id = Unpack(rest).number().ok_or(DAMAGED)?.into();
                Ok(Self { id, is_tombstone: flags & TOMBSTONE != 0 })
            }
            _ => Err(DAMAGED),
        }
    }
}

/// The bytes of the row in `item`.
pub(crate) fn packed(item: &Item) -> Option<&[u8]> {
    Some(item.get(PACKED)?.as_b().ok()?.as_ref())
}

/// The keys of those of `items` that are rows.
pub(crate) fn row_keys(items: &[Item]) -> Result<Vec<Key>, Fault> {
    let keys = items.iter().map(|item| Ok(Key::try_from(item)?));
    let is_row = |key: &Result<Key, Fault>| !key.as_ref().is_ok_and(|key| key.sort == HEAD);
    keys.filter(is_row).collect()
}

/// The sequence number that a row's sort key spells.
pub(crate) fn sequence(sort: impl AsRef<[u8]>) -> Result<u64, Fault> {
    let digits: &[u8; SEQUENCE_DIGITS] = sort.as_ref().try_into().map_err(|_| DAMAGED)?;
    // All of them, without a branch for each.
    let are_digits = digits.iter().fold(true, |are_digits, digit| are_digits & digit.is_ascii_digit());
    let number = digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit & 0xf));
    are_digits.then_some(number).ok_or(DAMAGED)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        domain::{BillType, CustomerKind, Profile, Service, Timestamp},
        index::tests::customer,
    };

    fn pack(customer: &Customer) -> Vec<u8> {
        packed(&PackedRow::of(customer).unwrap().attributes().unwrap()).unwrap().to_vec()
    }

    #[test]
    fn the_format_never_changes() {
        let mut customer = crate::protocol::testing::customer(700.into());
        let Profile { identity, hierarchy, telephony, services, notes, .. } = &mut customer.profile;
        identity.name = "Anil K".to_owned();
        identity.reference = Some("İ-7".to_owned());
        identity.kind = Some(CustomerKind::Organisation);
        hierarchy.parent = Some(1.into());
        hierarchy.organisation = Some("org".to_owned());
        telephony.bill_type = Some(BillType::Postpaid);
        telephony.directory = true;
        services.push(Service { id: 9.into(), username: Some("Sip".to_owned()), active: true });
        *notes = Some("VIP".to_owned());
        customer.lifecycle.updated_at = Timestamp::from_unix_seconds(-2);
        let packed = concat!(
            "0304bc05000000000000000000000000000000000000010101010103000301036f72670006616e696c",
            "206b00210000000000010569cc872d370104c4b02d37000000060901037369700701040203766970",
        );
        assert_eq!(hex::encode(pack(&customer)), packed);
    }

    #[test]
    fn a_sort_key_is_twelve_digits() {
        for (sort, expected) in [
            ("000000000000", Some(0)),
            ("000000000017", Some(17)),
            ("999999999999", Some(999_999_999_999)),
            ("+00000000017", None),
            ("-00000000017", None),
            ("00000000001x", None),
            ("00000000001 ", None),
            ("00000000017", None),
            ("0000000000017", None),
            ("", None),
            (HEAD, None),
        ] {
            assert_eq!(sequence(sort).ok(), expected, "{sort}");
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_is_read(customer in customer()) {
            let packed = pack(&customer);
            prop_assert_eq!(PackedRow::read(&packed).unwrap(), PackedRow::of(&customer).unwrap());
        }

        #[test]
        fn a_row_that_ends_too_soon_is_damaged(customer in customer(), cut in any::<prop::sample::Index>()) {
            let packed = pack(&customer);
            prop_assert!(PackedRow::read(&packed[..cut.index(packed.len())]).is_err());
        }

        #[test]
        fn other_bytes_are_read_or_damaged(
            customer in customer(), place in any::<prop::sample::Index>(), byte in any::<u8>()
        ) {
            let mut packed = pack(&customer);
            let place = place.index(packed.len());
            packed[place] = byte;
            if let Ok(PackedRow::Live { projection, .. }) = PackedRow::read(&packed) {
                let _ = (projection.service_ids().count(), projection.usernames().count());
            }
        }
    }
}
