//! What every dialect may know of a customer: who it is, how to reach it, where it is, whose it is.

use serde::{Deserialize, Serialize};
use time::Date;

use super::{CustomerId, IspId, ResellerId, ServiceId};

/// Who a customer is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// Person or organisation; unset where the creating dialect does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<CustomerKind>,
    /// The name by which lists show, filter and sort it.
    pub name: String,
    /// Family name of a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surname: Option<String>,
    /// Date of birth, or of registration of an organisation.
    #[serde(with = "iso_date::option", skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Date>,
    /// A number given by others (a passport, a register), unique within the ISP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_id: Option<String>,
    /// The name by which field sales know it, unique within the tenant; see [`Customer::reference`](super::Customer::reference).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// A second such name, not unique.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_reference: Option<String>,
    /// Number of its account, for vouchers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What it is, in a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Text of its bar code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barcode: Option<String>,
    /// File name of its logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// Tax number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_number: Option<String>,
    /// Number in the register of companies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_registration_number: Option<String>,
}

time::serde::format_description!(iso_date, Date, "[year]-[month]-[day]");

/// Person or organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CustomerKind {
    /// A person.
    Individual,
    /// A company or another body.
    Organisation,
}

/// How to reach a customer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Mobile number as the client wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Fixed line number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Fax number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fax: Option<String>,
    /// Address of its web site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
}

/// A postal address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Street, house number and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Second line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// Third line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line3: Option<String>,
    /// Town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// ZIP or postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What no other part holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
    /// Degrees north.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// Degrees east.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
}

/// Whose customer a customer is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hierarchy {
    /// The internet provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isp: Option<IspId>,
    /// The provider's reseller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reseller: Option<ResellerId>,
    /// The customer above it; the tenant's root customer where unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<CustomerId>,
    /// The selling organisation; the tenant's default one where unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// The partner that resells licences; the tenant's default one where unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
}

/// A service of a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// Number of the service.
    pub id: ServiceId,
    /// PPPoE user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Whether it runs: a customer with a running service cannot be deleted.
    pub active: bool,
}

/// The customer's own login to the provider's portal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Portal {
    /// Whether the password must be renewed at the next visit.
    pub password_renewal: bool,
}
