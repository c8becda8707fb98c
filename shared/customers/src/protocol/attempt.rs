//! One attempt at a transaction, until its outcome is definite.

use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    backoff::Backoff,
    fault::Fault,
    store::{Item, Reason, Store, TransactError, Write},
};

/// How long a change may be fought for. DynamoDB recovers a stuck transaction after five seconds.
pub(super) const TIME_ALLOWED: Duration = Duration::from_secs(9);

/// What an attempt came to.
pub(super) enum Outcome {
    Committed,
    /// Nothing was applied.
    Cancelled(Reasons),
}

/// Why a transaction was cancelled: one reason for each of its writes.
pub(super) struct Reasons(Vec<Reason>);

/// Sends a transaction, unchanged and under one token, until its outcome is definite.
pub(super) async fn send(store: &dyn Store, writes: &[Write], deadline: Instant) -> Result<Outcome, Fault> {
    let token = Uuid::new_v4().to_string();
    let mut backoff = Backoff::default();
    let mut in_doubt = false;
    loop {
        let error = match store.transact(writes, &token).await {
            Ok(()) => return Ok(Outcome::Committed),
            Err(error) => error,
        };
        let cause = match error {
            TransactError::Cancelled(reasons) => return Ok(Outcome::Cancelled(Reasons(reasons))),
            TransactError::Refused(cause) if in_doubt => return Err(Fault::OutcomeUnknown(cause)),
            TransactError::Refused(cause) => return Err(Fault::Refused(cause)),
            TransactError::Throttled(cause) => cause,
            TransactError::InProgress(cause) | TransactError::Unknown(cause) => {
                in_doubt = true;
                cause
            }
        };
        if Instant::now() >= deadline {
            // After one answer that did not tell, no later refusal for load makes the outcome known.
            return Err(if in_doubt { Fault::OutcomeUnknown(cause) } else { Fault::Unavailable(cause) });
        }
        backoff.sleep().await;
    }
}

impl Reasons {
    /// Whether the condition of the write at `place` did not hold.
    pub(super) fn failed(&self, place: usize) -> bool {
        matches!(self.0.get(place), Some(Reason::ConditionFailed(_)))
    }

    /// Whether any condition did not hold.
    pub(super) fn any_failed(&self) -> bool {
        self.0.iter().any(|reason| matches!(reason, Reason::ConditionFailed(_)))
    }

    /// The item that failed the condition of the write at `place`, if it was asked for and is there.
    pub(super) fn item(&self, place: usize) -> Option<&Item> {
        match self.0.get(place) {
            Some(Reason::ConditionFailed(item)) => item.as_ref(),
            _ => None,
        }
    }

    /// Whether another transaction was at work, or the table too busy.
    pub(super) fn contended(&self) -> bool {
        self.0.iter().any(|reason| matches!(reason, Reason::Conflict | Reason::Throttled))
    }

    /// The fault of a cancellation for none of the reasons above.
    pub(super) fn refusal(self) -> Fault {
        let code = self.0.into_iter().find_map(|reason| match reason {
            Reason::Other(code) => Some(code),
            _ => None,
        });
        Fault::Refused(code.unwrap_or_else(|| "a cancellation without a reason".to_owned()).into())
    }
}
