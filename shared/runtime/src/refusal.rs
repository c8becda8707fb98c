//! What a dialect must be able to say for the runtime: that a request failed for no reason it knows of.

use customers::Fault;

use crate::Response;

/// A failure that no dialect decides on but each words in its own way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The event holds no request that could be read: bad base64, an unsupported payload, a broken form.
    MalformedRequest,
    /// The answer passes what Lambda carries ([`ANSWER_LIMIT`](crate::ANSWER_LIMIT)), gzipped if the client takes that.
    AnswerTooLarge,
    /// A fault of ours; the log has the cause.
    Internal,
    /// The same request may well succeed a little later.
    Unavailable,
    /// The directory is too large for the memory that the function was given.
    TenantTooLarge,
}

impl From<&Fault> for Failure {
    fn from(fault: &Fault) -> Self {
        match fault {
            Fault::TenantTooLarge => Self::TenantTooLarge,
            fault if fault.is_unavailable() => Self::Unavailable,
            _ => Self::Internal,
        }
    }
}

/// A dialect's error: an answer for the caller, and for the log the fault behind it.
pub trait Refusal: From<Failure> + Into<Response> {
    /// The directory's fault behind this refusal; none where the caller, or nobody, is to blame. [`serve`](crate::serve)
    /// logs it, so nothing else needs to.
    fn fault(&self) -> Option<&Fault>;

    /// Whether the caller was not let in: credentials missing, unknown, wrong or suspended.
    fn is_authentication_failure(&self) -> bool;
}

/// Implements [`Refusal`] for a dialect's error that keeps such failures in a variant `Failed(Failure, Option<Fault>)`,
/// and lets `?` take a [`Fault`] into it. What stands behind the error's name is the pattern of its authentication failures.
#[macro_export]
macro_rules! refusal {
    ($refusal:ident, $authentication_failure:pat) => {
        impl From<$crate::Failure> for $refusal {
            fn from(failure: $crate::Failure) -> Self {
                Self::Failed(failure, None)
            }
        }

        impl From<$crate::Fault> for $refusal {
            fn from(fault: $crate::Fault) -> Self {
                Self::Failed($crate::Failure::from(&fault), Some(fault))
            }
        }

        impl $crate::Refusal for $refusal {
            fn fault(&self) -> Option<&$crate::Fault> {
                match self {
                    Self::Failed(_, fault) => fault.as_ref(),
                    _ => None,
                }
            }

            fn is_authentication_failure(&self) -> bool {
                matches!(self, $authentication_failure)
            }
        }
    };
}
