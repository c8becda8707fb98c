//! The spellings that a query string may have had when it was signed.
//!
//! Between client and function stand fronts (a proxy, a gateway) that pass a query string on in a spelling of their own.
//! Three choices are known, and a front makes each the same way throughout: a space is `+` or `%20`, a tilde is `~` or
//! `%7E`, and hexadecimal digits are in upper or lower case. So the signed query is the one that arrived, with each of the
//! three left as it is or respelled one way or the other: 27 combinations, most of which are the same text.
//!
//! All of them bind the same parameters. Escapes are told apart as in decoding, from left to right, so that the `7E` of
//! `%257E` is no tilde; each respelling replaces one way of writing a character by another way of writing the same one;
//! none begins with a hexadecimal digit, so none can complete a `%` that stands before it; and the separators `&` and `=`
//! are never touched. Names and values read from any spelling are therefore the ones that the signer's text holds.

use std::collections::BTreeSet;

/// `query` as it arrived, then its other spellings, each once.
pub(crate) fn spellings(query: &str) -> impl Iterator<Item = String> {
    const SPACES: [Option<&str>; 3] = [None, Some("%20"), Some("+")];
    const TILDES: [Option<&str>; 3] = [None, Some("~"), Some("%7E")];
    const CASES: [Option<Case>; 3] = [None, Some(Case::Upper), Some(Case::Lower)];
    let spaces_and_tildes = SPACES.into_iter().flat_map(|space| TILDES.map(|tilde| (space, tilde)));
    let all = spaces_and_tildes.flat_map(|(space, tilde)| CASES.map(|case| Spelling { space, tilde, case }));
    let mut seen = BTreeSet::new();
    all.map(|spelling| spelling.of(query)).filter(move |respelled| seen.insert(respelled.clone()))
}

/// How to write what can be written in more than one way; unset is as it stands.
struct Spelling {
    space: Option<&'static str>,
    tilde: Option<&'static str>,
    case: Option<Case>,
}

/// Of the hexadecimal digits in an escape.
#[derive(Clone, Copy)]
enum Case {
    Upper,
    Lower,
}

impl Spelling {
    fn of(&self, query: &str) -> String {
        let mut respelled = String::with_capacity(query.len());
        let mut rest = query;
        while let Some((unit, after)) = split_unit(rest) {
            self.push_unit(unit, &mut respelled);
            rest = after;
        }
        respelled
    }

    fn push_unit(&self, unit: &str, respelled: &mut String) {
        let unit = match unit {
            "+" | "%20" => self.space.unwrap_or(unit),
            "~" | "%7E" | "%7e" => self.tilde.unwrap_or(unit),
            _ => unit,
        };
        match self.case {
            Some(Case::Upper) if is_escape(unit) => respelled.push_str(&unit.to_ascii_uppercase()),
            Some(Case::Lower) if is_escape(unit) => respelled.push_str(&unit.to_ascii_lowercase()),
            _ => respelled.push_str(unit),
        }
    }
}

/// Splits the first escape or, where there is none, the first character off.
fn split_unit(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next()?;
    let length = if is_escape(text) { "%XX".len() } else { first.len_utf8() };
    text.split_at_checked(length)
}

/// Whether `text` begins with `%` and two hexadecimal digits.
fn is_escape(text: &str) -> bool {
    matches!(text.as_bytes(), [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use runtime::Params;

    use super::*;

    #[test]
    fn a_query_comes_as_it_arrived_and_then_in_its_other_spellings() {
        for (query, others) in [
            ("", &[][..]),
            ("page=2&limit=50", &[]),
            ("q=a%26b", &[]),
            ("q=trend+micro", &["q=trend%20micro"]),
            ("q=trend%20micro", &["q=trend+micro"]),
            ("q=a+b%20c", &["q=a%20b%20c", "q=a+b+c"]),
            ("q=%7E", &["q=%7e", "q=~"]),
            ("q=~", &["q=%7E", "q=%7e"]),
            ("q=%e8%B6", &["q=%E8%B6", "q=%e8%b6"]),
            ("q=%257E", &[]),
            ("q=%%7E", &["q=%%7e", "q=%~"]),
            ("q=%2+0&r=%zz", &["q=%2%200&r=%zz"]),
            ("q=ü+%C3%BC", &["q=ü+%c3%bc", "q=ü%20%C3%BC", "q=ü%20%c3%bc"]),
        ] {
            assert_eq!(spellings(query).next().as_deref(), Some(query), "{query}");
            let found: Vec<_> = spellings(query).skip(1).collect();
            let found: BTreeSet<_> = found.iter().map(String::as_str).collect();
            assert_eq!(found, others.iter().copied().collect(), "{query}");
        }
    }

    #[test]
    fn no_other_spelling_is_among_them() {
        for (query, other) in [
            ("q=trend%20micro", "q=trend micro"),
            ("q=trend%20micro", "q=tren%64%20micro"),
            ("q=a%2Bb", "q=a+b"),
            ("q=a%2Cb", "q=a,b"),
            ("a=1&b=2", "b=2&a=1"),
            ("q=a", "q=A"),
            ("q=", "q"),
            ("q=a&", "q=a"),
            ("q=a+b%20c", "q=a%20b+c"),
        ] {
            assert!(spellings(query).all(|spelling| spelling != other), "{query} {other}");
        }
    }

    /// Pieces of which every respelling, and every trap beside one, can come up.
    fn query() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            prop::sample::select(vec![
                "+", "%20", "~", "%7E", "%7e", "%", "2", "0", "7", "E", "e", "%25", "&", "=", "%2b"
            ])
            .prop_map(str::to_owned),
            any::<char>().prop_map(String::from),
        ];
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    fn parameters(query: &str) -> Vec<(String, Option<String>)> {
        let params = Params::urlencoded(query.as_bytes(), b"&");
        params.iter().map(|(name, value)| (name.to_owned(), value.ok().map(str::to_owned))).collect()
    }

    proptest! {
        #[test]
        fn every_spelling_holds_the_same_parameters(query in query()) {
            let spellings: Vec<_> = spellings(&query).collect();
            prop_assert!(spellings.len() <= 27);
            for spelling in spellings {
                prop_assert_eq!(parameters(&spelling), parameters(&query), "{}", spelling);
            }
        }

        #[test]
        fn respelling_goes_both_ways(query in query()) {
            let uniform = Spelling { space: Some("+"), tilde: Some("~"), case: Some(Case::Upper) }.of(&query);
            for spelling in spellings(&uniform) {
                prop_assert!(spellings(&spelling).any(|back| back == uniform), "{} {}", uniform, spelling);
            }
        }
    }
}
