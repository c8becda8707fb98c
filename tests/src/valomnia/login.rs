//! The login as its two known clients do it, and its documented form.

use serde_json::json;

use super::{
    LIST, cookie,
    fixture::{EMAIL, PASSWORD, site, site_after},
    get, ids, login_form, session,
};
use crate::{
    harness::Site,
    http::{Call, Reply},
};

const CHECK: &str = "/j_spring_security_check";

/// The path of a Location, which must be absolute and on the host that was called.
fn location<'a>(site: &Site, reply: &'a Reply) -> &'a str {
    assert_eq!(reply.status, 302, "{}", reply.text());
    let location = reply.header("location").unwrap();
    location.strip_prefix(site.stack.base_url()).unwrap_or_else(|| panic!("{location} is on another host"))
}

#[tokio::test]
async fn credentials_are_taken_from_body_and_query_by_get_and_post() {
    const QUERY: &str = "j_username=demo%40entity1.example&j_password=password&ajax=true";
    const PARTS: &str = "--b\r\nContent-Disposition: form-data; name=\"j_username\"\r\n\r\ndemo@entity1.example\r\n\
        --b\r\nContent-Disposition: form-data; name=\"j_password\"\r\n\r\npassword\r\n--b--\r\n";
    let site = site().await;
    let with_query = format!("{CHECK}?{QUERY}");
    let multipart = |call: Call| call.header("content-type", "multipart/form-data; boundary=b").body(PARTS);
    for (what, call) in [
        ("POST, body", Call::form(CHECK, QUERY)),
        ("POST, query (example 28)", Call::new("POST", &with_query)),
        ("POST, query, empty JSON body", Call::new("POST", &with_query).header("content-type", "application/json")),
        ("GET, query", Call::get(&with_query)),
        (
            "GET, raw query and form",
            multipart(Call::get(&format!("{CHECK}?j_username={EMAIL}&j_password={PASSWORD}&ajax=true"))),
        ),
        ("POST, multipart", multipart(Call::new("POST", CHECK))),
        ("another case and spaces", Call::form(CHECK, "j_username=+Demo%40ENTITY1.example+&j_password=password")),
    ] {
        let reply = site.call(&call).await;
        assert_eq!(location(&site, &reply), "/login/ajaxSuccess", "{what}");
        let token = cookie(&reply);
        assert_eq!(ids(&site.call(&get(LIST, &token)).await), [1, 2, 3], "{what}");
    }
}

/// The vendor's connector: POST with the credentials in the query and no body; the first Set-Cookie, cut at fixed
/// positions; POST to the Location as it is; one line of JSON.
#[tokio::test]
async fn the_vendors_connector_logs_in() {
    let site = site().await;
    let log_in = async |password: &str| {
        let target = format!("{CHECK}?j_username=demo%40entity1.example&j_password={password}&ajax=true");
        let reply = site.call(&Call::new("POST", &target).header("content-type", "application/json")).await;
        let header = reply.header("set-cookie").unwrap();
        let token = header["JSESSIONID=".len()..header.find(';').unwrap()].to_owned();
        let next = Call::new("POST", location(&site, &reply))
            .header("content-type", "application/json;charset=UTF-8")
            .header("cookie", &format!("JSESSIONID={token}"));
        let reply = site.call(&next).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert!(!reply.text().contains('\n'), "{}", reply.text());
        (token, reply.json()["token"].clone())
    };
    let (token, named) = log_in(PASSWORD).await;
    assert_eq!(named, json!(token));
    let (_, named) = log_in("wrong").await;
    assert!(named.is_null(), "an answer without a token tells it of bad credentials");
}

/// The public dashboard: GET with the credentials in the query, which follows the Location without a cookie, then GETs it
/// with the one it was given; the same token as cookie and as bearer in every call; a new login when told `no_credentials`.
#[tokio::test]
async fn the_public_dashboard_logs_in() {
    let site = site().await;
    let reply = site.call(&Call::get(&format!("{CHECK}?j_username={EMAIL}&j_password={PASSWORD}&ajax=true"))).await;
    assert!(reply.status == 302 && reply.header("location").unwrap().contains("login/ajaxSuccess"));
    let followed = site.call(&Call::get(location(&site, &reply))).await;
    assert_eq!(followed.json()["error"], "no_credentials");

    let token = cookie(&reply);
    let body = site.call(&get("/login/ajaxSuccess", &token)).await.json();
    assert_eq!(body["token"], token.as_str());
    let user = &body["user"];
    assert_eq!(
        [&user["email"], &user["firstName"], &user["lastName"], &user["role"], &user["companyName"]],
        [&json!(EMAIL), &json!("Dé"), &json!("Mo"), &json!(["ROLE_USER"]), &json!("entity1")]
    );

    let bearer = |call: Call| call.header("authorization", &format!("Bearer {token}"));
    for call in [bearer(Call::get(LIST)), bearer(get(LIST, &token)), get(LIST, &token)] {
        assert_eq!(ids(&site.call(&call).await), [1, 2, 3]);
    }
    let reply = site.call(&get(LIST, "stale")).await;
    assert_eq!((reply.status, &reply.json()["error"]), (401, &json!("no_credentials")));
}

#[tokio::test]
async fn a_wrong_login_leads_to_an_error() {
    let site = site().await;
    let reply = site.call(&login_form(EMAIL, "wrong")).await;
    assert_eq!(location(&site, &reply), "/login/authfail?ajax=true");
    for method in ["GET", "POST"] {
        let reply = site.call(&Call::new(method, location(&site, &reply))).await;
        let body = reply.json();
        assert_eq!((reply.status, body.as_object().unwrap().len()), (200, 1), "{method}: {body}");
        assert!(body["error"].as_str().is_some_and(|error| !error.is_empty()), "{method}: {body}");
    }
}

#[tokio::test]
async fn each_login_opens_a_session_of_its_own() {
    let site = site().await;
    let (first, second) = (session(&site, EMAIL).await, session(&site, EMAIL).await);
    assert_ne!(first, second);
    for cookie in [first, second] {
        assert_eq!(ids(&site.call(&get(LIST, &cookie)).await), [1, 2, 3]);
    }
}

#[tokio::test]
async fn guessing_is_slowed_down_even_for_the_right_password() {
    let table = site().await;
    let site = site_after(&table, 0).await;
    for _ in 0..10 {
        site.call(&login_form(EMAIL, "wrong")).await;
    }
    for (seconds, expected) in
        [(0, "/login/authfail?ajax=true"), (4, "/login/authfail?ajax=true"), (5, "/login/ajaxSuccess")]
    {
        let site = site_after(&table, seconds).await;
        let reply = site.call(&login_form(EMAIL, PASSWORD)).await;
        assert_eq!(location(&site, &reply), expected, "{seconds} s after ten wrong ones");
    }
}
