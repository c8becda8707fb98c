//! Who may call, and what they may see.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Condition, Customer, IspId, ResellerId};

/// Shortest API key that a login can be created with, in bytes: keys are stored as a plain digest, so they must be too
/// long to guess.
pub const KEY_LENGTH_MINIMUM: usize = 32;

/// The API whose clients a login is for. A login opens its own dialect only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Form API of an internet provider's CRM.
    NeuCrm,
}

impl Dialect {
    /// The name by which keys of the table know it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NeuCrm => "neucrm",
        }
    }
}

/// A dialect's identity inside a tenant.
pub struct Login {
    /// The user name that changes are signed with.
    pub name: String,
    /// Whether it is shut out for now.
    pub suspended: bool,
    /// Which customers it may see and change.
    pub scope: Scope,
    /// What its caller must know.
    pub credential: Credential,
}

impl Login {
    /// Whether a caller who knows `key` is let in. Takes the same time wherever the keys differ.
    pub fn opens_with(&self, key: &str) -> bool {
        let Credential::KeyDigest(expected) = &self.credential;
        let matches: bool = expected.ct_eq(&digest(key)).into();
        matches && !self.suspended
    }
}

/// What the table keeps of a login's secret. Deliberately neither printable nor comparable.
pub enum Credential {
    /// SHA-256 of a long random API key.
    KeyDigest([u8; 32]),
}

/// An API key too short to be kept as a plain digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an API key has at least {KEY_LENGTH_MINIMUM} characters")]
pub struct WeakKey;

impl Credential {
    /// The credential of a login that is opened by `key`.
    pub fn api_key(key: &str) -> Result<Self, WeakKey> {
        if key.len() < KEY_LENGTH_MINIMUM {
            return Err(WeakKey);
        }
        Ok(Self::KeyDigest(digest(key)))
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// The part of a tenant's directory that a login may see and change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of it.
    Everything,
    /// One provider's customers.
    Isp(IspId),
    /// One reseller's customers.
    Reseller(ResellerId),
}

impl Scope {
    /// The condition that holds for the customers in scope; none where all are.
    pub fn condition(self) -> Option<Condition> {
        match self {
            Self::Everything => None,
            Self::Isp(isp) => Some(Condition::Isp(isp)),
            Self::Reseller(reseller) => Some(Condition::Reseller(reseller)),
        }
    }

    /// Whether `customer` is in scope.
    pub fn contains(self, customer: &Customer) -> bool {
        self.condition().is_none_or(|condition| condition.holds(customer))
    }
}
