//! What is signed, and how.

use base64::{Engine, engine::general_purpose::STANDARD};
use customers::{Login, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use runtime::{Method, Request};
use sha2::Sha256;

use crate::spelling::spellings;

/// The value of `x-signature` for a request that is sent at `time` and signed with `secret`. `uri` is its path and query
/// string as they go over the wire: percent-encoded, without scheme and host.
pub fn sign(method: &Method, uri: &str, body: &[u8], time: Timestamp, secret: &str) -> String {
    #[expect(clippy::expect_used, reason = "an HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(signed_text(&time.unix_seconds().to_string(), method, uri, &digest(body)).as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Whether `signature` is that of `request` under the login's secret, with the time as the caller wrote it.
///
/// The gateway passes the query string on as it arrived, and the path decoded. Paths of this dialect hold nothing that is
/// encoded on the wire, so that a path which was has no valid signature: it is not one of them.
pub(crate) fn is_signed(request: &Request, login: &Login, time: &str, signature: &str) -> bool {
    let Ok(signature) = STANDARD.decode(signature) else { return false };
    let digest = digest(&request.body);
    spellings(&request.query).any(|query| {
        let separator = if query.is_empty() { "" } else { "?" };
        let uri = format!("{}{separator}{query}", request.path);
        login.signed(signed_text(time, &request.method, &uri, &digest).as_bytes(), &signature)
    })
}

fn signed_text(time: &str, method: &Method, uri: &str, digest: &str) -> String {
    format!("{time}{}{uri}{digest}", method.as_str().to_ascii_uppercase())
}

/// The part of the signed text that stands for the body: nothing at all where there is none.
fn digest(body: &[u8]) -> String {
    if body.is_empty() { String::new() } else { STANDARD.encode(Md5::digest(body)) }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use customers::{Credential, Person, Scope};

    use super::*;

    pub(crate) const SECRET: &str = "c2VjcmV0LWtleS1mb3ItdGVzdHM=";
    pub(crate) const TIME: Timestamp = Timestamp::from_unix_seconds(1_363_797_148);
    const RANGE: &str = r#"{"range_from":1606166527,"range_to":1606202526}"#;

    /// Number, method, URI, body, signature.
    const VECTORS: [(u32, Method, &str, &str, &str); 10] = [
        (1, Method::GET, "/SMPI/v2.6/service/wfbss/api/customers", "", "UD/KMsPPw767PLsUeLFlwiv5KA9hurU4G5om3ijGt0c="),
        (
            2,
            Method::GET,
            "/SMPI/v2.6/service/wfbss/api/customers?page=2&limit=50",
            "",
            "siYmmgnIr1lNzjPxHprwVc3IbwLlTSQFkDwNdc1QklA=",
        ),
        (
            3,
            Method::GET,
            "/SMPI/v2.6/service/wfbss/api/customers?q=trend",
            "",
            "9LCXwlo/LkwAjMQuPFJHcOh1w4miaQd0MayZsqcDCLg=",
        ),
        (
            4,
            Method::GET,
            "/SMPI/v2.6/service/wfbss/api/customers?q=trend%20micro",
            "",
            "veZyG0KHVgj7DaOn7Cw0jkjUa24vbRg9UiVx1Uf5muQ=",
        ),
        (
            5,
            Method::GET,
            "/SMPI/v2.6/service/wfbss/api/customers?q=trend+micro",
            "",
            "oNfDvIqfqoYJRjqfnUBBmRRynB4+fTbtkotdvN8x2F4=",
        ),
        (
            6,
            Method::GET,
            "/SMPI/v2.6/service/wfbss/api/customers?q=%E8%B6%A8%E5%8B%A2",
            "",
            "OvNtI92/p4d+7Gh9aha3UMc1l9cUCE9gJRI80FsHFZY=",
        ),
        (7, Method::GET, "/SMPI/service/wfbss/api/customers", "", "eDmPIB1dDbEtjb1MkoktQBhcXmy5OCTch6amcsIx2ho="),
        (
            8,
            Method::GET,
            "/SMPI/v2.8/service/wfbss/api/customers?cids=AD38F82D-51A1-46FD-B167-E0D0FF31BE83",
            "",
            "3B8+DCmemDvYNoij2LS0wZ+BpYIzt7AZGuVYZH20m+w=",
        ),
        (
            9,
            Method::POST,
            "/SMPI/service/wfbss/customer/api/1.0/log_existence",
            RANGE,
            "x4vUyx1h2s3UwnElmv43LpS1ZOjjAWbX5CDicWl2tGY=",
        ),
        (
            10,
            Method::POST,
            "/SMPI/v2.6/service/wfbss/api/groups?cids=640FE47F-5118-4D79-8221-A35D0DE2EE2C&name=Test_Group",
            "",
            "yqAD2jr7uOHSAV1R0yKDgZD2ydaOT6IlAGjY/4wKpIo=",
        ),
    ];

    /// The login that the signatures above are of.
    pub(crate) fn login() -> Login {
        Login {
            name: "partner".to_owned(),
            person: Person::default(),
            suspended: false,
            scope: Scope::Partner("P1".to_owned()),
            roles: BTreeSet::new(),
            credential: Credential::signing_secret(SECRET),
        }
    }

    /// The request for `uri`, as it reaches a function.
    pub(crate) fn request(method: Method, uri: &str, body: &str) -> Request {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let mut request = Request::new(method, path);
        request.query = query.to_owned();
        request.body = body.to_owned().into();
        request.received_at = TIME;
        request
    }

    fn verifies(method: Method, uri: &str, body: &str, signature: &str) -> bool {
        is_signed(&request(method, uri, body), &login(), "1363797148", signature)
    }

    #[test]
    fn the_test_vectors() {
        for (vector, method, uri, body, signature) in VECTORS {
            assert_eq!(sign(&method, uri, body.as_bytes(), TIME, SECRET), signature, "vector {vector}");
            assert!(verifies(method, uri, body, signature), "vector {vector}");
        }
    }

    #[test]
    fn signatures_that_must_be_rejected() {
        const CUSTOMERS: &str = "/SMPI/v2.6/service/wfbss/api/customers";
        for (what, uri, signature) in [
            ("MD5 of the empty body appended", "", "baFiCKAjKrmphle3eBnTX2jMzeo0uQsz4gqNzNG0RaA="),
            ("secret decoded first", "", "rlgo+27z/7b4oFvVO/DcyNM/IrEyiGBooxkODYD9tA0="),
            ("query decoded before signing", "?q=trend%20micro", "HYi9PiAWBHn+W8RdvzxElhi+GlKmYe/LBjrI2/C2sts="),
            ("query left out", "?page=2&limit=50", "UD/KMsPPw767PLsUeLFlwiv5KA9hurU4G5om3ijGt0c="),
            ("no padding", "", "UD/KMsPPw767PLsUeLFlwiv5KA9hurU4G5om3ijGt0c"),
            ("bits beyond the last byte", "", "UD/KMsPPw767PLsUeLFlwiv5KA9hurU4G5om3ijGt0d="),
            ("its first half", "", "UD/KMsPPw767PLsUeLFlwg=="),
            ("nothing", "", ""),
            ("no Base64", "", "*"),
        ] {
            assert!(!verifies(Method::GET, &format!("{CUSTOMERS}{uri}"), "", signature), "{what}");
        }
    }

    #[test]
    fn each_signed_part_counts() {
        const URI: &str = "/SMPI/service/wfbss/customer/api/1.0/log_existence";
        let signature = sign(&Method::POST, URI, RANGE.as_bytes(), TIME, SECRET);
        let with =
            |method, uri: &str, body: &str, time| is_signed(&request(method, uri, body), &login(), time, &signature);
        assert!(with(Method::POST, URI, RANGE, "1363797148"));
        assert!(!with(Method::PUT, URI, RANGE, "1363797148"), "method");
        assert!(!with(Method::POST, "/SMPI/service/wfbss/api/customers", RANGE, "1363797148"), "path");
        assert!(!with(Method::POST, &format!("{URI}?page=1"), RANGE, "1363797148"), "query");
        assert!(!with(Method::POST, URI, "", "1363797148"), "body");
        assert!(!with(Method::POST, URI, RANGE, "01363797148"), "time, as it was sent");
    }

    #[test]
    fn a_front_may_have_respelled_the_query() {
        const URI: &str = "/SMPI/v2.6/service/wfbss/api/customers?q=";
        for (signed, arrived, verifies_too) in [
            ("trend+micro", "trend%20micro", true),
            ("trend%20micro", "trend+micro", true),
            ("%7Etrend", "~trend", true),
            ("~trend", "%7Etrend", true),
            ("~trend", "%7etrend", true),
            ("%e8%b6%a8", "%E8%B6%A8", true),
            ("%E8%B6%A8", "%e8%b6%a8", true),
            ("%e8+%7e", "%E8%20~", true),
            ("a%2Bb", "a+b", false),
            ("%74rend", "trend", false),
            ("trend", "TREND", false),
            ("trend", "trend&limit=1", false),
        ] {
            let signature = sign(&Method::GET, &format!("{URI}{signed}"), b"", TIME, SECRET);
            let verified = verifies(Method::GET, &format!("{URI}{arrived}"), "", &signature);
            assert_eq!(verified, verifies_too, "{signed} {arrived}");
        }
    }
}
