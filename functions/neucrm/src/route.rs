//! Paths and methods.

use runtime::{Method, Request};

use crate::Refusal;

/// Paths of `list`, whose function also gets every path that has no route of its own.
pub(crate) const LIST: &[&str] = &["/api/customer/list", "/api/customer/list/"];
/// Path of `create`.
pub(crate) const CREATE: &[&str] = &["/api/customer/create"];
/// Path of `update`.
pub(crate) const UPDATE: &[&str] = &["/api/customer/update"];
/// Path of `delete`.
pub(crate) const DELETE: &[&str] = &["/api/customer/delete"];

/// Refuses a request that is not a POST to one of `paths`.
pub(crate) fn check(request: &Request, paths: &[&str]) -> Result<(), Refusal> {
    if !paths.contains(&request.path.as_str()) {
        return Err(Refusal::UnknownPath);
    }
    if request.method != Method::POST {
        return Err(Refusal::MethodNotAllowed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::tests::words;

    #[test]
    fn a_path_comes_before_a_method() {
        for (method, path, expected) in [
            (Method::POST, "/api/customer/list", Ok(())),
            (Method::POST, "/api/customer/list/", Ok(())),
            (Method::GET, "/api/customer/list", Err("Method not allowed")),
            (Method::PUT, "/api/customer/list/", Err("Method not allowed")),
            (Method::POST, "/api/customer/lists", Err("Not found")),
            (Method::POST, "/api/customer/List", Err("Not found")),
            (Method::GET, "/api/customer/", Err("Not found")),
        ] {
            let checked = words(check(&Request::new(method.clone(), path), LIST));
            assert_eq!(checked, expected.map_err(str::to_owned), "{method} {path}");
        }
    }
}
