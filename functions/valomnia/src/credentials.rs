//! What clients log in with.

use customers::{Dialect, Directory, Timestamp};
use runtime::{Params, Request, header};

use crate::{Refusal, session::organisation};

/// E-mail and password. Not printable.
pub(crate) struct Credentials {
    /// Trimmed and in lower case, as logins are known.
    email: String,
    /// As it was typed.
    password: String,
    /// Address of the client.
    source: String,
}

impl Credentials {
    /// The credentials in the body of a request or, where the body has none, in its query: clients do either, with GET
    /// and with POST. A body that cannot be read has none.
    pub(crate) async fn read(request: &Request) -> Option<Self> {
        let query = Params::urlencoded(request.query.as_bytes(), b"&");
        let body = match request.header(&header::CONTENT_TYPE) {
            Some(media_type) if is_multipart(media_type) => {
                Params::multipart(media_type, request.body.clone()).await.unwrap_or_default()
            }
            _ => Params::urlencoded(&request.body, b"&"),
        };
        let field = |name| body.get(name).ok().flatten().or_else(|| query.get(name).ok().flatten());
        Some(Self {
            email: field("j_username")?.trim().to_lowercase(),
            password: field("j_password")?.to_owned(),
            source: request.source_ip.clone().unwrap_or_default(),
        })
    }

    /// Opens a session, if they are those of a login that has an organisation, and returns its token.
    pub(crate) async fn open_session(
        &self,
        directory: &Directory<'_>,
        at: Timestamp,
    ) -> Result<Option<String>, Refusal> {
        let Self { email, password, source } = self;
        let login = directory.login_by_password(Dialect::Valomnia, email, password, source, at).await?;
        let Some(login) = login.filter(|login| organisation(login).is_some()) else { return Ok(None) };
        Ok(Some(directory.open_session(Dialect::Valomnia, email, &login, at).await?))
    }
}

fn is_multipart(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("multipart/form-data")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use runtime::{HeaderValue, Method};

    use super::*;
    use crate::route::CHECK;

    const FORM: &str = "application/x-www-form-urlencoded";
    const MULTIPART: &str = "multipart/form-data; boundary=b";
    const PARTS: &str = "--b\r\nContent-Disposition: form-data; name=\"j_username\"\r\n\r\na@b\r\n\
        --b\r\nContent-Disposition: form-data; name=\"j_password\"\r\n\r\np&q\r\n--b--\r\n";

    #[tokio::test]
    async fn credentials_are_in_the_body_or_the_query() {
        const QUERY: &str = "j_username=a%40b&j_password=p%26q&ajax=true";
        for (what, method, query, media_type, body, expected) in [
            ("POST, body", Method::POST, "", FORM, QUERY, Some(("a@b", "p&q"))),
            ("POST, query", Method::POST, QUERY, "application/json", "", Some(("a@b", "p&q"))),
            ("GET, query", Method::GET, QUERY, "", "", Some(("a@b", "p&q"))),
            (
                "raw query and form",
                Method::GET,
                "j_username=a@b&j_password=p&q",
                MULTIPART,
                PARTS,
                Some(("a@b", "p&q")),
            ),
            ("broken form", Method::POST, QUERY, MULTIPART, "--b\r\nContent", Some(("a@b", "p&q"))),
            ("form without a boundary", Method::POST, QUERY, "multipart/form-data", PARTS, Some(("a@b", "p&q"))),
            ("half in each", Method::POST, "j_password=p", FORM, "j_username=a", Some(("a", "p"))),
            ("both", Method::POST, "j_username=c&j_password=d", FORM, "j_username=a&j_password=b", Some(("a", "b"))),
            ("untidy", Method::POST, "", FORM, "j_username=+A%40B%09&j_password=+P+", Some(("a@b", " P "))),
            ("no password", Method::POST, "j_username=a", FORM, "", None),
            ("no user", Method::POST, "j_password=a", FORM, "", None),
            ("JSON", Method::POST, "", "application/json", r#"{"j_username":"a","j_password":"b"}"#, None),
            ("not UTF-8", Method::POST, "j_username=%FF&j_password=a", FORM, "", None),
            ("nothing", Method::GET, "", "", "", None),
        ] {
            let mut request = Request::new(method, CHECK).with_body(media_type, body);
            request.query = query.to_owned();
            let read = Credentials::read(&request).await;
            let read = read.as_ref().map(|read| (read.email.as_str(), read.password.as_str()));
            assert_eq!(read, expected, "{what}");
        }
    }

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            prop::collection::vec(any::<u8>(), 0..9),
            prop::sample::select(vec![
                b"j_username=".to_vec(),
                b"&j_password=".to_vec(),
                b"--b\r\n".to_vec(),
                b"%".to_vec(),
                b"Content-Disposition: form-data; name=\"j_username\"\r\n\r\n".to_vec(),
            ]),
        ];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_bytes_stop_the_reader(body in bytes(), query in bytes(), media_type in prop::sample::select(vec![FORM, MULTIPART])) {
            let mut request = Request::new(Method::POST, CHECK).with_body("", body);
            request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
            request.query = String::from_utf8_lossy(&query).into_owned();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let _ = runtime.block_on(Credentials::read(&request));
        }
    }
}
