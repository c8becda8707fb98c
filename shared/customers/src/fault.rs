//! Why an operation failed for no reason of its caller's.

use std::error::Error;

use crate::domain::Column;

/// The cause behind a fault, for the log.
pub(crate) type Cause = Box<dyn Error + Send + Sync>;

/// A failure of the directory itself. Its text is for the log; no caller sees it, and it holds no data of customers.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// DynamoDB did not answer, or was too busy, in all the attempts made.
    #[error("DynamoDB is unavailable")]
    Unavailable(#[source] Cause),
    /// DynamoDB refused a request: a missing table or permission, or a fault of this program.
    #[error("DynamoDB refused the request")]
    Refused(#[source] Cause),
    /// It stayed unknown until the end whether a write was applied.
    #[error("the outcome of a write stayed unknown")]
    OutcomeUnknown(#[source] Cause),
    /// Other writers won every attempt.
    #[error("a write lost against others until its time was up")]
    Contended,
    /// The list index did not agree with its certificate in time.
    #[error("the list index could not be verified in time")]
    Unverified,
    /// The tenant's list index takes more than the function's memory has room for.
    #[error("the tenant's list index does not fit the memory of this function")]
    TenantTooLarge,
    /// A list looks at a part of the index that its dialect did not say it needs.
    #[error("a list looks at {0:?}, which its dialect did not name when it opened the view")]
    ColumnNotHeld(Column),
    /// A row or a tenant names a format that this release does not know.
    #[error("row format {0} is unknown to this release")]
    UnknownFormat(u8),
    /// A list index cannot be split in this way.
    #[error(
        "a list index of {shards} shards can be split into {shards} times a whole number, {most} at most, not {wanted}"
    )]
    Unsplittable {
        /// How many shards it has.
        shards: u32,
        /// How many it was to have.
        wanted: u32,
        /// How many it can have.
        most: u32,
    },
    /// The table has no such tenant.
    #[error("the table holds no tenant {0}")]
    UnknownTenant(String),
    /// Items contradict each other or cannot be read.
    #[error("stored data is damaged: {0}")]
    Damaged(&'static str),
}

impl Fault {
    /// Whether the same request may well succeed a little later.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Unavailable(_)
            | Self::Contended
            | Self::Unverified
            | Self::TenantTooLarge
            | Self::UnknownFormat(_) => true,
            Self::Refused(_)
            | Self::OutcomeUnknown(_)
            | Self::ColumnNotHeld(_)
            | Self::Unsplittable { .. }
            | Self::UnknownTenant(_)
            | Self::Damaged(_) => false,
        }
    }
}
