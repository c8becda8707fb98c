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

/// A signed SMPI request.
pub(crate) fn smpi(uri: &str, secret: &str) -> Call {
    Call::get(uri)
        .header("x-access-token", SMPI_TOKEN)
        .header("x-posix-time", &TIME.unix_seconds().to_string())
        .header("x-traceid", "27f7a1d0-8a5c-4d19-b8dd-2f2b8d6a2f11")
        .header("x-signature", &smpi::sign(&Method::GET, uri, b"", TIME, secret))
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
    cookie(&reply).unwrap_or_else(|| panic!("no cookie in {reply:?}"))
}

/// The cookie that an answer sets, cut out as the vendor's connector does it.
pub(crate) fn cookie(reply: &Reply) -> Option<String> {
    let header = reply.header("set-cookie")?;
    let value = header.strip_prefix("JSESSIONID=")?;
    value.split_once(';').map(|(value, _)| value.to_owned())
}
