//! Paths and methods.

use runtime::{Method, Request};

use crate::Refusal;

/// Refuses a request that is not a GET of the customers.
pub(crate) fn check(request: &Request) -> Result<(), Refusal> {
    if !is_customers(&request.path) {
        return Err(Refusal::UnknownPath);
    }
    if request.method != Method::GET {
        return Err(Refusal::MethodNotAllowed);
    }
    Ok(())
}

/// The version may be left out; all of them are the same.
fn is_customers(path: &str) -> bool {
    const CUSTOMERS: &str = "service/wfbss/api/customers";
    let Some(path) = path.strip_prefix("/SMPI/") else { return false };
    let path = path.strip_suffix('/').unwrap_or(path);
    path == CUSTOMERS || path.split_once('/').is_some_and(|(version, rest)| is_version(version) && rest == CUSTOMERS)
}

/// `v`, digits, a point, digits.
fn is_version(segment: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = segment.strip_prefix('v').and_then(|version| version.split_once('.'));
    numbers.is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_comes_before_a_method() {
        const CUSTOMERS: &str = "/service/wfbss/api/customers";
        const UNKNOWN: Option<&str> = Some("Not found.");
        for (method, path, refusal) in [
            (Method::GET, format!("/SMPI{CUSTOMERS}"), None),
            (Method::GET, format!("/SMPI{CUSTOMERS}/"), None),
            (Method::GET, format!("/SMPI/v2.6{CUSTOMERS}"), None),
            (Method::GET, format!("/SMPI/v2.6{CUSTOMERS}/"), None),
            (Method::GET, format!("/SMPI/v12.34{CUSTOMERS}"), None),
            (Method::POST, format!("/SMPI/v2.6{CUSTOMERS}"), Some("Method not allowed.")),
            (Method::HEAD, format!("/SMPI{CUSTOMERS}"), Some("Method not allowed.")),
            (Method::GET, format!("/SMPI/v2{CUSTOMERS}"), UNKNOWN),
            (Method::GET, format!("/SMPI/v2.{CUSTOMERS}"), UNKNOWN),
            (Method::GET, format!("/SMPI/v.6{CUSTOMERS}"), UNKNOWN),
            (Method::GET, format!("/SMPI/2.6{CUSTOMERS}"), UNKNOWN),
            (Method::GET, format!("/SMPI/V2.6{CUSTOMERS}"), UNKNOWN),
            (Method::GET, format!("/SMPI/v2.6.1{CUSTOMERS}"), UNKNOWN),
            (Method::GET, format!("/SMPI/v٢.6{CUSTOMERS}"), UNKNOWN),
            (Method::GET, format!("/SMPI/latest{CUSTOMERS}"), UNKNOWN),
            (Method::GET, format!("/SMPI//{CUSTOMERS}"), UNKNOWN),
            (Method::GET, format!("/SMPI/v2.6{CUSTOMERS}//"), UNKNOWN),
            (Method::GET, format!("/SMPI/v2.6{CUSTOMERS}/usage"), UNKNOWN),
            (Method::GET, format!("/LMPI/v2.6{CUSTOMERS}"), UNKNOWN),
            (Method::POST, "/SMPI/v2.6/service/wfbss/api/groups".to_owned(), UNKNOWN),
            (Method::GET, "/SMPI/".to_owned(), UNKNOWN),
        ] {
            let checked = check(&Request::new(method.clone(), &path)).err().map(|refusal| refusal.to_string());
            assert_eq!(checked.as_deref(), refusal, "{method} {path}");
        }
    }
}
