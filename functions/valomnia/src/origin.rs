//! Where the client thinks it is.

use runtime::{HeaderName, Request, header};

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Scheme, host and port by which the client reached the API.
pub(crate) struct Origin(String);

impl Origin {
    /// The origin of a request: https unless the gateway says otherwise. Of a request without a usable host it is empty,
    /// which makes URLs relative.
    pub(crate) fn of(request: &Request) -> Self {
        let Some(host) = request.host.as_deref() else { return Self(String::new()) };
        let scheme = if request.header(&FORWARDED_PROTO) == Some("http") { "http" } else { "https" };
        let port = request.header(&header::HOST).and_then(|authority| authority.rsplit_once(':'));
        let port = port.and_then(|(_, port)| port.parse::<u16>().ok());
        Self(port.map_or_else(|| format!("{scheme}://{host}"), |port| format!("{scheme}://{host}:{port}")))
    }

    /// The absolute URL of `path`, which begins with a slash.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use runtime::{HeaderValue, Method};

    use super::*;

    #[test]
    fn urls_are_absolute_on_the_host_of_the_request() {
        for (host, authority, scheme, expected) in [
            (Some("entity1.example"), Some("entity1.example"), Some("https"), "https://entity1.example/a"),
            (Some("entity1.example"), Some("Entity1.example"), None, "https://entity1.example/a"),
            (Some("127.0.0.1"), Some("127.0.0.1:3000"), Some("http"), "http://127.0.0.1:3000/a"),
            (Some("entity1.example"), Some("entity1.example:"), Some("ftp"), "https://entity1.example/a"),
            (Some("[::1]"), Some("[::1]"), Some("http"), "http://[::1]/a"),
            (Some("[::1]"), Some("[::1]:3000"), Some("http"), "http://[::1]:3000/a"),
            (Some("a1b2.example"), None, Some("https"), "https://a1b2.example/a"),
            (None, Some("no host"), Some("https"), "/a"),
        ] {
            let mut request = Request::new(Method::GET, "/");
            request.host = host.map(str::to_owned);
            for (name, value) in [(header::HOST, authority), (FORWARDED_PROTO, scheme)] {
                value.and_then(|value| request.headers.insert(name, HeaderValue::from_static(value)));
            }
            assert_eq!(Origin::of(&request).url("/a"), expected, "{host:?} {authority:?} {scheme:?}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_more_of_a_url_than_an_origin(
            authority in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b":@/.09".to_vec())], 0..20),
            scheme in prop::collection::vec(any::<u8>(), 0..8),
        ) {
            let mut request = Request::new(Method::GET, "/");
            request.host = Some("entity1.example".to_owned());
            for (name, value) in [(header::HOST, authority), (FORWARDED_PROTO, scheme)] {
                HeaderValue::from_bytes(&value).ok().and_then(|value| request.headers.insert(name, value));
            }
            let url = Origin::of(&request).url("/a");
            let rest = url.strip_prefix("https://entity1.example").and_then(|rest| rest.strip_suffix("/a")).unwrap();
            prop_assert!(rest.is_empty() || rest[1..].parse::<u16>().is_ok(), "{}", url);
        }
    }
}
