//! The item of a login.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};

use super::head::number;
use crate::{
    domain::{Credential, Login, Scope},
    fault::Fault,
    store::Item,
};

const DAMAGED: Fault = Fault::Damaged("a login that cannot be read");

/// The attributes of a login's item.
pub(crate) fn login_item(login: &Login) -> Item {
    let mut item = Item::from([
        ("name".to_owned(), AttributeValue::S(login.name.clone())),
        ("suspended".to_owned(), AttributeValue::Bool(login.suspended)),
    ]);
    let (scope, owner) = match login.scope {
        Scope::Everything => ("everything", None),
        Scope::Isp(isp) => ("isp", Some(isp.get())),
        Scope::Reseller(reseller) => ("reseller", Some(reseller.get())),
    };
    item.insert("scope".to_owned(), AttributeValue::S(scope.to_owned()));
    if let Some(owner) = owner {
        item.insert("owner".to_owned(), AttributeValue::N(owner.to_string()));
    }
    let Credential::KeyDigest(digest) = &login.credential;
    item.insert("key".to_owned(), AttributeValue::B(Blob::new(*digest)));
    item
}

/// Reads a login's item.
pub(crate) fn read_login(item: &Item) -> Result<Login, Fault> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    let scope = match (text("scope").ok_or(DAMAGED)?.as_str(), number(item, "owner")) {
        ("everything", None) => Scope::Everything,
        ("isp", Some(isp)) => Scope::Isp(isp.into()),
        ("reseller", Some(reseller)) => Scope::Reseller(reseller.into()),
        _ => return Err(DAMAGED),
    };
    let digest = item.get("key").and_then(|value| value.as_b().ok()).ok_or(DAMAGED)?;
    Ok(Login {
        name: text("name").ok_or(DAMAGED)?.clone(),
        suspended: item.get("suspended").and_then(|value| value.as_bool().ok()).copied().ok_or(DAMAGED)?,
        scope,
        credential: Credential::KeyDigest(digest.as_ref().try_into().map_err(|_| DAMAGED)?),
    })
}
