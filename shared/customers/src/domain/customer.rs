//! The customer record: the union of what the dialects carry, grouped by meaning.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::Date;
use uuid::Uuid;

use super::{CustomerId, IspId, ResellerId, ServiceId, Timestamp, fold};

/// Longest text of an ordinary field, in bytes of UTF-8. Keeps a row far below the 400 KB of a DynamoDB item.
pub const TEXT_LIMIT: usize = 255;
/// Longest free-form notes, in bytes of UTF-8.
pub const NOTES_LIMIT: usize = 4000;

/// One customer of a tenant, as every dialect sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Customer {
    /// Number, unique within the tenant.
    pub id: CustomerId,
    /// First globally unique name, for dialects that know customers by GUID.
    pub guid: Uuid,
    /// Second globally unique name, of the same dialects' internal use.
    pub eid: Uuid,
    /// What clients say of the customer.
    pub profile: Profile,
    /// What the directory itself records.
    pub lifecycle: Lifecycle,
}

impl Customer {
    /// Whether the customer is soft-deleted: hidden from all who do not ask for deleted ones.
    pub fn is_deleted(&self) -> bool {
        self.lifecycle.deleted_at.is_some()
    }

    /// The values that no two live customers may share.
    pub(crate) fn unique_values(&self) -> Vec<(Unique, String)> {
        if self.is_deleted() {
            return Vec::new();
        }
        self.profile.unique_values()
    }
}

/// What clients may set of a customer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Who the customer is.
    pub identity: Identity,
    /// How to reach it.
    pub contact: Contact,
    /// Where it is.
    pub address: Address,
    /// Whose customer it is.
    pub hierarchy: Hierarchy,
    /// The services it has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Service>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Its login to the provider's portal.
    pub portal: Portal,
    /// Vendor columns met by an import that no group above holds.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, String>,
}

impl Profile {
    fn unique_values(&self) -> Vec<(Unique, String)> {
        let unique_id = self.identity.unique_id.as_deref();
        unique_id
            .map(|value| {
                let isp = self.hierarchy.isp.map_or(0, IspId::get);
                (Unique::UniqueId, format!("{isp}#{}", fold(value)))
            })
            .into_iter()
            .collect()
    }
}

/// A kind of value that may belong to one live customer only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unique {
    /// [`Identity::unique_id`] within an ISP, ignoring case.
    UniqueId,
}

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
}

/// A postal address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Street, house number and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// ZIP or postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
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

/// What the directory records of a customer's changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lifecycle {
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was changed last; at first, when it was created.
    pub updated_at: Timestamp,
    /// Name of the login that created it.
    pub created_by: String,
    /// Name of the login that changed it last.
    pub updated_by: String,
    /// When it was soft-deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
}
