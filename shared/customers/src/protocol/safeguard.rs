//! The two halves of the certificate, which tests switch off one at a time to show that neither can be spared.

/// A part of the proof that a shard is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Safeguard {
    /// The number of live rows is compared.
    Count,
    /// The set hash of the live rows is compared.
    Hash,
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

    /// Switches this part off for the current thread.
    #[cfg(test)]
    pub(super) fn switch_off(self) {
        OFF.set(Some(self));
    }
}

#[cfg(test)]
thread_local! {
    static OFF: std::cell::Cell<Option<Safeguard>> = const { std::cell::Cell::new(None) };
}
