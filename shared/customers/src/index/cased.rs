//! How texts were written that are held folded.

use super::{Slot, arena::Arena, interned::Interned};
use crate::domain::WrittenCase;

/// The case of a folded text by slot. Texts are written in few ways.
#[derive(Debug, Default)]
pub(super) struct CasedColumn {
    capitals: Interned<u64>,
    /// Texts that their folded form does not lead back to.
    as_written: Arena,
}

impl CasedColumn {
    /// Sets how the text of `slot` was written.
    pub(super) fn put(&mut self, slot: Slot, case: &WrittenCase<'_>) {
        let (capitals, as_written) = match case {
            WrittenCase::Capitals(capitals) => (Some(capitals).filter(|capitals| **capitals != 0), ""),
            WrittenCase::AsWritten(text) => (None, text.as_ref()),
        };
        self.capitals.put(slot, capitals);
        self.as_written.set(slot, as_written.as_bytes());
    }

    /// The text of `slot` as it was written; `folded` is what it is folded.
    pub(super) fn written(&self, slot: Slot, folded: &str) -> String {
        match self.as_written.get(slot) {
            [] => WrittenCase::Capitals(self.capitals.get(slot).copied().unwrap_or_default()).apply(folded),
            text => String::from_utf8_lossy(text).into_owned(),
        }
    }

    /// Bytes of memory in use.
    pub(super) fn memory(&self) -> usize {
        self.capitals.memory() + self.as_written.memory()
    }
}
