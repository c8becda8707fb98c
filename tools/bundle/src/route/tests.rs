use super::*;

/// Function and path parameters of the route that is found.
type Found<'a> = Option<(&'a str, &'a [(&'a str, &'a str)])>;

fn routes() -> Routes {
    let routes = [
        ("ANY", "/api/customer/list", "list"),
        ("ANY", "/api/customer/{proxy+}", "unknown"),
        ("ANY", "/api/{proxy+}", "api"),
        ("ANY", "/api/customer/list/{proxy+}", "deep"),
        ("GET", "/pets/{id}", "get pet"),
        ("ANY", "/pets/{id}", "any pet"),
        ("ANY", "/pets/dog", "dog"),
        ("ANY", "/owners/{owner}/pets/{pet}", "owned"),
        ("ANY", "/owners/me/{proxy+}", "mine"),
    ];
    Routes::new(
        routes.into_iter().map(|(method, path, function)| Route::new(method, path, function).unwrap()).collect(),
    )
}

#[test]
fn the_most_specific_route_wins() {
    #[rustfmt::skip]
    let table: &[(&str, &str, Found<'_>)] = &[
        // method, path                          function, path parameters
        ("POST", "/api/customer/list",           Some(("list", &[]))),
        ("DELETE", "/api/customer/list",         Some(("list", &[]))),
        ("POST", "/api/customer/l%69st",         Some(("list", &[]))),
        ("POST", "/api/customer/List",           Some(("unknown", &[("proxy", "List")]))),
        ("POST", "/api/customer/list/",          Some(("unknown", &[("proxy", "list/")]))),
        ("POST", "/api/customer/list/a",         Some(("deep", &[("proxy", "a")]))),
        ("POST", "/api/customer/a/b%20c",        Some(("unknown", &[("proxy", "a/b c")]))),
        ("POST", "/api/customer/%FF",            Some(("unknown", &[("proxy", "\u{FFFD}")]))),
        ("POST", "/api/customer",                Some(("api", &[("proxy", "customer")]))),
        ("POST", "/api/customer/",               Some(("api", &[("proxy", "customer/")]))),
        ("POST", "/api/",                        None),
        ("POST", "/api",                         None),
        ("POST", "/",                            None),
        ("POST", "//api/customer/list",          None),
        ("GET", "/pets/dog",                     Some(("dog", &[]))),
        ("GET", "/pets/cat",                     Some(("get pet", &[("id", "cat")]))),
        ("PUT", "/pets/cat",                     Some(("any pet", &[("id", "cat")]))),
        ("GET", "/pets/cat/",                    None),
        ("GET", "/pets/",                        None),
        ("GET", "/owners/%C3%A9mile/pets/a%2Fb", Some(("owned", &[("owner", "émile"), ("pet", "a/b")]))),
        ("GET", "/owners/me/pets/a",             Some(("owned", &[("owner", "me"), ("pet", "a")]))),
        ("GET", "/owners/me/a/b",                Some(("mine", &[("proxy", "a/b")]))),
        ("OPTIONS", "*",                         None),
    ];
    let routes = routes();
    for (method, path, expected) in table {
        let found = routes.find(method, path);
        let found = found.as_ref().map(|matched| (matched.route.function.as_str(), matched.parameters.clone()));
        let expected = expected.map(|(function, parameters)| {
            (function, parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
        });
        assert_eq!(found, expected, "{method} {path}");
    }
}

#[test]
fn a_route_key_is_method_and_path() {
    let key = |method, path| Route::new(method, path, "f").unwrap().key;
    assert_eq!(key("any", "/a/{proxy+}"), "ANY /a/{proxy+}");
    assert_eq!(key("x-amazon-apigateway-any-method", "/a"), "ANY /a");
    assert_eq!(key("post", "/a"), "POST /a");
}

#[test]
fn a_path_that_api_gateway_refuses_is_an_error() {
    for path in ["", "a", "/{proxy+}/a"] {
        assert!(Route::new("ANY", path, "f").is_err(), "{path}");
    }
}
