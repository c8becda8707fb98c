//! The events for `sam local invoke`: each is one that `lambda_http` reads, and its request gives the answer meant.

use std::{collections::BTreeSet, fs, path::PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use lambda_http::{Request, aws_lambda_events::apigw::ApiGatewayV2httpRequest, request::LambdaRequest};

use crate::{harness::Site, http::Call};

/// What the answer to each function's event begins with, in the order in which they are sent.
const ANSWERS: [(&str, u16, &str); 7] = [
    ("enswitch-list", 200, r#"{"responses":[{"code":"200","key":"","message":"OK"}],"data":[{"id":"#),
    ("neucrm-create", 200, r#"{"result":1500,"error":null}"#),
    ("neucrm-list", 200, r#"{"result":[{"id":"1000","#),
    ("neucrm-update", 200, r#"{"result":"done","error":null}"#),
    ("neucrm-delete", 200, r#"{"result":"done","error":null}"#),
    ("smpi-list", 200, r#"{"paging":{"total":"#),
    ("valomnia-login", 302, ""),
];
/// The one event that cannot work by itself: its cookie is of a login that has ended.
const EXPIRED: (&str, u16, &str) = ("valomnia-list", 401, r#"{"error":"no_credentials","#);

fn folder() -> PathBuf {
    bundle::project::root().unwrap().join("events")
}

fn event(function: &str) -> String {
    fs::read_to_string(folder().join(format!("{function}.json"))).unwrap()
}

/// The request in an event, as a client would have sent it.
fn call(event: &str) -> Call {
    let event: ApiGatewayV2httpRequest = serde_json::from_str(event).unwrap();
    let query = event.raw_query_string.clone().filter(|query| !query.is_empty());
    let target = event.raw_path.clone().unwrap() + &query.map(|query| format!("?{query}")).unwrap_or_default();
    let cookies = event.cookies.clone().unwrap_or_default().join("; ");
    let body = event.body.clone().unwrap_or_default();
    let body = if event.is_base64_encoded { STANDARD.decode(body).unwrap() } else { body.into_bytes() };
    let mut call = Call::new(event.request_context.http.method.as_str(), &target).body(body);
    for (name, value) in &event.headers {
        if !["host", "content-length"].contains(&name.as_str()) {
            call = call.header(name.as_str(), value.to_str().unwrap());
        }
    }
    if cookies.is_empty() { call } else { call.header("cookie", &cookies) }
}

#[test]
fn there_is_an_event_for_every_function_and_lambda_http_reads_it() {
    let template = bundle::template::Template::read(&bundle::project::root().unwrap().join("template.yaml")).unwrap();
    let functions: BTreeSet<String> = template.binaries().map(str::to_owned).collect();
    let named: BTreeSet<String> =
        ANSWERS.iter().chain([&EXPIRED]).map(|(function, ..)| (*function).to_owned()).collect();
    assert_eq!(functions, named);
    for function in functions {
        let json: ApiGatewayV2httpRequest = serde_json::from_str(&event(&function)).unwrap();
        let request = Request::from(LambdaRequest::ApiGatewayV2(json));
        assert!(request.uri().path().len() > 1, "{function}");
    }
}

#[tokio::test]
async fn each_event_gives_its_answer_on_the_demo_tenant() {
    let site = Site::start_demo().await;
    for (function, status, beginning) in ANSWERS.iter().chain([&EXPIRED]) {
        let answer = site.call(&call(&event(function))).await;
        assert_eq!(answer.status, *status, "{function}: {}", answer.text());
        assert!(answer.text().starts_with(beginning), "{function}: {}", answer.text());
    }
}
