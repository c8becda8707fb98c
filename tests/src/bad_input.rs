//! Whatever a client sends, it gets the dialect's envelope: never a 5xx, never a dead function.

use reqwest::{Method, StatusCode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{Answer, K5, Site, ids};

const FORM: &str = "application/x-www-form-urlencoded";
const OPERATIONS: [&str; 4] = ["list", "create", "update", "delete"];

fn assert_refused(answer: &Answer, expected: StatusCode, what: &str) {
    let (status, body) = answer;
    assert_eq!(*status, expected, "{what}: {body}");
    assert!(body["result"].is_null() && body["error"].as_str().is_some_and(|text| !text.is_empty()), "{what}: {body}");
}

#[tokio::test]
async fn bodies_that_are_no_form_are_refused_in_the_envelope() {
    let site = Site::start().await;
    let login = format!("userid=5&api_key={K5}&");
    let megabyte = vec![0xa5; 1 << 20];
    let nested = format!("{login}customerid={}", "[".repeat(1 << 16));
    let invalid = format!("{login}customerid=%zz&name=%ff%fe&rows_limit=%");
    for operation in OPERATIONS {
        let path = format!("/api/customer/{operation}");
        for (what, content_type, body) in [
            ("nothing", FORM, Vec::new()),
            ("a megabyte of garbage", FORM, megabyte.clone()),
            ("a megabyte of separators", FORM, vec![b'&'; 1 << 20]),
            ("a megabyte of one value", FORM, [login.as_bytes(), b"customerid=", &vec![b'9'; 1 << 20]].concat()),
            ("brackets", FORM, nested.clone().into_bytes()),
            ("invalid percent-encoding", FORM, invalid.clone().into_bytes()),
            ("invalid UTF-8", FORM, [login.as_bytes(), b"customerid=\xff\xfe&type=\xc3\x28"].concat()),
            ("JSON", "application/json", format!(r#"{{"userid":5,"api_key":"{K5}"}}"#).into_bytes()),
            ("a form called JSON", "application/json", login.clone().into_bytes()),
            ("no content type", "", login.clone().into_bytes()),
            ("multipart without a boundary", "multipart/form-data", b"--x\r\n\r\n--x--".to_vec()),
            ("broken multipart", "multipart/form-data; boundary=x", b"--x\r\nContent-Disp".to_vec()),
        ] {
            let (status, body) = site.post(&path, content_type, body).await;
            let is_list_with_defaults = operation == "list" && body["result"].is_array();
            assert!(status == StatusCode::OK || status == StatusCode::BAD_REQUEST, "{operation}, {what}: {status}");
            assert!(is_list_with_defaults || body["error"].is_string(), "{operation}, {what}: {body}");
        }
    }
}

#[tokio::test]
async fn missing_and_malformed_fields_are_named() {
    let site = Site::start().await;
    let whole = "resellerid=5&type=Individual&name=N&mobile=1&email=a@b&zipcode=1&state=G&city=P&street=S";
    let long = format!("{whole}&surname={}", "x".repeat(300));
    for (operation, fields, expected) in [
        ("create", "resellerid=5", "type is required"),
        ("create", &whole.replace("Individual", "Person"), "Invalid value for type"),
        ("create", &whole.replace("a@b", "a.b"), "Invalid value for email"),
        ("create", &whole.replace("mobile=1", "mobile=abc"), "Invalid value for mobile"),
        ("create", &format!("{whole}&dob=1990-02-30"), "dob must be in yyyy-mm-dd format"),
        ("create", &whole.replace("resellerid=5", "resellerid=7"), "Permission denied"),
        ("create", &format!("ispid=3&{whole}"), "Permission denied"),
        ("create", &whole.replace("resellerid=5", "resellerid=five"), "resellerid must be a number"),
        ("create", &long, "surname is too long"),
        ("update", "", "customerid is required"),
        ("update", "customerid=eleven", "customerid must be a number"),
        ("update", "customerid=11&name=", "name is required"),
        ("update", "customerid=11&reset_password=yes", "Invalid value for reset_password"),
        ("update", "customerid=999", "Customer not found"),
        ("delete", "", "customerid is required"),
        ("delete", "customerid=-1", "customerid must be a number"),
        ("delete", "customerid=14", "Customer not found"),
        ("list", "created_upto=2022-2-1", "created_upto must be in yyyy-mm-dd format"),
        ("list", "sort_field=city", "Invalid value for sort_field"),
        ("list", "customerid=1e3", "customerid must be a number"),
    ] {
        let (status, body) = site.neucrm(operation, (5, K5), fields).await;
        assert_eq!((status, body["error"].as_str()), (StatusCode::OK, Some(expected)), "{operation} {fields}");
    }
}

#[tokio::test]
async fn credentials_are_checked_first() {
    let site = Site::start().await;
    for operation in OPERATIONS {
        for login in [(5, ""), (5, "wrong"), (99, K5), (1, K5)] {
            let (_, body) = site.neucrm(operation, login, "customerid=x&type=x&rows_limit=x").await;
            assert_eq!(body["error"], "Authentication failed", "{operation}");
        }
    }
}

#[tokio::test]
async fn unknown_paths_and_other_methods_are_refused_in_the_envelope() {
    let site = Site::start().await;
    for path in ["/api/customer/purge", "/api/customer/list/x", "/api/customer/create/"] {
        let answer = site.post(path, FORM, Vec::new()).await;
        assert_refused(&answer, StatusCode::NOT_FOUND, path);
    }
    for operation in OPERATIONS {
        let path = format!("/api/customer/{operation}");
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
            let answer = site.send(method.clone(), &path, FORM, Vec::new()).await;
            assert_refused(&answer, StatusCode::METHOD_NOT_ALLOWED, &format!("{method} {path}"));
        }
    }
    let with_slash = site.neucrm("list/", (5, K5), "").await;
    assert_eq!(ids(&with_slash), ["11", "12", "13"]);
}

#[tokio::test]
async fn request_lines_and_headers_that_no_client_should_send_stop_nothing() {
    let site = Site::start().await;
    let address = site.stack.base_url().trim_start_matches("http://").to_owned();
    for head in [
        "POST /api/customer/list?a=|\"{}^`\\ HTTP/1.1\r\nHost: x",
        "POST /api/customer/list?%zz=%&%ff;;&&== HTTP/1.1\r\nHost: x",
        "POST /api/customer/%ff%fe HTTP/1.1\r\nHost: x",
        "POST /api/customer/list HTTP/1.1\r\nHost: [::1",
        "POST /api/customer/list HTTP/1.1\r\nHost: x\r\nX-Odd: \u{e9}\u{ff}",
        "POST /api/customer/list HTTP/1.1\r\nHost: x\r\nContent-Type: \u{e9}",
        "POST /api/customer/list HTTP/1.1\r\nHost: x\r\nCookie: a=b; ;=;\"",
    ] {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let request = format!("{head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 "), "{head}: {answer}");
        assert!(!answer.starts_with("HTTP/1.1 5"), "{head}: {answer}");
    }
    assert_eq!(ids(&site.neucrm("list", (5, K5), "").await).len(), 3);
}
