//! Why a call failed, in the words that its caller reads.

use customers::Fault;
use runtime::{Failure, HeaderValue, Response, StatusCode, header};

use crate::answer::{Entry, Envelope};

/// A call that was refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No function has this path.
    #[error("No such function.")]
    UnknownFunction,
    /// The path is known, but is not for this method.
    #[error("Use GET or POST.")]
    MethodNotAllowed,
    /// Credentials missing, unknown, wrong or suspended: one text for all, so that nobody can probe for users.
    #[error("Authentication failed.")]
    AuthenticationFailed,
    /// The user's role lacks the privilege.
    #[error("Your role does not permit this.")]
    NotPermitted,
    /// Inputs that are no value of theirs, in the order of the function's table.
    #[error("Wrong inputs.")]
    WrongInputs(Vec<WrongInput>),
    /// Not the caller's doing, not readable at all, or too much; with the directory's fault, if that was the reason.
    #[error("{}", words(*.0))]
    Failed(Failure, #[source] Option<Fault>),
}

/// An input that is no value of its parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongInput {
    /// Name of the parameter.
    pub key: &'static str,
    /// What is wrong with it.
    pub message: &'static str,
}

fn words(failure: Failure) -> &'static str {
    match failure {
        Failure::MalformedRequest => "Malformed request.",
        Failure::AnswerTooLarge => "Too many customers for one answer. Use limit and offset to page.",
        Failure::Internal => "Internal error.",
        Failure::Unavailable => "Service unavailable, please try again.",
        Failure::TenantTooLarge => "The directory is too large for the memory of this service.",
    }
}

impl Refusal {
    /// The code in the envelope, and what the refusal is about.
    fn code_and_key(&self) -> (&'static str, &'static str) {
        match self {
            Self::UnknownFunction => ("404", "function"),
            Self::MethodNotAllowed => ("405", "method"),
            Self::AuthenticationFailed => ("401", "auth"),
            Self::NotPermitted => ("402", "role"),
            Self::WrongInputs(_) | Self::Failed(Failure::MalformedRequest, _) => ("400", ""),
            Self::Failed(Failure::AnswerTooLarge, _) => ("400", "limit"),
            Self::Failed(Failure::Internal, _) => ("500", ""),
            Self::Failed(Failure::Unavailable | Failure::TenantTooLarge, _) => ("503", ""),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::UnknownFunction => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Failed(Failure::Internal, _) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Failed(Failure::Unavailable | Failure::TenantTooLarge, _) => StatusCode::SERVICE_UNAVAILABLE,
            Self::AuthenticationFailed
            | Self::NotPermitted
            | Self::WrongInputs(_)
            | Self::Failed(Failure::MalformedRequest | Failure::AnswerTooLarge, _) => StatusCode::OK,
        }
    }
}

impl From<WrongInput> for Refusal {
    fn from(wrong: WrongInput) -> Self {
        Self::WrongInputs(vec![wrong])
    }
}

runtime::refusal!(Refusal, Self::AuthenticationFailed);

impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Self {
        let (code, key) = refusal.code_and_key();
        let message = refusal.to_string();
        let responses = match &refusal {
            Refusal::WrongInputs(wrong) => {
                wrong.iter().map(|WrongInput { key, message }| Entry { code, key, message }).collect()
            }
            _ => vec![Entry { code, key, message: &message }],
        };
        let response = Self::json(refusal.status(), &Envelope::<()> { responses, data: None });
        match refusal {
            Refusal::MethodNotAllowed => response.with_header(header::ALLOW, HeaderValue::from_static("GET, POST")),
            _ => response,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_of_a_refusal() {
        const PAGE: &str = "Too many customers for one answer. Use limit and offset to page.";
        for (refusal, status, code, key, message) in [
            (Refusal::AuthenticationFailed, 200, "401", "auth", "Authentication failed."),
            (Refusal::NotPermitted, 200, "402", "role", "Your role does not permit this."),
            (WrongInput { key: "sort", message: "Invalid value." }.into(), 200, "400", "sort", "Invalid value."),
            (Failure::AnswerTooLarge.into(), 200, "400", "limit", PAGE),
            (Failure::MalformedRequest.into(), 200, "400", "", "Malformed request."),
            (Refusal::UnknownFunction, 404, "404", "function", "No such function."),
            (Refusal::MethodNotAllowed, 405, "405", "method", "Use GET or POST."),
            (Failure::Internal.into(), 500, "500", "", "Internal error."),
            (
                Failure::TenantTooLarge.into(),
                503,
                "503",
                "",
                "The directory is too large for the memory of this service.",
            ),
            (Fault::Damaged("a row").into(), 500, "500", "", "Internal error."),
            (Fault::Contended.into(), 503, "503", "", "Service unavailable, please try again."),
        ] {
            let response = Response::from(refusal);
            let body = format!(r#"{{"responses":[{{"code":"{code}","key":"{key}","message":"{message}"}}]}}"#);
            assert_eq!((response.status.as_u16(), response.body.as_ref()), (status, body.as_bytes()));
            assert_eq!(response.headers[header::CONTENT_TYPE], "application/json; charset=utf-8");
            assert_eq!(response.headers.get(header::ALLOW).is_some(), status == 405);
        }
    }

    #[test]
    fn wrong_inputs_have_an_entry_each() {
        let wrong = [("limit", "Not an integer."), ("sort", "Invalid value.")];
        let refusal = Refusal::WrongInputs(wrong.map(|(key, message)| WrongInput { key, message }).into());
        assert_eq!(
            Response::from(refusal).body.as_ref(),
            concat!(
                r#"{"responses":[{"code":"400","key":"limit","message":"Not an integer."},"#,
                r#"{"code":"400","key":"sort","message":"Invalid value."}]}"#,
            )
            .as_bytes()
        );
    }

    #[test]
    fn a_fault_is_kept_for_the_log() {
        use runtime::Refusal as _;
        assert!(Refusal::from(Fault::Contended).fault().is_some());
        assert!(Refusal::from(Failure::Internal).fault().is_none());
    }
}
