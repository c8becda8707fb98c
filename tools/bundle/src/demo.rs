//! The tenant `demo`: 500 customers, always the same, and logins with which the vendors' own example calls work.

mod commerce;
mod customers;
mod examples;
mod logins;
mod names;
mod region;
#[cfg(test)]
mod tests;
mod tree;

use std::sync::Arc;

use ::customers::{
    Customer, Dialect, DynamoStore, NewTenant, Repository, Settings, Timestamp, load_tenant, tenant_exists,
};
use anyhow::{Context, Result};
use aws_sdk_dynamodb::Client;

pub use examples::{Example, examples};
pub use logins::{DemoLogin, LOGINS};
pub(crate) use logins::{SMPI, title};

/// The tenant's name, which is also the template's default tenant.
pub const TENANT: &str = "demo";
/// Into how many shards its list index is split.
const SHARDS: u32 = 4;

/// Loads the tenant if the table does not have it. Returns whether it did.
///
/// # Errors
/// If DynamoDB does not do as it is told.
pub async fn load(client: &Client, table: &str) -> Result<bool> {
    let store = DynamoStore::new(client.clone(), table.to_owned());
    let exists = tenant_exists(&store, &TENANT.parse()?).await;
    if exists.context(
        "the data cannot be read; if another release wrote it, bring it to this one's format by the subcommand rebuild",
    )? {
        return Ok(false);
    }
    load_tenant(&store, &tenant()?).await?;
    Ok(true)
}

/// A session of the Valomnia login that reads the default organisation, opened `at` this moment: its token.
pub(crate) async fn valomnia_session(client: &Client, table: &str, at: Timestamp) -> Result<String> {
    let repository = Repository::new(Arc::new(DynamoStore::new(client.clone(), table.to_owned())));
    let directory = repository.directory(&TENANT.parse()?, "session");
    let login = directory.login(Dialect::Valomnia, logins::VALOMNIA.identity).await?;
    let login = login.context("the demo tenant has no Valomnia login")?;
    Ok(directory.open_session(Dialect::Valomnia, logins::VALOMNIA.identity, &login, at).await?)
}

/// The tenant with another set of customers: `count` of the same kind, always the same, not held in memory at once.
///
/// # Errors
/// As [`tenant`].
pub(crate) fn crowd(count: u64) -> Result<(NewTenant, impl Iterator<Item = Customer>)> {
    Ok((NewTenant { customers: Vec::new(), ..tenant()? }, customers::crowd(count)))
}

/// The whole tenant. Takes about 30 ms for each login with a password, which is hashed.
///
/// # Errors
/// None but for a secret or a name that the directory refuses, or if the system gives no random numbers.
pub fn tenant() -> Result<NewTenant> {
    let resellers = customers::RESELLERS.map(|(reseller, isp)| (reseller.into(), isp.into()));
    let [organisation, _] = tree::ORGANISATIONS;
    let [partner, _] = tree::PARTNERS;
    Ok(NewTenant {
        id: TENANT.parse()?,
        settings: Settings {
            isps: customers::RESELLERS.map(|(_, isp)| isp.into()).into(),
            resellers: resellers.into(),
            root_customer: Some(tree::ROOT.into()),
            default_organisation: Some(organisation.to_owned()),
            default_partner: Some(partner.to_owned()),
            time_zone: Some("Asia/Kolkata".to_owned()),
            currency: Some("INR".to_owned()),
            directory_default: Some(false),
            regions: true,
            utc_offset_minutes: 0,
        },
        shards: SHARDS,
        customers: customers::all(),
        logins: LOGINS.iter().map(DemoLogin::entry).collect::<Result<_>>()?,
    })
}
