//! Numeric identifiers, one type each, so that none can stand in for another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Text that is not the plain decimal digits of a number below 2^64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number below 2^64")]
pub struct ParseIdError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(u64);

        impl $name {
            /// The number itself.
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl From<u64> for $name {
            fn from(number: u64) -> Self {
                Self(number)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(ParseIdError);
                }
                text.parse().map(Self).map_err(|_| ParseIdError)
            }
        }
    };
}

id! {
    /// A customer, unique within its tenant; handed out in ascending blocks, gaps allowed.
    CustomerId
}
id! {
    /// An internet provider whose customers a tenant keeps.
    IspId
}
id! {
    /// A reseller of one provider.
    ResellerId
}
id! {
    /// A service (a line, an account) of a customer.
    ServiceId
}
