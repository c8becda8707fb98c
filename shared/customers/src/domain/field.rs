//! The fields that lists filter and sort on, and where a customer keeps them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Address, Customer, Decimal, TEXT_LIMIT, fold};

/// A text of a customer that lists can filter and sort on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextField {
    /// Name.
    Name,
    /// Mobile number.
    Mobile,
    /// E-mail address.
    Email,
    /// ZIP or postal code.
    PostalCode,
    /// State or region.
    State,
    /// Town.
    City,
    /// User names of the services: none, one or several.
    ServiceUsername,
    /// The reference; of a customer that was given none, the one that follows from its id.
    Reference,
    /// Number of the account.
    Account,
    /// Description.
    Description,
    /// Reference of the category.
    CategoryReference,
}

impl TextField {
    /// All of them; a field's place here is its column in the index.
    pub(crate) const ALL: [Self; 11] = [
        Self::Name,
        Self::Mobile,
        Self::Email,
        Self::PostalCode,
        Self::State,
        Self::City,
        Self::ServiceUsername,
        Self::Reference,
        Self::Account,
        Self::Description,
        Self::CategoryReference,
    ];

    /// The values that `customer` has in this field, as clients wrote them.
    pub(crate) fn values(self, customer: &Customer) -> impl Iterator<Item = Cow<'_, str>> {
        let Customer { profile, .. } = customer;
        let reference = (self == Self::Reference).then(|| customer.reference());
        let single = match self {
            Self::Name => Some(profile.identity.name.as_str()),
            Self::Mobile => profile.contact.mobile.as_deref(),
            Self::Email => profile.contact.email.as_deref(),
            Self::PostalCode => profile.address.postal_code.as_deref(),
            Self::State => profile.address.state.as_deref(),
            Self::City => profile.address.city.as_deref(),
            Self::Account => profile.identity.account.as_deref(),
            Self::Description => profile.identity.description.as_deref(),
            Self::CategoryReference => profile.sales.category.as_ref().map(|category| category.reference.as_str()),
            Self::ServiceUsername | Self::Reference => None,
        };
        let services = if self == Self::ServiceUsername { profile.services.as_slice() } else { &[] };
        let usernames = services.iter().filter_map(|service| service.username.as_deref());
        reference.into_iter().chain(single.into_iter().chain(usernames).map(Cow::Borrowed))
    }
}

macro_rules! rare_fields {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A field that few lists sort on. It travels with an index row only where it is set.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum RareField {
            $($(#[$doc])* $name,)*
        }

        impl RareField {
            /// All of them. Their order is part of the row format.
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

rare_fields! {
    /// Second reference.
    SecondReference,
    /// File name of the logo.
    Logo,
    /// Fixed line number.
    Phone,
    /// Fax number.
    Fax,
    /// Notes, by their first 255 bytes.
    Notes,
    /// Text of the bar code.
    Barcode,
    /// Web site.
    Website,
    /// Tax number.
    TaxNumber,
    /// Number in the register of companies.
    CompanyRegistrationNumber,
    /// Street.
    Street,
    /// Country.
    Country,
    /// Degrees north.
    Latitude,
    /// Degrees east.
    Longitude,
    /// Whether bills go elsewhere.
    BillingApart,
    /// Street that bills go to.
    BillingStreet,
    /// Town that bills go to.
    BillingCity,
    /// Postal code that bills go to.
    BillingPostalCode,
    /// Country that bills go to.
    BillingCountry,
    /// Degrees north of where bills go.
    BillingLatitude,
    /// Degrees east of where bills go.
    BillingLongitude,
    /// Reference of the segmentation.
    SegmentationReference,
    /// Whether it is billed by itself and not with its parent.
    BilledApart,
    /// Whether it may not order for now.
    OnHold,
    /// Why it may not.
    OnHoldReason,
    /// Whether it may buy on credit.
    IsCredit,
    /// Highest debt.
    CreditLimit,
    /// Debt.
    SalesBalance,
    /// Days within which a cheque must fall due.
    MaxChequePeriod,
    /// Highest sum of a cheque.
    MaxChequeValue,
    /// Cash back on what is delivered.
    AppliedCashBackOutput,
    /// Discount on what is returned.
    ReturnDiscount,
    /// Invoices on one tour.
    InvoicesPerRoute,
    /// Term of payment.
    PaymentTerm,
    /// Number of days of the due date's rule.
    DueDateNumber,
    /// The due date's rule.
    DueDateType,
    /// Currency of the sales amounts.
    SalesCurrency,
}

/// A value to sort by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum RareValue<'a> {
    /// A switch; an unset one that is off by default is absent.
    Flag(bool),
    /// Ten-thousandths, or ten-millionths of a degree.
    Number(i64),
    /// Folded.
    Text(#[serde(borrow)] Cow<'a, str>),
}

impl RareField {
    /// The value of `customer` in this field, if it is set.
    pub(crate) fn value(self, customer: &Customer) -> Option<RareValue<'static>> {
        let Customer { profile, .. } = customer;
        let (identity, contact, sales) = (&profile.identity, &profile.contact, &profile.sales);
        let billing = profile.billing_address.as_ref();
        let in_billing = |part: fn(&Address) -> &Option<String>| billing.and_then(|address| text(part(address)));
        match self {
            Self::SecondReference => text(&identity.second_reference),
            Self::Logo => text(&identity.logo),
            Self::Phone => text(&contact.phone),
            Self::Fax => text(&contact.fax),
            Self::Notes => profile.notes.as_deref().map(beginning),
            Self::Barcode => text(&identity.barcode),
            Self::Website => text(&contact.website),
            Self::TaxNumber => text(&identity.tax_number),
            Self::CompanyRegistrationNumber => text(&identity.company_registration_number),
            Self::Street => text(&profile.address.street),
            Self::Country => text(&profile.address.country),
            Self::Latitude => profile.address.latitude.map(degrees),
            Self::Longitude => profile.address.longitude.map(degrees),
            Self::BillingApart => flag(billing.is_some()),
            Self::BillingStreet => in_billing(|address| &address.street),
            Self::BillingCity => in_billing(|address| &address.city),
            Self::BillingPostalCode => in_billing(|address| &address.postal_code),
            Self::BillingCountry => in_billing(|address| &address.country),
            Self::BillingLatitude => billing.and_then(|address| address.latitude).map(degrees),
            Self::BillingLongitude => billing.and_then(|address| address.longitude).map(degrees),
            Self::SegmentationReference => sales.segmentation.as_ref().map(|link| folded(&link.reference)),
            Self::BilledApart => flag(sales.billed_apart),
            Self::OnHold => flag(sales.on_hold),
            Self::OnHoldReason => text(&sales.on_hold_reason),
            Self::IsCredit => sales.is_credit.map(RareValue::Flag),
            Self::CreditLimit => sales.credit_limit.map(amount),
            Self::SalesBalance => sales.balance.map(amount),
            Self::MaxChequePeriod => sales.max_cheque_period.map(amount),
            Self::MaxChequeValue => sales.max_cheque_value.map(amount),
            Self::AppliedCashBackOutput => sales.applied_cash_back_output.map(amount),
            Self::ReturnDiscount => sales.return_discount.map(amount),
            Self::InvoicesPerRoute => sales.invoices_per_route.map(amount),
            Self::PaymentTerm => text(&sales.payment_term),
            Self::DueDateNumber => sales.due_date_number.map(amount),
            Self::DueDateType => text(&sales.due_date_type),
            Self::SalesCurrency => text(&sales.currency),
        }
    }
}

fn folded(text: &str) -> RareValue<'static> {
    RareValue::Text(Cow::Owned(fold(text)))
}

fn text(text: &Option<String>) -> Option<RareValue<'static>> {
    text.as_deref().map(folded)
}

/// The first [`TEXT_LIMIT`] bytes of a long text, and at most one character less.
fn beginning(text: &str) -> RareValue<'static> {
    let folded = fold(text);
    let end = folded.floor_char_boundary(TEXT_LIMIT);
    RareValue::Text(Cow::Owned(folded.get(..end).unwrap_or_default().to_owned()))
}

fn flag(flag: bool) -> Option<RareValue<'static>> {
    flag.then_some(RareValue::Flag(true))
}

fn amount(amount: Decimal) -> RareValue<'static> {
    RareValue::Number(amount.ten_thousandths())
}

#[expect(clippy::cast_possible_truncation, reason = "no degree has more than three digits before the point")]
fn degrees(degrees: f64) -> RareValue<'static> {
    RareValue::Number((degrees * 1e7).round() as i64)
}
