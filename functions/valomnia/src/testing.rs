//! What the tests of several modules share.

use customers::{Customer, Identity, Lifecycle, Profile, Timestamp};
use runtime::Params;
use time::OffsetDateTime;

use crate::Refusal;

/// What a check answers, as its caller reads it.
pub(crate) fn words<T>(checked: Result<T, Refusal>) -> Result<T, String> {
    checked.map_err(|refusal| refusal.to_string())
}

/// The parameters of a query string.
pub(crate) fn params(query: &str) -> Params {
    Params::urlencoded(query.as_bytes(), b"&")
}

/// A customer with nothing but what every customer has.
pub(crate) fn bare(id: u64, name: &str, created_at: OffsetDateTime) -> Customer {
    let created_at = Timestamp::from(created_at);
    Customer {
        id: id.into(),
        guid: Default::default(),
        eid: Default::default(),
        profile: Profile { identity: Identity { name: name.to_owned(), ..Identity::default() }, ..Profile::default() },
        lifecycle: Lifecycle {
            created_at,
            updated_at: created_at,
            created_by: "operator".to_owned(),
            updated_by: "operator".to_owned(),
            deleted_at: None,
        },
    }
}
