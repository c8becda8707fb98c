//! Who calls.

use customers::{Dialect, Directory, Login, Timestamp};
use runtime::{HeaderName, Request, header};
use uuid::Uuid;

use crate::{Refusal, RequiredHeader, guid, signature::is_signed};

/// How far a request's time may be from ours, in seconds.
const CLOCK_TOLERANCE: u64 = 900;

/// The credentials of a request, and what they sign. Not printable.
pub(crate) struct Credentials<'a> {
    request: &'a Request,
    token: Uuid,
    time: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Credentials<'a> {
    /// Takes the credentials out of a request's headers, before anything is asked of the directory.
    pub(crate) fn parse(request: &'a Request) -> Result<Self, Refusal> {
        check_media_type(request)?;
        let token = required(request, RequiredHeader::AccessToken)?;
        let time = required(request, RequiredHeader::PosixTime)?;
        let signature = required(request, RequiredHeader::Signature)?;
        required(request, RequiredHeader::TraceId)?;
        let token = guid::parse(token).ok_or(Refusal::MalformedToken)?;
        Ok(Self { request, token, time, signature })
    }

    /// The login that they open.
    pub(crate) async fn authenticate(&self, directory: &Directory<'_>) -> Result<Login, Refusal> {
        let login = directory.login(Dialect::Smpi, &self.token.to_string()).await?;
        let login = login.filter(|login| !login.suspended).ok_or(Refusal::UnknownToken)?;
        self.verify(&login)?;
        Ok(login)
    }

    /// The refusal of a request that is wrong in itself: only callers with a login learn how.
    pub(crate) async fn refuse(&self, directory: &Directory<'_>, refusal: Refusal) -> Refusal {
        self.authenticate(directory).await.map_or_else(|failure| failure, |_| refusal)
    }

    /// Checks time and signature against the token's login. Clients sign several requests with one time, and the token does
    /// not expire with it: a time is valid as long as it is near.
    fn verify(&self, login: &Login) -> Result<(), Refusal> {
        let text = std::str::from_utf8(self.time).map_err(|_| Refusal::Time)?;
        let time = posix_time(text).ok_or(Refusal::Time)?;
        let received_at = self.request.received_at.unix_seconds();
        if received_at.abs_diff(time.unix_seconds()) > CLOCK_TOLERANCE {
            return Err(Refusal::Time);
        }
        let signature = std::str::from_utf8(self.signature).map_err(|_| Refusal::Signature)?;
        if is_signed(self.request, login, text, signature) { Ok(()) } else { Err(Refusal::Signature) }
    }
}

/// A request without a body need not name a media type, as no known client's does.
fn check_media_type(request: &Request) -> Result<(), Refusal> {
    let is_json = match field(request, &header::CONTENT_TYPE) {
        Some(value) => essence(value).eq_ignore_ascii_case(b"application/json"),
        None => request.body.is_empty(),
    };
    if is_json { Ok(()) } else { Err(Refusal::MediaType) }
}

/// A media type without its parameters.
fn essence(media_type: &[u8]) -> &[u8] {
    media_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii()
}

fn required(request: &Request, header: RequiredHeader) -> Result<&[u8], Refusal> {
    field(request, &HeaderName::from_static(header.name())).ok_or(Refusal::Missing(header))
}

/// The value of a header, whatever its bytes; none if it is absent or empty.
fn field<'a>(request: &'a Request, name: &HeaderName) -> Option<&'a [u8]> {
    request.headers.get(name).map(|value| value.as_bytes().trim_ascii()).filter(|value| !value.is_empty())
}

/// Reads 1 to 10 digits, seconds since 1970-01-01T00:00:00Z.
fn posix_time(text: &str) -> Option<Timestamp> {
    let is_plain = text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten().map(Timestamp::from_unix_seconds)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use runtime::{HeaderValue, Method};

    use super::*;
    use crate::signature::tests::{TIME, login, request};

    const URI: &str = "/SMPI/v2.6/service/wfbss/api/customers";
    const COMPLETE: [(&str, &str); 4] = [
        ("x-access-token", "8be8f9e2-c82d-454b-90e3-744a6e74f664"),
        ("x-posix-time", "1363797148"),
        ("x-signature", "UD/KMsPPw767PLsUeLFlwiv5KA9hurU4G5om3ijGt0c="),
        ("x-traceid", "TRACE1"),
    ];

    /// A complete, signed request with some of its headers changed.
    fn with(changes: &[(&'static str, &str)]) -> Request {
        let mut request = request(Method::GET, URI, "");
        for (name, value) in COMPLETE.iter().chain(changes) {
            request.headers.insert(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        request
    }

    /// What is refused of a request, if anything.
    fn refusal(request: &Request) -> Option<String> {
        let verified = Credentials::parse(request).and_then(|credentials| credentials.verify(&login()));
        verified.err().map(|refusal| refusal.to_string())
    }

    #[test]
    fn headers_are_checked_in_their_order() {
        const TOKEN: (&str, &str) = ("x-access-token", "");
        const POSIX_TIME: (&str, &str) = ("x-posix-time", "");
        const SIGNATURE: (&str, &str) = ("x-signature", "");
        const TRACE: (&str, &str) = ("x-traceid", "");
        const NO_GUID: (&str, &str) = ("x-access-token", "not-a-guid");
        for (changes, expected) in [
            (&[][..], None),
            (&[("content-type", "text/plain"), TOKEN], Some("The content-type must be application/json.")),
            (&[TOKEN, POSIX_TIME, SIGNATURE, TRACE], Some("x-access-token missing.")),
            (&[POSIX_TIME, SIGNATURE, TRACE], Some("x-posix-time missing.")),
            (&[SIGNATURE, TRACE], Some("x-signature missing.")),
            (&[TRACE, NO_GUID], Some("x-traceid missing.")),
            (&[NO_GUID, ("x-posix-time", "now")], Some("Invalid x-access-token.")),
            (&[("x-posix-time", "now"), ("x-signature", "*")], Some("Failed to verify x-posix-time.")),
            (&[("x-signature", "*")], Some("Failed to verify x-signature.")),
            (&[("x-traceid", " ")], Some("x-traceid missing.")),
            (&[("x-traceid", "é")], None),
            (&[("x-access-token", "é")], Some("Invalid x-access-token.")),
            (&[("x-posix-time", "é")], Some("Failed to verify x-posix-time.")),
            (&[("x-signature", "é")], Some("Failed to verify x-signature.")),
        ] {
            assert_eq!(refusal(&with(changes)).as_deref(), expected, "{changes:?}");
        }
    }

    #[test]
    fn tokens_are_read_in_both_cases() {
        for token in ["8be8f9e2-c82d-454b-90e3-744a6e74f664", "8BE8F9E2-C82D-454B-90E3-744A6E74F664"] {
            let request = with(&[("x-access-token", token)]);
            let credentials = Credentials::parse(&request).ok().unwrap();
            assert_eq!(credentials.token.to_string(), "8be8f9e2-c82d-454b-90e3-744a6e74f664");
        }
    }

    #[test]
    fn media_types() {
        for (content_type, body, accepted) in [
            ("", "", true),
            ("", "{}", false),
            ("application/json", "", true),
            ("application/json", "{}", true),
            ("Application/JSON; charset=utf-8", "{}", true),
            ("application/json ;charset=x", "", true),
            ("text/plain", "", false),
            ("application/jsonp", "", false),
            ("application/json,text/plain", "", false),
            ("é", "", false),
        ] {
            let mut request = with(&[("content-type", content_type)]);
            request.body = body.to_owned().into();
            assert_eq!(check_media_type(&request).is_ok(), accepted, "{content_type} {body}");
        }
    }

    #[test]
    fn the_clock_may_be_off_by_fifteen_minutes_either_way() {
        for (offset, passes) in [(0, true), (900, true), (-900, true), (901, false), (-901, false), (i64::MAX, false)] {
            let mut request = with(&[]);
            request.received_at = TIME.plus_seconds(offset);
            let expected = (!passes).then_some("Failed to verify x-posix-time.");
            assert_eq!(refusal(&request).as_deref(), expected, "{offset}");
        }
    }

    #[test]
    fn times_are_one_to_ten_digits() {
        for (text, seconds) in [
            ("0", Some(0)),
            ("1363797148", Some(1_363_797_148)),
            ("0363797148", Some(363_797_148)),
            ("9999999999", Some(9_999_999_999)),
            ("", None),
            ("00000000000", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("0x1", None),
            ("٣", None),
        ] {
            assert_eq!(posix_time(text).map(Timestamp::unix_seconds), seconds, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_header_panics(values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 5)) {
            const NAMES: [&str; 5] = ["content-type", "x-access-token", "x-posix-time", "x-signature", "x-traceid"];
            let mut request = with(&[]);
            for (name, value) in NAMES.into_iter().zip(&values) {
                if let Ok(value) = HeaderValue::from_bytes(value) {
                    request.headers.insert(name, value);
                    refusal(&request);
                }
            }
        }

        #[test]
        fn no_target_or_body_panics(path in any::<String>(), query in any::<String>(), body in any::<Vec<u8>>()) {
            let mut request = with(&[("content-type", "application/json")]);
            (request.path, request.query, request.body) = (path, query, body.into());
            let refusal = refusal(&request);
            prop_assert_eq!(refusal.as_deref(), Some("Failed to verify x-signature."));
        }
    }
}
