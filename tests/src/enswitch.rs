//! The worked examples of the Enswitch dialect, its answers to bad input, and the borders of what its users see.

mod fixture;

use std::io::Read;

use bundle::StackOptions;
use customers::{NewTenant, Telephony};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::{
    harness::Site,
    http::{Call, Reply},
};
use fixture::{OTHER_HOST, customer, demo, site};

const PATH: &str = "/api/json/customers/list/";
/// The credentials of the examples.
const A: &str = "auth_username=user;auth_password=password";

/// What an answer is.
#[derive(Debug)]
enum Expected {
    /// Rows with these ids.
    Ids(&'static [u64]),
    /// This data.
    Data(Value),
    /// No data; this code about this key.
    Refused(&'static str, &'static str),
}
use Expected::{Data, Ids, Refused};

impl Expected {
    fn check(&self, reply: &Reply, what: &str) {
        assert_eq!(reply.status, 200, "{what}: {}", reply.text());
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"), "{what}");
        let body = reply.json();
        match self {
            Ids(expected) => assert_eq!(ids(&body), *expected, "{what}: {body}"),
            Data(expected) => assert_eq!(body, json!({ "responses": [ok()], "data": expected }), "{what}"),
            Refused(code, key) => assert_refused(&body, code, key, what),
        }
    }
}

fn ok() -> Value {
    json!({ "code": "200", "key": "", "message": "OK" })
}

/// The ids of a list that was not refused.
fn ids(body: &Value) -> Vec<u64> {
    assert_eq!(body["responses"], json!([ok()]), "{body}");
    body["data"].as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect()
}

fn assert_refused(body: &Value, code: &str, key: &str, what: &str) {
    let message = body["responses"][0]["message"].as_str().unwrap_or_default();
    assert!(!message.is_empty(), "{what}: {body}");
    assert_eq!(*body, json!({ "responses": [{ "code": code, "key": key, "message": message }] }), "{what}");
}

fn get(query: &str) -> Call {
    Call::get(&format!("{PATH}?{query}"))
}

#[tokio::test]
async fn worked_examples() {
    let site = site().await;
    let list = |inputs: &str| get(&format!("{A};{inputs}"));
    let without_slash = PATH.trim_end_matches('/');
    for (example, call, expected) in [
        (1, list("deleted=0"), Ids(&[3])),
        (2, list("deleted=0;directory=-1"), Ids(&[3, 4])),
        (3, list("deleted=-1;directory=-1"), Ids(&[3, 4, 5])),
        (4, list("deleted=1"), Ids(&[5])),
        (5, list("directory=-1;descending=1"), Ids(&[4, 3])),
        (6, list("directory=-1;limit=1;offset=1"), Ids(&[4])),
        (7, list("directory=-1;offset=9"), Data(json!([]))),
        (8, list("directory=-1;recursive=1"), Ids(&[3, 6, 4])),
        (9, list("directory=-1;count=1"), Data(json!({ "count": 2 }))),
        (10, list("directory=-1;count=1;recursive=1"), Data(json!({ "count": 2 }))),
        (11, list("directory=-1;count=1;limit=1"), Data(json!({ "count": 2 }))),
        (12, list("directory=-1;name=ALPH"), Ids(&[3])),
        (13, list("bill_type=prepaid"), Ids(&[3])),
        (14, list("parent=3"), Ids(&[6])),
        (15, list("parent=1"), Refused("400", "parent")),
        (
            16,
            list("directory=-1;pages=1"),
            Data(json!([{ "id": 3, "name": "alpha ltd" }, { "id": 4, "name": "Beta" }])),
        ),
        (17, get("auth_password=password&auth_username=user&deleted=0"), Ids(&[3])),
        (18, Call::get(&format!("{without_slash}?{A};deleted=0")), Ids(&[3])),
        (19, Call::form(PATH, "auth_username=user&auth_password=password&deleted=1"), Ids(&[5])),
        (20, list("sort=id"), Refused("400", "sort")),
        (21, list("limit=ten"), Refused("400", "limit")),
        (22, get("auth_username=user;auth_password=wrong;sort=id"), Refused("401", "auth")),
        (23, get("auth_username=clerk;auth_password=password;sort=id"), Refused("402", "role")),
        (24, list("name=alpha+l"), Ids(&[3])),
        (24, list("name=alpha%20l"), Ids(&[3])),
    ] {
        expected.check(&site.call(&call).await, &format!("example {example}"));
    }
}

#[tokio::test]
async fn the_second_example_byte_for_byte() {
    let site = site().await;
    let text = site.call(&get(&format!("{A};deleted=0;directory=-1"))).await.text();
    let beginning = r#"{"responses":[{"code":"200","key":"","message":"OK"}],"data":[{"id":3,"name":"alpha ltd","#;
    let alpha = concat!(
        r#""account":"A-3","description":"","parent":2,"deleted":0,"directory":0,"bill_type":"prepaid","plan":0,"#,
        r#""email":"","address1":"","address2":"","address3":"","address_city":"","address_code":"","#,
        r#""address_other":"","address_state":"","affiliate_customer":0,"affiliate_percentage":0,"affiliate_type":"","#,
        r#""auto_topup":0.0,"balance":0.0,"bank_account_name":"","bank_account_number":"","bank_code":"","#,
        r#""bank_name":"","bill_ref":"","bulk_calls":-2,"call_maximum":-2.0,"callerid":"","callerid_in_external":0,"#,
        r#""email_low_balance":0,"created":"2022-02-10 23:59:59","region":"West"},{"id":4,"name":"Beta","#,
    );
    assert!(text.starts_with(&[beginning, alpha].concat()), "{text}");
    assert!(text.ends_with(r#""created":"2022-02-10 23:59:59"}]}"#), "{text}");
    assert!(!text.contains("hush"), "secrets met by an import stay hidden");
}

#[tokio::test]
async fn inputs_in_the_url_and_the_body_of_a_post_both_count() {
    let site = site().await;
    const LOGIN: &str = "auth_username=user&auth_password=password";
    let in_url = format!("{PATH}?{LOGIN};directory=-1;deleted=1");
    for (what, call, expected) in [
        ("all in the URL", Call::form(&in_url, ""), Ids(&[5])),
        ("the body wins", Call::form(&in_url, "deleted=-1"), Ids(&[3, 4, 5])),
        ("an empty input in the body is the default", Call::form(&in_url, "deleted="), Ids(&[3, 4])),
        ("semicolons in a body", Call::form(PATH, &format!("{A};deleted=1")), Ids(&[5])),
        (
            "a mix of separators",
            get(&format!("{LOGIN};deleted=-1&directory=-1;sort=account;descending=1")),
            Ids(&[5, 4, 3]),
        ),
        ("the last of several", get(&format!("{A};deleted=0;deleted=1")), Ids(&[5])),
        ("a GET has no body", get(&format!("{A};deleted=1")).body("deleted=0"), Ids(&[5])),
        (
            "the Go client's header",
            get(&format!("{A};deleted=1")).header("content-type", "Application/JSON"),
            Ids(&[5]),
        ),
        ("no media type", Call::new("POST", PATH).body(LOGIN), Ids(&[3])),
    ] {
        expected.check(&site.call(&call).await, what);
    }
}

#[tokio::test]
async fn every_wrong_input_is_reported_in_the_order_of_the_table() {
    let site = site().await;
    let reply = site.call(&get(&format!("{A};sort=id;parent=99;limit=-1;name=%FF;deleted=2"))).await;
    let keys: Vec<_> = reply.json()["responses"].as_array().unwrap().iter().map(|entry| entry["key"].clone()).collect();
    assert_eq!((reply.status, keys), (200, vec![json!("deleted"), json!("limit"), json!("name"), json!("sort")]));
    assert!(reply.json()["data"].is_null());
}

#[tokio::test]
async fn bad_input_is_refused_in_the_envelope() {
    let site = site().await;
    let garbage = String::from_utf8_lossy(&[0xa5; 1 << 12]).into_owned();
    let long = "9".repeat(1 << 12);
    for (what, call, expected) in [
        ("nothing", Call::get(PATH), Refused("401", "auth")),
        ("no password", get("auth_username=user"), Refused("401", "auth")),
        ("unknown user", get("auth_username=nobody;auth_password=password"), Refused("401", "auth")),
        ("suspended user", get("auth_username=gone;auth_password=password"), Refused("401", "auth")),
        ("user name in capitals", get("auth_username=USER;auth_password=password"), Refused("401", "auth")),
        ("password with a space", get("auth_username=user;auth_password=password+"), Refused("401", "auth")),
        ("user not UTF-8", get("auth_username=%FF;auth_password=password"), Refused("401", "auth")),
        ("only separators", get(&";&".repeat(1 << 11)), Refused("401", "auth")),
        ("garbage", get(&garbage), Refused("401", "auth")),
        ("malformed percent-encoding", get(&format!("{A};limit=%zz")), Refused("400", "limit")),
        ("half an escape", get(&format!("{A};offset=%")), Refused("400", "offset")),
        ("a name that is not UTF-8", get(&format!("{A};name=%ff%fe")), Refused("400", "name")),
        ("a number without end", get(&format!("{A};parent={long}")), Refused("400", "parent")),
        ("a parent that is not there", get(&format!("{A};parent=99")), Refused("400", "parent")),
        ("the customer nobody is", get(&format!("{A};parent=0")), Refused("400", "parent")),
        ("a name without end", get(&format!("{A};name={long}")), Ids(&[])),
        ("unknown inputs", get(&format!("{A};Limit=x;%zz=%&%ff;;&&==")), Ids(&[3])),
        ("characters that no URL has", get(&format!("{A};x=|{{}}^`\\")), Ids(&[3])),
        ("a body of garbage", Call::form(&format!("{PATH}?{A}"), "").body(vec![0xa5; 1 << 20]), Ids(&[3])),
        ("a body of separators", Call::form(&format!("{PATH}?{A}"), "").body(vec![b';'; 1 << 20]), Ids(&[3])),
        ("a JSON body", Call::new("POST", PATH).body(r#"{"auth_username":"user"}"#), Refused("401", "auth")),
        (
            "broken multipart",
            Call::new("POST", PATH).header("content-type", "multipart/form-data").body("--x"),
            Refused("401", "auth"),
        ),
        ("an odd cookie", get(A).header("cookie", "a=b; ;=;\""), Ids(&[3])),
        ("an odd header", get(A).header("x-odd", "\u{e9}\u{ff}"), Ids(&[3])),
        ("an odd host", get(A).header("host", "[::1"), Ids(&[3])),
        ("an odd media type", get(A).header("content-type", "\u{e9}"), Ids(&[3])),
    ] {
        expected.check(&site.call(&call).await, what);
    }
}

#[tokio::test]
async fn unknown_functions_and_other_methods_are_refused_in_the_envelope() {
    let site = site().await;
    for path in ["customers/get/", "customers/list/x", "customers/Lists", "customers/list//", "%ff%fe", "user/login"] {
        let reply = site.call(&Call::get(&format!("/api/json/{path}?{A}"))).await;
        assert_eq!(reply.status, 404, "{path}");
        assert_refused(&reply.json(), "404", "function", path);
    }
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "BREW"] {
        for path in [PATH, PATH.trim_end_matches('/')] {
            let reply = site.call(&Call::new(method, &format!("{path}?{A}"))).await;
            assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, POST")), "{method}");
            assert_refused(&reply.json(), "405", "method", method);
        }
    }
    let head = site.call(&Call::new("HEAD", &format!("{PATH}?{A}"))).await;
    assert_eq!((head.status, head.body.len()), (405, 0), "an answer to HEAD has no body");
}

#[tokio::test]
async fn a_user_sees_what_is_below_its_own_customer_and_nothing_else() {
    let site = site().await;
    let all = "deleted=-1;directory=-1;recursive=1";
    for (user, inputs, expected) in [
        ("system", "", Ids(&[2, 7, 9])),
        ("system", "parent=1", Ids(&[2, 7, 9])),
        ("system", all, Ids(&[8, 3, 6, 4, 5, 2, 7, 9])),
        ("system", "parent=7", Ids(&[8])),
        ("user", "parent=2", Ids(&[3])),
        ("user", all, Ids(&[3, 6, 4, 5])),
        ("user", "parent=3", Ids(&[6])),
        ("user", "parent=5", Ids(&[])),
        ("user", "parent=7", Refused("400", "parent")),
        ("user", "parent=8", Refused("400", "parent")),
        ("user", "parent=1;count=1", Refused("400", "parent")),
        ("shop", "", Ids(&[6])),
        ("shop", all, Ids(&[6])),
        ("shop", "parent=2", Refused("400", "parent")),
        ("shop", "parent=4", Refused("400", "parent")),
        ("shop", "parent=6", Ids(&[])),
        ("beside", all, Ids(&[8])),
        ("beside", "parent=2;pages=1", Refused("400", "parent")),
    ] {
        let reply = site.call(&get(&format!("auth_username={user};auth_password=password;{inputs}"))).await;
        expected.check(&reply, &format!("{user} {inputs}"));
    }
}

#[tokio::test]
async fn a_customer_that_was_given_no_parent_is_right_below_the_root() {
    let site = site().await;
    let reply = site.call(&get("auth_username=system;auth_password=password;name=walk")).await;
    assert_eq!(reply.json()["data"][0]["parent"], 1, "{}", reply.text());
}

#[tokio::test]
async fn a_tenant_has_its_own_users_and_customers() {
    let site = site().await;
    for (what, host, login, expected) in [
        ("each its own user", OTHER_HOST, "auth_username=user;auth_password=other+password", Ids(&[3, 4])),
        (
            "the other's password here",
            "localhost",
            "auth_username=user;auth_password=other+password",
            Refused("401", "auth"),
        ),
        ("this password there", OTHER_HOST, A, Refused("401", "auth")),
        ("this user there", OTHER_HOST, "auth_username=shop;auth_password=password", Refused("401", "auth")),
        (
            "the host's case and port",
            "OTHER.Example.com:443",
            "auth_username=user;auth_password=other+password",
            Ids(&[3, 4]),
        ),
    ] {
        expected.check(&site.call(&get(login).header("host", host)).await, what);
    }
    let reply = site.call(&get("auth_username=user;auth_password=other+password").header("host", OTHER_HOST)).await;
    assert_eq!(reply.json()["data"][0]["name"], "Other 3", "its directory default shows all: {}", reply.text());
}

#[tokio::test]
async fn no_other_dialects_login_opens_this_one() {
    let site = site().await;
    for (what, login) in [
        ("a field sales user", "auth_username=sales@example.com;auth_password=password"),
        ("the field sales password of the same name", "auth_username=user;auth_password=field+sales"),
        ("a billing CRM's key", "auth_username=5;auth_password=55555555555555555555555555555555555555555555555555"),
        ("a security reseller's secret", "auth_username=token;auth_password=c2VjcmV0"),
    ] {
        Refused("401", "auth").check(&site.call(&get(login)).await, what);
    }
}

#[tokio::test]
async fn a_list_that_no_answer_can_hold_is_refused_unless_it_is_gzipped_or_paged() {
    const CUSTOMERS: u64 = 10_000;
    let customers = (100..100 + CUSTOMERS).map(|id| customer(id, Some(2), "", Telephony::default())).collect();
    let site = Site::start_with(StackOptions::default(), NewTenant { customers, ..demo() }).await;
    let all = get(A);
    Refused("400", "limit").check(&site.call(&all).await, "all rows");
    Refused("400", "limit").check(&site.call(&get(&format!("{A};limit=9999"))).await, "as many as all");
    Data(json!({ "count": CUSTOMERS })).check(&site.call(&get(&format!("{A};count=1"))).await, "a count");
    let page = site.call(&get(&format!("{A};limit=5000;offset=9000"))).await;
    assert_eq!(ids(&page.json()).len(), 1000);
    let last = site.call(&get(&format!("{A};offset=9999"))).await;
    assert_eq!(ids(&last.json()), [99 + CUSTOMERS]);
    let choices = site.call(&get(&format!("{A};pages=1"))).await;
    assert_eq!(ids(&choices.json()).len(), 10_000);
    let gzipped = site.call(&all.header("accept-encoding", "gzip")).await;
    assert_eq!((gzipped.status, gzipped.header("content-encoding")), (200, Some("gzip")));
    let mut text = String::new();
    GzDecoder::new(gzipped.body.as_slice()).read_to_string(&mut text).unwrap();
    let shown = ids(&serde_json::from_str(&text).unwrap());
    assert_eq!(shown.len(), 10_000);
    assert!(shown.into_iter().eq(100..100 + CUSTOMERS), "all customers, in the order of their ids");
}
