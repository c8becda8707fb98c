//! Paths and methods.

use runtime::{Method, Request};

use crate::Refusal;

/// Paths of `customers/list`, whose function also gets every path that has no route of its own.
const LIST: [&str; 2] = ["/api/json/customers/list", "/api/json/customers/list/"];

/// Refuses a request that is neither a GET nor a POST of the list.
pub(crate) fn check(request: &Request) -> Result<(), Refusal> {
    if !LIST.contains(&request.path.as_str()) {
        return Err(Refusal::UnknownFunction);
    }
    if !matches!(request.method, Method::GET | Method::POST) {
        return Err(Refusal::MethodNotAllowed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_comes_before_a_method() {
        for (method, path, expected) in [
            (Method::GET, "/api/json/customers/list", None),
            (Method::GET, "/api/json/customers/list/", None),
            (Method::POST, "/api/json/customers/list/", None),
            (Method::PUT, "/api/json/customers/list", Some("Use GET or POST.")),
            (Method::HEAD, "/api/json/customers/list/", Some("Use GET or POST.")),
            (Method::GET, "/api/json/customers/lists", Some("No such function.")),
            (Method::GET, "/api/json/customers/list//", Some("No such function.")),
            (Method::GET, "/api/json/Customers/List", Some("No such function.")),
            (Method::PUT, "/api/json/customers/get/", Some("No such function.")),
        ] {
            let refusal = check(&Request::new(method.clone(), path)).err().map(|refusal| refusal.to_string());
            assert_eq!(refusal.as_deref(), expected, "{method} {path}");
        }
    }
}
