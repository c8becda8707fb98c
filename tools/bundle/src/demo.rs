//! The tenant `demo`: 500 customers, always the same, and logins with which the NeuCRM vendor's own example calls work.

mod customers;
mod names;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use ::customers::{
    Credential, Dialect, DynamoStore, Login, LoginEntry, NewTenant, Person, Scope, Settings, load_tenant, tenant_exists,
};
use anyhow::Result;
use aws_sdk_dynamodb::Client;

/// The tenant's name, which is also the template's default tenant.
pub const TENANT: &str = "demo";
/// Into how many shards its list index is split.
const SHARDS: u32 = 4;

/// A login of the demo tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoLogin {
    /// NeuCRM's `userid`.
    pub user: u64,
    /// NeuCRM's `api_key`. No secret: it is the same everywhere.
    pub key: &'static str,
    /// The name that changes are signed with.
    pub name: &'static str,
    /// What the login sees, for people.
    pub sees: &'static str,
    /// What the login sees.
    scope: DemoScope,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DemoScope {
    Everything,
    Isp(u64),
    Reseller(u64),
}

/// The login of the vendor's examples.
const VENDORS: DemoLogin = DemoLogin {
    user: 5,
    key: "0f9895fb407c83e5ea128082098b47681aa75d6944576423c4",
    name: "isp1",
    sees: "the customers of ISP 1",
    scope: DemoScope::Isp(1),
};

/// The logins of the demo tenant.
pub const LOGINS: [DemoLogin; 4] = [
    VENDORS,
    DemoLogin {
        user: 1,
        key: "5b1f0c7a94e2d83660bd9a1c47f52e8b3d06ca791e8f4420d5",
        name: "operator",
        sees: "all customers",
        scope: DemoScope::Everything,
    },
    DemoLogin {
        user: 14,
        key: "c27e4d9035a86fb1127d60e9485bc3fa9e01d7b2643f58ac06",
        name: "reseller1",
        sees: "the customers of reseller 1, which belongs to ISP 1",
        scope: DemoScope::Reseller(1),
    },
    DemoLogin {
        user: 9,
        key: "8a36f1e0d25c497b6be4038da1975c2ff06d3e81b94a7250ec",
        name: "isp2",
        sees: "the customers of ISP 2",
        scope: DemoScope::Isp(2),
    },
];

/// Loads the tenant if the table does not have it. Returns whether it did.
///
/// # Errors
/// If DynamoDB does not do as it is told.
pub async fn load(client: &Client, table: &str) -> Result<bool> {
    let store = DynamoStore::new(client.clone(), table.to_owned());
    let tenant = tenant()?;
    if tenant_exists(&store, &tenant.id).await? {
        return Ok(false);
    }
    load_tenant(&store, &tenant).await?;
    Ok(true)
}

/// The whole tenant.
///
/// # Errors
/// None but for a key or a name above that the directory refuses.
pub fn tenant() -> Result<NewTenant> {
    let resellers = customers::RESELLERS.map(|(reseller, isp)| (reseller.into(), isp.into()));
    Ok(NewTenant {
        id: TENANT.parse()?,
        settings: Settings {
            isps: customers::RESELLERS.map(|(_, isp)| isp.into()).into(),
            resellers: resellers.into(),
            ..Settings::default()
        },
        shards: SHARDS,
        customers: customers::all(),
        logins: LOGINS.iter().map(DemoLogin::entry).collect::<Result<_>>()?,
    })
}

impl DemoLogin {
    fn entry(&self) -> Result<LoginEntry> {
        let scope = match self.scope {
            DemoScope::Everything => Scope::Everything,
            DemoScope::Isp(isp) => Scope::Isp(isp.into()),
            DemoScope::Reseller(reseller) => Scope::Reseller(reseller.into()),
        };
        let credential = Credential::api_key(self.key)?;
        let login = Login {
            name: self.name.to_owned(),
            person: Person::default(),
            suspended: false,
            scope,
            roles: BTreeSet::new(),
            credential,
        };
        Ok(LoginEntry { dialect: Dialect::NeuCrm, identity: self.user.to_string(), login })
    }
}

/// One call per operation, ready to paste: what it does, and the command.
pub fn examples(base_url: &str) -> [(&'static str, String); 4] {
    let DemoLogin { user, key, .. } = VENDORS;
    let call = |operation: &str, fields: &[&str]| {
        let mut command =
            format!("curl -X POST {base_url}/api/customer/{operation} -d userid={user} -d api_key=\"{key}\"");
        for field in fields {
            command.extend([" -d ", field]);
        }
        command
    };
    [
        ("List customers", call("list", &["name=\"a%\"", "rows_limit=3"])),
        (
            "Create a customer",
            call(
                "create",
                &[
                    "resellerid=1",
                    "type=Individual",
                    "name=\"Some Name\"",
                    "mobile=12344444",
                    "email=\"abc@email.com\"",
                    "zipcode=12345",
                    "state=Goa",
                    "city=Panaji",
                    "street=\"3rd street\"",
                ],
            ),
        ),
        ("Update a customer", call("update", &["customerid=1243", "street=\"2nd street\""])),
        ("Delete a customer", call("delete", &["customerid=1423"])),
    ]
}
