//! Sessions: what a client shows instead of its password for a while.

use aws_sdk_dynamodb::types::AttributeValue;
use sha2::{Digest, Sha256};

use super::write_alone;
use crate::{
    directory::{Directory, can_be_key},
    domain::{Credential, Dialect, Login, Secret, Timestamp},
    fault::Fault,
    protocol::{keys, number, read_login},
    store::{Action, Condition, Item, Write},
};

/// Seconds after which an idle session ends.
const IDLE: i64 = 1_800;
/// Seconds for which use does not extend a session once more.
const EXTENDED_AT_MOST_EVERY: i64 = 300;

impl Directory<'_> {
    /// Opens a session for `identity`, whose `login` was just found open, and returns its token: 256 random bits and the
    /// identity, in lower-case hexadecimal digits with a hyphen between them. The table keeps only its digest.
    pub async fn open_session(
        &self,
        dialect: Dialect,
        identity: &str,
        login: &Login,
        at: Timestamp,
    ) -> Result<String, Fault> {
        let token = format!("{}-{}", hex::encode(rand::random::<[u8; 32]>()), hex::encode(identity));
        let key = keys::session(self.tenancy.id(), dialect, &digest(&token));
        let write = Write { key, action: Action::Put(session_item(login, at)), condition: Condition::Absent };
        let is_new = write_alone(self.store, write).await?;
        is_new.then_some(token).ok_or(Fault::Damaged("a session under a token that was made up just now"))
    }

    /// The login that `token` was opened for, and its identity; none if there is no such session, it was idle for 30
    /// minutes, or the login is gone, suspended or has another password now. Costs two read units in one round trip, and now and then a write that
    /// extends the session.
    pub async fn session_login(
        &self,
        dialect: Dialect,
        token: &str,
        at: Timestamp,
    ) -> Result<Option<(String, Login)>, Fault> {
        let Some(identity) = identity_of(token) else { return Ok(None) };
        let session_key = keys::session(self.tenancy.id(), dialect, &digest(token));
        let login_key = keys::login(self.tenancy.id(), dialect, &identity);
        let wanted = [session_key.clone(), login_key];
        let (mut session, mut login) = (None, None);
        for item in self.store.get_many(&wanted).await? {
            if item.get("SK").and_then(|sort| sort.as_s().ok()) == Some(&session_key.sort) {
                session = Some(item);
            } else {
                login = Some(read_login(&item)?);
            }
        }
        let (Some(session), Some(login)) = (session, login) else { return Ok(None) };
        let expires_at =
            number(&session, "expires").and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or_default();
        let opened_with = session.get("credential").and_then(|value| value.as_s().ok());
        let is_same = opened_with.is_some_and(|digest| *digest == credential_digest(&login));
        if at.unix_seconds() >= expires_at || login.suspended || !is_same {
            return Ok(None);
        }
        if at.unix_seconds() >= expires_at - IDLE + EXTENDED_AT_MOST_EVERY {
            let write = Write {
                key: session_key,
                action: Action::Put(session_item(&login, at)),
                condition: Condition::Present,
            };
            // Not needed for this answer: what fails now is tried again at the next use.
            let _ = write_alone(self.store, write).await;
        }
        Ok(Some((identity, login)))
    }
}

fn session_item(login: &Login, at: Timestamp) -> Item {
    let expires = AttributeValue::N(at.plus_seconds(IDLE).unix_seconds().to_string());
    Item::from([
        ("credential".to_owned(), AttributeValue::S(credential_digest(login))),
        ("expires".to_owned(), expires.clone()),
        (keys::TIME_TO_LIVE.to_owned(), expires),
    ])
}

/// Changes with the login's secret, so that a new password ends the sessions of the old one.
fn credential_digest(login: &Login) -> String {
    hex::encode(match &login.credential {
        Credential::KeyDigest(digest) => Sha256::digest(digest),
        Credential::Password(Secret(secret)) | Credential::SigningSecret(Secret(secret)) => Sha256::digest(secret),
    })
}

fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// The identity that a token names. Whether it does so rightly, the session tells.
fn identity_of(token: &str) -> Option<String> {
    let (_, identity) = token.split_once('-')?;
    let identity = String::from_utf8(hex::decode(identity).ok()?).ok()?;
    can_be_key(&identity).then_some(identity)
}
