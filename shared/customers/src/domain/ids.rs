//! Numeric identifiers, one type each, so that none can stand in for another.

use std::fmt;

use serde::{Deserialize, Serialize};

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
