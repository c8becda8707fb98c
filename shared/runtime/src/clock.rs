//! What time it is for a request.

use customers::Timestamp;

/// The wall clock, or a moment at which a test holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The machine's.
    Wall,
    /// Stands still.
    Fixed(Timestamp),
}

impl Clock {
    /// The time now.
    pub fn now(self) -> Timestamp {
        match self {
            Self::Wall => Timestamp::now(),
            Self::Fixed(moment) => moment,
        }
    }
}
