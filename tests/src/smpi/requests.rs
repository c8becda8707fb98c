//! What else clients send: respelled, in the wrong order, or nothing that is meant.

use super::{
    A, B, CUSTOMERS, OTHER, Partner, SIGNATURE_1, T, TIME, assert_refused, get, names, presenting, signed, site_at,
    with_headers,
};
use crate::http::Call;

#[tokio::test]
async fn checks_come_in_their_order() {
    const UNKNOWN: Partner<'_> = Partner("00000000-0000-4000-8000-000000000000", "no secret");
    let site = site_at(TIME).await;
    let elsewhere = "/SMPI/v2.6/service/wfbss/api/customers/usage?page=0";
    let bad_signature = |call: Call| with_headers(call, T, "wrong");
    let late = |call: Call| {
        call.header("x-access-token", T.0)
            .header("x-posix-time", "1363790000")
            .header("x-signature", "wrong")
            .header("x-traceid", "TRACE1")
    };
    for (call, status, subject) in [
        (Call::get(elsewhere).header("content-type", "text/plain"), 415, "InvalidHeaderContentType"),
        (Call::get(elsewhere), 400, "MissingHeaderAccessToken"),
        (Call::get(elsewhere).header("x-access-token", "x"), 400, "MissingHeaderPosixTime"),
        (Call::get(elsewhere).header("x-access-token", "x").header("x-posix-time", "x"), 400, "MissingHeaderSignature"),
        (
            Call::get(elsewhere).header("x-access-token", "x").header("x-posix-time", "x").header("x-signature", "x"),
            400,
            "MissingHeaderTraceID",
        ),
        (with_headers(Call::get(elsewhere), Partner("x", ""), "wrong"), 401, "InvalidHeaderAccessToken"),
        (with_headers(Call::get(elsewhere), UNKNOWN, "wrong"), 401, "AuthenticationFailureAccessToken"),
        (late(Call::get(elsewhere)), 401, "AuthenticationFailurePosixTime"),
        (bad_signature(Call::get(elsewhere)), 401, "AuthenticationFailureSignature"),
        (signed(T, "POST", elsewhere, ""), 404, "NotFound"),
        (signed(T, "POST", &format!("{CUSTOMERS}?page=0"), ""), 405, "MethodNotAllowed"),
        (get(T, &format!("{CUSTOMERS}?q=%ff&page=0&limit=0&cids=x")), 400, "InvalidParametersQ"),
        (get(T, &format!("{CUSTOMERS}?page=0&limit=0&cids=x")), 400, "InvalidParametersPage"),
        (get(T, &format!("{CUSTOMERS}?limit=0&cids=x")), 400, "InvalidParametersLimit"),
        (get(T, &format!("{CUSTOMERS}?cids=x")), 400, "InvalidParametersCids"),
    ] {
        assert_refused(&site.call(&call).await, status, subject, &format!("{call:?}"));
    }
}

#[tokio::test]
async fn a_query_that_a_front_respelled_keeps_its_signature() {
    let site = site_at(TIME).await;
    for (on_the_wire, signature) in [
        ("q=trend+micro", "veZyG0KHVgj7DaOn7Cw0jkjUa24vbRg9UiVx1Uf5muQ="),
        ("q=trend%20micro", "oNfDvIqfqoYJRjqfnUBBmRRynB4+fTbtkotdvN8x2F4="),
        ("q=%e8%b6%a8%e5%8b%a2", "OvNtI92/p4d+7Gh9aha3UMc1l9cUCE9gJRI80FsHFZY="),
    ] {
        let reply = site.call(&presenting(signature, &format!("{CUSTOMERS}?{on_the_wire}"))).await;
        assert_eq!(reply.status, 200, "{on_the_wire}: {}", reply.text());
    }
}

#[tokio::test]
async fn a_body_is_signed_and_otherwise_ignored() {
    let site = site_at(TIME).await;
    let body = r#"{"q":"beta"}"#;
    assert_eq!(names(&site.call(&signed(T, "GET", CUSTOMERS, body)).await).len(), 3);
    let tampered = signed(T, "GET", CUSTOMERS, body).body(r#"{"q":"zeta"}"#);
    assert_refused(&site.call(&tampered).await, 401, "AuthenticationFailureSignature", "another body");
    let added = presenting(SIGNATURE_1, CUSTOMERS).body(body);
    assert_refused(&site.call(&added).await, 401, "AuthenticationFailureSignature", "a body not signed");
    let untyped = with_headers(Call::get(CUSTOMERS), T, SIGNATURE_1).body(body);
    assert_refused(&site.call(&untyped).await, 415, "InvalidHeaderContentType", "a body of no type");
}

#[tokio::test]
async fn parameters_beyond_the_examples() {
    let site = site_at(TIME).await;
    let (a, b) = (A.to_string().to_uppercase(), B.to_string());
    let hundred = vec![a.as_str(); 100].join(",");
    for (parameters, total) in [
        ("?q=", 3),
        ("?q=+%20", 3),
        ("?q=+trend%20", 2),
        ("?q=%zz%", 0),
        ("?offset=2&unknown=1", 3),
        ("?q=nomatch&q=trend", 2),
        ("?page=18446744073709551615", 3),
        (&format!("?cids={a},{b}"), 2),
        (&format!("?cids={a}%2C{b}&q=beta"), 1),
        (&format!("?cids={hundred}"), 1),
        ("?cids=00000000-0000-4000-8000-000000000000", 0),
    ] {
        let reply = site.call(&get(T, &format!("{CUSTOMERS}{parameters}"))).await;
        assert_eq!(reply.status, 200, "{parameters}: {}", reply.text());
        assert_eq!(reply.json()["paging"]["total"], total, "{parameters}");
    }
    let reply = site.call(&get(T, &format!("{CUSTOMERS}?cids={hundred},{a}"))).await;
    assert_refused(&reply, 400, "InvalidParametersCids", "a hundred and one ids");
}

#[tokio::test]
async fn unknown_paths_and_other_methods_are_refused_in_the_envelope() {
    let site = site_at(TIME).await;
    for path in [
        "/SMPI/v2/service/wfbss/api/customers",
        "/SMPI/latest/service/wfbss/api/customers",
        "/SMPI/v2.6/service/wfbss/api/customers/usage",
        "/SMPI/v2.6/service/wfbss/api/groups",
        "/SMPI/v2.6/service/wfbss/api/Customers",
        "/SMPI/v2.6",
    ] {
        assert_refused(&site.call(&get(T, path)).await, 404, "NotFound", path);
    }
    for path in [CUSTOMERS, "/SMPI/service/wfbss/api/customers", "/SMPI/v2.6/service/wfbss/api/customers/"] {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let reply = site.call(&signed(T, method, path, "")).await;
            assert_refused(&reply, 405, "MethodNotAllowed", &format!("{method} {path}"));
            assert_eq!(reply.header("allow"), Some("GET"));
        }
        assert_eq!(names(&site.call(&get(T, path)).await).len(), 3, "{path}");
    }
    // On the way its path is decoded, which is not what was signed.
    let reply = site.call(&get(T, "/SMPI/v2%2E6/service/wfbss/api/customers")).await;
    assert_refused(&reply, 401, "AuthenticationFailureSignature", "an encoded path");
}

#[tokio::test]
async fn whatever_a_client_sends_is_answered_in_the_envelope() {
    let site = site_at(TIME).await;
    let long = format!("{CUSTOMERS}?q={}", "x".repeat(9_000));
    let odd = [
        get(T, &format!("{CUSTOMERS}?q=%FF%FE")),
        get(T, &format!("{CUSTOMERS}?page=%")),
        get(T, &format!("{CUSTOMERS}?cids=%zz,%ff")),
        get(T, &format!("{CUSTOMERS}?limit={}", "9".repeat(5_000))),
        get(T, &format!("{CUSTOMERS}?a=|{{}}^[]&page=x")),
        Call::get(&format!("{CUSTOMERS}?%zz=%&%ff;;&&==")),
        Call::get("/SMPI/%ff%fe"),
        Call::get("/SMPI/v2.6/%00"),
        Call::get(&long),
        signed(T, "GET", CUSTOMERS, "x").body(vec![0xa5; 1 << 20]),
        Call::new("POST", CUSTOMERS).header("content-type", "multipart/form-data; boundary=").body("--x"),
        with_headers(Call::get(CUSTOMERS), Partner("\u{e9}\u{ff}", ""), "\u{e9}"),
        with_headers(Call::get(CUSTOMERS), T, "="),
        with_headers(Call::get(CUSTOMERS), T, SIGNATURE_1).header("x-access-token", OTHER.0),
        with_headers(Call::get(CUSTOMERS), T, SIGNATURE_1).header("x-posix-time", "99999999999999999999"),
        Call::get(CUSTOMERS).header("content-type", "\u{e9}"),
        Call::get(CUSTOMERS).header("cookie", "a=b; ;=;\""),
        Call::get(CUSTOMERS).header("host", "[::1"),
    ];
    for call in odd {
        let reply = site.call(&call).await;
        assert!((400..500).contains(&reply.status), "{call:?}: {} {}", reply.status, reply.text());
        let body = reply.json();
        assert!(body["error_subject"].is_string() && body["error_message"].is_string(), "{call:?}: {body}");
    }
    assert_eq!(names(&site.call(&get(T, CUSTOMERS)).await).len(), 3);
}
