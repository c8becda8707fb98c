//! Whatever a client sends, it gets the dialect's envelope: never a 5xx, never a dead function.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    Ids, LIST, Refused, assert_refused,
    fixture::{EMAIL, site},
    get, ids, session,
};
use crate::{harness::Site, http::Call};

const LOGIN: [&str; 3] = ["/j_spring_security_check", "/login/ajaxSuccess", "/login/authfail"];

#[tokio::test]
async fn queries_that_no_client_should_send_are_refused_by_name() {
    let site = site().await;
    let cookie = session(&site, EMAIL).await;
    let (param, moment, kind) = ("invalid_param", "invalid_datetime_format", "invalid_param_type");
    for (query, expected) in [
        ("max=%", Refused(400, kind, " max ")),
        ("max=%zz", Refused(400, kind, " max ")),
        ("max=0", Refused(400, kind, " max ")),
        ("offset=-1", Refused(400, kind, " offset ")),
        ("order=up", Refused(400, kind, " order ")),
        ("sort=password", Refused(400, kind, " sort ")),
        ("name=%ff%fe", Refused(400, kind, " name ")),
        ("reference=%C3%28", Refused(400, kind, " reference ")),
        ("dateCreated_lt=%ff", Refused(400, kind, " dateCreated_lt ")),
        ("dateCreated_lt=2015-02-29T00:00:00Z", Refused(400, moment, "[2015-02-29T00:00:00Z]")),
        ("lastUpdated_gte=%22%5C%0A", Refused(400, moment, "[\"\\\n]")),
        ("%ff=1", Refused(400, param, "[\u{FFFD}]")),
        ("max", Ids(&[1, 2, 3])),
        ("a=|{}^`", Refused(400, param, "[a]")),
        ("max=1;offset=2", Refused(400, kind, " max ")),
        ("a&b&c&max=x", Refused(400, param, "[a, b, c]")),
        ("foo=1&dateCreated_gt=x&max=x", Refused(400, param, "[foo]")),
        ("max=x&isActive=x&dateCreated_gt=x", Refused(400, moment, "[x]")),
    ] {
        let reply = site.call(&get(&format!("{LIST}?{query}"), &cookie)).await;
        expected.check(&reply, query);
    }
    let long = "x".repeat(8_000);
    let reply = site.call(&get(&format!("{LIST}?{long}"), &cookie)).await;
    assert_refused(&reply, 400, param, &long, "a long name");
}

#[tokio::test]
async fn the_cookie_comes_before_everything_in_the_query() {
    let site = site().await;
    for query in ["foo=1", "dateCreated_gt=x", "max=x", "%ff=%"] {
        let target = format!("{LIST}?{query}");
        assert_refused(&site.call(&Call::get(&target)).await, 401, "no_credentials", "", query);
        assert_refused(&site.call(&get(&target, "stale")).await, 401, "no_credentials", "", query);
    }
}

#[tokio::test]
async fn unknown_paths_and_other_methods_are_refused_in_the_envelope() {
    let site = site().await;
    let cookie = session(&site, EMAIL).await;
    for path in [
        "/api/v1.0/customers/2",
        "/api/v1.0/customers/reference/NC-2",
        "/api/v1.0/customers//",
        "/api/v1.0/Customers",
        "/api/v1.0/%ff",
        "/api/v2.1/customerCategories",
        "/api/v1/x/y",
        "/api/v9/customers",
        "/api/%20/customers",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let call = Call::new(method, path).header("cookie", &format!("JSESSIONID={cookie}"));
            assert_refused(&site.call(&call).await, 404, "not_found", "", path);
        }
    }
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"] {
        let reply = site.call(&Call::new(method, LIST)).await;
        assert_refused(&reply, 405, "method_not_allowed", "", method);
        assert_eq!(reply.header("allow"), Some("GET"));
    }
    for path in LOGIN {
        for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
            let reply = site.call(&Call::new(method, path)).await;
            assert_refused(&reply, 405, "method_not_allowed", "", path);
            assert_eq!(reply.header("allow"), Some("GET, POST"));
        }
    }
}

#[tokio::test]
async fn bodies_that_are_no_form_log_nobody_in() {
    const FORM: &str = "application/x-www-form-urlencoded";
    let site = site().await;
    for (what, content_type, body) in [
        ("nothing", FORM, Vec::new()),
        ("a megabyte of garbage", FORM, vec![0xa5; 1 << 20]),
        ("a megabyte of separators", FORM, vec![b'&'; 1 << 20]),
        ("a megabyte of password", FORM, [b"j_username=a&j_password=", &vec![b'9'; 1 << 20][..]].concat()),
        ("a megabyte of user", FORM, [b"j_password=a&j_username=", &vec![b'9'; 1 << 20][..]].concat()),
        ("invalid percent-encoding", FORM, b"j_username=%zz&j_password=%".to_vec()),
        ("invalid UTF-8", FORM, b"j_username=\xff\xfe&j_password=\xc3\x28".to_vec()),
        ("control characters", FORM, b"j_username=%00%0A%0D&j_password=%00".to_vec()),
        ("JSON", "application/json", br#"{"j_username":"demo@entity1.example","j_password":"password"}"#.to_vec()),
        ("no content type", "", b"j_username".to_vec()),
        ("multipart without a boundary", "multipart/form-data", b"--x\r\n\r\n--x--".to_vec()),
        ("broken multipart", "multipart/form-data; boundary=x", b"--x\r\nContent-Disp".to_vec()),
    ] {
        let call = Call::new("POST", LOGIN[0]).header("content-type", content_type).body(body);
        let reply = site.call(&call).await;
        assert_eq!(reply.status, 302, "{what}: {}", reply.text());
        assert!(reply.header("location").unwrap().ends_with("/login/authfail?ajax=true"), "{what}");
    }
}

#[tokio::test]
async fn headers_that_no_client_should_send_stop_nothing() {
    let site = site().await;
    let heads: [&[u8]; 17] = [
        b"Cookie: \xff\xfe\x80",
        b"Cookie: JSESSIONID=\xff",
        b"Cookie: JSESSIONID=\xc3\xa9; JSESSIONID",
        b"Cookie: JSESSIONID=\"\"",
        b"Cookie: a=b; ;=;\"; JSESSIONID==;",
        b"Cookie: JSESSIONID=00-zz",
        b"Cookie: JSESSIONID=00-ff",
        b"Cookie: JSESSIONID=-",
        b"Cookie:",
        b"Authorization: \xff",
        b"Authorization: Bearer \xff\xfe",
        b"Authorization: Bearer",
        b"Authorization: Bearer -,Bearer -",
        b"Authorization: Basic dXNlcjpwYXNzd29yZA==",
        b"Authorization:",
        b"X-Forwarded-Proto: \xff\r\nX-Odd: \xe9",
        b"Content-Type: \xe9\xff",
    ];
    for head in heads {
        for (path, expected) in [(LIST, "401"), (LOGIN[0], "302"), (LOGIN[1], "401"), (LOGIN[2], "200")] {
            let what = format!("{path} with {}", head.escape_ascii());
            assert_eq!(status(&site, path, &[b"Host: x\r\n", head].concat()).await, expected, "{what}");
        }
    }
    for host in [&b"Host: [::1"[..], b"Host: a b", b"Host: \xff", b"Host: x:y", b"Host:"] {
        for path in [LIST, LOGIN[0], LOGIN[1], LOGIN[2]] {
            let status = status(&site, path, host).await;
            assert!(!status.starts_with('5'), "{path} with {}: {status}", host.escape_ascii());
        }
    }
    let cookie = session(&site, EMAIL).await;
    assert_eq!(ids(&site.call(&get(LIST, &cookie)).await), [1, 2, 3]);
}

/// The status of a GET whose head, but for the request line, is these bytes.
async fn status(site: &Site, path: &str, head: &[u8]) -> String {
    let address = site.stack.base_url().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = [b"GET ", path.as_bytes(), b" HTTP/1.1\r\n", head, b"\r\nConnection: close\r\n\r\n"].concat();
    stream.write_all(&request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    answer.split(' ').nth(1).unwrap_or_else(|| panic!("no answer: {answer}")).to_owned()
}
