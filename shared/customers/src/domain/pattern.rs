//! Text filters: whole values, substrings and wildcards, all ignoring case.

use super::fold;

/// What a text must look like to pass a filter; case is ignored by Unicode lower-casing both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// Folded, non-empty literals that must follow each other without overlap.
    pub(crate) segments: Vec<String>,
    /// Whether the text must begin with the first segment.
    pub(crate) from_start: bool,
    /// Whether the text must end with the last segment.
    pub(crate) to_end: bool,
}

impl Pattern {
    /// The whole text equals `text`.
    pub fn exact(text: &str) -> Self {
        Self { segments: literals([fold(text).as_str()]), from_start: true, to_end: true }
    }

    /// `text` stands somewhere in it.
    pub fn contains(text: &str) -> Self {
        Self { segments: literals([fold(text).as_str()]), from_start: false, to_end: false }
    }

    /// Like [`Pattern::exact`], but each `any` in `text` stands for any run of characters, the empty one included.
    pub fn wildcard(text: &str, any: char) -> Self {
        let folded = fold(text);
        Self {
            segments: literals(folded.split(any)),
            from_start: !folded.starts_with(any),
            to_end: !folded.ends_with(any),
        }
    }

    /// The only text that fits, in lower case; none if several may.
    pub(crate) fn only_text(&self) -> Option<&str> {
        match self.segments.as_slice() {
            [only] if self.from_start && self.to_end => Some(only),
            _ => None,
        }
    }

    /// Whether `folded`, a text in lower case, fits.
    pub(crate) fn matches(&self, folded: &str) -> bool {
        match (self.segments.as_slice(), self.from_start, self.to_end) {
            ([], from_start, to_end) => !(from_start && to_end) || folded.is_empty(),
            ([only], true, true) => folded == only,
            ([first, middle @ .., last], true, true) => folded
                .strip_prefix(first.as_str())
                .and_then(|rest| rest.strip_suffix(last.as_str()))
                .is_some_and(|rest| in_order(rest, middle)),
            ([first, others @ ..], true, false) => {
                folded.strip_prefix(first.as_str()).is_some_and(|rest| in_order(rest, others))
            }
            ([others @ .., last], false, true) => {
                folded.strip_suffix(last.as_str()).is_some_and(|rest| in_order(rest, others))
            }
            (segments, false, false) => in_order(folded, segments),
        }
    }
}

fn literals<'a>(pieces: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    pieces.into_iter().filter(|piece| !piece.is_empty()).map(str::to_owned).collect()
}

/// Whether `segments` stand in `text` one after the other; taking each at its first place misses no solution.
fn in_order(text: &str, segments: &[String]) -> bool {
    segments.iter().try_fold(text, |rest, segment| rest.split_once(segment.as_str()).map(|(_, after)| after)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_any_run_anywhere() {
        for (pattern, text, fits) in [
            ("an%", "Anil", true),
            ("an", "Anil", false),
            ("ANIL", "anil", true),
            ("xyz_%", "xyz_a", true),
            ("xyz_%", "xyzA", false),
            ("%A", "xyz_a", true),
            ("a%a", "a", false),
            ("a%a", "aa", true),
            ("%", "", true),
            ("%", "x", true),
            ("", "", true),
            ("", "x", false),
            ("a%b%c", "a-b-c", true),
            ("a%b%c", "a-c-b", false),
            ("%ß%", "STRASSE", false),
            ("É%", "école", true),
            ("%b%b%", "ab", false),
        ] {
            assert_eq!(Pattern::wildcard(pattern, '%').matches(&fold(text)), fits, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_substring_stands_anywhere_and_an_exact_text_is_the_whole() {
        assert!(Pattern::contains("ALPH").matches("the alphabet"));
        assert!(Pattern::contains("").matches("anything"));
        assert!(!Pattern::exact("alph").matches("alphabet"));
        assert!(Pattern::exact("50%").matches("50%"), "no character is special in an exact text");
    }
}
