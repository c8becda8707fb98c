//! The tree that customers and their parents form.

use fixedbitset::FixedBitSet;

use super::{Index, at};
use crate::domain::{Column, Columns, CustomerId, Parents, TextField, default_reference, effective_parent};

/// A customer as those below it know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Superior {
    /// Its id.
    pub id: CustomerId,
    /// Its name.
    pub name: String,
    /// Its reference, given or not.
    pub reference: String,
    /// The organisation it was given.
    pub organisation: Option<String>,
    /// Whether it is soft-deleted.
    pub is_deleted: bool,
}

impl Superior {
    /// What the index must hold for it.
    pub const COLUMNS: Columns =
        Columns::of(&[Column::WrittenCase, Column::Text(TextField::Name), Column::Text(TextField::Reference)]);
}

/// What is known of the customers right below one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Unknown,
    /// Asked for, and not found out yet: met again, the tree leads in a circle.
    Pending,
    Below,
    Elsewhere,
}

impl Index {
    /// The customer `id` as those below it know it.
    pub(crate) fn superior(&self, id: CustomerId) -> Option<Superior> {
        let slot = self.slot_of(id)?;
        let folded = |field| Some(std::str::from_utf8(self.column(field).first(slot)?).unwrap_or_default());
        let reference = folded(TextField::Reference).map(|folded| self.cased_references.written(slot, folded));
        Some(Superior {
            id,
            name: self.cased_names.written(slot, folded(TextField::Name).unwrap_or_default()),
            reference: reference.unwrap_or_else(|| default_reference(id)),
            organisation: self.organisations.get(slot).cloned(),
            is_deleted: self.deleted.contains(at(slot)),
        })
    }

    /// Whether there is a customer `id`, and it is `top` or somewhere below it.
    pub(crate) fn is_in_subtree(&self, id: CustomerId, top: CustomerId, root: Option<CustomerId>) -> bool {
        // A damaged tree may lead in a circle, which is no longer than there are customers.
        let path = std::iter::successors(Some(id), |id| self.parent_of(*id, root)).take(self.by_id.len() + 1);
        self.slot_of(id).is_some() && path.into_iter().any(|ancestor| ancestor == top)
    }

    /// Whether those whose parent is `parent` stand below one of `parents`.
    pub(crate) fn reaches(&self, parents: &Parents, parent: CustomerId) -> bool {
        parent == parents.top || parents.deep && self.is_in_subtree(parent, parents.top, parents.root)
    }

    /// Drops the slots of customers that do not stand right below one of `parents`. What is true of one customer is true
    /// of all with its parent, and so is found out once.
    pub(super) fn keep_below(&self, slots: &mut FixedBitSet, parents: &Parents) {
        let mut places = vec![Place::Unknown; self.parents.values().len() + 1];
        for number in (0..).take(places.len()) {
            self.find_place(&mut places, number, parents);
        }
        let fitting: Vec<bool> = places.iter().map(|place| *place == Place::Below).collect();
        self.parents.keep_numbers(slots, &fitting);
        let is_own_parent = |id: &CustomerId| self.parent_of(*id, parents.root).is_none();
        for id in [Some(parents.top), parents.root.filter(is_own_parent)].into_iter().flatten() {
            if let Some(slot) = self.slot_of(id) {
                slots.set(at(slot), false);
            }
        }
    }

    /// Finds out where those stand whose parent has `number`; 0 is that of customers that were given none.
    fn find_place(&self, places: &mut [Place], mut number: u32, parents: &Parents) {
        let mut path = Vec::new();
        let found = loop {
            let Some(place) = places.get_mut(at(number)) else { break Place::Elsewhere };
            match place {
                Place::Unknown => *place = Place::Pending,
                Place::Pending => break Place::Elsewhere,
                known => break *known,
            }
            path.push(number);
            let given = number.checked_sub(1).and_then(|place| self.parents.values().get(at(place)));
            let Some(parent) = given.map(|id| CustomerId::from(*id)).or(parents.root) else { break Place::Elsewhere };
            if parent == parents.top {
                break Place::Below;
            }
            let slot = self.slot_of(parent).filter(|_| parents.deep);
            // The root without a parent has none above it.
            let next = slot.map(|slot| self.parents.number_of(slot));
            match next.filter(|next| *next != 0 || parents.root.is_some_and(|root| root != parent)) {
                Some(next) => number = next,
                None => break Place::Elsewhere,
            }
        };
        for number in path {
            if let Some(place) = places.get_mut(at(number)) {
                *place = found;
            }
        }
    }

    /// The customer above `id`, if there is a customer `id`.
    fn parent_of(&self, id: CustomerId, root: Option<CustomerId>) -> Option<CustomerId> {
        let given = self.parents.get(self.slot_of(id)?).map(|parent| CustomerId::from(*parent));
        effective_parent(id, given, root)
    }
}
