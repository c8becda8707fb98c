//! Query strings and forms, as named texts in their order.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use multer::Multipart;
use percent_encoding::percent_decode;

/// Named values of a query string or a form. No input makes reading them fail: what is not percent-encoded properly
/// stays as it is, and a value that is not UTF-8 is an error only for who asks for it.
#[derive(Clone, Default)]
pub struct Params(Vec<(String, Value)>);

/// A value, or `None` if its bytes are not UTF-8.
type Value = Option<String>;

/// A value whose bytes are not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not UTF-8")]
pub struct InvalidText;

/// A multipart form that cannot be taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a malformed multipart form")]
pub struct MalformedForm;

/// Pairs of a query or a form that are looked at: see [`Params::urlencoded`].
const MOST_PAIRS: usize = 10_000;

impl Params {
    /// Reads `name=value` pairs that any of `separators` stands between: `+` is a space, `%XX` a byte, and a `%`
    /// without two hex digits after it just that. A pair without `=` has an empty value; empty pairs are skipped, and so is
    /// what comes after ten thousand pairs: no client sends as many, and each would cost a hundred bytes.
    pub fn urlencoded(bytes: &[u8], separators: &[u8]) -> Self {
        let pairs = bytes.split(|byte| separators.contains(byte)).filter(|pair| !pair.is_empty());
        let named = pairs.take(MOST_PAIRS).map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default());
            let value = decode(halves.next().unwrap_or_default());
            (String::from_utf8_lossy(&name).into_owned(), String::from_utf8(value).ok())
        });
        Self(named.collect())
    }

    /// Reads a `multipart/form-data` body. Parts without a name are skipped.
    ///
    /// # Errors
    ///
    /// `content_type` names no boundary, or the body does not keep to it.
    pub async fn multipart(content_type: &str, body: Bytes) -> Result<Self, MalformedForm> {
        let boundary = multer::parse_boundary(content_type).map_err(|_| MalformedForm)?;
        let mut parts = Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
        let mut named = Vec::new();
        while let Some(part) = parts.next_field().await.map_err(|_| MalformedForm)? {
            let Some(name) = part.name().map(str::to_owned) else { continue };
            let value = part.bytes().await.map_err(|_| MalformedForm)?;
            named.push((name, String::from_utf8(value.into()).ok()));
        }
        Ok(Self(named))
    }

    /// The value of `name`, of several the last; none if the name is absent.
    ///
    /// # Errors
    ///
    /// The value is not UTF-8.
    pub fn get(&self, name: &str) -> Result<Option<&str>, InvalidText> {
        match self.0.iter().rev().find(|(candidate, _)| candidate == name) {
            Some((_, value)) => value.as_deref().ok_or(InvalidText).map(Some),
            None => Ok(None),
        }
    }

    /// All names with their values, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Result<&str, InvalidText>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_deref().ok_or(InvalidText)))
    }
}

fn decode(encoded: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = encoded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).collect()
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use proptest::prelude::*;

    use super::*;

    fn pairs(params: &Params) -> Vec<(&str, Option<&str>)> {
        params.iter().map(|(name, value)| (name, value.ok())).collect()
    }

    fn multipart(content_type: &str, body: &[u8]) -> Result<Params, MalformedForm> {
        let form = Params::multipart(content_type, Bytes::copy_from_slice(body));
        form.now_or_never().expect("a body in memory keeps nobody waiting")
    }

    #[test]
    fn urlencoded_pairs() {
        for (text, separators, expected) in [
            ("", "&", vec![]),
            ("a=1&b=2", "&", vec![("a", Some("1")), ("b", Some("2"))]),
            ("a=1;b=2&c=3", "&", vec![("a", Some("1;b=2")), ("c", Some("3"))]),
            ("a=1;b=2&c=3", "&;", vec![("a", Some("1")), ("b", Some("2")), ("c", Some("3"))]),
            ("&&a=1&", "&", vec![("a", Some("1"))]),
            ("a", "&", vec![("a", Some(""))]),
            ("=1", "&", vec![("", Some("1"))]),
            ("a=b=c", "&", vec![("a", Some("b=c"))]),
            ("street=3rd+street%2C+G%C3%B6a", "&", vec![("street", Some("3rd street, Göa"))]),
            ("a=1%2B1", "&", vec![("a", Some("1+1"))]),
            ("a%3Db=c%26d", "&", vec![("a=b", Some("c&d"))]),
            ("username=xyz_%", "&", vec![("username", Some("xyz_%"))]),
            ("username=%A", "&", vec![("username", Some("%A"))]),
            ("a=%zz%2&b=%4g", "&", vec![("a", Some("%zz%2")), ("b", Some("%4g"))]),
            ("a=%FF&b=ok", "&", vec![("a", None), ("b", Some("ok"))]),
            ("a=ü", "&", vec![("a", Some("ü"))]),
        ] {
            let params = Params::urlencoded(text.as_bytes(), separators.as_bytes());
            assert_eq!(pairs(&params), expected, "{text}");
        }
    }

    #[test]
    fn the_last_of_several_values_counts() {
        let params = Params::urlencoded(b"a=1&b=%FF&a=2", b"&");
        assert_eq!(params.get("a"), Ok(Some("2")));
        assert_eq!(params.get("b"), Err(InvalidText));
        assert_eq!(params.get("c"), Ok(None));
    }

    #[test]
    fn multipart_parts() {
        let body = b"--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nJos\xc3\xa9\r\n\
            --b\r\nContent-Disposition: form-data; name=\"city\"\r\n\r\n\xff\r\n\
            --b\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n--b--\r\n";
        let params = multipart("multipart/form-data; boundary=b", body).unwrap();
        assert_eq!(pairs(&params), [("name", Some("José")), ("city", None)]);
    }

    #[test]
    fn a_multipart_form_that_breaks_off_is_malformed() {
        for (content_type, body) in [
            ("multipart/form-data", "--b--"),
            ("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1"),
            ("multipart/form-data; boundary=b", "userid=5"),
            ("text/plain; boundary=b", "--b--"),
        ] {
            assert_eq!(multipart(content_type, body.as_bytes()).err(), Some(MalformedForm), "{content_type} {body}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_stop_the_urlencoded_reader(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"&;=%+aF".to_vec())], 0..200),
            separators in prop::collection::vec(any::<u8>(), 0..3),
        ) {
            let params = Params::urlencoded(&bytes, &separators);
            for (name, _) in params.iter() {
                let _ = params.get(name);
            }
        }

        #[test]
        fn no_bytes_stop_the_multipart_reader(
            content_type in prop_oneof![Just("multipart/form-data; boundary=b".to_owned()), any::<String>()],
            body in prop::collection::vec(
                prop_oneof![
                    prop::collection::vec(any::<u8>(), 0..9),
                    prop::sample::select(vec![
                        b"--b\r\n".to_vec(), b"--b--\r\n".to_vec(), b"\r\n".to_vec(),
                        b"Content-Disposition: form-data; name=\"".to_vec(), b"\"\r\n\r\n".to_vec(),
                    ]),
                ],
                0..12,
            ),
        ) {
            let _ = multipart(&content_type, &body.concat());
        }

        #[test]
        fn encoded_texts_come_back(values in prop::collection::vec(("[a-z]{1,8}", any::<String>()), 0..6)) {
            let encode = |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
            let form = values.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&");
            let params = Params::urlencoded(form.as_bytes(), b"&");
            let expected: Vec<_> = values.iter().map(|(name, value)| (name.as_str(), Some(value.as_str()))).collect();
            prop_assert_eq!(pairs(&params), expected);
        }
    }
}
