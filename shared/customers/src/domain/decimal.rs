//! Amounts.

use serde::{Deserialize, Serialize};

/// Parts that one is divided into.
const SCALE: i64 = 10_000;

/// A decimal number with up to four digits behind the point, exact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decimal(i64);

impl Decimal {
    /// `parts` ten-thousandths.
    pub const fn from_ten_thousandths(parts: i64) -> Self {
        Self(parts)
    }

    /// The number in ten-thousandths.
    pub const fn ten_thousandths(self) -> i64 {
        self.0
    }

    /// The nearest floating point number, which prints the same digits below 10^11.
    #[expect(clippy::cast_precision_loss, reason = "nearest is what is asked for")]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / SCALE as f64
    }
}

impl From<i32> for Decimal {
    fn from(whole: i32) -> Self {
        Self(i64::from(whole) * SCALE)
    }
}
