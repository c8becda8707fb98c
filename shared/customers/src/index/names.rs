//! A column of names of which there are few, each kept once.

use std::collections::HashMap;

use super::{Slot, put};

/// Optional names by slot, as numbers; 0 is none.
#[derive(Debug, Default)]
pub(super) struct NameColumn {
    numbers: HashMap<Box<str>, u32>,
    names: Vec<Box<str>>,
    by_slot: Vec<u32>,
}

impl NameColumn {
    /// Sets the name of `slot`.
    pub(super) fn put(&mut self, slot: Slot, name: Option<&str>) {
        let number = name.map_or(0, |name| self.number(name));
        put(&mut self.by_slot, slot, number);
    }

    /// For each number whether its name fits, and for 0 whether no name does.
    pub(super) fn fitting(&self, fits: impl Fn(Option<&str>) -> bool) -> Vec<bool> {
        std::iter::once(fits(None)).chain(self.names.iter().map(|name| fits(Some(name)))).collect()
    }

    /// The numbers by slot.
    pub(super) fn by_slot(&self) -> &[u32] {
        &self.by_slot
    }

    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        self.names.push(name.into());
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.numbers.insert(name.into(), number);
        number
    }
}
