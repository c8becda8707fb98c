//! Who calls.

use customers::{Dialect, Directory, Login, Scope, Timestamp};
use runtime::{Request, header};

use crate::Refusal;

/// Name of the cookie that holds a session's token.
pub(crate) const COOKIE: &str = "JSESSIONID";

/// The token that a client shows. Not printable.
pub(crate) struct Token<'a>(&'a str);

impl<'a> Token<'a> {
    /// The token in the cookie of a request or, without one, in its Authorization header. Clients that send both send
    /// the same twice.
    pub(crate) fn of(request: &'a Request) -> Result<Self, Refusal> {
        in_cookie(request).or_else(|| in_authorization(request)).map(Self).ok_or(Refusal::NoCredentials)
    }

    pub(crate) fn as_str(&self) -> &'a str {
        self.0
    }

    /// The caller whose session it names.
    pub(crate) async fn authenticate(&self, directory: &Directory<'_>, at: Timestamp) -> Result<Caller, Refusal> {
        let found = directory.session_login(Dialect::Valomnia, self.0, at).await?;
        let (email, login) = found.ok_or(Refusal::NoCredentials)?;
        let organisation = organisation(&login).ok_or(Refusal::AccessDenied)?.to_owned();
        Ok(Caller { email, organisation, login })
    }
}

fn in_cookie(request: &Request) -> Option<&str> {
    let cookies = request.cookies.iter().flat_map(|cookies| cookies.split(';'));
    let mut named = cookies.filter_map(|cookie| cookie.split_once('='));
    named.find(|(name, _)| name.trim() == COOKIE).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
}

fn in_authorization(request: &Request) -> Option<&str> {
    let (scheme, token) = request.header(&header::AUTHORIZATION)?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

/// A login with a session.
pub(crate) struct Caller {
    /// Its identity.
    pub(crate) email: String,
    /// The organisation whose customers it sees.
    pub(crate) organisation: String,
    /// The login itself.
    pub(crate) login: Login,
}

/// The organisation that a login belongs to; none for one that this dialect has no use for.
pub(crate) fn organisation(login: &Login) -> Option<&str> {
    match &login.scope {
        Scope::Organisation(name) => Some(name),
        Scope::Everything | Scope::Isp(_) | Scope::Reseller(_) | Scope::Subtree(_) | Scope::Partner(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use runtime::{HeaderValue, Method};

    use super::*;

    fn request(cookies: &[&str], authorization: &[u8]) -> Request {
        let mut request = Request::new(Method::GET, "/api/v1.0/customers");
        request.cookies = cookies.iter().map(|cookie| (*cookie).to_owned()).collect();
        if let Ok(value) = HeaderValue::from_bytes(authorization) {
            request.headers.insert(header::AUTHORIZATION, value);
        }
        request
    }

    #[test]
    fn a_token_is_in_the_cookie_or_the_authorization() {
        let cases: [(&[&str], &str, Option<&str>); 17] = [
            (&["JSESSIONID=C"], "", Some("C")),
            (&["lang=en", "JSESSIONID=C"], "", Some("C")),
            (&["lang=en; JSESSIONID=C; x"], "", Some("C")),
            (&["JSESSIONID=C=="], "", Some("C==")),
            (&["JSESSIONID=C", "JSESSIONID=D"], "", Some("C")),
            (&["JSESSIONID=C"], "Bearer D", Some("C")),
            (&["JSESSIONID="], "Bearer D", Some("D")),
            (&["jsessionid=C"], "", None),
            (&["XJSESSIONID=C"], "", None),
            (&["JSESSIONID"], "", None),
            (&[""], "", None),
            (&[], "Bearer D", Some("D")),
            (&[], "bearer  D ", Some("D")),
            (&[], "Bearer", None),
            (&[], "Bearer ", None),
            (&[], "Basic D", None),
            (&[], "D", None),
        ];
        for (cookies, authorization, expected) in cases {
            let request = request(cookies, authorization.as_bytes());
            assert_eq!(Token::of(&request).ok().map(|token| token.as_str()), expected, "{cookies:?} {authorization}");
        }
    }

    proptest! {
        #[test]
        fn no_cookie_and_no_authorization_stops_the_reader(
            cookies in prop::collection::vec(prop_oneof![any::<String>(), "(JSESSIONID|[=; ]){0,8}"], 0..4),
            authorization in prop::collection::vec(any::<u8>(), 0..60),
            is_bearer: bool,
        ) {
            let scheme: &[u8] = if is_bearer { b"Bearer " } else { b"" };
            let cookies: Vec<_> = cookies.iter().map(String::as_str).collect();
            let request = request(&cookies, &[scheme, &authorization].concat());
            if let Ok(token) = Token::of(&request) {
                prop_assert!(!token.as_str().is_empty());
            }
        }
    }
}
