//! Why a call failed, in the words that its caller reads.

use customers::Fault;
use runtime::{Failure, HeaderValue, Response, StatusCode, header};
use serde::Serialize;

/// A call that was refused; displays as the dialect's `error_description`.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No operation has this path.
    #[error("The path you requested doesn't exist.")]
    UnknownPath,
    /// The path is known, but is only for these methods.
    #[error("The method you used is not allowed here.")]
    MethodNotAllowed(&'static str),
    /// No cookie, or one whose session is unknown or over.
    #[error("You are not logged in, or your session is over.")]
    NoCredentials,
    /// Credentials that open no session: the answer sends the client on, to where it learns so.
    #[error("wrong credentials")]
    WrongLogin(Box<Response>),
    /// The login belongs to no organisation.
    #[error("You are not allowed to do this.")]
    AccessDenied,
    /// Parameters that the list does not have, in the order received.
    #[error("The parameters [{}] you provided are not valid for this request.", .0.join(", "))]
    UnknownParameters(Vec<String>),
    /// A date in another form than the dialect's, or one that no calendar has.
    #[error("Invalid datetime filter (not ISO-8601 formatted): [{0}]")]
    InvalidMoment(String),
    /// A parameter holds something outside the set of its values, or bytes that are not UTF-8.
    #[error("The type of parameter {0} you provided is not valid for this request.")]
    InvalidType(&'static str),
    /// A parameter is neither `true` nor `false`.
    #[error("An invalid value was specified for parameter: {0} (must be a boolean: true or false)")]
    NotBoolean(&'static str),
    /// Not the caller's doing, or not readable at all; with the directory's fault, if that was the reason.
    #[error("{}", words(*.0))]
    Failed(Failure, #[source] Option<Fault>),
}

fn words(failure: Failure) -> &'static str {
    match failure {
        Failure::MalformedRequest => "The request you sent could not be read.",
        Failure::AnswerTooLarge => "The answer would be too large: ask for fewer rows with max.",
        Failure::Internal => "Oops! Something went wrong...",
        Failure::Unavailable => "The service is busy, please try again.",
        Failure::TenantTooLarge => "The directory is too large for the memory of this service.",
    }
}

impl Refusal {
    /// Status and `error`.
    fn key(&self) -> (StatusCode, &'static str) {
        match self {
            Self::UnknownPath => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::NoCredentials => (StatusCode::UNAUTHORIZED, "no_credentials"),
            Self::WrongLogin(answer) => (answer.status, ""),
            Self::AccessDenied => (StatusCode::FORBIDDEN, "access_denied"),
            Self::UnknownParameters(_) => (StatusCode::BAD_REQUEST, "invalid_param"),
            Self::InvalidMoment(_) => (StatusCode::BAD_REQUEST, "invalid_datetime_format"),
            Self::InvalidType(_) | Self::NotBoolean(_) => (StatusCode::BAD_REQUEST, "invalid_param_type"),
            Self::Failed(Failure::MalformedRequest, _) => (StatusCode::BAD_REQUEST, "malformed_request"),
            Self::Failed(Failure::AnswerTooLarge, _) => (StatusCode::BAD_REQUEST, "answer_too_large"),
            Self::Failed(Failure::Internal, _) => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
            Self::Failed(Failure::Unavailable | Failure::TenantTooLarge, _) => {
                (StatusCode::SERVICE_UNAVAILABLE, "server_error")
            }
        }
    }
}

runtime::refusal!(Refusal, Self::NoCredentials | Self::WrongLogin(_));

/// The body of every refusal.
#[derive(Serialize)]
struct Envelope {
    error: &'static str,
    error_description: String,
}

impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Self {
        let (status, error) = refusal.key();
        if let Refusal::WrongLogin(answer) = refusal {
            return *answer;
        }
        let response = Self::json(status, &Envelope { error, error_description: refusal.to_string() });
        match refusal {
            Refusal::MethodNotAllowed(methods) => {
                response.with_header(header::ALLOW, HeaderValue::from_static(methods))
            }
            _ => response,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_of_a_refusal() {
        for (refusal, status, error, description) in [
            (Refusal::UnknownPath, 404, "not_found", "The path you requested doesn't exist."),
            (Refusal::MethodNotAllowed("GET"), 405, "method_not_allowed", "The method you used is not allowed here."),
            (Refusal::NoCredentials, 401, "no_credentials", "You are not logged in, or your session is over."),
            (Refusal::AccessDenied, 403, "access_denied", "You are not allowed to do this."),
            (
                Refusal::UnknownParameters(vec!["a".to_owned(), "b".to_owned()]),
                400,
                "invalid_param",
                "The parameters [a, b] you provided are not valid for this request.",
            ),
            (
                Refusal::InvalidMoment("2016-08-1Z".to_owned()),
                400,
                "invalid_datetime_format",
                "Invalid datetime filter (not ISO-8601 formatted): [2016-08-1Z]",
            ),
            (
                Refusal::InvalidType("max"),
                400,
                "invalid_param_type",
                "The type of parameter max you provided is not valid for this request.",
            ),
            (
                Refusal::NotBoolean("isActive"),
                400,
                "invalid_param_type",
                "An invalid value was specified for parameter: isActive (must be a boolean: true or false)",
            ),
            (Failure::MalformedRequest.into(), 400, "malformed_request", "The request you sent could not be read."),
            (
                Failure::AnswerTooLarge.into(),
                400,
                "answer_too_large",
                "The answer would be too large: ask for fewer rows with max.",
            ),
            (Failure::Internal.into(), 500, "server_error", "Oops! Something went wrong..."),
            (
                Failure::TenantTooLarge.into(),
                503,
                "server_error",
                "The directory is too large for the memory of this service.",
            ),
            (Fault::Damaged("a row").into(), 500, "server_error", "Oops! Something went wrong..."),
            (Fault::Contended.into(), 503, "server_error", "The service is busy, please try again."),
        ] {
            let response = Response::from(refusal);
            let body = format!(r#"{{"error":"{error}","error_description":"{description}"}}"#);
            assert_eq!((response.status.as_u16(), response.body.as_ref()), (status, body.as_bytes()));
            assert_eq!(response.headers[header::CONTENT_TYPE], "application/json; charset=utf-8");
            assert_eq!(response.headers.get(header::ALLOW).is_some(), status == 405);
        }
    }

    #[test]
    fn a_fault_is_kept_for_the_log() {
        use runtime::Refusal as _;
        assert!(Refusal::from(Fault::Contended).fault().is_some());
        assert!(Refusal::from(Failure::Internal).fault().is_none());
    }
}
