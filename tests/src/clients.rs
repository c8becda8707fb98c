//! Calls in the four dialects, as their clients make them, to the demo tenant.

use customers::Timestamp;
use runtime::Method;

use crate::{
    harness::Site,
    http::{Call, Reply},
};

/// NeuCRM's login of ISP 1.
pub(crate) const NEUCRM_KEY: &str = "0f9895fb407c83e5ea128082098b47681aa75d6944576423c4";
/// Enswitch's and Valomnia's password.
pub(crate) const PASSWORD: &str = "password";
/// Valomnia's login of the first organisation.
pub(crate) const VALOMNIA_EMAIL: &str = "demo@entity1.example";
/// SMPI's login of the first partner.
pub(crate) const SMPI_TOKEN: &str = "8be8f9e2-c82d-454b-90e3-744a6e74f664";
pub(crate) const SMPI_SECRET: &str = "c2VjcmV0LWtleS1mb3ItdGVzdHM=";
/// The time at which the demo site stands still.
pub(crate) const TIME: Timestamp = Timestamp::from_unix_seconds(1_363_797_148);

/// A NeuCRM form of login 5.
pub(crate) fn neucrm(path: &str, key: &str, fields: &str) -> Call {
    Call::form(path, &format!("userid=5&api_key={key}&{fields}"))
}

/// An Enswitch list.
pub(crate) fn enswitch(path: &str, password: &str, parameters: &str) -> Call {
    Call::get(&format!("{path}?auth_username=user;auth_password={password};{parameters}"))
}

/// A token of SMPI and its secret.
#[derive(Clone, Copy)]
pub(crate) struct Partner<'a>(pub(crate) &'a str, pub(crate) &'a str);

/// A signed SMPI list of the first partner, whose secret is `secret`.
pub(crate) fn smpi(uri: &str, secret: &str) -> Call {
    signed(Partner(SMPI_TOKEN, secret), "GET", uri, "")
}

/// An SMPI request signed at [`TIME`].
pub(crate) fn signed(partner: Partner<'_>, method: &str, target: &str, body: &str) -> Call {
    let signature = smpi::sign(&method.parse::<Method>().unwrap(), target, body.as_bytes(), TIME, partner.1);
    let call = with_headers(Call::new(method, target), partner, &signature);
    if body.is_empty() { call } else { call.header("content-type", "application/json").body(body) }
}

/// The headers that an SMPI client sends.
pub(crate) fn with_headers(call: Call, Partner(token, _): Partner<'_>, signature: &str) -> Call {
    call.header("x-access-token", token)
        .header("x-posix-time", &TIME.unix_seconds().to_string())
        .header("x-signature", signature)
        .header("x-traceid", "4f8a0c9e-0f7e-4c39-9a3c-6f1f5b0f7a11")
}

/// A Valomnia request with a cookie.
pub(crate) fn valomnia(target: &str, cookie: &str) -> Call {
    Call::get(target).header("cookie", &format!("JSESSIONID={cookie}"))
}

/// A Valomnia login.
pub(crate) fn valomnia_login(email: &str, password: &str) -> Call {
    Call::form("/j_spring_security_check", &format!("j_username={email}&j_password={password}&ajax=true"))
}

/// Logs in and returns the cookie's value.
pub(crate) async fn valomnia_cookie(site: &Site) -> String {
    let reply = site.call(&valomnia_login(VALOMNIA_EMAIL, PASSWORD)).await;
    cookie(&reply)
}

/// The value of the cookie that a login sets, right or wrong.
pub(crate) fn cookie(reply: &Reply) -> String {
    let header = reply.header("set-cookie").unwrap_or_else(|| panic!("no cookie: {reply:?}"));
    let value = header.strip_prefix("JSESSIONID=").and_then(|header| header.strip_suffix("; Path=/; HttpOnly"));
    value.unwrap_or_else(|| panic!("not the cookie: {header}")).to_owned()
}
