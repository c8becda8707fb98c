use proptest::prelude::*;
use serde_json::json;

use super::*;

fn event() -> Value {
    json!({
        "version": "2.0",
        "routeKey": "ANY /api/customer/list",
        "rawPath": "/api/customer/list",
        "rawQueryString": "",
        "headers": { "host": "crm.example.com", "x-forwarded-proto": "https" },
        "requestContext": {
            "domainName": "crm.example.com",
            "stage": "$default",
            "http": { "method": "POST", "path": "/api/customer/list", "sourceIp": "192.0.2.7" }
        },
        "isBase64Encoded": false
    })
}

/// The event of `event()` with another value at a JSON pointer; its parent must be there.
fn with(pointer: &str, value: Value) -> Value {
    let mut event = event();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap()[key] = value;
    event
}

fn request(event: &Value) -> Result<Request, Malformed> {
    Event::parse(&event.to_string())?.into_request("id", Timestamp::from_unix_seconds(0))
}

#[test]
fn an_event_becomes_its_request() {
    let mut event = with("/body", json!("userid=5&city=G%C3%B6a"));
    event["rawQueryString"] = json!("a=1;b=%2F&c=%C3%BC");
    event["cookies"] = json!(["a=1", "b=2"]);
    let request = request(&event).unwrap();
    assert_eq!(request.method, Method::POST);
    assert_eq!(request.path, "/api/customer/list");
    assert_eq!(request.query, "a=1;b=%2F&c=%C3%BC");
    assert_eq!(request.headers[HOST], "crm.example.com");
    assert_eq!(request.headers[X_FORWARDED_PROTO], "https");
    assert_eq!(request.headers[http::header::COOKIE], "a=1; b=2");
    assert_eq!(request.cookies, ["a=1", "b=2"]);
    assert_eq!(request.body, "userid=5&city=G%C3%B6a");
    assert_eq!(request.host.as_deref(), Some("crm.example.com"));
    assert_eq!(request.source_ip.as_deref(), Some("192.0.2.7"));
    assert_eq!(request.id, "id");
}

#[test]
fn bodies_are_decoded() {
    for (body, is_base64, expected) in [
        (json!("dXNlcmlkPTU="), json!(true), Ok("userid=5".as_bytes())),
        (json!("//8="), json!(true), Ok(b"\xff\xff".as_slice())),
        (json!("dXNlcmlkPTU="), json!(false), Ok(b"dXNlcmlkPTU=".as_slice())),
        (json!("ü"), json!(null), Ok("ü".as_bytes())),
        (json!(""), json!(true), Ok(b"".as_slice())),
        (json!(null), json!(true), Ok(b"".as_slice())),
        (json!("userid=5"), json!(true), Err(Malformed)),
        (json!("dXNlcmlkPTU"), json!(true), Err(Malformed)),
        (json!("dXNl cmlkPTU="), json!(true), Err(Malformed)),
        (json!(5), json!(false), Err(Malformed)),
    ] {
        let mut event = with("/body", body.clone());
        event["isBase64Encoded"] = is_base64;
        let decoded = request(&event).map(|request| request.body);
        assert_eq!(decoded.as_deref().map_err(|error| *error), expected, "{body}");
    }
}

#[test]
fn what_no_url_can_hold_arrives_all_the_same() {
    for text in ["a b", "a|b", "a\"b", "<>", "%", "%zz", "ü", "\u{0}", "#?#", "[\\]^`{}", "@", "//x", "?", "\u{1F600}"]
    {
        let query = request(&with("/rawQueryString", json!(text))).map(|request| request.query);
        assert_eq!(query.as_deref(), Ok(text));
        for path in [format!("/{text}"), text.to_owned()] {
            let arrived = request(&with("/rawPath", json!(path))).map(|request| request.path);
            assert_eq!(arrived, Ok(path));
        }
    }
    assert_eq!(request(&with("/rawPath", json!(""))).map(|request| request.path).as_deref(), Ok(""));
}

#[test]
fn a_target_beyond_all_limits_is_malformed() {
    let long = "a".repeat(70_000);
    assert!(request(&with("/rawPath", json!(long))).is_err());
    assert!(request(&with("/rawQueryString", json!(long))).is_err());
}

#[test]
fn only_what_can_be_a_header_is_kept() {
    let request = request(&with(
        "/headers",
        json!({ "x-name": "José", "x-bad": "a\nb", "x bad": "1", "": "1", "x-number": 5, "x-list": ["1"], "X-Upper": "1" }),
    ))
    .unwrap();
    let mut names: Vec<_> = request.headers.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["x-name", "x-upper"]);
    assert_eq!(request.headers["x-name"].as_bytes(), "José".as_bytes());
    assert_eq!(request.header(&HeaderName::from_static("x-name")), None);
}

#[test]
fn more_headers_than_a_map_holds_are_malformed() {
    let headers: BTreeMap<String, &str> = (0..40_000).map(|number| (format!("x-{number}"), "1")).collect();
    assert!(request(&with("/headers", json!(headers))).is_err());
}

#[test]
fn a_host_that_is_none_counts_as_absent() {
    for (header, expected) in [
        ("CRM.example.com:8443", Some("crm.example.com")),
        ("192.0.2.1:3000", Some("192.0.2.1")),
        ("[::1]:3000", Some("[::1]")),
        ("a b", None),
        ("a/b", None),
        ("\"", None),
        ("user@host", None),
        ("192.0.2.999", None),
        ("xn--zz--zz", None),
        ("host:port", None),
        ("", None),
    ] {
        let host = request(&with("/headers/host", json!(header))).map(|request| request.host);
        assert_eq!(host, Ok(expected.map(str::to_owned)), "{header}");
    }
    let mut event = with("/headers", json!(null));
    assert_eq!(request(&event).unwrap().host.as_deref(), Some("crm.example.com"));
    event["requestContext"]["domainName"] = json!(null);
    assert_eq!(request(&event).unwrap().host, None);
}

#[test]
fn a_strange_scheme_does_no_harm() {
    for scheme in ["", ":", "a b", "https, http", "javascript", "file"] {
        let request = request(&with("/headers/x-forwarded-proto", json!(scheme))).unwrap();
        assert_eq!(request.headers[X_FORWARDED_PROTO], scheme);
    }
}

#[test]
fn other_events_are_malformed() {
    let rest_api = json!({
        "version": "1.0", "resource": "/api/customer/list", "path": "/api/customer/list", "httpMethod": "POST",
        "headers": {}, "multiValueHeaders": {}, "queryStringParameters": null,
        "requestContext": { "httpMethod": "POST", "path": "/api/customer/list", "stage": "prod" },
        "body": null, "isBase64Encoded": false
    });
    for event in [
        rest_api,
        json!({}),
        json!(null),
        json!([]),
        json!("event"),
        with("/rawPath", json!(null)),
        with("/requestContext", json!({})),
        with("/requestContext/http", json!(null)),
        with("/requestContext/http/method", json!("")),
        with("/requestContext/http/method", json!("A B")),
        with("/headers", json!([])),
        with("/cookies", json!("a=1")),
    ] {
        assert!(request(&event).is_err(), "{event}");
    }
    assert!(Event::parse(r#"{"rawPath":"\ud800"}"#).is_err());
    assert!(Event::parse("{").is_err());
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,12}",
        prop::sample::select(vec![
            "/",
            "//",
            "%",
            "%2",
            "a b",
            "a|b",
            "\"",
            "xn--a",
            "[::1",
            "[::1]:0",
            "1.2.3.256",
            "a:b:c",
            "?",
            "#",
            "@",
            ":",
            "::",
            "https",
            "http",
            "é",
            "\u{7f}",
            "\r\n"
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_in_an_event_stops_the_conversion(
        (path, query, host, domain, scheme) in (text(), text(), text(), text(), text()),
        (method, body, cookie, name, value) in (text(), text(), text(), text(), text()),
        (has_host, is_base64, is_post) in any::<(bool, bool, bool)>(),
    ) {
        let mut headers = json!({ "x-forwarded-proto": scheme });
        headers[name] = json!(value);
        if has_host {
            headers["host"] = json!(host);
        }
        let event = json!({
            "rawPath": path, "rawQueryString": query, "cookies": [cookie], "headers": headers,
            "requestContext": {
                "domainName": domain, "stage": value,
                "http": { "method": if is_post { "POST" } else { method.as_str() }, "sourceIp": value },
            },
            "body": body, "isBase64Encoded": is_base64,
        });
        if let Ok(request) = request(&event) {
            prop_assert_eq!((request.path, request.query), (path, query));
        }
    }

    #[test]
    fn no_value_in_an_event_stops_the_conversion(
        pointer in prop::sample::select(vec![
            "/rawPath", "/rawQueryString", "/headers", "/headers/host", "/cookies", "/requestContext",
            "/requestContext/http", "/requestContext/http/method", "/requestContext/domainName", "/body",
            "/isBase64Encoded", "/routeKey",
        ]),
        value in prop_oneof![
            Just(json!(null)), any::<bool>().prop_map(Value::from), any::<i64>().prop_map(Value::from),
            text().prop_map(Value::from), prop::collection::vec(text(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(text(), text(), 0..3).prop_map(|map| json!(map)),
        ],
    ) {
        let _ = request(&with(pointer, value));
    }

    #[test]
    fn no_bytes_stop_the_reader(json in any::<String>()) {
        let _ = Event::parse(&json);
    }
}
