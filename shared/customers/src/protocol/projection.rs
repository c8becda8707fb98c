//! What lists filter and sort on, as a packed row has it.

use std::borrow::Cow;

use serde::Serialize;

use super::unpack::Unpack;
use crate::domain::{
    BillType, Customer, CustomerId, CustomerKind, IspId, RareField, RareValue, ResellerId, Service, ServiceId,
    TextField, WrittenCase, fold,
};

/// A text of a row, neither copied nor checked when it is read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Text<'a>(Cow<'a, [u8]>);

impl Text<'_> {
    fn folded(text: &str) -> Text<'static> {
        Text(Cow::Owned(fold(text).into_bytes()))
    }
}

/// What lists filter and sort on. Texts are folded. The order of the fields is the format.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
    name: Text<'a>,
    pub(crate) name_case: WrittenCase<'a>,
    mobile: Option<Text<'a>>,
    email: Option<Text<'a>>,
    postal_code: Option<Text<'a>>,
    state: Option<Text<'a>>,
    city: Option<Text<'a>>,
    /// None where it follows from the id.
    reference: Option<Text<'a>>,
    pub(crate) reference_case: WrittenCase<'a>,
    account: Option<Text<'a>>,
    description: Option<Text<'a>>,
    category_reference: Option<Text<'a>>,
    services: Services<'a>,
    /// The rare fields that are set, packed once more: most lists never look inside. See [`rare_value`].
    pub(crate) rare: Cow<'a, [u8]>,
}

/// The services of a row, packed once more, so that reading it takes no memory of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Services<'a>(Cow<'a, [u8]>);

impl Services<'_> {
    fn of(services: &[Service]) -> Result<Services<'static>, postcard::Error> {
        let packed = services.iter().try_fold(Vec::new(), |packed, service| {
            postcard::to_extend(&(service.id, service.username.as_deref().map(Text::folded)), packed)
        });
        Ok(Services(Cow::Owned(packed?)))
    }

    /// Rows are packed by this program alone: what cannot be read is not there.
    fn iter(&self) -> impl Iterator<Item = (ServiceId, Option<&[u8]>)> + Clone {
        let mut packed = Unpack(&self.0);
        std::iter::from_fn(move || Some((packed.number()?.into(), packed.option(Unpack::bytes)?)))
    }
}

impl Projection<'_> {
    /// Of `customer`.
    pub(super) fn of(customer: &Customer) -> Result<Projection<'_>, postcard::Error> {
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

    /// Reads a row behind its id.
    pub(super) fn unpack<'a>(fields: &mut Unpack<'a>) -> Option<Projection<'a>> {
        let text = |fields: &mut Unpack<'a>| Some(Text(Cow::Borrowed(fields.bytes()?)));
        let case = |fields: &mut Unpack<'a>| match fields.number()? {
            0 => Some(WrittenCase::Capitals(fields.number()?)),
            1 => Some(WrittenCase::AsWritten(Cow::Borrowed(fields.text()?))),
            _ => None,
        };
        Some(Projection {
            guid: fields.array()?,
            isp: fields.option(Unpack::number)?.map(IspId::from),
            reseller: fields.option(Unpack::number)?.map(ResellerId::from),
            parent: fields.option(Unpack::number)?.map(CustomerId::from),
            kind: fields.option(Unpack::value)?,
            bill_type: fields.option(Unpack::value)?,
            created_at: fields.signed()?,
            updated_at: fields.signed()?,
            organisation: fields.option(Unpack::text)?,
            partner: fields.option(Unpack::text)?,
            name: text(fields)?,
            name_case: case(fields)?,
            mobile: fields.option(text)?,
            email: fields.option(text)?,
            postal_code: fields.option(text)?,
            state: fields.option(text)?,
            city: fields.option(text)?,
            reference: fields.option(text)?,
            reference_case: case(fields)?,
            account: fields.option(text)?,
            description: fields.option(text)?,
            category_reference: fields.option(text)?,
            services: Services(Cow::Borrowed(fields.bytes()?)),
            rare: Cow::Borrowed(fields.bytes()?),
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
