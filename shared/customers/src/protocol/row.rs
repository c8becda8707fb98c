//! The packed row: all that lists filter and sort on, in one binary attribute.

use std::borrow::Cow;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{Customer, CustomerId, CustomerKind, IspId, ResellerId, ServiceId, TextField, fold},
    fault::Fault,
    store::Item,
};

/// The row format that this release writes and reads.
pub(crate) const FORMAT: u8 = 1;
/// Longest sort key of a row that is accepted: twelve digits.
const SEQUENCE_DIGITS: usize = 12;

const TOMBSTONE: u8 = 1;
const SOFT_DELETED: u8 = 2;

const DAMAGED: Fault = Fault::Damaged("an index row that cannot be read");

/// A row of the list index.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PackedRow<'a> {
    /// A customer's current row.
    Live { id: CustomerId, deleted: bool, projection: Box<Projection<'a>> },
    /// A customer was purged.
    Tombstone { id: CustomerId },
}

/// What lists filter and sort on. Texts are folded. The order of the fields is the format.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Projection<'a> {
    pub(crate) guid: [u8; 16],
    pub(crate) isp: Option<IspId>,
    pub(crate) reseller: Option<ResellerId>,
    pub(crate) kind: Option<CustomerKind>,
    pub(crate) created_at: i64,
    #[serde(borrow)]
    pub(crate) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) mobile: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) email: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) postal_code: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) state: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) city: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) services: Vec<(ServiceId, Option<Cow<'a, str>>)>,
}

impl Projection<'_> {
    fn of(customer: &Customer) -> Projection<'static> {
        let folded = |field: TextField| field.values(customer).next().map(|text| Cow::Owned(fold(text)));
        let Customer { guid, profile, lifecycle, .. } = customer;
        Projection {
            guid: guid.into_bytes(),
            isp: profile.hierarchy.isp,
            reseller: profile.hierarchy.reseller,
            kind: profile.identity.kind,
            created_at: lifecycle.created_at.unix_seconds(),
            name: Cow::Owned(fold(&profile.identity.name)),
            mobile: folded(TextField::Mobile),
            email: folded(TextField::Email),
            postal_code: folded(TextField::PostalCode),
            state: folded(TextField::State),
            city: folded(TextField::City),
            services: profile
                .services
                .iter()
                .map(|service| (service.id, service.username.as_deref().map(|name| Cow::Owned(fold(name)))))
                .collect(),
        }
    }

    /// The texts in `field`: none, one, or of the services several.
    pub(crate) fn texts(&self, field: TextField) -> impl Iterator<Item = &str> {
        let single = match field {
            TextField::Name => Some(&*self.name),
            TextField::Mobile => self.mobile.as_deref(),
            TextField::Email => self.email.as_deref(),
            TextField::PostalCode => self.postal_code.as_deref(),
            TextField::State => self.state.as_deref(),
            TextField::City => self.city.as_deref(),
            TextField::ServiceUsername => None,
        };
        let services = if field == TextField::ServiceUsername { self.services.as_slice() } else { &[] };
        single.into_iter().chain(services.iter().filter_map(|(_, username)| username.as_deref()))
    }
}

impl PackedRow<'_> {
    /// The row of `customer`.
    pub(crate) fn of(customer: &Customer) -> PackedRow<'static> {
        PackedRow::Live {
            id: customer.id,
            deleted: customer.is_deleted(),
            projection: Box::new(Projection::of(customer)),
        }
    }

    /// The attributes of the row's item.
    pub(crate) fn attributes(&self) -> Result<Item, Fault> {
        let packed = match self {
            Self::Live { id, deleted, projection } => {
                let flags = if *deleted { SOFT_DELETED } else { 0 };
                postcard::to_extend(&(id, projection), vec![FORMAT, flags])
            }
            Self::Tombstone { id } => postcard::to_extend(id, vec![FORMAT, TOMBSTONE]),
        };
        let packed = packed.map_err(|_| Fault::Damaged("a customer that cannot be packed into a row"))?;
        Ok(Item::from([("p".to_owned(), AttributeValue::B(Blob::new(packed)))]))
    }

    /// Reads the row in `item`, without copying its texts.
    pub(crate) fn read(item: &Item) -> Result<PackedRow<'_>, Fault> {
        let packed = item.get("p").and_then(|value| value.as_b().ok()).ok_or(DAMAGED)?;
        match packed.as_ref() {
            [FORMAT, flags, rest @ ..] if flags & TOMBSTONE != 0 => {
                let id = postcard::from_bytes(rest).map_err(|_| DAMAGED)?;
                Ok(PackedRow::Tombstone { id })
            }
            [FORMAT, flags, rest @ ..] => {
                let (id, projection) = postcard::from_bytes(rest).map_err(|_| DAMAGED)?;
                Ok(PackedRow::Live { id, deleted: flags & SOFT_DELETED != 0, projection: Box::new(projection) })
            }
            [format, ..] => Err(Fault::UnknownFormat(*format)),
            [] => Err(DAMAGED),
        }
    }
}

/// The sequence number that a row's sort key spells.
pub(crate) fn sequence(sort: &str) -> Result<u64, Fault> {
    if sort.len() != SEQUENCE_DIGITS {
        return Err(DAMAGED);
    }
    sort.parse().map_err(|_| DAMAGED)
}
