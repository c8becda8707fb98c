//! The worked examples of the NeuCRM dialect.

mod scope;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, K1, K5, K9, K14, Site, ids};

const ISP: (u64, &str) = (5, K5);
const RESELLER: (u64, &str) = (14, K14);
const OPERATOR: (u64, &str) = (1, K1);

const NEW: &str = "type=Individual&name=Some Name&mobile=12344444&email=abc@email.com&zipcode=12345&state=Goa\
                   &city=Panaji&street=3rd street";

/// What an example's answer is.
enum Expected {
    /// A list with these ids.
    Ids(&'static [&'static str]),
    /// This result.
    Result(Value),
    /// No result, this error.
    Error(&'static str),
}
use Expected::{Error, Ids, Result};

impl Expected {
    fn check(self, example: u32, answer: &Answer) {
        let (status, body) = answer;
        assert_eq!(*status, StatusCode::OK, "example {example}: {body}");
        match self {
            Ids(expected) => assert_eq!(ids(answer), expected, "example {example}"),
            Result(expected) => assert_eq!(*body, json!({"result": expected, "error": null}), "example {example}"),
            Error(expected) => assert_eq!(*body, json!({"result": null, "error": expected}), "example {example}"),
        }
    }
}

#[tokio::test]
async fn lists() {
    let site = Site::start().await;
    for (example, login, fields, expected) in [
        (1, ISP, "", Ids(&["11", "12", "13"])),
        (2, RESELLER, "", Ids(&["11", "12"])),
        (3, OPERATOR, "rows_limit=2&rows_offset=2", Ids(&["13", "14"])),
        (4, ISP, "sort_field=name&sort_order=desc", Ids(&["12", "13", "11"])),
        (5, ISP, "name=an%", Ids(&["11", "13"])),
        (6, ISP, "name=an", Ids(&[])),
        (7, ISP, "username=xyz_%", Ids(&["11", "12"])),
        (8, ISP, "username=%A", Ids(&["11", "13"])),
        (9, ISP, "created_from=2022-02-10&created_upto=2022-02-10", Ids(&["12", "13"])),
        (10, ISP, "show_count=1&rows_limit=1&rows_offset=9", Result(json!(3))),
        (11, ISP, "ispid=3", Ids(&[])),
        (12, ISP, "type=individual", Error("Invalid value for type")),
        (13, ISP, "rows_limit=500", Ids(&["11", "12", "13"])),
        (14, ISP, "rows_limit=0", Error("Invalid value for rows_limit")),
        (15, (5, K9), "", Error("Authentication failed")),
    ] {
        expected.check(example, &site.neucrm("list", login, fields).await);
    }
}

#[tokio::test]
async fn the_first_row_of_a_list_byte_for_byte() {
    let site = Site::start().await;
    let text = site.neucrm_text("list", ISP, "rows_limit=1").await;
    let row = r#"{"id":"11","ispid":"2","resellerid":"5","type":"Individual","name":"Anil","surname":"","dob":"","mobile":"9876500011","email":"a@x.in","uniqueid":"","zipcode":"403001","state":"Goa","city":"Panaji","street":"1st street","notes":"","created_at":"2022-01-10 09:00:00","updated_at":"2022-01-10 09:00:00","created_by":"isp2","updated_by":"isp2"}"#;
    assert_eq!(text, format!(r#"{{"result":[{row}],"error":null}}"#));
}

#[tokio::test]
async fn creates() {
    let site = Site::start().await;
    let with_reseller = format!("resellerid=5&{NEW}");
    let without_email = with_reseller.replace("&email=abc@email.com", "");
    for (example, login, fields, expected) in [
        (16, ISP, with_reseller.as_str(), Result(json!(15))),
        (17, ISP, NEW, Error("resellerid is required")),
        (18, RESELLER, NEW, Result(json!(16))),
        (19, OPERATOR, with_reseller.as_str(), Error("ispid is required")),
        (20, ISP, without_email.as_str(), Error("email is required")),
    ] {
        expected.check(example, &site.neucrm("create", login, fields).await);
    }
    let (_, rows) = site.neucrm("list", ISP, "customerid=16").await;
    assert_eq!((&rows["result"][0]["ispid"], &rows["result"][0]["resellerid"]), (&json!("2"), &json!("5")));
}

#[tokio::test]
async fn updates() {
    let site = Site::start().await;
    let (_, before) = site.neucrm("list", ISP, "customerid=11").await;
    for (example, fields, expected) in [
        (21, "customerid=11&street=2nd street", Result(json!("done"))),
        (22, "customerid=14&street=x", Error("Customer not found")),
        (23, "customerid=11&dob=10-02-1990", Error("dob must be in yyyy-mm-dd format")),
    ] {
        expected.check(example, &site.neucrm("update", ISP, fields).await);
    }
    let (_, after) = site.neucrm("list", ISP, "customerid=11").await;
    let mut expected = before["result"][0].clone();
    expected["street"] = json!("2nd street");
    expected["updated_at"] = after["result"][0]["updated_at"].clone();
    assert_eq!(after["result"][0], expected);
    assert_ne!(after["result"][0]["updated_at"], before["result"][0]["updated_at"]);
}

#[tokio::test]
async fn deletes() {
    let site = Site::start().await;
    Result(json!("done")).check(24, &site.neucrm("delete", ISP, "customerid=13").await);
    Error("Customer not found").check(24, &site.neucrm("delete", ISP, "customerid=13").await);
    Ids(&["11", "12"]).check(24, &site.neucrm("list", ISP, "").await);
}

#[tokio::test]
async fn another_method_is_refused_in_the_envelope() {
    let site = Site::start().await;
    let (status, body) = site.send(Method::GET, "/api/customer/list", "text/plain", Vec::new()).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(body["result"].is_null() && body["error"].is_string(), "example 25: {body}");
}
