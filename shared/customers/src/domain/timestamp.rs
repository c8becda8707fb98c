//! Instants, to the second, in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Seconds since 1970-01-01T00:00:00Z; each dialect renders its own form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The wall clock. Never a monotonic one: that stands still in a frozen process.
    pub fn now() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX))
    }

    /// The instant `seconds` after the UNIX epoch.
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// The instant `seconds` later.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds since the UNIX epoch.
    pub const fn unix_seconds(self) -> i64 {
        self.0
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(moment: OffsetDateTime) -> Self {
        Self(moment.unix_timestamp())
    }
}

impl From<Timestamp> for OffsetDateTime {
    /// An instant outside the years ±9999 becomes the UNIX epoch; no constructor of a stored customer makes one.
    fn from(timestamp: Timestamp) -> Self {
        Self::from_unix_timestamp(timestamp.0).unwrap_or(Self::UNIX_EPOCH)
    }
}
