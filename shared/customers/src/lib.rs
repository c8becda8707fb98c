//! The customer directory on DynamoDB: offset pages, exact totals, free order and wildcard filters, strongly consistent,
//! at one read unit per shard.
//!
//! [`Repository`] is what a process keeps; [`Repository::directory`] opens it for one request of one tenant. Lists go
//! through [`Directory::view`], changes through [`Directory::begin_create`] and [`Directory::begin_edit`]: what they read
//! first does not depend on who calls, so that it can run beside [`Directory::login`].

mod authentication;
mod backoff;
mod creation;
mod directory;
mod documents;
mod domain;
mod edit;
mod fault;
mod index;
mod load;
mod protocol;
mod repository;
mod store;
mod tenancy;
mod usage;
mod view;

pub use creation::{CreateError, Creation};
pub use directory::Directory;
pub use domain::{
    Address, Affiliate, AffiliateKind, BankAccount, BillType, Column, Columns, Condition, Contact, Credential,
    Customer, CustomerId, CustomerKind, Decimal, Dialect, Direction, Filter, Hierarchy, Identity, InvalidTenantId,
    IspId, KEY_LENGTH_MINIMUM, Licence, Lifecycle, Link, ListQuery, Login, NOTES_LIMIT, Owner, PASSWORD_LENGTH_MAXIMUM,
    Page, Parents, Pattern, Person, Portal, Profile, RareField, ResellerId, Sales, Scope, Secret, Service, ServiceId,
    Settings, Sort, SortKey, TEXT_LIMIT, Telephony, Tenant, TenantId, TextField, Timestamp, UnfitSecret, Unique,
};
pub use edit::{Decision, Edit, EditError};
pub use fault::Fault;
pub use index::Superior;
pub use load::{LoginEntry, NewTenant, load_tenant, load_tenant_from, put_login, tenant_exists};
pub use protocol::{Audit, Damage, Rebuilt, audit_tenant, rebuild_tenant};
pub use repository::Repository;
pub use store::DynamoStore;
pub use usage::Usage;
pub use view::{Listing, View};

/// The seam between the repository and its table, for other tables than DynamoDB's: those of tests.
pub mod table {
    pub use crate::{
        store::{
            Action, BinaryPage, Condition, Item, Key, OperatorStore, QueryPage, RawItem, Reason, ScanPage, Segment,
            Store, StoreError, TransactError, Write,
        },
        usage::{CallGuard, Meter},
    };
}
