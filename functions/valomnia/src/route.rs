//! Paths and methods.

use std::fmt;

use runtime::{Method, Request};

use crate::Refusal;

/// Path that takes the credentials.
pub(crate) const CHECK: &str = "/j_spring_security_check";
/// Path that a right login is sent on to.
pub(crate) const SUCCESS: &str = "/login/ajaxSuccess";
/// Path that a wrong login is sent on to.
pub(crate) const FAILURE: &str = "/login/authfail";

/// The version of the API that a path names. Links in an answer repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version(&'static str);

impl Version {
    const ALL: [Self; 3] = [Self("v1"), Self("v1.0"), Self("v2.1")];

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.0 == text)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

/// Refuses a request that is not a GET to the customers, with or without a slash at the end.
pub(crate) fn customers(request: &Request) -> Result<Version, Refusal> {
    let path = request.path.strip_suffix('/').unwrap_or(&request.path);
    let version = path.strip_prefix("/api/").and_then(|path| path.strip_suffix("/customers"));
    let version = version.and_then(Version::parse).ok_or(Refusal::UnknownPath)?;
    if request.method != Method::GET {
        return Err(Refusal::MethodNotAllowed("GET"));
    }
    Ok(version)
}

/// Refuses other methods than those with which clients log in.
pub(crate) fn get_or_post(request: &Request) -> Result<(), Refusal> {
    match request.method {
        Method::GET | Method::POST => Ok(()),
        _ => Err(Refusal::MethodNotAllowed("GET, POST")),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::testing::words;

    pub(crate) const V1_0: Version = Version("v1.0");

    #[test]
    fn a_path_comes_before_a_method() {
        const NOT_FOUND: &str = "The path you requested doesn't exist.";
        const NOT_ALLOWED: &str = "The method you used is not allowed here.";
        for (method, path, expected) in [
            (Method::GET, "/api/v1/customers", Ok("v1")),
            (Method::GET, "/api/v1.0/customers", Ok("v1.0")),
            (Method::GET, "/api/v2.1/customers", Ok("v2.1")),
            (Method::GET, "/api/v1.0/customers/", Ok("v1.0")),
            (Method::POST, "/api/v1.0/customers", Err(NOT_ALLOWED)),
            (Method::HEAD, "/api/v1.0/customers/", Err(NOT_ALLOWED)),
            (Method::GET, "/api/v1.0/customers//", Err(NOT_FOUND)),
            (Method::GET, "/api/v1.0/Customers", Err(NOT_FOUND)),
            (Method::GET, "/api/v1.0/customers/2", Err(NOT_FOUND)),
            (Method::POST, "/api/v1.0/customerCategories", Err(NOT_FOUND)),
            (Method::GET, "/api/v3/customers", Err(NOT_FOUND)),
            (Method::GET, "/api//customers", Err(NOT_FOUND)),
            (Method::GET, "/api/customers", Err(NOT_FOUND)),
            (Method::GET, "/api/v1.0/", Err(NOT_FOUND)),
            (Method::GET, "", Err(NOT_FOUND)),
        ] {
            let version = words(customers(&Request::new(method.clone(), path))).map(|version| version.to_string());
            assert_eq!(version.as_deref().map_err(String::as_str), expected, "{method} {path}");
        }
    }

    #[test]
    fn clients_log_in_by_get_and_by_post() {
        for (method, expected) in
            [(Method::GET, true), (Method::POST, true), (Method::PUT, false), (Method::HEAD, false)]
        {
            assert_eq!(get_or_post(&Request::new(method.clone(), CHECK)).is_ok(), expected, "{method}");
        }
    }
}
