//! Why a request was refused, in the words that its caller reads.

use customers::Fault;
use runtime::{Failure, HeaderValue, Response, StatusCode, header};
use serde::Serialize;

/// A request that was refused; displays as the dialect's error message.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The request names a media type that the dialect does not speak, or has a body and names none.
    #[error("The content-type must be application/json.")]
    MediaType,
    /// A header is absent or empty.
    #[error("{} missing.", .0.name())]
    Missing(RequiredHeader),
    /// The token is not a GUID.
    #[error("Invalid x-access-token.")]
    MalformedToken,
    /// No login has this token, or it is suspended.
    #[error("Failed to verify x-access-token.")]
    UnknownToken,
    /// The time is not one, or too far from ours.
    #[error("Failed to verify x-posix-time.")]
    Time,
    /// The signature is not that of this request under the token's secret.
    #[error("Failed to verify x-signature.")]
    Signature,
    /// No operation has this path.
    #[error("Not found.")]
    UnknownPath,
    /// The path is known, but is not for this method.
    #[error("Method not allowed.")]
    MethodNotAllowed,
    /// A parameter of the query string holds what it must not.
    #[error("{}", .0.rule())]
    Invalid(Parameter),
    /// Not the caller's doing, or not readable at all; with the directory's fault, if that was the reason.
    #[error("{}", words(*.0))]
    Failed(Failure, #[source] Option<Fault>),
}

/// A header without which no request is looked at, in the order in which they are missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequiredHeader {
    /// The partner's token.
    AccessToken,
    /// When the request was signed.
    PosixTime,
    /// The signature.
    Signature,
    /// The caller's own name for the request.
    TraceId,
}

impl RequiredHeader {
    /// The header's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "x-access-token",
            Self::PosixTime => "x-posix-time",
            Self::Signature => "x-signature",
            Self::TraceId => "x-traceid",
        }
    }
}

/// A parameter of the query string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// `q`.
    Q,
    /// `page`.
    Page,
    /// `limit`.
    Limit,
    /// `cids`.
    Cids,
}

impl Parameter {
    /// The parameter's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Q => "q",
            Self::Page => "page",
            Self::Limit => "limit",
            Self::Cids => "cids",
        }
    }

    const fn rule(self) -> &'static str {
        match self {
            Self::Q => "q must be text in UTF-8.",
            Self::Page => "page must be an integer of at least 1.",
            Self::Limit => "limit must be an integer from 1 to 100.",
            Self::Cids => "cids must be 1 to 100 customer IDs (GUIDs) separated by commas.",
        }
    }
}

const fn words(failure: Failure) -> &'static str {
    match failure {
        Failure::MalformedRequest => "Malformed request.",
        Failure::AnswerTooLarge => "The answer is too large. Ask for a page with a smaller limit.",
        Failure::Internal => "Internal error.",
        Failure::Unavailable => "Service unavailable, please try again.",
        Failure::TenantTooLarge => "The directory is too large for the memory of this service.",
    }
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::MalformedToken | Self::UnknownToken | Self::Time | Self::Signature => StatusCode::UNAUTHORIZED,
            Self::UnknownPath => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Missing(_)
            | Self::Invalid(_)
            | Self::Failed(Failure::MalformedRequest | Failure::AnswerTooLarge, _) => StatusCode::BAD_REQUEST,
            Self::Failed(Failure::Internal, _) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Failed(Failure::Unavailable | Failure::TenantTooLarge, _) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The dialect's name of the error. Where it has none, the name of the status.
    fn subject(&self) -> &'static str {
        match self {
            Self::MediaType => "InvalidHeaderContentType",
            Self::Missing(RequiredHeader::AccessToken) => "MissingHeaderAccessToken",
            Self::Missing(RequiredHeader::PosixTime) => "MissingHeaderPosixTime",
            Self::Missing(RequiredHeader::Signature) => "MissingHeaderSignature",
            Self::Missing(RequiredHeader::TraceId) => "MissingHeaderTraceID",
            Self::MalformedToken => "InvalidHeaderAccessToken",
            Self::UnknownToken => "AuthenticationFailureAccessToken",
            Self::Time => "AuthenticationFailurePosixTime",
            Self::Signature => "AuthenticationFailureSignature",
            Self::UnknownPath => "NotFound",
            Self::MethodNotAllowed => "MethodNotAllowed",
            Self::Invalid(Parameter::Q) => "InvalidParametersQ",
            Self::Invalid(Parameter::Page) => "InvalidParametersPage",
            Self::Invalid(Parameter::Limit) | Self::Failed(Failure::AnswerTooLarge, _) => "InvalidParametersLimit",
            Self::Invalid(Parameter::Cids) => "InvalidParametersCids",
            Self::Failed(Failure::MalformedRequest, _) => "BadRequest",
            Self::Failed(Failure::Internal, _) => "InternalError",
            Self::Failed(Failure::Unavailable | Failure::TenantTooLarge, _) => "ServerException",
        }
    }
}

runtime::refusal!(Refusal, Self::MalformedToken | Self::UnknownToken | Self::Time | Self::Signature);

#[derive(Serialize)]
struct Envelope<'a> {
    error_subject: &'a str,
    error_message: &'a str,
}

impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Self {
        let envelope = Envelope { error_subject: refusal.subject(), error_message: &refusal.to_string() };
        let response = Self::json(refusal.status(), &envelope);
        match refusal {
            Refusal::MethodNotAllowed => response.with_header(header::ALLOW, HeaderValue::from_static("GET")),
            _ => response,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_table() {
        use Refusal::{Invalid, Missing};
        for (status, subject, message, refusal) in [
            (400, "MissingHeaderAccessToken", "x-access-token missing.", Missing(RequiredHeader::AccessToken)),
            (400, "MissingHeaderPosixTime", "x-posix-time missing.", Missing(RequiredHeader::PosixTime)),
            (400, "MissingHeaderSignature", "x-signature missing.", Missing(RequiredHeader::Signature)),
            (400, "MissingHeaderTraceID", "x-traceid missing.", Missing(RequiredHeader::TraceId)),
            (400, "InvalidParametersQ", "q must be text in UTF-8.", Invalid(Parameter::Q)),
            (400, "InvalidParametersPage", "page must be an integer of at least 1.", Invalid(Parameter::Page)),
            (400, "InvalidParametersLimit", "limit must be an integer from 1 to 100.", Invalid(Parameter::Limit)),
            (
                400,
                "InvalidParametersCids",
                "cids must be 1 to 100 customer IDs (GUIDs) separated by commas.",
                Invalid(Parameter::Cids),
            ),
            (401, "InvalidHeaderAccessToken", "Invalid x-access-token.", Refusal::MalformedToken),
            (401, "AuthenticationFailureAccessToken", "Failed to verify x-access-token.", Refusal::UnknownToken),
            (401, "AuthenticationFailurePosixTime", "Failed to verify x-posix-time.", Refusal::Time),
            (401, "AuthenticationFailureSignature", "Failed to verify x-signature.", Refusal::Signature),
            (415, "InvalidHeaderContentType", "The content-type must be application/json.", Refusal::MediaType),
            (404, "NotFound", "Not found.", Refusal::UnknownPath),
            (405, "MethodNotAllowed", "Method not allowed.", Refusal::MethodNotAllowed),
            (400, "BadRequest", "Malformed request.", Failure::MalformedRequest.into()),
            (
                400,
                "InvalidParametersLimit",
                "The answer is too large. Ask for a page with a smaller limit.",
                Failure::AnswerTooLarge.into(),
            ),
            (500, "InternalError", "Internal error.", Failure::Internal.into()),
            (
                503,
                "ServerException",
                "The directory is too large for the memory of this service.",
                Failure::TenantTooLarge.into(),
            ),
            (500, "InternalError", "Internal error.", Fault::Damaged("a row").into()),
            (503, "ServerException", "Service unavailable, please try again.", Fault::Contended.into()),
        ] {
            let response = Response::from(refusal);
            let body = format!(r#"{{"error_subject":"{subject}","error_message":"{message}"}}"#);
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
