//! What a customer, a login, a tenant and a list query are, whatever dialect asks and wherever they are stored.

mod customer;
mod ids;
mod login;
mod pattern;
mod query;
mod tenant;
mod timestamp;

pub use customer::{
    Address, Contact, Customer, CustomerKind, Hierarchy, Identity, Lifecycle, NOTES_LIMIT, Portal, Profile, Service,
    TEXT_LIMIT, Unique,
};
pub use ids::{CustomerId, IspId, ParseIdError, ResellerId, ServiceId};
pub use login::{Credential, Dialect, KEY_LENGTH_MINIMUM, Login, Scope, WeakKey};
pub use pattern::Pattern;
pub use query::{Condition, Direction, Filter, ListQuery, Page, Sort, SortKey, TextField};
pub use tenant::{InvalidTenantId, Settings, Tenant, TenantId};
pub use timestamp::Timestamp;

/// The form in which text is compared and ordered everywhere: Unicode lower case, ordered by code point.
pub(crate) fn fold(text: &str) -> String {
    text.to_lowercase()
}
