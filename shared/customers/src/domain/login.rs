//! Who may call, and what they may see.

use std::collections::BTreeSet;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Customer, CustomerId, IspId, ResellerId};

/// Shortest API key that a login can be created with, in bytes: keys are stored as a plain digest, so they must be too
/// long to guess.
pub const KEY_LENGTH_MINIMUM: usize = 32;
/// Longest password, in bytes, so that a check has an upper cost.
pub const PASSWORD_LENGTH_MAXIMUM: usize = 512;

/// The API whose clients a login is for. A login opens its own dialect only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// JSON API of a telephony switch.
    Enswitch,
    /// Form API of an internet provider's CRM.
    NeuCrm,
    /// Signed API of a security reseller's portal.
    Smpi,
    /// REST API of a field sales tool.
    Valomnia,
}

impl Dialect {
    /// The name by which keys of the table know it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Enswitch => "enswitch",
            Self::NeuCrm => "neucrm",
            Self::Smpi => "smpi",
            Self::Valomnia => "valomnia",
        }
    }
}

/// A dialect's identity inside a tenant.
pub struct Login {
    /// The user name that changes are signed with.
    pub name: String,
    /// First and last name of the person behind it, where one is.
    pub person: Person,
    /// Whether it is shut out for now.
    pub suspended: bool,
    /// Which customers it may see and change.
    pub scope: Scope,
    /// What else its dialect lets it do, in the dialect's own words.
    pub roles: BTreeSet<String>,
    /// What its caller must know.
    pub credential: Credential,
}

/// A person who logs in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
}

impl Login {
    /// Whether a caller who knows the API key `key` is let in. Takes the same time wherever the keys differ.
    pub fn opens_with(&self, key: &str) -> bool {
        let Credential::KeyDigest(expected) = &self.credential else { return false };
        let matches: bool = expected.ct_eq(&digest(key)).into();
        matches && !self.suspended
    }

    /// Whether `signature` is the HMAC-SHA256 of `message` under the login's secret. Takes the same time wherever the
    /// signatures differ.
    pub fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let Credential::SigningSecret(Secret(secret)) = &self.credential else { return false };
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
        mac.update(message);
        mac.verify_slice(signature).is_ok() && !self.suspended
    }
}

/// What the table keeps of a login's secret. Deliberately neither printable nor comparable.
pub enum Credential {
    /// SHA-256 of a long random API key.
    KeyDigest([u8; 32]),
    /// Argon2id hash of a password, as a PHC string.
    Password(Secret),
    /// The secret itself, as signatures need it.
    SigningSecret(Secret),
}

/// A text that nothing prints.
pub struct Secret(pub(crate) String);

/// A secret that a login cannot be created with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnfitSecret {
    /// Too short to be kept as a plain digest.
    #[error("an API key has at least {KEY_LENGTH_MINIMUM} characters")]
    ShortKey,
    /// Empty, or longer than a check should cost.
    #[error("a password has 1 to {PASSWORD_LENGTH_MAXIMUM} bytes")]
    PasswordLength,
    /// The system gave no random numbers.
    #[error("a password could not be hashed")]
    Hashing,
}

impl Credential {
    /// The credential of a login that is opened by the API key `key`.
    pub fn api_key(key: &str) -> Result<Self, UnfitSecret> {
        if key.len() < KEY_LENGTH_MINIMUM {
            return Err(UnfitSecret::ShortKey);
        }
        Ok(Self::KeyDigest(digest(key)))
    }

    /// The credential of a login that is opened by `password`. Takes about 30 ms.
    pub fn password(password: &str) -> Result<Self, UnfitSecret> {
        if password.is_empty() || password.len() > PASSWORD_LENGTH_MAXIMUM {
            return Err(UnfitSecret::PasswordLength);
        }
        let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|_| UnfitSecret::Hashing)?;
        Ok(Self::Password(Secret(hash.to_string())))
    }

    /// The credential of a login whose requests are signed with `secret`.
    pub fn signing_secret(secret: &str) -> Self {
        Self::SigningSecret(Secret(secret.to_owned()))
    }
}

impl Secret {
    /// Whether this is a hash of `password`.
    pub(crate) fn is_hash_of(&self, password: &str) -> bool {
        PasswordHash::new(&self.0)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// The part of a tenant's directory that a login may see and change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All of it.
    Everything,
    /// One provider's customers.
    Isp(IspId),
    /// One reseller's customers.
    Reseller(ResellerId),
    /// All customers below this one.
    Subtree(CustomerId),
    /// One organisation's customers.
    Organisation(String),
    /// One partner's customers.
    Partner(String),
}

impl Scope {
    /// Whether `customer` may be changed. Logins of a subtree, an organisation or a partner belong to dialects that change
    /// nothing.
    pub fn may_change(&self, customer: &Customer) -> bool {
        match self {
            Self::Everything => true,
            Self::Isp(isp) => customer.profile.hierarchy.isp == Some(*isp),
            Self::Reseller(reseller) => customer.profile.hierarchy.reseller == Some(*reseller),
            Self::Subtree(_) | Self::Organisation(_) | Self::Partner(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(credential: Credential) -> Login {
        Login {
            name: "login".to_owned(),
            person: Person::default(),
            suspended: false,
            scope: Scope::Everything,
            roles: BTreeSet::new(),
            credential,
        }
    }

    #[test]
    fn a_key_opens_its_own_kind_of_login_only() {
        let key = "0123456789abcdef0123456789abcdef";
        assert!(login(Credential::api_key(key).unwrap()).opens_with(key));
        assert!(!login(Credential::api_key(key).unwrap()).opens_with("0123456789abcdef0123456789abcdeF"));
        assert!(!login(Credential::signing_secret(key)).opens_with(key));
        assert!(!Login { suspended: true, ..login(Credential::api_key(key).unwrap()) }.opens_with(key));
        assert_eq!(Credential::api_key("short").err(), Some(UnfitSecret::ShortKey));
    }

    #[test]
    fn passwords_are_hashed_with_the_parameters_that_were_chosen() {
        let Credential::Password(hash) = Credential::password("pässword").unwrap() else { panic!() };
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.0);
        assert!(hash.is_hash_of("pässword"));
        assert!(!hash.is_hash_of("password"));
        assert_eq!(Credential::password(&"x".repeat(513)).err(), Some(UnfitSecret::PasswordLength));
    }

    #[test]
    fn a_signature_is_the_hmac_of_the_message() {
        // RFC 4231, test case 2.
        let signature = [
            0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00,
            0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43,
        ];
        let login = login(Credential::signing_secret("Jefe"));
        assert!(login.signed(b"what do ya want for nothing?", &signature));
        assert!(!login.signed(b"what do ya want for nothing!", &signature));
        assert!(!login.signed(b"what do ya want for nothing?", &signature[..31]));
    }
}
