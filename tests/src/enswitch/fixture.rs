//! The tenants of the worked examples.

use bundle::StackOptions;
use customers::{
    BillType, Credential, Customer, Dialect, Hierarchy, Identity, Login, LoginEntry, NewTenant, Profile, Scope,
    Settings, Telephony, Timestamp, load_tenant,
};

use crate::harness::{self, Site, tenant};

/// The host of the tenant `other`.
pub(super) const OTHER_HOST: &str = "other.example.com";

/// A site with the customers and logins of the examples, and those of the tenant `other`.
pub(super) async fn site() -> Site {
    let environment = vec![("TENANT_HOSTS".to_owned(), format!("{OTHER_HOST}=other"))];
    let site = Site::start_with(StackOptions { environment, ..StackOptions::default() }, demo()).await;
    load_tenant(&*site.operator_store(), &other()).await.unwrap();
    site
}

/// The customers and logins of the worked examples, and some beside them.
pub(super) fn demo() -> NewTenant {
    let billed = |bill_type| Telephony { bill_type: Some(bill_type), ..Telephony::default() };
    let prepaid = || billed(BillType::Prepaid);
    let mut alpha = customer(3, Some(2), "alpha ltd", prepaid());
    alpha.profile.extra =
        [("region", "West"), ("web_password", "hush")].map(|(a, b)| (a.to_owned(), b.to_owned())).into();
    let mut gamma = customer(5, Some(2), "Gamma", prepaid());
    gamma.lifecycle.deleted_at = Some(gamma.lifecycle.created_at);
    NewTenant {
        id: tenant(),
        settings: Settings { root_customer: Some(1.into()), ..Settings::default() },
        shards: 4,
        customers: vec![
            customer(1, None, "System", Telephony::default()),
            customer(2, Some(1), "Reseller A", Telephony::default()),
            alpha,
            customer(4, Some(2), "Beta", Telephony { directory: true, ..billed(BillType::Postpaid) }),
            gamma,
            customer(6, Some(3), "Alphabet", prepaid()),
            customer(7, Some(1), "Reseller B", Telephony::default()),
            customer(8, Some(7), "Aleph of B", prepaid()),
            customer(9, None, "Walk-in", Telephony::default()),
        ],
        logins: vec![
            user("system", 1, "system callshop"),
            user("user", 2, "commerce"),
            user("clerk", 2, "user administrator"),
            user("shop", 3, "callshop"),
            user("beside", 7, "commerce"),
            suspended(user("gone", 2, "commerce")),
            of_dialect(Dialect::Valomnia, "sales@example.com", Credential::password("password").unwrap()),
            of_dialect(Dialect::Valomnia, "user", Credential::password("field sales").unwrap()),
            of_dialect(Dialect::NeuCrm, "5", Credential::api_key(harness::K5).unwrap()),
            of_dialect(Dialect::Smpi, "token", Credential::signing_secret("c2VjcmV0")),
        ],
    }
}

/// Another tenant, with a user of the same name.
fn other() -> NewTenant {
    let login =
        Login { credential: Credential::password("other password").unwrap(), ..user("user", 2, "commerce").login };
    NewTenant {
        id: "other".parse().unwrap(),
        settings: Settings { root_customer: Some(2.into()), directory_default: None, ..Settings::default() },
        shards: 1,
        customers: vec![
            customer(2, None, "Other", Telephony::default()),
            customer(3, Some(2), "Other 3", Telephony::default()),
            customer(4, None, "Other 4", Telephony { directory: true, ..Telephony::default() }),
        ],
        logins: vec![LoginEntry { dialect: Dialect::Enswitch, identity: "user".to_owned(), login }],
    }
}

fn user(name: &str, customer: u64, roles: &str) -> LoginEntry {
    let login = harness::login(name, Scope::Subtree(customer.into()), Credential::password("password").unwrap());
    let roles = roles.split(' ').map(str::to_owned).collect();
    LoginEntry { dialect: Dialect::Enswitch, identity: name.to_owned(), login: Login { roles, ..login } }
}

fn suspended(entry: LoginEntry) -> LoginEntry {
    LoginEntry { login: Login { suspended: true, ..entry.login }, ..entry }
}

fn of_dialect(dialect: Dialect, identity: &str, credential: Credential) -> LoginEntry {
    let roles = ["commerce".to_owned()].into();
    let login = Login { roles, ..harness::login(identity, Scope::Everything, credential) };
    LoginEntry { dialect, identity: identity.to_owned(), login }
}

/// A customer with an account, created at the last second of a day.
pub(super) fn customer(id: u64, parent: Option<u64>, name: &str, telephony: Telephony) -> Customer {
    let profile = Profile {
        identity: Identity { name: name.to_owned(), account: Some(format!("A-{id}")), ..Identity::default() },
        hierarchy: Hierarchy { parent: parent.map(Into::into), ..Hierarchy::default() },
        telephony,
        ..Profile::default()
    };
    harness::customer(id, profile, Timestamp::from_unix_seconds(1_644_537_599))
}
