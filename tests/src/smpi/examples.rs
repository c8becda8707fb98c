//! The worked examples and the test vectors.

use customers::Timestamp;
use runtime::Method;
use serde_json::json;

use super::{B, CUSTOMERS, OTHER, Partner, SIGNATURE_1, T, TIME, assert_refused, get, names, presenting, site_at};
use crate::http::Call;

#[tokio::test]
async fn lists() {
    const UNVERSIONED: &str = "/SMPI/service/wfbss/api/customers";
    let site = site_at(TIME).await;
    let paging = |total: u64, limit: u64, page: u64| json!({ "total": total, "limit": limit, "page": page });
    let b = format!("{CUSTOMERS}?cids={B}");
    // The order is that of the names, whatever their case; the example only tells who is in the list.
    let all = ["beta GmbH", "Trend Alpha", "Zeta trend"];
    for (example, target, expected, shown) in [
        (1, CUSTOMERS, paging(3, 100, 1), &all[..]),
        (2, &format!("{CUSTOMERS}?page=2&limit=2"), paging(3, 2, 2), &["Zeta trend"]),
        (3, &format!("{CUSTOMERS}?q=trend"), paging(2, 100, 1), &["Trend Alpha", "Zeta trend"]),
        (4, &format!("{CUSTOMERS}?q=TREND&limit=1"), paging(2, 1, 1), &["Trend Alpha"]),
        (5, &format!("{CUSTOMERS}?page=4&limit=1"), paging(3, 1, 4), &[]),
        (6, &format!("{CUSTOMERS}?q=nomatch"), paging(0, 100, 1), &[]),
        (14, UNVERSIONED, paging(3, 100, 1), &all),
        (15, &b, paging(1, 100, 1), &["beta GmbH"]),
    ] {
        let reply = site.call(&get(T, target)).await;
        assert_eq!(names(&reply), shown, "example {example}");
        assert_eq!(reply.json()["paging"], expected, "example {example}");
    }
}

#[tokio::test]
async fn a_list_byte_for_byte() {
    let site = site_at(TIME).await;
    let alpha = r#"{"license_period":1,"auto_renewal":0,"name":"Trend Alpha","time_zone":"Asia/Taipei","seat_count":30,"expire":"2030-06-01T15:59:59Z","sp_subscription":"monthly","license_type":"1","id":"AD38F82D-51A1-46FD-B167-E0D0FF31BE80","eid":"00000000-0000-0000-0000-000000000001"}"#;
    let beta = r#"{"license_period":0,"auto_renewal":0,"name":"beta GmbH","time_zone":"Europe/Berlin","seat_count":0,"expire":"9999-12-31T23:59:59Z","sp_subscription":"","license_type":"0","id":"AD38F82D-51A1-46FD-B167-E0D0FF31BE83","eid":"00000000-0000-0000-0000-000000000002"}"#;
    let reply = site.call(&get(T, &format!("{CUSTOMERS}?limit=2"))).await;
    let expected = format!(r#"{{"paging":{{"total":3,"limit":2,"page":1}},"customers":[{beta},{alpha}]}}"#);
    assert_eq!((reply.status, reply.text()), (200, expected));
    assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
}

#[tokio::test]
async fn requests_that_the_examples_refuse() {
    let site = site_at(TIME).await;
    let without_trace = Call::get(CUSTOMERS)
        .header("x-access-token", T.0)
        .header("x-posix-time", &TIME.to_string())
        .header("x-signature", SIGNATURE_1);
    for (example, call, status, subject) in [
        (7, get(T, &format!("{CUSTOMERS}?limit=101")), 400, "InvalidParametersLimit"),
        (7, get(T, &format!("{CUSTOMERS}?limit=0")), 400, "InvalidParametersLimit"),
        (7, get(T, &format!("{CUSTOMERS}?page=0")), 400, "InvalidParametersPage"),
        (7, get(T, &format!("{CUSTOMERS}?page=x")), 400, "InvalidParametersPage"),
        (10, presenting(SIGNATURE_1, &format!("{CUSTOMERS}?page=2&limit=50")), 401, "AuthenticationFailureSignature"),
        (11, without_trace, 400, "MissingHeaderTraceID"),
        (12, get(Partner("not-a-guid", T.1), CUSTOMERS), 401, "InvalidHeaderAccessToken"),
        (13, get(T, CUSTOMERS).header("content-type", "text/plain"), 415, "InvalidHeaderContentType"),
    ] {
        assert_refused(&site.call(&call).await, status, subject, &format!("example {example}"));
    }
}

#[tokio::test]
async fn the_clock_rule() {
    const DENIED: Option<&str> = Some("AuthenticationFailurePosixTime");
    for (example, clock, refusal) in
        [(8, 1_363_798_048, None), (9, 1_363_798_049, DENIED), (9, 1_363_796_247, DENIED), (8, 1_363_796_248, None)]
    {
        let site = site_at(clock).await;
        let reply = site.call(&presenting(SIGNATURE_1, CUSTOMERS)).await;
        match refusal {
            None => assert_eq!(names(&reply).len(), 3, "example {example}: {clock}"),
            Some(subject) => assert_refused(&reply, 401, subject, &format!("example {example}: {clock}")),
        }
    }
}

#[tokio::test]
async fn test_vectors() {
    let site = site_at(TIME).await;
    for (vector, target, signature, total) in [
        (1, CUSTOMERS, SIGNATURE_1, 3),
        (2, &format!("{CUSTOMERS}?page=2&limit=50"), "siYmmgnIr1lNzjPxHprwVc3IbwLlTSQFkDwNdc1QklA=", 3),
        (3, &format!("{CUSTOMERS}?q=trend"), "9LCXwlo/LkwAjMQuPFJHcOh1w4miaQd0MayZsqcDCLg=", 2),
        (4, &format!("{CUSTOMERS}?q=trend%20micro"), "veZyG0KHVgj7DaOn7Cw0jkjUa24vbRg9UiVx1Uf5muQ=", 0),
        (5, &format!("{CUSTOMERS}?q=trend+micro"), "oNfDvIqfqoYJRjqfnUBBmRRynB4+fTbtkotdvN8x2F4=", 0),
        (6, &format!("{CUSTOMERS}?q=%E8%B6%A8%E5%8B%A2"), "OvNtI92/p4d+7Gh9aha3UMc1l9cUCE9gJRI80FsHFZY=", 0),
        (7, "/SMPI/service/wfbss/api/customers", "eDmPIB1dDbEtjb1MkoktQBhcXmy5OCTch6amcsIx2ho=", 3),
        (
            8,
            "/SMPI/v2.8/service/wfbss/api/customers?cids=AD38F82D-51A1-46FD-B167-E0D0FF31BE83",
            "3B8+DCmemDvYNoij2LS0wZ+BpYIzt7AZGuVYZH20m+w=",
            1,
        ),
    ] {
        let reply = site.call(&presenting(signature, target)).await;
        assert_eq!(reply.status, 200, "vector {vector}: {}", reply.text());
        assert_eq!(reply.json()["paging"]["total"], total, "vector {vector}");
    }
}

#[tokio::test]
async fn signatures_that_must_be_rejected() {
    let site = site_at(TIME).await;
    for (what, parameters, signature) in [
        ("MD5 of the empty body appended", "", "baFiCKAjKrmphle3eBnTX2jMzeo0uQsz4gqNzNG0RaA="),
        ("secret decoded first", "", "rlgo+27z/7b4oFvVO/DcyNM/IrEyiGBooxkODYD9tA0="),
        ("query decoded before signing", "?q=trend%20micro", "HYi9PiAWBHn+W8RdvzxElhi+GlKmYe/LBjrI2/C2sts="),
        ("query left out", "?page=2&limit=50", SIGNATURE_1),
        ("a parameter added", "?q=trend&limit=1", "9LCXwlo/LkwAjMQuPFJHcOh1w4miaQd0MayZsqcDCLg="),
        ("a parameter in another case", "?q=TREND", "9LCXwlo/LkwAjMQuPFJHcOh1w4miaQd0MayZsqcDCLg="),
        ("a letter escaped", "?q=%74rend", "9LCXwlo/LkwAjMQuPFJHcOh1w4miaQd0MayZsqcDCLg="),
        ("another partner's", "", &other_partners_signature()),
        ("no Base64", "", "*"),
        ("ninety-one characters", "", &"A".repeat(91)),
    ] {
        let reply = site.call(&presenting(signature, &format!("{CUSTOMERS}{parameters}"))).await;
        assert_refused(&reply, 401, "AuthenticationFailureSignature", what);
    }
}

fn other_partners_signature() -> String {
    smpi::sign(&Method::GET, CUSTOMERS, b"", Timestamp::from_unix_seconds(TIME), OTHER.1)
}
