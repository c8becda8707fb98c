//! The inputs of a call.

use runtime::{Method, Params, Request};

use crate::{Refusal, WrongInput};

/// What a parameter's value may not be.
const INVALID: &str = "Invalid value.";
const NOT_AN_INTEGER: &str = "Not an integer.";

/// The inputs in the URL and, behind them so that they win, those in the body of a POST, whatever media type it is said
/// to have.
pub(crate) fn read(request: &Request) -> Params {
    let body = if request.method == Method::POST { request.body.as_ref() } else { &[] };
    Params::urlencoded(&[request.query.as_bytes(), b"&", body].concat(), b";&")
}

/// Reads parameters one after the other, and remembers which of them are wrong.
pub(crate) struct Inputs<'a> {
    params: &'a Params,
    wrong: Vec<WrongInput>,
}

impl<'a> Inputs<'a> {
    pub(crate) fn new(params: &'a Params) -> Self {
        Self { params, wrong: Vec::new() }
    }

    /// The text of a parameter; empty if it is absent or wrong.
    pub(crate) fn text(&mut self, name: &'static str) -> &'a str {
        match self.params.get(name) {
            Ok(text) => text.unwrap_or_default(),
            Err(_) => self.wrong(name, INVALID).unwrap_or_default(),
        }
    }

    /// The meaning of a parameter that holds one of a set of words; none if it is absent, empty or wrong.
    pub(crate) fn word<T: Copy>(&mut self, name: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(name);
        if text.is_empty() {
            return None;
        }
        let meaning = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        meaning.or_else(|| self.wrong(name, INVALID))
    }

    /// The meaning of a parameter that holds one of a set of integers; none if it is absent, empty or wrong.
    pub(crate) fn option<T: Copy>(&mut self, name: &'static str, options: &[(i64, T)]) -> Option<T> {
        let number = self.integer(name)?;
        let meaning = options.iter().find(|(option, _)| *option == number).map(|(_, meaning)| *meaning);
        meaning.or_else(|| self.wrong(name, INVALID))
    }

    /// Whether a parameter is 1; it is not if it is absent, empty or wrong.
    pub(crate) fn flag(&mut self, name: &'static str) -> bool {
        self.option(name, &[(0, false), (1, true)]).unwrap_or_default()
    }

    /// A parameter that holds a number from 0 on; none if it is absent, empty or wrong.
    pub(crate) fn natural<N: TryFrom<i64>>(&mut self, name: &'static str) -> Option<N> {
        let number = self.integer(name)?;
        let natural = N::try_from(number).ok().filter(|_| number >= 0);
        natural.or_else(|| self.wrong(name, INVALID))
    }

    /// `value`, which was read, if nothing was wrong.
    pub(crate) fn accept<T>(self, value: T) -> Result<T, Refusal> {
        if self.wrong.is_empty() { Ok(value) } else { Err(Refusal::WrongInputs(self.wrong)) }
    }

    /// Plain decimal digits, below 2^63, with an optional minus.
    fn integer(&mut self, name: &'static str) -> Option<i64> {
        let text = self.text(name);
        if text.is_empty() {
            return None;
        }
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_plain.then(|| text.parse().ok()).flatten();
        number.or_else(|| self.wrong(name, NOT_AN_INTEGER))
    }

    fn wrong<T>(&mut self, key: &'static str, message: &'static str) -> Option<T> {
        self.wrong.push(WrongInput { key, message });
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `read_by` reads of a query, or the messages about what is wrong with it.
    fn read_of<T>(query: &str, read_by: impl FnOnce(&mut Inputs<'_>) -> T) -> Result<T, Vec<&'static str>> {
        let params = Params::urlencoded(query.as_bytes(), b";&");
        let mut inputs = Inputs::new(&params);
        let value = read_by(&mut inputs);
        match inputs.accept(value) {
            Ok(value) => Ok(value),
            Err(Refusal::WrongInputs(wrong)) => Err(wrong.iter().map(|wrong| wrong.message).collect()),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn integers() {
        for (query, expected) in [
            ("", Ok(None)),
            ("n", Ok(None)),
            ("n=", Ok(None)),
            ("n=0", Ok(Some(0))),
            ("n=-0", Ok(Some(0))),
            ("n=007", Ok(Some(7))),
            ("n=-1", Ok(Some(-1))),
            ("n=9223372036854775807", Ok(Some(i64::MAX))),
            ("n=9223372036854775808", Err(vec![NOT_AN_INTEGER])),
            ("n=ten", Err(vec![NOT_AN_INTEGER])),
            ("n=1.0", Err(vec![NOT_AN_INTEGER])),
            ("n=1e3", Err(vec![NOT_AN_INTEGER])),
            ("n=+1", Err(vec![NOT_AN_INTEGER])),
            ("n=%2B1", Err(vec![NOT_AN_INTEGER])),
            ("n=1+", Err(vec![NOT_AN_INTEGER])),
            ("n=-", Err(vec![NOT_AN_INTEGER])),
            ("n=--1", Err(vec![NOT_AN_INTEGER])),
            ("n=\u{661}", Err(vec![NOT_AN_INTEGER])),
            ("n=%FF", Err(vec![INVALID])),
        ] {
            assert_eq!(read_of(query, |inputs| inputs.integer("n")), expected, "{query}");
        }
    }

    #[test]
    fn naturals_flags_options_and_words() {
        const WORDS: [(&str, u8); 2] = [("one", 1), ("two", 2)];
        for (query, natural, flag, word) in [
            ("", Ok(None), Ok(false), Ok(None)),
            ("n=", Ok(None), Ok(false), Ok(None)),
            ("n=0", Ok(Some(0)), Ok(false), Err(vec![INVALID])),
            ("n=1", Ok(Some(1)), Ok(true), Err(vec![INVALID])),
            ("n=2", Ok(Some(2)), Err(vec![INVALID]), Err(vec![INVALID])),
            ("n=-1", Err(vec![INVALID]), Err(vec![INVALID]), Err(vec![INVALID])),
            ("n=two", Err(vec![NOT_AN_INTEGER]), Err(vec![NOT_AN_INTEGER]), Ok(Some(2))),
            ("n=Two", Err(vec![NOT_AN_INTEGER]), Err(vec![NOT_AN_INTEGER]), Err(vec![INVALID])),
            ("n=%FF", Err(vec![INVALID]), Err(vec![INVALID]), Err(vec![INVALID])),
        ] {
            assert_eq!(read_of(query, |inputs| inputs.natural::<usize>("n")), natural, "{query}");
            assert_eq!(read_of(query, |inputs| inputs.flag("n")), flag, "{query}");
            assert_eq!(read_of(query, |inputs| inputs.word("n", &WORDS)), word, "{query}");
        }
    }

    #[test]
    fn every_wrong_input_is_remembered_once() {
        let wrong = read_of("a=x;b=%FF;c=2", |inputs| (inputs.flag("a"), inputs.text("b").len(), inputs.flag("c")));
        assert_eq!(wrong, Err(vec![NOT_AN_INTEGER, INVALID, INVALID]));
    }

    #[test]
    fn the_url_counts_and_the_body_of_a_post_wins() {
        for (method, query, body, expected) in [
            (Method::GET, "name=a;name=b", "", Some("b")),
            (Method::GET, "name=a&sort=name;name=b", "", Some("b")),
            (Method::GET, "name=a", "name=b", Some("a")),
            (Method::POST, "name=a", "", Some("a")),
            (Method::POST, "name=a", "name=b", Some("b")),
            (Method::POST, "name=a", "name=", Some("")),
            (Method::POST, "name=a", "sort=name;name=b", Some("b")),
            (Method::POST, "name=a", r#"{"name":"b"}"#, Some("a")),
            (Method::POST, "name=", "%zz%&;;==", Some("")),
            (Method::GET, "", "", None),
        ] {
            let mut request = Request::new(method.clone(), "/").with_body("Application/JSON", body);
            request.query = query.to_owned();
            assert_eq!(read(&request).get("name").ok().flatten(), expected, "{method} {query} {body}");
        }
    }
}
