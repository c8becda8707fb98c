//! Logging in with a password: the check, what it remembers, what slows guessing down, and sessions.

mod attempts;
mod session;
#[cfg(test)]
mod tests;
mod verified;

use attempts::Attempts;
use uuid::Uuid;

pub(crate) use verified::VerifiedPasswords;

use crate::{
    directory::{Directory, can_be_key},
    domain::{Credential, Dialect, Login, PASSWORD_LENGTH_MAXIMUM, Secret, Timestamp},
    fault::Fault,
    store::{Reason, Store, TransactError, Write},
};

/// A hash of no password: checking it costs what checking a real one does.
const NO_PASSWORD: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm8gc3VjaCBwYXNzd29yZA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Writes one item if its condition holds, and tells whether it did.
async fn write_alone(store: &dyn Store, write: Write) -> Result<bool, Fault> {
    match store.transact(&[write], &Uuid::new_v4().to_string()).await {
        Ok(()) => Ok(true),
        Err(TransactError::Cancelled(reasons)) => match reasons.into_iter().next() {
            // Another writer at work on the item changes what the condition is about.
            Some(Reason::ConditionFailed(_) | Reason::Conflict) => Ok(false),
            Some(Reason::Other(code)) => Err(Fault::Refused(code.into())),
            _ => Err(Fault::Unavailable("too many writers on the item's partition".into())),
        },
        Err(TransactError::Refused(cause)) => Err(Fault::Refused(cause)),
        Err(TransactError::Throttled(cause) | TransactError::InProgress(cause) | TransactError::Unknown(cause)) => {
            Err(Fault::Unavailable(cause))
        }
    }
}

impl Directory<'_> {
    /// The login of `identity` in `dialect`, if `password` opens it. A password that was right is remembered for five
    /// minutes, by this process and for the login as it is now. After ten wrong ones within 15 minutes, `source` may try
    /// one in five seconds for this identity; what comes in between is refused unchecked.
    ///
    /// Costs one read unit if the password is remembered; else about 30 ms of CPU and another unit.
    pub async fn login_by_password(
        &self,
        dialect: Dialect,
        identity: &str,
        password: &str,
        source: &str,
        at: Timestamp,
    ) -> Result<Option<Login>, Fault> {
        if password.is_empty() || password.len() > PASSWORD_LENGTH_MAXIMUM || !can_be_key(identity) {
            return Ok(None);
        }
        let login = self.login(dialect, identity).await?;
        let hash = match &login {
            Some(Login { credential: Credential::Password(Secret(hash)), .. }) => hash.clone(),
            _ => NO_PASSWORD.to_owned(),
        };
        let verified = &self.tenancy.verified;
        let proof = verified.proof(dialect.name(), identity, &hash, password);
        if !verified.holds(&proof, at) {
            let attempts = Attempts::read(self, dialect, identity, source).await?;
            if !attempts.claim(at).await? {
                return Ok(None);
            }
            if !Secret(hash).is_hash_of(password) {
                attempts.record_failure(at).await?;
                return Ok(None);
            }
            verified.remember(proof, at);
        }
        Ok(login.filter(|login| !login.suspended))
    }
}
