//! The packed row: all that lists filter and sort on, in one binary attribute.

use std::borrow::Cow;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use serde::{Deserialize, Serialize};

use super::keys::HEAD;
use crate::{
    domain::{
        BillType, Customer, CustomerId, CustomerKind, IspId, RareField, RareValue, ResellerId, Service, ServiceId,
        TextField, WrittenCase, fold,
    },
    fault::Fault,
    store::{Item, Key},
};

/// The row format that this release writes and reads.
pub(crate) const FORMAT: u8 = 3;
/// The attribute that holds a row.
const PACKED: &str = "p";
/// Longest sort key of a row that is accepted: twelve digits.
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

/// A text of a row, neither copied nor checked when it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] Cow<'a, [u8]>);

impl Text<'_> {
    fn folded(text: &str) -> Text<'static> {
        Text(Cow::Owned(fold(text).into_bytes()))
    }
}

/// What lists filter and sort on. Texts are folded. The order of the fields is the format.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Projection<'a> {
    pub(crate) guid: [u8; 16],
    pub(crate) isp: Option<IspId>,
    pub(crate) reseller: Option<ResellerId>,
    pub(crate) parent: Option<CustomerId>,
    pub(crate) kind: Option<CustomerKind>,
    pub(crate) bill_type: Option<BillType>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) organisation: Option<&'a str>,
    pub(crate) partner: Option<&'a str>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    pub(crate) name_case: WrittenCase<'a>,
    #[serde(borrow)]
    mobile: Option<Text<'a>>,
    #[serde(borrow)]
    email: Option<Text<'a>>,
    #[serde(borrow)]
    postal_code: Option<Text<'a>>,
    #[serde(borrow)]
    state: Option<Text<'a>>,
    #[serde(borrow)]
    city: Option<Text<'a>>,
    /// None where it follows from the id.
    #[serde(borrow)]
    reference: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) reference_case: WrittenCase<'a>,
    #[serde(borrow)]
    account: Option<Text<'a>>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
    #[serde(borrow)]
    category_reference: Option<Text<'a>>,
    #[serde(borrow)]
    services: Services<'a>,
    /// The rare fields that are set, packed once more: most lists never look inside. See [`rare_value`].
    #[serde(borrow)]
    pub(crate) rare: Cow<'a, [u8]>,
}

/// The services of a row, packed once more, so that reading it takes no memory of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Services<'a>(#[serde(borrow)] Cow<'a, [u8]>);

impl Services<'_> {
    fn of(services: &[Service]) -> Result<Services<'static>, postcard::Error> {
        let packed = services.iter().try_fold(Vec::new(), |packed, service| {
            postcard::to_extend(&(service.id, service.username.as_deref().map(Text::folded)), packed)
        });
        Ok(Services(Cow::Owned(packed?)))
    }

    /// Rows are packed by this program alone: what cannot be read is not there.
    fn iter(&self) -> impl Iterator<Item = (ServiceId, Option<&[u8]>)> + Clone {
        let mut packed = self.0.as_ref();
        std::iter::from_fn(move || {
            let (service, rest) = postcard::take_from_bytes(packed).ok()?;
            packed = rest;
            Some(service)
        })
    }
}

impl Projection<'_> {
    fn of(customer: &Customer) -> Result<Projection<'_>, postcard::Error> {
        let folded = |field: TextField| field.values(customer).next().map(|text| Text::folded(&text));
        let Customer { guid, profile, lifecycle, .. } = customer;
        let rare: Vec<(RareField, RareValue<'_>)> =
            RareField::ALL.iter().filter_map(|field| Some((*field, field.value(customer)?))).collect();
        let rare = if rare.is_empty() { Vec::new() } else { postcard::to_allocvec(&rare)? };
        Ok(Projection {
            guid: guid.into_bytes(),
            isp: profile.hierarchy.isp,
            reseller: profile.hierarchy.reseller,
            parent: profile.hierarchy.parent,
            kind: profile.identity.kind,
            bill_type: profile.telephony.bill_type,
            created_at: lifecycle.created_at.unix_seconds(),
            updated_at: lifecycle.updated_at.unix_seconds(),
            organisation: profile.hierarchy.organisation.as_deref(),
            partner: profile.hierarchy.partner.as_deref(),
            name: Text::folded(&profile.identity.name),
            name_case: WrittenCase::of(&profile.identity.name),
            mobile: folded(TextField::Mobile),
            email: folded(TextField::Email),
            postal_code: folded(TextField::PostalCode),
            state: folded(TextField::State),
            city: folded(TextField::City),
            reference: profile.identity.reference.as_deref().map(Text::folded),
            reference_case: WrittenCase::of(profile.identity.reference.as_deref().unwrap_or_default()),
            account: folded(TextField::Account),
            description: folded(TextField::Description),
            category_reference: folded(TextField::CategoryReference),
            services: Services::of(&profile.services)?,
            rare: Cow::Owned(rare),
        })
    }

    /// The text in `field`, which is not that of service usernames. A reference that follows from the id is none.
    pub(crate) fn text(&self, field: TextField) -> Option<&[u8]> {
        let text = match field {
            TextField::Name => Some(&self.name),
            TextField::Mobile => self.mobile.as_ref(),
            TextField::Email => self.email.as_ref(),
            TextField::PostalCode => self.postal_code.as_ref(),
            TextField::State => self.state.as_ref(),
            TextField::City => self.city.as_ref(),
            TextField::Reference => self.reference.as_ref(),
            TextField::Account => self.account.as_ref(),
            TextField::Description => self.description.as_ref(),
            TextField::CategoryReference => self.category_reference.as_ref(),
            TextField::ServiceUsername => None,
        };
        text.map(|Text(text)| text.as_ref())
    }

    /// The user names of the services.
    pub(crate) fn usernames(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.services.iter().filter_map(|(_, username)| username)
    }

    /// The ids of the services.
    pub(crate) fn service_ids(&self) -> impl Iterator<Item = u64> + Clone {
        self.services.iter().map(|(id, _)| id.get())
    }
}

/// The value of `field` among the rare ones of a row. Rows are packed by this program alone: what cannot be read is not
/// there.
pub(crate) fn rare_value(rare: &[u8], field: RareField) -> Option<RareValue<'_>> {
    if rare.is_empty() {
        return None;
    }
    let values: Vec<(RareField, RareValue<'_>)> = postcard::from_bytes(rare).ok()?;
    values.into_iter().find_map(|(name, value)| (name == field).then_some(value))
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
            [FORMAT, flags, rest @ ..] if flags & TOMBSTONE != 0 => {
                let id = postcard::from_bytes(rest).map_err(|_| DAMAGED)?;
                Ok(PackedRow::Tombstone { id })
            }
            [FORMAT, flags, rest @ ..] => {
                let (id, projection) = postcard::from_bytes(rest).map_err(|_| DAMAGED)?;
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
                let (id, _) = postcard::take_from_bytes(rest).map_err(|_| DAMAGED)?;
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
pub(crate) fn sequence(sort: &str) -> Result<u64, Fault> {
    if sort.len() != SEQUENCE_DIGITS {
        return Err(DAMAGED);
    }
    sort.parse().map_err(|_| DAMAGED)
}
