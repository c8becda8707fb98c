use std::net::Ipv4Addr;

use axum::body::to_bytes;
use tokio::net::TcpListener;

use super::*;
use crate::{puppet, route::Route};

/// Status and body of the answer to a POST, with a puppet behind `/puppet`.
async fn post(target: &str, content_type: &str, body: Vec<u8>) -> (u16, String) {
    let pool = puppet::pool(9, Duration::from_millis(500), "");
    let gateway = Gateway {
        routes: Routes::new(vec![
            Route::new("ANY", "/puppet", "puppet").unwrap(),
            Route::new("ANY", "/lost", "lost").unwrap(),
        ]),
        pools: HashMap::from([("puppet".to_owned(), Arc::new(pool))]),
        port: 3000,
        log: Log::new(true, None),
    };
    let request =
        axum::http::Request::post(target).header("content-type", content_type).body(Body::from(body)).unwrap();
    let answer = gateway.answer(request, (Ipv4Addr::LOCALHOST, 1).into(), "id").await;
    let status = answer.response.status().as_u16();
    let body = to_bytes(answer.response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn faults_and_limits_answer_as_api_gateway_does() {
    let meeting = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endless = format!("/puppet?meet={}", meeting.local_addr().unwrap());
    let fault = (500, r#"{"message":"Internal Server Error"}"#);
    let too_large = (413, r#"{"message":"Request Entity Too Large"}"#);
    #[rustfmt::skip]
    let table = [
        // target                              content type, size of the body
        ("/puppet?status=204",                  "text/plain", 0,                (204, "")),
        ("/puppet/",                            "text/plain", 0,                (404, r#"{"message":"Not Found"}"#)),
        ("/lost",                               "text/plain", 0,                fault),
        ("/puppet?answer=garbage",              "text/plain", 0,                fault),
        ("/puppet?error=broken",                "text/plain", 0,                fault),
        ("/puppet?exit=now",                    "text/plain", 0,                fault),
        ("/puppet?size=6291557",                "text/plain", 0,                fault),
        (endless.as_str(),                      "text/plain", 0,                (503, r#"{"message":"Service Unavailable"}"#)),
        ("/puppet?answer=1",                    "text/plain", 6_000_000,        (200, "1")),
        ("/puppet?answer=1",                    "text/plain", 6 * 1024 * 1024,  too_large),
        ("/puppet?answer=1",                    "image/png",  4_000_000,        (200, "1")),
        ("/puppet?answer=1",                    "image/png",  5_000_000,        too_large),
        ("/puppet?answer=1",                    "text/plain", 10_485_761,       too_large),
    ];
    for (target, content_type, size, (status, body)) in table {
        let answer = post(target, content_type, vec![b'x'; size]).await;
        assert_eq!(answer, (status, body.to_owned()), "{target} with {size} bytes of {content_type}");
    }
}
