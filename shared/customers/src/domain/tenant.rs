//! The tenant: the boundary of data and of scale.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use super::{CustomerId, IspId, Owner, ResellerId};

/// Names a tenant: 1 to 40 of `a`–`z`, `0`–`9` and `-`, so that it can stand in a key, a metric and a host table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(String);

impl TenantId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Text that cannot name a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tenant's name is 1 to 40 of a-z, 0-9 and -")]
pub struct InvalidTenantId;

impl FromStr for TenantId {
    type Err = InvalidTenantId;

    fn from_str(text: &str) -> Result<Self, InvalidTenantId> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if text.is_empty() || text.len() > 40 || !text.bytes().all(allowed) {
            return Err(InvalidTenantId);
        }
        Ok(Self(text.to_owned()))
    }
}

/// What an operator sets for a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Its internet providers.
    pub isps: BTreeSet<IspId>,
    /// Its resellers, each with the provider it belongs to.
    pub resellers: BTreeMap<ResellerId, IspId>,
    /// The customer above all that were given no parent.
    pub root_customer: Option<CustomerId>,
    /// The organisation whose customers are all that name none.
    pub default_organisation: Option<String>,
    /// The partner whose customers are all that name none.
    pub default_partner: Option<String>,
    /// IANA name of the time zone of customers that name none; `UTC` where unset.
    pub time_zone: Option<String>,
    /// ISO 4217 code of the currency of customers that name none; `USD` where unset.
    pub currency: Option<String>,
    /// Which customers a telephony list shows that does not say: listed in the directory, not listed, or, where unset,
    /// both.
    pub directory_default: Option<bool>,
    /// Whether field sales use regions.
    pub regions: bool,
    /// Minutes east of UTC of the clock by which dialects without a zone of their own read and write dates.
    pub utc_offset_minutes: i16,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            isps: BTreeSet::new(),
            resellers: BTreeMap::new(),
            root_customer: None,
            default_organisation: None,
            default_partner: None,
            time_zone: None,
            currency: None,
            directory_default: Some(false),
            regions: true,
            utc_offset_minutes: 0,
        }
    }
}

impl Settings {
    /// The organisation named `name` as an owner of customers.
    pub fn organisation(&self, name: &str) -> Owner {
        Owner { name: name.to_owned(), is_default: self.default_organisation.as_deref() == Some(name) }
    }

    /// The currency of customers that name none.
    pub fn currency(&self) -> &str {
        self.currency.as_deref().unwrap_or("USD")
    }

    /// The partner named `name` as an owner of customers.
    pub fn partner(&self, name: &str) -> Owner {
        Owner { name: name.to_owned(), is_default: self.default_partner.as_deref() == Some(name) }
    }
}

/// A tenant as the table knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    /// Its name.
    pub id: TenantId,
    /// What its operator set.
    pub settings: Settings,
    /// Number of the list index in force; a rebuild moves to the next one.
    pub(crate) epoch: u64,
    /// Into how many shards that index is split.
    pub(crate) shards: u32,
    /// In which format its rows are written.
    pub(crate) row_format: u8,
}
