//! What DynamoDB's errors mean.

use std::error::Error;

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::CancellationReason,
};

use super::{Reason, StoreError, TransactError};
use crate::fault::Cause;

/// The error code of a service error: its message is left out, as it may repeat stored values.
#[derive(Debug, thiserror::Error)]
#[error("DynamoDB answered {code}")]
struct ServiceFailure {
    code: String,
}

fn service_failure(error: &impl ProvideErrorMetadata) -> Cause {
    Box::new(ServiceFailure { code: error.code().unwrap_or("without an error code").to_owned() })
}

fn is_overload(code: Option<&str>) -> bool {
    matches!(code, Some("ProvisionedThroughputExceededException" | "ThrottlingException" | "RequestLimitExceeded"))
}

pub(super) fn request_error<E>(error: SdkError<E>) -> StoreError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    match &error {
        SdkError::ServiceError(context) => {
            let cause = service_failure(context.err());
            if is_overload(context.err().code()) || context.raw().status().is_server_error() {
                StoreError::Unavailable(cause)
            } else {
                StoreError::Refused(cause)
            }
        }
        SdkError::ConstructionFailure(_) => StoreError::Refused(error.into()),
        _ => StoreError::Unavailable(error.into()),
    }
}

pub(super) fn transact_error(error: SdkError<TransactWriteItemsError>) -> TransactError {
    let context = match error {
        SdkError::ServiceError(context) => context,
        SdkError::ConstructionFailure(_) => return TransactError::Refused(error.into()),
        _ => return TransactError::Unknown(error.into()),
    };
    let cause = service_failure(context.err());
    let is_server_error = context.raw().status().is_server_error();
    match context.into_err() {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => TransactError::Cancelled(
            cancelled.cancellation_reasons.unwrap_or_default().into_iter().map(reason).collect(),
        ),
        TransactWriteItemsError::TransactionInProgressException(_) => TransactError::InProgress(cause),
        other if is_overload(other.code()) => TransactError::Throttled(cause),
        _ if is_server_error => TransactError::Unknown(cause),
        _ => TransactError::Refused(cause),
    }
}

fn reason(reason: CancellationReason) -> Reason {
    match reason.code.as_deref() {
        None | Some("None") => Reason::None,
        Some("ConditionalCheckFailed") => Reason::ConditionFailed(reason.item),
        Some("TransactionConflict") => Reason::Conflict,
        Some("ProvisionedThroughputExceeded" | "ThrottlingError") => Reason::Throttled,
        Some(other) => Reason::Other(other.to_owned()),
    }
}
