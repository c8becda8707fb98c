//! What keeps the protocol right, switched off by tests one at a time to show that nothing of it can be spared.

/// A part of the proof that a shard is complete, or of the way from one epoch to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Safeguard {
    /// The number of live rows is compared.
    Count,
    /// The set hash of the live rows is compared.
    Hash,
    /// The heads of an epoch are closed when it is left.
    ClosedHeads,
    /// Shards of that epoch that have no head yet get a closed one.
    AbsentHeads,
    /// The heads of the next epoch stand, closed, before the tenant item names it.
    StandingHeads,
}

impl Safeguard {
    #[cfg(not(test))]
    pub(super) const fn is_off(self) -> bool {
        false
    }

    #[cfg(test)]
    pub(super) fn is_off(self) -> bool {
        OFF.get() == Some(self)
    }

    /// Switches it off for the current thread.
    #[cfg(test)]
    pub(super) fn switch_off(self) {
        OFF.set(Some(self));
    }
}

#[cfg(test)]
thread_local! {
    static OFF: std::cell::Cell<Option<Safeguard>> = const { std::cell::Cell::new(None) };
}
