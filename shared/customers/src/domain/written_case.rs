//! How a text was written that is kept folded.

use std::borrow::Cow;

use serde::Serialize;

use super::fold;

/// What leads from a folded text back to the one that was written. Rows have it packed: the order of the variants is part of
/// their format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) enum WrittenCase<'a> {
    /// Its capital letters: a bit for each of the first 64 characters, that of the first one lowest.
    Capitals(u64),
    /// The text itself, where capitals do not do.
    AsWritten(Cow<'a, str>),
}

impl WrittenCase<'_> {
    /// The case of `text`.
    pub(crate) fn of(text: &str) -> WrittenCase<'_> {
        let folded = fold(text);
        let places = text.chars().zip(folded.chars()).take(64).enumerate();
        let capitals = places.filter(|(_, (written, folded))| written != folded);
        let case = WrittenCase::Capitals(capitals.fold(0, |bits, (place, _)| bits | 1 << place));
        if case.apply(&folded) == text { case } else { WrittenCase::AsWritten(Cow::Borrowed(text)) }
    }

    /// The text that was written, from what it is folded.
    pub(crate) fn apply(&self, folded: &str) -> String {
        let capitals = match self {
            Self::Capitals(capitals) => *capitals,
            Self::AsWritten(text) => return text.clone().into_owned(),
        };
        let mut written = String::with_capacity(folded.len());
        for (place, letter) in (0..).zip(folded.chars()) {
            if capitals.checked_shr(place).is_some_and(|rest| rest & 1 == 1) {
                written.extend(letter.to_uppercase());
            } else {
                written.push(letter);
            }
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn usual_names_need_their_capitals_only() {
        for (text, capitals) in [("", 0), ("anil", 0), ("Anil K. Naik", 0b1_0010_0001), ("Élodie", 1), ("NC-17", 3)] {
            assert_eq!(WrittenCase::of(text), WrittenCase::Capitals(capitals), "{text}");
        }
        let late = format!("{}Z", "a".repeat(64));
        for text in ["İstanbul", "Kelvin \u{212a}", &late] {
            assert_eq!(WrittenCase::of(text), WrittenCase::AsWritten(text.into()));
        }
    }

    proptest! {
        #[test]
        fn the_written_text_comes_back(text in any::<String>()) {
            prop_assert_eq!(WrittenCase::of(&text).apply(&fold(&text)), text);
        }
    }
}
