//! The customer record: the union of what the dialects carry, grouped by meaning.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Address, Contact, CustomerId, Hierarchy, Identity, IspId, Licence, Portal, Sales, Service, Telephony, Timestamp,
    effective_parent, fold,
};

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
    /// The name by which field sales know the customer: the one it was given, else `C-` and its id.
    pub fn reference(&self) -> Cow<'_, str> {
        self.profile.identity.reference.as_deref().map_or_else(|| Cow::Owned(default_reference(self.id)), Cow::Borrowed)
    }

    /// The customer above this one, in a tenant with this root customer: the root itself is above all that were given no
    /// parent.
    pub fn parent(&self, root: Option<CustomerId>) -> Option<CustomerId> {
        effective_parent(self.id, self.profile.hierarchy.parent, root)
    }

    /// Whether the customer is soft-deleted: hidden from all who do not ask for deleted ones.
    pub fn is_deleted(&self) -> bool {
        self.lifecycle.deleted_at.is_some()
    }

    /// Whether it was given the reference that another customer has for want of one. Those need no guard: nobody else is
    /// given them.
    pub(crate) fn has_anothers_reference(&self) -> bool {
        let reference = self.profile.identity.reference.as_deref().map(fold).filter(|_| !self.is_deleted());
        let number = reference.as_deref().and_then(|reference| reference.strip_prefix(&fold(DEFAULT_REFERENCE)));
        let id = number.and_then(|number| number.parse::<u64>().ok().filter(|id| id.to_string() == number));
        id.is_some_and(|id| id != self.id.get())
    }

    /// The values that no two live customers may share.
    pub(crate) fn unique_values(&self) -> Vec<(Unique, String)> {
        if self.is_deleted() {
            return Vec::new();
        }
        self.profile.unique_values()
    }
}

/// What stands before the id in the reference of a customer that was given none.
pub(crate) const DEFAULT_REFERENCE: &str = "C-";

/// The reference of a customer that was given none.
pub(crate) fn default_reference(id: CustomerId) -> String {
    format!("{DEFAULT_REFERENCE}{id}")
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
    /// Where its bills go; the address above where unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_address: Option<Address>,
    /// Whose customer it is.
    pub hierarchy: Hierarchy,
    /// How its calls are billed.
    #[serde(skip_serializing_if = "is_default")]
    pub telephony: Telephony,
    /// On which terms it buys.
    #[serde(skip_serializing_if = "is_default")]
    pub sales: Sales,
    /// The security licence it has, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<Licence>,
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

fn is_default<T: Default + PartialEq>(group: &T) -> bool {
    *group == T::default()
}

impl Profile {
    fn unique_values(&self) -> Vec<(Unique, String)> {
        let Identity { unique_id, reference, .. } = &self.identity;
        let isp = self.hierarchy.isp.map_or(0, IspId::get);
        let unique_id = unique_id.as_deref().map(|value| (Unique::UniqueId, format!("{isp}#{}", fold(value))));
        let reference = reference.as_deref().map(|value| (Unique::Reference, fold(value)));
        unique_id.into_iter().chain(reference).collect()
    }
}

/// A kind of value that may belong to one live customer only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unique {
    /// [`Identity::unique_id`] within an ISP, ignoring case.
    UniqueId,
    /// [`Identity::reference`] within the tenant, ignoring case.
    Reference,
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

#[cfg(test)]
mod tests {
    use crate::protocol::testing::customer;

    #[test]
    fn nobody_has_the_reference_that_follows_from_anothers_id() {
        for (reference, is_anothers) in [
            (None, false),
            (Some("C-7"), false),
            (Some("c-7"), false),
            (Some("C-8"), true),
            (Some("c-123"), true),
            (Some("C-08"), false),
            (Some("C-"), false),
            (Some("C-x"), false),
            (Some("C-8x"), false),
            (Some("NC-8"), false),
            (Some("C-18446744073709551616"), false),
        ] {
            let mut customer = customer(7.into());
            customer.profile.identity.reference = reference.map(str::to_owned);
            assert_eq!(customer.has_anothers_reference(), is_anothers, "{reference:?}");
            customer.lifecycle.deleted_at = Some(customer.lifecycle.created_at);
            assert!(!customer.has_anothers_reference(), "{reference:?}");
        }
    }
}
