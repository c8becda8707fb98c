//! Who is let in, and who sees what.

use customers::load_tenant;

use super::{
    A, B, CUSTOMERS, D, DEFAULT, ELSEWHERE, FOREIGN, OTHER, Partner, SUSPENDED, T, TIME, assert_refused, get, names,
    second_tenant, site_at,
};

#[tokio::test]
async fn each_partner_sees_its_own_customers_only() {
    let site = site_at(TIME).await;
    let d = format!("{CUSTOMERS}?cids={D}");
    for (partner, target, expected) in [
        (T, CUSTOMERS, &["beta GmbH", "Trend Alpha", "Zeta trend"][..]),
        (T, &d, &[]),
        (OTHER, CUSTOMERS, &["Trend Other"]),
        (OTHER, &d, &["Trend Other"]),
        (OTHER, &format!("{CUSTOMERS}?cids={A},{B}"), &[]),
        (OTHER, &format!("{CUSTOMERS}?q=beta"), &[]),
        (DEFAULT, CUSTOMERS, &["Trend of None"]),
    ] {
        assert_eq!(names(&site.call(&get(partner, target)).await), expected, "{target}");
    }
}

#[tokio::test]
async fn a_token_is_for_its_own_tenant_only() {
    let site = site_at(TIME).await;
    load_tenant(&*site.operator_store(), &second_tenant()).await.unwrap();
    let at_acme = |partner| get(partner, CUSTOMERS).header("host", "ACME.example:443");
    assert_eq!(names(&site.call(&at_acme(ELSEWHERE)).await), ["Trend Elsewhere"]);
    for (call, subject) in [
        (at_acme(OTHER), "AuthenticationFailureAccessToken"),
        (at_acme(T), "AuthenticationFailureSignature"),
        (get(ELSEWHERE, CUSTOMERS), "AuthenticationFailureSignature"),
    ] {
        assert_refused(&site.call(&call).await, 401, subject, &format!("{call:?}"));
    }
}

#[tokio::test]
async fn only_a_living_login_of_this_dialect_opens_it() {
    let site = site_at(TIME).await;
    let foreign = FOREIGN.map(|(_, partner)| partner);
    for partner in foreign.into_iter().chain([SUSPENDED]) {
        let reply = site.call(&get(partner, CUSTOMERS)).await;
        assert_refused(&reply, 401, "AuthenticationFailureAccessToken", partner.0);
    }
    let upper = T.0.to_uppercase();
    assert_eq!(names(&site.call(&get(Partner(&upper, T.1), CUSTOMERS)).await).len(), 3);
}
