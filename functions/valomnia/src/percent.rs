//! Percent-encoding of what links carry.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// All but the unreserved characters of RFC 3986 and the `*` of wildcards.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'*');

/// `text` as a query value or as one segment of a path.
pub(crate) fn encode(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, COMPONENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stay_readable() {
        for (text, expected) in [
            ("NC-*", "NC-*"),
            ("Car%*", "Car%25*"),
            ("a b&c=d/e?f#g+h", "a%20b%26c%3Dd%2Fe%3Ff%23g%2Bh"),
            ("2016-01-01T00:00:00Z", "2016-01-01T00%3A00%3A00Z"),
            ("Göa", "G%C3%B6a"),
        ] {
            assert_eq!(encode(text).to_string(), expected);
        }
    }
}
