//! What is told of JSON that cannot be read.

/// Where the fault is, but not what stands there, which may be a customer's data.
#[derive(Debug, thiserror::Error)]
#[error("JSON that cannot be read: {kind:?} error at byte {place}")]
pub(crate) struct Unreadable {
    kind: serde_json::error::Category,
    place: usize,
}

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        Self { kind: error.classify(), place: error.column() }
    }
}
