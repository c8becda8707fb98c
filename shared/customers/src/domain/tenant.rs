//! The tenant: the boundary of data and of scale.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use super::{IspId, ResellerId};

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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Its internet providers.
    pub isps: BTreeSet<IspId>,
    /// Its resellers, each with the provider it belongs to.
    pub resellers: BTreeMap<ResellerId, IspId>,
    /// Minutes east of UTC of the clock by which dialects without a zone of their own read and write dates.
    pub utc_offset_minutes: i16,
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
