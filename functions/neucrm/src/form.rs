//! The form of a call.

use runtime::{Failure, Params, Request, header};

use crate::Refusal;

/// The fields of a call's body. The dialect reads nothing else: parameters in the URL do not count.
pub(crate) struct Form(Params);

impl Form {
    /// Reads an url-encoded or a multipart body. Any other one, JSON for instance, has no fields that a call knows.
    pub(crate) async fn read(request: &Request) -> Result<Self, Refusal> {
        let params = match request.header(&header::CONTENT_TYPE) {
            Some(media_type) if is_multipart(media_type) => {
                let form = Params::multipart(media_type, request.body.clone()).await;
                form.map_err(|_| Failure::MalformedRequest)?
            }
            _ => Params::urlencoded(&request.body, b"&"),
        };
        Ok(Self(params))
    }

    /// The trimmed value of a field; none if it is absent.
    pub(crate) fn given(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        let value = self.0.get(name).map_err(|_| Refusal::InvalidValue(name))?;
        Ok(value.map(str::trim))
    }

    /// The trimmed value of a field; none if it is absent or empty.
    pub(crate) fn text(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        Ok(self.given(name)?.filter(|value| !value.is_empty()))
    }

    /// A field that must be there.
    pub(crate) fn require(&self, name: &'static str) -> Result<(), Refusal> {
        let is_missing = matches!(self.text(name), Ok(None));
        if is_missing { Err(Refusal::Missing(name)) } else { Ok(()) }
    }

    /// A field that must not be empty, if it is there.
    pub(crate) fn require_if_given(&self, name: &'static str) -> Result<(), Refusal> {
        let is_empty = matches!(self.given(name), Ok(Some("")));
        if is_empty { Err(Refusal::Missing(name)) } else { Ok(()) }
    }

    /// A field that holds a number; none if it is absent or empty.
    pub(crate) fn number<N: From<u64>>(&self, name: &'static str) -> Result<Option<N>, Refusal> {
        self.text(name)?.map(|text| number(text).ok_or(Refusal::InvalidNumber(name)).map(N::from)).transpose()
    }

    /// A field that holds one of a set of words; none if it is absent or empty.
    pub(crate) fn choice<T: Copy>(&self, name: &'static str, words: &[(&str, T)]) -> Result<Option<T>, Refusal> {
        self.text(name)?.map(|text| choose(text, words).ok_or(Refusal::InvalidValue(name))).transpose()
    }
}

fn is_multipart(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("multipart/form-data")
}

/// Plain decimal digits of a number below 2^64.
pub(crate) fn number(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten()
}

/// The meaning of `text` in a set of words, which are case-sensitive.
pub(crate) fn choose<T: Copy>(text: &str, words: &[(&str, T)]) -> Option<T> {
    words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
pub(crate) mod tests {
    use runtime::Method;

    use super::*;

    /// The form that `body`, url-encoded, is.
    pub(crate) fn form(body: &str) -> Form {
        Form(Params::urlencoded(body.as_bytes(), b"&"))
    }

    /// What a check answers, as its caller reads it.
    pub(crate) fn words<T>(checked: Result<T, Refusal>) -> Result<T, String> {
        checked.map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn values_are_trimmed_and_the_last_one_counts() {
        let form = form("name=+Anil+&name=%09Carl%0A&notes=++");
        assert_eq!(words(form.text("name")), Ok(Some("Carl")));
        assert_eq!(words(form.text("notes")), Ok(None));
        assert_eq!(words(form.given("notes")), Ok(Some("")));
        assert_eq!(words(form.given("city")), Ok(None));
    }

    #[test]
    fn numbers() {
        for (text, expected) in [
            ("0", Ok(Some(0))),
            ("1243", Ok(Some(1243))),
            ("18446744073709551615", Ok(Some(u64::MAX))),
            ("", Ok(None)),
            ("18446744073709551616", Err("ispid must be a number")),
            ("-1", Err("ispid must be a number")),
            ("%2B1", Err("ispid must be a number")),
            ("1.0", Err("ispid must be a number")),
            ("1e3", Err("ispid must be a number")),
            ("\u{661}", Err("ispid must be a number")),
            ("%FF", Err("Invalid value for ispid")),
        ] {
            let number = words(form(&format!("ispid={text}")).number::<u64>("ispid"));
            assert_eq!(number, expected.map_err(str::to_owned), "{text}");
        }
    }

    #[test]
    fn a_required_field_that_is_not_utf8_is_not_missing_but_invalid() {
        let form = form("name=%FF&city=");
        assert_eq!(words(form.require("name")), Ok(()));
        assert_eq!(words(form.text("name")), Err("Invalid value for name".to_owned()));
        assert_eq!(words(form.require("city")), Err("city is required".to_owned()));
        assert_eq!(words(form.require_if_given("city")), Err("city is required".to_owned()));
        assert_eq!(words(form.require_if_given("state")), Ok(()));
    }

    #[tokio::test]
    async fn url_encoded_and_multipart_bodies_are_read_and_others_have_no_fields() {
        const PART: &str = "--b\r\nContent-Disposition: form-data; name=\"userid\"\r\n\r\n5\r\n--b--\r\n";
        for (media_type, body, expected) in [
            ("application/x-www-form-urlencoded", "userid=5", Ok(Some("5"))),
            ("application/x-www-form-urlencoded; charset=utf-8", "userid=5", Ok(Some("5"))),
            ("text/plain", "userid=5", Ok(Some("5"))),
            ("multipart/form-data; boundary=b", PART, Ok(Some("5"))),
            ("Multipart/Form-Data; boundary=\"b\"", PART, Ok(Some("5"))),
            ("multipart/form-data", PART, Err("Malformed request")),
            ("multipart/form-data; boundary=b", "userid=5", Err("Malformed request")),
            ("application/json", r#"{"userid":"5"}"#, Ok(None)),
        ] {
            let request = Request::new(Method::POST, "/").with_body(media_type, body);
            let form = words(Form::read(&request).await);
            let userid = form.as_ref().map(|form| form.text("userid").unwrap()).map_err(String::as_str);
            assert_eq!(userid, expected, "{media_type}");
        }
    }

    #[tokio::test]
    async fn parameters_in_the_url_are_not_read() {
        let mut request = Request::new(Method::POST, "/").with_body("application/x-www-form-urlencoded", "");
        request.query = "userid=5".to_owned();
        assert_eq!(words(Form::read(&request).await.unwrap().text("userid")), Ok(None));
    }
}
