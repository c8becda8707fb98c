//! Passwords that were right a moment ago.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::Timestamp;

/// Seconds for which a right password is remembered.
const REMEMBERED_FOR: i64 = 300;
/// Logins remembered at most.
const KEPT: usize = 1024;

/// Stands for a password that was right for a login with its hash as it is. Nothing can be learnt from it outside the
/// process that made it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Proof([u8; 32]);

/// What this process remembers of right passwords: their HMACs under a key that it made up itself.
pub(crate) struct VerifiedPasswords {
    key: [u8; 64],
    until: Mutex<HashMap<Proof, Timestamp>>,
}

impl Default for VerifiedPasswords {
    fn default() -> Self {
        Self { key: rand::random(), until: Mutex::default() }
    }
}

impl VerifiedPasswords {
    /// What stands for `password` opening the login with `hash`.
    pub(crate) fn proof(&self, dialect: &str, identity: &str, hash: &str, password: &str) -> Proof {
        let mut mac = Hmac::<Sha256>::new(&self.key.into());
        for part in [dialect, identity, hash, password] {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part.as_bytes());
        }
        Proof(mac.finalize().into_bytes().into())
    }

    /// Whether the password was right not long before `at`.
    pub(crate) fn holds(&self, proof: &Proof, at: Timestamp) -> bool {
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.get(proof).is_some_and(|until| at < *until)
    }

    /// Remembers that the password was right at `at`.
    pub(crate) fn remember(&self, proof: Proof, at: Timestamp) {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.retain(|_, until| at < *until);
        if until.len() < KEPT {
            until.insert(proof, at.plus_seconds(REMEMBERED_FOR));
        }
    }
}
