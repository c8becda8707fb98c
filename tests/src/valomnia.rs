//! The worked examples of the Valomnia dialect.

mod bad_input;
mod fixture;
mod login;
mod scope;
mod sorting;

use serde_json::{Value, json};

use crate::{
    clients::{cookie, valomnia as get, valomnia_login as login_form},
    harness::Site,
    http::{Call, Reply},
};
use fixture::{EMAIL, PASSWORD, site};

const LIST: &str = "/api/v1.0/customers";

/// What an example's answer is.
enum Expected {
    /// Rows with these ids, and all of them on one page.
    Ids(&'static [u64]),
    /// Total, rows with these ids, and the queries of the links to the previous and the next page.
    Page(u64, &'static [u64], Option<&'static str>, Option<&'static str>),
    /// This status and `error`, and this in the `error_description`.
    Refused(u16, &'static str, &'static str),
}
use Expected::{Ids, Page, Refused};

impl Expected {
    fn check(&self, reply: &Reply, what: &str) {
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"), "{what}");
        match *self {
            Ids(expected) => assert_eq!(ids(reply), expected, "{what}: {}", reply.text()),
            Page(total, expected, previous, next) => {
                assert_eq!(ids(reply), expected, "{what}: {}", reply.text());
                let paging = &reply.json()["paging"];
                let link = |query: Option<&str>| query.map(|query| format!("{LIST}?{query}"));
                assert_eq!(paging["total"], total, "{what}");
                assert_eq!(paging["previous"], json!(link(previous)), "{what}");
                assert_eq!(paging["next"], json!(link(next)), "{what}");
            }
            Refused(status, error, part) => assert_refused(reply, status, error, part, what),
        }
    }
}

/// The ids of a list that was not refused.
fn ids(reply: &Reply) -> Vec<u64> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let body = reply.json();
    body["data"].as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect()
}

fn assert_refused(reply: &Reply, status: u16, error: &str, part: &str, what: &str) {
    let body = reply.json();
    assert_eq!((reply.status, body["error"].as_str()), (status, Some(error)), "{what}: {body}");
    let description = body["error_description"].as_str().unwrap_or_default();
    assert!(!description.is_empty() && description.contains(part), "{what}: {body}");
    assert_eq!(body.as_object().unwrap().len(), 2, "{what}: {body}");
}

/// Logs in and returns the cookie.
async fn session(site: &Site, email: &str) -> String {
    let reply = site.call(&login_form(email, PASSWORD)).await;
    assert!(reply.header("location").unwrap().ends_with("/login/ajaxSuccess"), "{reply:?}");
    cookie(&reply)
}

#[tokio::test]
async fn lists() {
    let site = site().await;
    let cookie = session(&site, EMAIL).await;
    for (example, query, expected) in [
        (1, "", Page(3, &[1, 2, 3], None, None)),
        (2, "max=2", Page(3, &[1, 2], None, Some("max=2&offset=2&sort=dateCreated&order=asc"))),
        (3, "max=2&offset=2", Page(3, &[3], Some("max=2&offset=0&sort=dateCreated&order=asc"), None)),
        (4, "max=2&offset=1", Page(3, &[2, 3], Some("max=2&offset=0&sort=dateCreated&order=asc"), None)),
        (5, "max=1&sort=name&order=desc", Page(3, &[3], None, Some("max=1&offset=1&sort=name&order=desc"))),
        (6, "reference=NC-*", Ids(&[1, 2])),
        (7, "reference=*C-*", Ids(&[1, 2, 3])),
        (8, "reference=NC", Page(0, &[], None, None)),
        (9, "reference=*-3", Ids(&[3])),
        (10, "name=care_*", Ids(&[3])),
        (10, "name=Car%25*", Ids(&[])),
        (11, "categoryReference=jewelry&isActive=true", Ids(&[1])),
        (12, "dateCreated_gt=2016-01-01T00:00:00Z", Ids(&[2, 3])),
        (12, "dateCreated_gte=2016-01-01T00:00:00Z", Ids(&[1, 2, 3])),
        (13, "dateCreated_lte=2016-02-01T00:00:00Z&dateCreated_gt=2016-01-01T00:00:00Z", Ids(&[2])),
        (14, "dateCreated_gta=x", Refused(400, "invalid_param", "[dateCreated_gta]")),
        (15, "foo=1&bar=2", Refused(400, "invalid_param", "[foo, bar]")),
        (16, "dateCreated_gt=2016-08-1Z", Refused(400, "invalid_datetime_format", "[2016-08-1Z]")),
        (17, "dateCreated_gt=2016-08-15", Refused(400, "invalid_datetime_format", "[2016-08-15]")),
        (18, "isActive=yes", Refused(400, "invalid_param_type", "isActive (must be a boolean: true or false)")),
        (19, "max=abc", Refused(400, "invalid_param_type", "parameter max ")),
        (20, "offset=50", Page(3, &[], Some("max=100&offset=0&sort=dateCreated&order=asc"), None)),
    ] {
        let reply = site.call(&get(&format!("{LIST}?{query}"), &cookie)).await;
        expected.check(&reply, &format!("example {example}: {query}"));
    }
    Refused(401, "no_credentials", "").check(&site.call(&Call::get(LIST)).await, "example 25");
}

#[tokio::test]
async fn the_paging_of_the_first_example_byte_for_byte() {
    let site = site().await;
    let cookie = session(&site, EMAIL).await;
    let text = site.call(&get(LIST, &cookie)).await.text();
    let paging = r#"{"paging":{"total":3,"max":100,"offset":0,"previous":null,"next":null},"data":[{"id":1,"#;
    assert!(text.starts_with(paging), "{text}");
}

#[tokio::test]
async fn links_repeat_the_version_asked_and_lead_through_all_pages() {
    let site = site().await;
    let cookie = session(&site, EMAIL).await;
    for version in ["v1", "v1.0", "v2.1"] {
        let mut target = format!("/api/{version}/customers/?reference=*C-*&max=1&isActive=true&name=");
        let mut seen = Vec::new();
        loop {
            let reply = site.call(&get(&target, &cookie)).await;
            seen.extend(ids(&reply));
            let body = reply.json();
            let category = body["data"][0]["customerCategory"]["href"].as_str().unwrap();
            assert!(category.starts_with(&format!("/api/{version}/customerCategories/")), "{body}");
            let Some(next) = body["paging"]["next"].as_str() else { break };
            assert!(next.starts_with(&format!("/api/{version}/customers?max=1&offset=")), "{next}");
            assert!(next.ends_with("&sort=dateCreated&order=asc&reference=*C-*&isActive=true"), "{next}");
            next.clone_into(&mut target);
        }
        assert_eq!(seen, [1, 2], "{version}");
    }
}

#[tokio::test]
async fn a_row_shows_its_parent_if_the_login_sees_it() {
    let site = site().await;
    let cookie = session(&site, EMAIL).await;
    let body = site.call(&get(LIST, &cookie)).await.json();
    let shown = |row: usize| [body["data"][row]["isSubCustomer"].clone(), body["data"][row]["parentCustomer"].clone()];
    let acme = json!({ "id": 1, "reference": "NC-1", "name": "Acme", "href": "/api/v1.0/customers/1" });
    assert_eq!(shown(0), [json!(false), Value::Null]);
    assert_eq!(shown(1), [json!(true), acme]);
    assert_eq!(shown(2), [json!(true), Value::Null], "its parent is another organisation's");
}
