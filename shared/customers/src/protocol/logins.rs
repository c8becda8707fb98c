//! The item of a login.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};

use super::head::number;
use crate::{
    domain::{Credential, Login, Person, Scope, Secret},
    fault::Fault,
    store::Item,
};

const DAMAGED: Fault = Fault::Damaged("a login that cannot be read");

/// The attributes of a login's item.
pub(crate) fn login_item(login: &Login) -> Item {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let number = |number: u64| Some(AttributeValue::N(number.to_string()));
    let (scope, owner) = match &login.scope {
        Scope::Everything => ("everything", None),
        Scope::Isp(isp) => ("isp", number(isp.get())),
        Scope::Reseller(reseller) => ("reseller", number(reseller.get())),
        Scope::Subtree(top) => ("subtree", number(top.get())),
        Scope::Organisation(name) => ("organisation", Some(text(name))),
        Scope::Partner(name) => ("partner", Some(text(name))),
    };
    let (kind, secret) = match &login.credential {
        Credential::KeyDigest(digest) => ("key", AttributeValue::B(Blob::new(*digest))),
        Credential::Password(Secret(hash)) => ("password", text(hash)),
        Credential::SigningSecret(Secret(secret)) => ("signing", text(secret)),
    };
    let attributes = [
        ("name", Some(text(&login.name))),
        ("first_name", Some(text(&login.person.first_name))),
        ("last_name", Some(text(&login.person.last_name))),
        ("suspended", Some(AttributeValue::Bool(login.suspended))),
        ("roles", Some(AttributeValue::L(login.roles.iter().map(|role| text(role)).collect()))),
        ("scope", Some(text(scope))),
        ("owner", owner),
        (kind, Some(secret)),
    ];
    attributes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// Reads a login's item.
pub(crate) fn read_login(item: &Item) -> Result<Login, Fault> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    let scope = match (text("scope").ok_or(DAMAGED)?.as_str(), number(item, "owner"), text("owner")) {
        ("everything", None, None) => Scope::Everything,
        ("isp", Some(isp), None) => Scope::Isp(isp.into()),
        ("reseller", Some(reseller), None) => Scope::Reseller(reseller.into()),
        ("subtree", Some(top), None) => Scope::Subtree(top.into()),
        ("organisation", None, Some(name)) => Scope::Organisation(name),
        ("partner", None, Some(name)) => Scope::Partner(name),
        _ => return Err(DAMAGED),
    };
    let digest = item.get("key").and_then(|value| value.as_b().ok());
    let credential = match (digest, text("password"), text("signing")) {
        (Some(digest), None, None) => Credential::KeyDigest(digest.as_ref().try_into().map_err(|_| DAMAGED)?),
        (None, Some(hash), None) => Credential::Password(Secret(hash)),
        (None, None, Some(secret)) => Credential::SigningSecret(Secret(secret)),
        _ => return Err(DAMAGED),
    };
    let roles = item.get("roles").and_then(|roles| roles.as_l().ok()).ok_or(DAMAGED)?;
    Ok(Login {
        name: text("name").ok_or(DAMAGED)?,
        person: Person { first_name: text("first_name").ok_or(DAMAGED)?, last_name: text("last_name").ok_or(DAMAGED)? },
        suspended: item.get("suspended").and_then(|value| value.as_bool().ok()).copied().ok_or(DAMAGED)?,
        scope,
        roles: roles.iter().filter_map(|role| role.as_s().ok()).cloned().collect(),
        credential,
    })
}
