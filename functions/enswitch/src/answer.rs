//! What a call that worked answers.

use runtime::{Response, StatusCode};
use serde::Serialize;

use crate::Rows;

/// The data of a call.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// The customers of a list.
    Rows(Rows),
    /// How many customers a list would find.
    Count {
        /// Their number.
        count: usize,
    },
}

/// The envelope of every answer; refused calls have no data.
#[derive(Serialize)]
pub(crate) struct Envelope<'a, T> {
    pub(crate) responses: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data: Option<T>,
}

/// How a call went.
#[derive(Serialize)]
pub(crate) struct Entry<'a> {
    /// A number, but as text.
    pub(crate) code: &'a str,
    /// The input that it is about.
    pub(crate) key: &'a str,
    pub(crate) message: &'a str,
}

impl From<Answer> for Response {
    fn from(answer: Answer) -> Self {
        let ok = Entry { code: "200", key: "", message: "OK" };
        Self::json(StatusCode::OK, &Envelope { responses: vec![ok], data: Some(answer) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::tests::{all_of, choices_of};

    #[test]
    fn the_envelope_of_an_answer() {
        const OK: &str = r#""responses":[{"code":"200","key":"","message":"OK"}]"#;
        for (answer, data) in [
            (Answer::Rows(all_of(&[])), "[]"),
            (Answer::Rows(choices_of(&[])), "[]"),
            (Answer::Count { count: 2 }, r#"{"count":2}"#),
        ] {
            let response = Response::from(answer);
            let body = format!(r#"{{{OK},"data":{data}}}"#);
            assert_eq!((response.status, response.body.as_ref()), (StatusCode::OK, body.as_bytes()));
        }
    }
}
