//! The tree that customers and their parents form.

use std::collections::{HashMap, HashSet};

use super::{Index, at};
use crate::domain::{CustomerId, effective_parent};

impl Index {
    /// Ids and sequence numbers of the parents that the customers in `rows` were given, as far as there are rows of them.
    pub(crate) fn parents_of(&self, rows: &[(CustomerId, u64)]) -> Vec<(CustomerId, u64)> {
        let slots = rows.iter().filter_map(|(id, _)| self.by_id.get(id));
        let parents: HashSet<CustomerId> = slots.filter_map(|slot| *self.parents.get(at(*slot))?).collect();
        parents.into_iter().filter_map(|id| Some((id, self.sequence_of(id)?))).collect()
    }

    /// Whether there is a customer `id`, and it is `top` or somewhere below it.
    pub(crate) fn is_in_subtree(&self, id: CustomerId, top: CustomerId, root: Option<CustomerId>) -> bool {
        let above = |id: &CustomerId| {
            let slot = self.by_id.get(id)?;
            effective_parent(*id, *self.parents.get(at(*slot))?, root)
        };
        // A damaged tree may lead in a circle, which is no longer than there are customers.
        let path = std::iter::successors(Some(id), above).take(self.by_id.len() + 1);
        self.by_id.contains_key(&id) && path.into_iter().any(|ancestor| ancestor == top)
    }

    /// `top` and all customers below it, soft-deleted ones included; `root` is the parent of those that were given none.
    pub(crate) fn subtree(&self, top: CustomerId, root: Option<CustomerId>) -> HashSet<CustomerId> {
        let mut children: HashMap<CustomerId, Vec<CustomerId>> = HashMap::new();
        for slot in self.live.ones() {
            let (Some(id), Some(parent)) = (self.ids.get(slot), self.parents.get(slot)) else { continue };
            if let Some(parent) = effective_parent(*id, *parent, root) {
                children.entry(parent).or_default().push(*id);
            }
        }
        let mut found = HashSet::from([top]);
        let mut pending = vec![top];
        while let Some(parent) = pending.pop() {
            let below = children.get(&parent).map(Vec::as_slice).unwrap_or_default();
            pending.extend(below.iter().copied().filter(|child| found.insert(*child)));
        }
        found
    }
}
