//! What a call that worked answers.

use customers::CustomerId;
use runtime::{Response, StatusCode};
use serde::Serialize;

use crate::Row;

/// The result of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// The customers of a list.
    Rows(Vec<Row>),
    /// How many customers a list would find: a number, unlike everything in a row.
    Count(usize),
    /// The id of a customer just created: a number too.
    Created(CustomerId),
    /// The word that updates and deletions answer.
    Done(Done),
}

/// `"done"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Done {
    /// Nothing more to say.
    Done,
}

/// The envelope of every answer.
#[derive(Serialize)]
pub(crate) struct Envelope<'a, T> {
    pub(crate) result: Option<T>,
    pub(crate) error: Option<&'a str>,
}

impl From<Answer> for Response {
    fn from(answer: Answer) -> Self {
        Self::json(StatusCode::OK, &Envelope { result: Some(answer), error: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_of_an_answer() {
        for (answer, body) in [
            (Answer::Rows(vec![]), r#"{"result":[],"error":null}"#),
            (Answer::Count(3), r#"{"result":3,"error":null}"#),
            (Answer::Created(1243.into()), r#"{"result":1243,"error":null}"#),
            (Answer::Done(Done::Done), r#"{"result":"done","error":null}"#),
        ] {
            let response = Response::from(answer);
            assert_eq!((response.status, response.body.as_ref()), (StatusCode::OK, body.as_bytes()));
        }
    }
}
