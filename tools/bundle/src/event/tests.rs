use std::net::Ipv4Addr;

use axum::http::{Method, Request};
use serde_json::{Value, json};
use time::macros::datetime;

use super::*;
use crate::route::{Route, Routes};

fn event(request: axum::http::request::Builder, body: &[u8]) -> Value {
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let routes = Routes::new(vec![
        Route::new("ANY", "/api/customer/list", "list").unwrap(),
        Route::new("ANY", "/api/customer/{proxy+}", "list").unwrap(),
    ]);
    let arrival = Arrival {
        matched: &routes.find(parts.method.as_str(), parts.uri.path()).unwrap(),
        peer: (Ipv4Addr::new(10, 1, 2, 3), 54321).into(),
        port: 3000,
        request_id: "JKJaXmPLvHcESHA=",
        trace_id: "1-5e6722a7-cc56xmpl46db7ae02d4da47e",
        time: datetime!(2020-03-12 19:03:58.390 UTC),
    };
    serde_json::to_value(Event::new(&parts, body, &arrival)).unwrap()
}

fn get(path: &str) -> axum::http::request::Builder {
    Request::get(path).header("Host", "crm.example.com:3000")
}

#[test]
fn a_form_becomes_the_event_of_payload_2_0() {
    let request = Request::post("/api/customer/list?debug=1&tag=a&tag=b%20c&flag")
        .header("Host", "crm.example.com:3000")
        .header("User-Agent", "curl/8")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("Content-Length", "8")
        .header("Connection", "keep-alive")
        .header("X-Forwarded-For", "192.0.2.1")
        .header("X-Twice", "1")
        .header("X-Twice", "2")
        .header("Cookie", "a=1; b=2")
        .header("Cookie", "c=3");
    assert_eq!(
        event(request, b"userid=5"),
        json!({
            "version": "2.0",
            "routeKey": "ANY /api/customer/list",
            "rawPath": "/api/customer/list",
            "rawQueryString": "debug=1&tag=a&tag=b%20c&flag",
            "cookies": ["a=1", "b=2", "c=3"],
            "headers": {
                "host": "crm.example.com:3000",
                "user-agent": "curl/8",
                "content-type": "application/x-www-form-urlencoded",
                "content-length": "8",
                "x-twice": "1,2",
                "x-amzn-trace-id": "Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e",
                "x-forwarded-for": "192.0.2.1,10.1.2.3",
                "x-forwarded-port": "3000",
                "x-forwarded-proto": "http",
            },
            "queryStringParameters": {"debug": "1", "tag": "a,b c", "flag": ""},
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "local",
                "domainName": "crm.example.com",
                "domainPrefix": "crm",
                "http": {
                    "method": "POST",
                    "path": "/api/customer/list",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "10.1.2.3",
                    "userAgent": "curl/8",
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": "ANY /api/customer/list",
                "stage": "$default",
                "time": "12/Mar/2020:19:03:58 +0000",
                "timeEpoch": 1_584_039_838_390_i64,
            },
            "body": "dXNlcmlkPTU=",
            "isBase64Encoded": true,
        })
    );
}

#[test]
fn absent_parts_are_left_out() {
    let event = event(get("/api/customer/list"), b"");
    for part in ["cookies", "queryStringParameters", "pathParameters", "body"] {
        assert_eq!(event.get(part), None, "{part}");
    }
    assert_eq!(event["rawQueryString"], "");
    assert_eq!(event["isBase64Encoded"], false);
}

#[test]
fn paths_are_decoded_and_queries_are_not() {
    let event = event(get("/api/customer/caf%C3%A9%20%2F/?a=%20+%zz&b=%FF"), b"");
    assert_eq!(event["rawPath"], "/api/customer/café //");
    assert_eq!(event["requestContext"]["http"]["path"], "/api/customer/café //");
    assert_eq!(event["pathParameters"], json!({"proxy": "café //"}));
    assert_eq!(event["rawQueryString"], "a=%20+%zz&b=%FF");
    assert_eq!(event["queryStringParameters"], json!({"a": "  %zz", "b": "\u{FFFD}"}));
}

#[test]
fn only_text_bodies_go_unencoded() {
    #[rustfmt::skip]
    let table: &[(Option<&str>, &[u8], bool)] = &[
        (Some("text/plain"),                          b"a",    false),
        (Some("TEXT/CSV; charset=utf-8"),             b"a",    false),
        (Some("application/json"),                    b"{}",   false),
        (Some("application/json; charset=utf-8"),     b"{}",   false),
        (Some("application/xml"),                     b"<a/>", false),
        (Some("application/javascript"),              b"a",    false),
        (Some("text/plain"),                          b"\xFF", true),
        (Some("application/problem+json"),            b"{}",   true),
        (Some("application/x-www-form-urlencoded"),   b"a=1",  true),
        (Some("multipart/form-data; boundary=x"),     b"a",    true),
        (None,                                        b"a",    true),
    ];
    for (content_type, body, base64) in table {
        let mut request = get("/api/customer/list").method(Method::POST);
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, *content_type);
        }
        let event = event(request, body);
        assert_eq!(event["isBase64Encoded"], *base64, "{content_type:?}");
        let expected = if *base64 { STANDARD.encode(body) } else { String::from_utf8(body.to_vec()).unwrap() };
        assert_eq!(event["body"], expected, "{content_type:?}");
    }
}
