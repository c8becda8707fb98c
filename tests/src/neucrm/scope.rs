//! The borders of what logins see and change: tenants, resellers, dialects.

use bundle::StackOptions;
use customers::{Credential, Dialect, LoginEntry, NewTenant, Scope, load_tenant};
use reqwest::StatusCode;
use serde_json::{Value, json};
use time::macros::datetime;

use crate::{
    harness::{self, K1, K5, K14, Site, fixture, subscriber},
    http::Call,
};

/// The host of the tenant `other`.
const OTHER_HOST: &str = "other.example.com";
/// The key of its login 5.
const OTHER_KEY: &str = "50505050505050505050505050505050505050505050505050";
/// The key, password or secret of the logins of other dialects.
const FOREIGN_KEY: &str = "77777777777777777777777777777777777777777777777777";
const NEW: &str = "type=Individual&name=N&mobile=1&email=a@b&zipcode=1&state=G&city=P&street=S";

/// A site with the tenants of the examples and `other`.
async fn site() -> Site {
    let environment = vec![("TENANT_HOSTS".to_owned(), format!("{OTHER_HOST}=other"))];
    let logins = fixture().logins.into_iter().chain(foreign_logins()).collect();
    let options = StackOptions { environment, ..StackOptions::default() };
    let site = Site::start_with(options, NewTenant { logins, ..fixture() }).await;
    load_tenant(&*site.operator_store(), &other()).await.unwrap();
    site
}

/// A tenant with the ids, the ISPs and the `userid` of the examples, and customers and a key of its own.
fn other() -> NewTenant {
    let customer = |id, name| subscriber(id, (2, 5), name, "o@x.in", datetime!(2022-01-10 09:00 UTC), &[]);
    let login = harness::login("isp2", Scope::Isp(2.into()), Credential::api_key(OTHER_KEY).unwrap());
    NewTenant {
        id: "other".parse().unwrap(),
        shards: 1,
        customers: vec![customer(11, "Otto"), customer(12, "Olga")],
        logins: vec![LoginEntry { dialect: Dialect::NeuCrm, identity: "5".to_owned(), login }],
        ..fixture()
    }
}

/// Logins of the other dialects: each has a number for its identity, and may see everything. What they hold of
/// [`FOREIGN_KEY`] is what their dialect does; the last one is NeuCRM's in all but the dialect.
fn foreign_logins() -> impl Iterator<Item = LoginEntry> {
    [
        (Dialect::Enswitch, "71", Credential::password(FOREIGN_KEY).unwrap()),
        (Dialect::Valomnia, "72", Credential::password(FOREIGN_KEY).unwrap()),
        (Dialect::Smpi, "73", Credential::signing_secret(FOREIGN_KEY)),
        (Dialect::Smpi, "74", Credential::api_key(FOREIGN_KEY).unwrap()),
    ]
    .into_iter()
    .map(|(dialect, identity, credential)| {
        let login = harness::login("foreign", Scope::Everything, credential);
        LoginEntry { dialect, identity: identity.to_owned(), login }
    })
}

/// The body of an answer to a form of login 5, sent to `host`.
async fn post(site: &Site, host: &str, operation: &str, key: &str, fields: &str) -> Value {
    let form = format!("userid=5&api_key={key}&{fields}");
    let call = Call::form(&format!("/api/customer/{operation}"), &form).header("host", host);
    let reply = site.call(&call).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// Ids, names and streets of a list of login 5.
async fn shown(site: &Site, host: &str, key: &str) -> Vec<[String; 3]> {
    let body = post(site, host, "list", key, "").await;
    let rows = body["result"].as_array().unwrap_or_else(|| panic!("{body}"));
    rows.iter().map(|row| ["id", "name", "street"].map(|key| row[key].as_str().unwrap().to_owned())).collect()
}

fn denied() -> Value {
    json!({ "result": null, "error": "Authentication failed" })
}

#[tokio::test]
async fn a_tenant_has_its_own_logins_and_customers_under_the_same_numbers() {
    const HERE: &str = "localhost";
    let site = site().await;
    let street = "1st street".to_owned();
    let row = |id: &str, name: &str, street: &str| [id, name, street].map(str::to_owned);
    let here = [row("11", "Anil", &street), row("12", "Bharat Net", &street), row("13", "anita", &street)];
    assert_eq!(shown(&site, HERE, K5).await, here);
    assert_eq!(shown(&site, OTHER_HOST, OTHER_KEY).await, [row("11", "Otto", &street), row("12", "Olga", &street)]);

    for (operation, fields) in
        [("list", ""), ("create", NEW), ("update", "customerid=11&street=Mine"), ("delete", "customerid=12")]
    {
        assert_eq!(post(&site, OTHER_HOST, operation, K5, fields).await, denied(), "{operation} with this key there");
        assert_eq!(post(&site, HERE, operation, OTHER_KEY, fields).await, denied(), "{operation} with that key here");
    }
    let done = json!({ "result": "done", "error": null });
    assert_eq!(post(&site, OTHER_HOST, "update", OTHER_KEY, "customerid=11&street=Mine").await, done);
    assert_eq!(post(&site, OTHER_HOST, "delete", OTHER_KEY, "customerid=12").await, done);
    let missing = json!({ "result": null, "error": "Customer not found" });
    assert_eq!(post(&site, OTHER_HOST, "delete", OTHER_KEY, "customerid=13").await, missing, "only there is none");
    assert_eq!(shown(&site, HERE, K5).await, here);
    assert_eq!(shown(&site, OTHER_HOST, OTHER_KEY).await, [row("11", "Otto", "Mine")]);
}

#[tokio::test]
async fn a_reseller_neither_sees_nor_changes_anothers_customers() {
    const RESELLER: (u64, &str) = (14, K14);
    let site = site().await;
    let all = async || site.neucrm("list", (1, K1), "").await;
    let before = all().await;
    for (operation, fields, expected) in [
        ("list", "customerid=13", json!({ "result": [], "error": null })),
        ("list", "resellerid=6", json!({ "result": [], "error": null })),
        ("list", "name=anita", json!({ "result": [], "error": null })),
        ("list", "email=c@x.in&show_count=1", json!({ "result": 0, "error": null })),
        ("list", "show_count=1", json!({ "result": 2, "error": null })),
        ("update", "customerid=13&street=Mine", json!({ "result": null, "error": "Customer not found" })),
        ("update", "customerid=14&street=Mine", json!({ "result": null, "error": "Customer not found" })),
        ("update", "customerid=13", json!({ "result": null, "error": "Customer not found" })),
        ("delete", "customerid=13", json!({ "result": null, "error": "Customer not found" })),
        ("delete", "customerid=14", json!({ "result": null, "error": "Customer not found" })),
        ("create", &format!("resellerid=6&{NEW}"), json!({ "result": null, "error": "Permission denied" })),
        ("create", &format!("ispid=3&resellerid=7&{NEW}"), json!({ "result": null, "error": "Permission denied" })),
    ] {
        let answer = site.neucrm(operation, RESELLER, fields).await;
        assert_eq!(answer, (StatusCode::OK, expected), "{operation} {fields}");
    }
    assert_eq!(all().await, before);
}

#[tokio::test]
async fn no_other_dialects_login_opens_this_one() {
    let site = site().await;
    for userid in 71..=74 {
        for (operation, fields) in [
            ("list", ""),
            ("create", &*format!("ispid=2&resellerid=5&{NEW}")),
            ("update", "customerid=11&street=Mine"),
            ("delete", "customerid=11"),
        ] {
            let answer = site.neucrm(operation, (userid, FOREIGN_KEY), fields).await;
            assert_eq!(answer, (StatusCode::OK, denied()), "{operation} as {userid}");
        }
    }
}
