//! The SMPI dialect: its worked examples and test vectors, what it refuses, and who sees what.

mod access;
mod examples;
mod requests;

use bundle::StackOptions;
use customers::{
    Credential, Customer, Dialect, Hierarchy, Identity, Licence, LoginEntry, NewTenant, Profile, Scope, Settings,
};
use time::macros::datetime;
use uuid::{Uuid, uuid};

use crate::{
    clients::{self, Partner, SMPI_SECRET, SMPI_TOKEN, signed, with_headers},
    harness::{self, Site, tenant},
    http::{Call, Reply},
};

const CUSTOMERS: &str = "/SMPI/v2.6/service/wfbss/api/customers";
/// The time of the test vectors.
const TIME: i64 = clients::TIME.unix_seconds();
const SIGNATURE_1: &str = "UD/KMsPPw767PLsUeLFlwiv5KA9hurU4G5om3ijGt0c=";

/// The partner of the examples, and its secret that looks like Base64 but is text.
const T: Partner<'_> = Partner(SMPI_TOKEN, SMPI_SECRET);
/// Another partner.
const OTHER: Partner<'_> = Partner("0c51ad4e-6ba3-4c4a-8f0b-3b7fd8f7a9c2", "the secret of the other partner");
/// The partner whose customers are all that name none.
const DEFAULT: Partner<'_> = Partner("5f3d1c0a-2b4e-4d6f-9a8b-7c6d5e4f3a2b", "the secret of the default partner");
/// A partner that is shut out.
const SUSPENDED: Partner<'_> = Partner("1a2b3c4d-5e6f-4a8b-9c0d-1e2f3a4b5c6d", "the secret of a suspended partner");
/// Logins of other dialects, as like a partner's as can be.
const FOREIGN: [(Dialect, Partner<'_>); 3] = [
    (Dialect::Enswitch, Partner("e0000000-0000-4000-8000-000000000001", "the secret of an enswitch login")),
    (Dialect::NeuCrm, Partner("e0000000-0000-4000-8000-000000000002", "the secret of a neucrm login")),
    (Dialect::Valomnia, Partner("e0000000-0000-4000-8000-000000000003", "the secret of a valomnia login")),
];
/// The token of the examples, in another tenant.
const ELSEWHERE: Partner<'_> = Partner(T.0, "the secret of the same token elsewhere");

const A: Uuid = uuid!("ad38f82d-51a1-46fd-b167-e0d0ff31be80");
const B: Uuid = uuid!("ad38f82d-51a1-46fd-b167-e0d0ff31be83");
const D: Uuid = uuid!("ad38f82d-51a1-46fd-b167-e0d0ff31be8d");

fn customer(id: u64, guid: Uuid, name: &str, partner: Option<&str>) -> Customer {
    let profile = Profile {
        identity: Identity { name: name.to_owned(), ..Identity::default() },
        hierarchy: Hierarchy { partner: partner.map(str::to_owned), ..Hierarchy::default() },
        ..Profile::default()
    };
    let eid = Uuid::from_u128(u128::from(id));
    Customer { guid, eid, ..harness::customer(id, profile, datetime!(2012-01-10 9:00 UTC)) }
}

fn login(dialect: Dialect, Partner(token, secret): Partner<'_>, partner: &str) -> LoginEntry {
    let scope = Scope::Partner(partner.to_owned());
    let login = harness::login(partner, scope, Credential::signing_secret(secret));
    LoginEntry { dialect, identity: token.to_owned(), login }
}

/// The customers of the examples, and some that nobody may see who should not.
fn fixture() -> NewTenant {
    let mut alpha = customer(1, A, "Trend Alpha", Some("P1"));
    alpha.profile.licence = Some(Licence {
        period_months: 1,
        auto_renewal: false,
        full: true,
        seats: 30,
        plan: "monthly".to_owned(),
        time_zone: Some("Asia/Taipei".to_owned()),
        expires_at: datetime!(2030-06-01 15:59:59 UTC).into(),
    });
    let mut gone = customer(6, Uuid::from_u128(6), "Trend Gone", Some("P1"));
    gone.lifecycle.deleted_at = Some(datetime!(2013-01-10 9:00 UTC).into());
    let mut suspended = login(Dialect::Smpi, SUSPENDED, "P1");
    suspended.login.suspended = true;
    let foreign = FOREIGN.map(|(dialect, partner)| login(dialect, partner, "P1"));
    NewTenant {
        id: tenant(),
        settings: Settings {
            default_partner: Some("P3".to_owned()),
            time_zone: Some("Europe/Berlin".to_owned()),
            ..Settings::default()
        },
        shards: 4,
        customers: vec![
            alpha,
            customer(2, B, "beta GmbH", Some("P1")),
            customer(3, Uuid::from_u128(3), "Zeta trend", Some("P1")),
            customer(4, D, "Trend Other", Some("P2")),
            customer(5, Uuid::from_u128(5), "Trend of None", None),
            gone,
        ],
        logins: [
            login(Dialect::Smpi, T, "P1"),
            login(Dialect::Smpi, OTHER, "P2"),
            login(Dialect::Smpi, DEFAULT, "P3"),
            suspended,
        ]
        .into_iter()
        .chain(foreign)
        .collect(),
    }
}

/// A second tenant, whose partner has the name, and whose token is the one, of the first tenant's.
fn second_tenant() -> NewTenant {
    NewTenant {
        id: "acme".parse().unwrap(),
        settings: Settings::default(),
        shards: 1,
        customers: vec![customer(1, A, "Trend Elsewhere", Some("P1"))],
        logins: vec![login(Dialect::Smpi, ELSEWHERE, "P1")],
    }
}

/// A stack with the fixture, whose clock stands at `clock`.
async fn site_at(clock: i64) -> Site {
    let environment = [("TEST_CLOCK", clock.to_string()), ("TENANT_HOSTS", "acme.example=acme".to_owned())];
    let environment = environment.map(|(name, value)| (name.to_owned(), value)).to_vec();
    Site::start_with(StackOptions { environment, ..StackOptions::default() }, fixture()).await
}

/// A GET request with a signature made elsewhere.
fn presenting(signature: &str, target: &str) -> Call {
    with_headers(Call::get(target), T, signature).header("content-type", "application/json")
}

fn get(partner: Partner<'_>, target: &str) -> Call {
    signed(partner, "GET", target, "")
}

/// The names of a list.
fn names(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let customers = reply.json()["customers"].as_array().unwrap().clone();
    customers.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

/// Asserts that `reply` is the dialect's error.
fn assert_refused(reply: &Reply, status: u16, subject: &str, what: &str) {
    let text = reply.text();
    assert_eq!(reply.status, status, "{what}: {text}");
    assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"), "{what}: {text}");
    let body = reply.json();
    assert_eq!(body["error_subject"], subject, "{what}: {text}");
    assert!(body["error_message"].as_str().is_some_and(|message| !message.is_empty()), "{what}: {text}");
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(2), "{what}: {text}");
}
