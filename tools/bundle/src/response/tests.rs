use axum::body::to_bytes;
use serde_json::json;

use super::*;

/// Status, headers in their order, body.
type Seen = (u16, Vec<(String, String)>, String);

async fn seen(response: Response<Body>) -> Seen {
    let (parts, body) = response.into_parts();
    let headers =
        parts.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    (parts.status.as_u16(), headers, String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap())
}

fn expected(status: u16, headers: &[(&str, &str)], body: &str) -> Seen {
    (status, headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(), body.to_owned())
}

#[tokio::test]
async fn answers_are_mapped_as_api_gateway_maps_them() {
    let json = ("content-type", "application/json");
    let text = ("content-type", "text/plain;charset=UTF-8");
    #[rustfmt::skip]
    let table = [
        (json!({"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": "{}", "isBase64Encoded": false}),
                                                                  expected(200, &[json], "{}")),
        (json!({"statusCode": 405, "body": "no"}),                expected(405, &[text], "no")),
        (json!({"statusCode": "201", "headers": null, "cookies": null, "body": null, "isBase64Encoded": null}),
                                                                  expected(201, &[text], "")),
        (json!({"statusCode": 200, "body": "aMOp", "isBase64Encoded": true}),
                                                                  expected(200, &[text], "hé")),
        (json!({"statusCode": 200, "headers": {"x-count": 3}, "multiValueHeaders": {"x-many": ["1"]}, "body": ""}),
                                                                  expected(200, &[text, ("x-count", "3")], "")),
        (json!({"statusCode": 200, "cookies": ["a=1; Path=/", "b=2"]}),
                                                                  expected(200, &[text, ("set-cookie", "a=1; Path=/"), ("set-cookie", "b=2")], "")),
        (json!({"statusCode": 200, "headers": {"Content-Length": "99", "Transfer-Encoding": "chunked"}, "body": "a"}),
                                                                  expected(200, &[text], "a")),
        (json!({"hello": "world"}),                               expected(200, &[json], r#"{"hello":"world"}"#)),
        (json!("hello"),                                          expected(200, &[json], "hello")),
    ];
    for (returned, expected) in table {
        let response = from_function(returned.to_string().as_bytes()).unwrap();
        assert_eq!(seen(response).await, expected, "{returned}");
    }
}

#[test]
fn malformed_answers_are_no_response() {
    for returned in [
        "",
        "not JSON",
        r#"{"statusCode": "many"}"#,
        r#"{"statusCode": 99}"#,
        r#"{"statusCode": 1000}"#,
        r#"{"statusCode": 200, "body": {"not": "text"}}"#,
        r#"{"statusCode": 200, "body": "%", "isBase64Encoded": true}"#,
        r#"{"statusCode": 200, "headers": {"a b": "c"}}"#,
        r#"{"statusCode": 200, "headers": {"a": "b\nc"}}"#,
    ] {
        assert!(from_function(returned.as_bytes()).is_none(), "{returned}");
    }
}

#[tokio::test]
async fn own_answers_have_api_gateways_texts() {
    let json = ("content-type", "application/json");
    for (own, status, body) in [
        (Own::NotFound, 404, r#"{"message":"Not Found"}"#),
        (Own::TooLarge, 413, r#"{"message":"Request Entity Too Large"}"#),
        (Own::Fault, 500, r#"{"message":"Internal Server Error"}"#),
        (Own::Unavailable, 503, r#"{"message":"Service Unavailable"}"#),
    ] {
        assert_eq!(seen(own.response()).await, expected(status, &[json], body));
    }
}
