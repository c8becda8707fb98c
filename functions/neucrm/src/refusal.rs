//! Why a call failed, in the words that its caller reads.

use customers::{CreateError, EditError, Fault, Unique};
use runtime::{Failure, HeaderValue, Response, StatusCode, header};

use crate::answer::Envelope;

/// A call that was refused; displays as the dialect's error text.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No operation has this path.
    #[error("Not found")]
    UnknownPath,
    /// The path is known, but is not for this method.
    #[error("Method not allowed")]
    MethodNotAllowed,
    /// Credentials missing, unknown, wrong or suspended: one text for all, so that nobody can probe for logins.
    #[error("Authentication failed")]
    AuthenticationFailed,
    /// A field that the call needs is absent or empty.
    #[error("{0} is required")]
    Missing(&'static str),
    /// A field holds something outside the set of its values, or bytes that are not UTF-8.
    #[error("Invalid value for {0}")]
    InvalidValue(&'static str),
    /// A field is not a date as the dialect writes it.
    #[error("{0} must be in yyyy-mm-dd format")]
    InvalidDate(&'static str),
    /// A field is not a decimal number below 2^64.
    #[error("{0} must be a number")]
    InvalidNumber(&'static str),
    /// A field holds more text than is kept.
    #[error("{0} is too long")]
    TooLong(&'static str),
    /// The ISP or the reseller is not the login's, or the reseller not the ISP's.
    #[error("Permission denied")]
    PermissionDenied,
    /// No such customer in the login's scope.
    #[error("Customer not found")]
    CustomerNotFound,
    /// The customer cannot be deleted yet.
    #[error("Customer has active services")]
    ActiveServices,
    /// Another customer of the ISP has this number.
    #[error("uniqueid already exists")]
    UniqueIdTaken,
    /// Not the caller's doing, or not readable at all; with the directory's fault, if that was the reason.
    #[error("{}", words(*.0))]
    Failed(Failure, #[source] Option<Fault>),
}

fn words(failure: Failure) -> &'static str {
    match failure {
        Failure::MalformedRequest => "Malformed request",
        Failure::AnswerTooLarge => "Too much to answer at once, please use rows_limit",
        Failure::Internal => "Internal error",
        Failure::Unavailable => "Service unavailable, please try again",
        Failure::TenantTooLarge => "The directory is too large for the memory of this service",
    }
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::UnknownPath => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Failed(Failure::MalformedRequest | Failure::AnswerTooLarge, _) => StatusCode::BAD_REQUEST,
            Self::Failed(Failure::Internal, _) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Failed(Failure::Unavailable | Failure::TenantTooLarge, _) => StatusCode::SERVICE_UNAVAILABLE,
            Self::AuthenticationFailed
            | Self::Missing(_)
            | Self::InvalidValue(_)
            | Self::InvalidDate(_)
            | Self::InvalidNumber(_)
            | Self::TooLong(_)
            | Self::PermissionDenied
            | Self::CustomerNotFound
            | Self::ActiveServices
            | Self::UniqueIdTaken => StatusCode::OK,
        }
    }
}

runtime::refusal!(Refusal, Self::AuthenticationFailed);

impl From<Unique> for Refusal {
    fn from(taken: Unique) -> Self {
        match taken {
            Unique::UniqueId => Self::UniqueIdTaken,
            // No field of this dialect: what it creates or changes never sets one.
            Unique::Reference => Failure::Unavailable.into(),
        }
    }
}

impl From<CreateError> for Refusal {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Taken(unique) => unique.into(),
            CreateError::Fault(fault) => fault.into(),
        }
    }
}

impl From<EditError<Self>> for Refusal {
    fn from(error: EditError<Self>) -> Self {
        match error {
            EditError::Refused(refusal) => refusal,
            EditError::NotFound => Self::CustomerNotFound,
            EditError::Taken(unique) => unique.into(),
            EditError::Fault(fault) => fault.into(),
        }
    }
}

impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        let response = Self::json(refusal.status(), &Envelope::<()> { result: None, error: Some(&text) });
        match refusal {
            Refusal::MethodNotAllowed => response.with_header(header::ALLOW, HeaderValue::from_static("POST")),
            _ => response,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_of_a_refusal() {
        for (refusal, status, body) in [
            (Refusal::AuthenticationFailed, 200, r#"{"result":null,"error":"Authentication failed"}"#),
            (Refusal::Missing("email"), 200, r#"{"result":null,"error":"email is required"}"#),
            (Refusal::InvalidValue("type"), 200, r#"{"result":null,"error":"Invalid value for type"}"#),
            (Refusal::InvalidDate("dob"), 200, r#"{"result":null,"error":"dob must be in yyyy-mm-dd format"}"#),
            (Refusal::InvalidNumber("ispid"), 200, r#"{"result":null,"error":"ispid must be a number"}"#),
            (Refusal::TooLong("name"), 200, r#"{"result":null,"error":"name is too long"}"#),
            (Refusal::PermissionDenied, 200, r#"{"result":null,"error":"Permission denied"}"#),
            (Refusal::CustomerNotFound, 200, r#"{"result":null,"error":"Customer not found"}"#),
            (Refusal::ActiveServices, 200, r#"{"result":null,"error":"Customer has active services"}"#),
            (Refusal::UniqueIdTaken, 200, r#"{"result":null,"error":"uniqueid already exists"}"#),
            (Refusal::UnknownPath, 404, r#"{"result":null,"error":"Not found"}"#),
            (Refusal::MethodNotAllowed, 405, r#"{"result":null,"error":"Method not allowed"}"#),
            (Failure::MalformedRequest.into(), 400, r#"{"result":null,"error":"Malformed request"}"#),
            (Failure::Internal.into(), 500, r#"{"result":null,"error":"Internal error"}"#),
            (
                Failure::TenantTooLarge.into(),
                503,
                r#"{"result":null,"error":"The directory is too large for the memory of this service"}"#,
            ),
            (Fault::Contended.into(), 503, r#"{"result":null,"error":"Service unavailable, please try again"}"#),
            (Fault::Damaged("a row").into(), 500, r#"{"result":null,"error":"Internal error"}"#),
        ] {
            let response = Response::from(refusal);
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
