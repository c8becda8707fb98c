//! The tenants of the worked examples.

use bundle::{Data, StackOptions};
use customers::{
    Address, Credential, Customer, Decimal, Dialect, Identity, Link, Login, LoginEntry, NewTenant, Person, Profile,
    Sales, Scope, Settings, load_tenant,
};
use time::{OffsetDateTime, macros::datetime};

use crate::harness::{self, Site, tenant};

/// The login of the examples, which sees organisation `entity1`.
pub(super) const EMAIL: &str = "demo@entity1.example";
/// A login that sees organisation `entity2`.
pub(super) const OTHER_EMAIL: &str = "demo@entity2.example";
/// A login that belongs to no organisation.
pub(super) const STRAY_EMAIL: &str = "stray@entity1.example";
/// A login that is shut out.
pub(super) const SUSPENDED_EMAIL: &str = "suspended@entity1.example";
/// An Enswitch login.
pub(super) const ENSWITCH_USER: &str = "user@entity1.example";
/// The password of all of them.
pub(super) const PASSWORD: &str = "password";
/// The host of the tenant `other`, whose login has the e-mail and the password of the examples.
pub(super) const OTHER_HOST: &str = "other.example.com";

/// A site with the customers and logins of the examples.
pub(super) async fn site() -> Site {
    let hosts = ("TENANT_HOSTS".to_owned(), format!("{OTHER_HOST}=other"));
    let options = StackOptions { environment: vec![hosts], ..StackOptions::default() };
    let site = Site::start_with(options, examples()).await;
    load_tenant(&*site.operator_store(), &other()).await.unwrap();
    site
}

/// Functions on the table of `site` whose clock stands at so many seconds after a moment that is always the same.
pub(super) async fn site_after(site: &Site, seconds: i64) -> Site {
    const START: i64 = 1_700_000_000;
    let clock = ("TEST_CLOCK".to_owned(), (START + seconds).to_string());
    let data = Data::Endpoint(site.stack.dynamodb_endpoint().to_owned());
    Site::resume(StackOptions { data, environment: vec![clock], ..StackOptions::default() }).await
}

fn examples() -> NewTenant {
    NewTenant {
        id: tenant(),
        settings: Settings { default_organisation: Some("entity1".to_owned()), ..Settings::default() },
        shards: 4,
        customers: customers(),
        logins: vec![
            login(Dialect::Valomnia, EMAIL, Scope::Organisation("entity1".to_owned())),
            login(Dialect::Valomnia, OTHER_EMAIL, Scope::Organisation("entity2".to_owned())),
            login(Dialect::Valomnia, STRAY_EMAIL, Scope::Everything),
            suspended(login(Dialect::Valomnia, SUSPENDED_EMAIL, Scope::Organisation("entity1".to_owned()))),
            login(Dialect::Enswitch, ENSWITCH_USER, Scope::Organisation("entity1".to_owned())),
        ],
    }
}

fn other() -> NewTenant {
    NewTenant {
        id: "other".parse().unwrap(),
        settings: Settings { default_organisation: Some("entity1".to_owned()), ..Settings::default() },
        shards: 1,
        customers: vec![customer(1, "NC-1", "Another Acme", datetime!(2016-01-01 0:00 UTC))],
        logins: vec![login(Dialect::Valomnia, EMAIL, Scope::Organisation("entity1".to_owned()))],
    }
}

/// Three of organisation `entity1`, one by name and two by default; one of `entity2`; a deleted one.
fn customers() -> Vec<Customer> {
    let mut acme = customer(1, "NC-1", "Acme", datetime!(2016-01-01 0:00 UTC));
    acme.profile.hierarchy.organisation = Some("entity1".to_owned());
    acme.profile.sales.category = Some(category(1, "jewelry"));
    acme.profile.sales.credit_limit = Some(Decimal::from(500));

    let mut best = customer(2, "NC-2", "Best", datetime!(2016-02-01 0:00 UTC));
    best.profile.hierarchy.parent = Some(1.into());
    best.profile.sales.category = Some(category(2, "home"));
    best.profile.sales.billed_apart = true;
    best.profile.billing_address = Some(Address { city: Some("Sfax".to_owned()), ..Address::default() });

    let mut care = customer(3, "XC-3", "Care_shop", datetime!(2016-03-01 0:00 UTC));
    care.profile.hierarchy.parent = Some(4.into());
    care.profile.sales = Sales {
        category: Some(category(1, "jewelry")),
        inactive: true,
        on_hold: true,
        credit_limit: Some(Decimal::from_ten_thousandths(-5)),
        currency: Some("TND".to_owned()),
        ..Sales::default()
    };

    let mut elsewhere = customer(4, "NC-4", "Elsewhere", datetime!(2016-01-15 0:00 UTC));
    elsewhere.profile.hierarchy.organisation = Some("entity2".to_owned());

    let mut gone = customer(5, "NC-5", "Gone", datetime!(2016-01-20 0:00 UTC));
    gone.lifecycle.deleted_at = Some(gone.lifecycle.created_at.plus_seconds(1));
    vec![acme, best, care, elsewhere, gone]
}

fn category(id: u64, reference: &str) -> Link {
    Link { id, reference: reference.to_owned(), name: format!("The {reference}") }
}

fn customer(id: u64, reference: &str, name: &str, created_at: OffsetDateTime) -> Customer {
    let identity = Identity { name: name.to_owned(), reference: Some(reference.to_owned()), ..Identity::default() };
    harness::customer(id, Profile { identity, ..Profile::default() }, created_at)
}

fn login(dialect: Dialect, identity: &str, scope: Scope) -> LoginEntry {
    let login = Login {
        person: Person { first_name: "Dé".to_owned(), last_name: "Mo".to_owned() },
        roles: ["ROLE_USER".to_owned()].into(),
        ..harness::login(identity, scope, Credential::password(PASSWORD).unwrap())
    };
    LoginEntry { dialect, identity: identity.to_owned(), login }
}

fn suspended(entry: LoginEntry) -> LoginEntry {
    LoginEntry { login: Login { suspended: true, ..entry.login }, ..entry }
}
