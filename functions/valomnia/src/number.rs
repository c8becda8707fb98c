//! Numbers as the dialect writes them.

use customers::Decimal;
use serde::{Serialize, Serializer};

/// A number without a fraction where it is whole.
pub(crate) struct Number(pub(crate) f64);

impl From<Decimal> for Number {
    fn from(decimal: Decimal) -> Self {
        Self(decimal.to_f64())
    }
}

impl Serialize for Number {
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53 fits")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// 2^53: up to here every whole number is exact.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let Self(number) = *self;
        if number.fract() == 0.0 && number.abs() < EXACT {
            serializer.serialize_i64(number as i64)
        } else {
            serializer.serialize_f64(number)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_no_fraction() {
        for (number, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (10.0, "10"),
            (-10.5, "-10.5"),
            (36.8065, "36.8065"),
            (9e15, "9000000000000000"),
            (f64::NAN, "null"),
            (f64::INFINITY, "null"),
        ] {
            assert_eq!(serde_json::to_string(&Number(number)).unwrap(), expected);
        }
    }

    #[test]
    fn amounts_keep_their_digits() {
        for (parts, expected) in [(12_345_678, "1234.5678"), (-5, "-0.0005"), (5_000_000, "500"), (1, "0.0001")] {
            let amount = Number::from(Decimal::from_ten_thousandths(parts));
            assert_eq!(serde_json::to_string(&amount).unwrap(), expected);
        }
    }
}
