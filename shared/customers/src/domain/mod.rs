//! What a customer, a login, a tenant and a list query are, whatever dialect asks and wherever they are stored.

mod columns;
mod commerce;
mod customer;
mod decimal;
mod field;
mod groups;
mod ids;
mod login;
mod pattern;
mod query;
mod tenant;
mod timestamp;
mod written_case;

pub use columns::{Column, Columns};
pub use commerce::{Affiliate, AffiliateKind, BankAccount, BillType, Licence, Link, Sales, Telephony};
pub use customer::{Customer, Lifecycle, NOTES_LIMIT, Profile, TEXT_LIMIT, Unique};
pub use decimal::Decimal;
pub use field::{RareField, TextField};
pub use groups::{Address, Contact, CustomerKind, Hierarchy, Identity, Portal, Service};
pub use ids::{CustomerId, IspId, ResellerId, ServiceId};
pub use login::{
    Credential, Dialect, KEY_LENGTH_MINIMUM, Login, PASSWORD_LENGTH_MAXIMUM, Person, Scope, Secret, UnfitSecret,
};
pub use pattern::Pattern;
pub use query::{Condition, Direction, Filter, ListQuery, Owner, Page, Parents, Sort, SortKey};
pub use tenant::{InvalidTenantId, Settings, Tenant, TenantId};
pub use timestamp::Timestamp;

pub(crate) use customer::{DEFAULT_REFERENCE, default_reference};
pub(crate) use field::RareValue;
pub(crate) use query::effective_parent;
pub(crate) use written_case::WrittenCase;

/// The form in which text is compared and ordered everywhere: Unicode lower case, ordered by code point.
pub(crate) fn fold(text: &str) -> String {
    text.to_lowercase()
}
