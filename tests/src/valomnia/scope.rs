//! The borders of what logins see: organisations, tenants, dialects, and the end of a session.

use customers::{Dialect, Repository, Timestamp};

use super::{
    LIST, assert_refused, cookie,
    fixture::{
        EMAIL, ENSWITCH_USER, OTHER_EMAIL, OTHER_HOST, PASSWORD, STRAY_EMAIL, SUSPENDED_EMAIL, site, site_after,
    },
    get, ids, login_form, session,
};
use crate::{harness::tenant, http::Call};

#[tokio::test]
async fn a_login_sees_its_own_organisation_only() {
    let site = site().await;
    for (email, organisation, expected) in [(EMAIL, "entity1", &[1, 2, 3][..]), (OTHER_EMAIL, "entity2", &[4])] {
        let cookie = session(&site, email).await;
        let reply = site.call(&get(LIST, &cookie)).await;
        assert_eq!(ids(&reply), expected, "{email}");
        for row in reply.json()["data"].as_array().unwrap() {
            assert_eq!(row["organization"], organisation, "{row}");
        }
        for query in ["reference=*", "name=*", "sort=organization", "dateCreated_gt=0000-01-01T00:00:00Z"] {
            let reply = site.call(&get(&format!("{LIST}?{query}"), &cookie)).await;
            assert!(ids(&reply).iter().all(|id| expected.contains(id)), "{email} {query}");
        }
    }
}

#[tokio::test]
async fn a_session_belongs_to_its_tenant() {
    let site = site().await;
    let here = session(&site, EMAIL).await;
    let there = cookie(&site.call(&login_form(EMAIL, PASSWORD).header("host", OTHER_HOST)).await);
    let list = |cookie: &str| get(LIST, cookie).header("host", OTHER_HOST);

    let reply = site.call(&list(&there)).await;
    assert_eq!(reply.json()["data"][0]["name"], "Another Acme");
    assert_eq!(ids(&reply), [1]);
    assert_refused(&site.call(&list(&here)).await, 401, "no_credentials", "", "a cookie of the default tenant");
    assert_refused(&site.call(&get(LIST, &there)).await, 401, "no_credentials", "", "a cookie of the other tenant");
}

#[tokio::test]
async fn only_logins_of_this_dialect_and_of_an_organisation_open_a_session() {
    let site = site().await;
    for (email, password) in [
        (EMAIL, "wrong"),
        (EMAIL, ""),
        ("nobody@entity1.example", PASSWORD),
        ("", PASSWORD),
        (SUSPENDED_EMAIL, PASSWORD),
        (STRAY_EMAIL, PASSWORD),
        (ENSWITCH_USER, PASSWORD),
    ] {
        let reply = site.call(&login_form(email, password)).await;
        assert_eq!(reply.status, 302, "{email}");
        assert!(reply.header("location").unwrap().ends_with("/login/authfail?ajax=true"), "{email}: {reply:?}");
        assert_eq!(cookie(&reply), "", "{email}");
    }
}

#[tokio::test]
async fn a_session_of_a_login_without_an_organisation_is_of_no_use() {
    let site = site().await;
    let repository = Repository::new(site.store());
    let directory = repository.directory(&tenant(), "test");
    let login = directory.login(Dialect::Valomnia, STRAY_EMAIL).await.unwrap().unwrap();
    let cookie = directory.open_session(Dialect::Valomnia, STRAY_EMAIL, &login, Timestamp::now()).await.unwrap();
    for path in [LIST, "/login/ajaxSuccess"] {
        assert_refused(&site.call(&get(path, &cookie)).await, 403, "access_denied", "", path);
    }
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_for_half_an_hour_and_use_extends_it() {
    let site = site().await;
    let cookie = session(&site_after(&site, 0).await, EMAIL).await;
    for (seconds, expected) in [(1_799, 200), (1_799 + 1_799, 200), (1_799 + 1_799 + 1_800, 401)] {
        let status = site_after(&site, seconds).await.call(&get(LIST, &cookie)).await.status;
        assert_eq!(status, expected, "{seconds} s after the login");
    }
}

#[tokio::test]
async fn a_token_is_all_or_nothing() {
    let site = site().await;
    let cookie = session(&site, EMAIL).await;
    let (secret, identity) = cookie.split_once('-').unwrap();
    let upper = cookie.to_uppercase();
    let other = format!("{}-{identity}", "0".repeat(secret.len()));
    for token in [&cookie[1..], secret, identity, &upper, &other, "", "x"] {
        for path in [LIST, "/login/ajaxSuccess"] {
            assert_refused(&site.call(&get(path, token)).await, 401, "no_credentials", "", token);
            let bearer = Call::get(path).header("authorization", &format!("Bearer {token}"));
            assert_refused(&site.call(&bearer).await, 401, "no_credentials", "", token);
        }
    }
}
