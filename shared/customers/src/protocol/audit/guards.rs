//! The guards of unique values, compared with the customers that have the values.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use super::{
    super::{
        Document,
        census::{Change, Observer, scan},
        head::number,
        keys,
    },
    Damage,
};
use crate::{
    domain::{Customer, CustomerId, Tenant},
    fault::Fault,
    store::{Key, OperatorStore},
};

/// What differs is looked at so often, with such a rest before each look: DynamoDB recovers a stuck transaction after five
/// seconds.
const LOOKS: usize = 4;
const REST: Duration = Duration::from_secs(2);

/// The guards that the customers should have.
pub(super) struct Claims<'a> {
    tenant: &'a Tenant,
    /// Of those that should have any.
    by_id: HashMap<CustomerId, Vec<Key>>,
}

impl<'a> Claims<'a> {
    pub(super) fn new(tenant: &'a Tenant) -> Self {
        Self { tenant, by_id: HashMap::new() }
    }

    /// What is not as it must be, by guard.
    pub(super) async fn damage(self, store: &dyn OperatorStore) -> Result<Vec<Damage>, Fault> {
        let mut doubtful = self.doubtful(store).await?;
        let mut damage = Vec::new();
        for _ in 0..LOOKS {
            if doubtful.is_empty() {
                break;
            }
            tokio::time::sleep(REST).await;
            damage.clear();
            for (guard, ids) in std::mem::take(&mut doubtful) {
                let found = self.look(store, &guard, &ids).await?;
                if !found.is_empty() {
                    doubtful.insert(guard, ids);
                }
                damage.extend(found);
            }
        }
        Ok(damage)
    }

    /// Guards that do not belong to the one customer that claims them, and who may be concerned.
    async fn doubtful(&self, store: &dyn OperatorStore) -> Result<BTreeMap<Key, BTreeSet<CustomerId>>, Fault> {
        let mut claimed: BTreeMap<Key, BTreeSet<CustomerId>> = BTreeMap::new();
        for (id, guards) in &self.by_id {
            for guard in guards {
                claimed.entry(guard.clone()).or_default().insert(*id);
            }
        }
        let prefix = keys::guards(&self.tenant.id);
        let mut pages = scan(store, &prefix);
        while let Some(items) = pages.next().await? {
            for item in items {
                let guard = Key::try_from(&item)?;
                let owner: BTreeSet<CustomerId> = number(&item, "owner").map(CustomerId::from).into_iter().collect();
                match claimed.remove(&guard) {
                    Some(ids) if ids == owner => {}
                    ids => drop(claimed.insert(guard, ids.into_iter().flatten().chain(owner).collect())),
                }
            }
        }
        Ok(claimed)
    }

    /// What is wrong with `guard` now, as far as `ids` and its owner are concerned.
    async fn look(
        &self,
        store: &dyn OperatorStore,
        guard: &Key,
        ids: &BTreeSet<CustomerId>,
    ) -> Result<Vec<Damage>, Fault> {
        let owner = store.get(guard).await?.and_then(|item| number(&item, "owner")).map(CustomerId::from);
        let concerned: BTreeSet<CustomerId> = ids.iter().copied().chain(owner).collect();
        let wanted: Vec<Key> = concerned.iter().map(|id| keys::document(&self.tenant.id, *id)).collect();
        let documents = store.get_many_raw(&wanted).await?;
        let documents = documents.iter().filter_map(|item| Document::try_from(item).ok());
        let claimants = documents.filter(|document| self.guards(&document.customer).contains(guard));
        let claimants: BTreeSet<CustomerId> = claimants.map(|document| document.customer.id).collect();
        let unguarded = claimants.iter().filter(|id| Some(**id) != owner).map(|id| Damage::Unguarded { id: *id });
        let idle = owner.filter(|id| !claimants.contains(id)).map(|id| Damage::IdleGuard { id });
        Ok(unguarded.chain(idle).collect())
    }

    fn guards(&self, customer: &Customer) -> Vec<Key> {
        let values = customer.unique_values();
        values.iter().map(|(kind, value)| keys::guard(&self.tenant.id, *kind, value)).collect()
    }
}

impl Observer for Claims<'_> {
    async fn observe(&mut self, changes: Vec<Change>) -> Result<(), Fault> {
        for Change { id, found, .. } in changes {
            let guards = found.map(|found| self.guards(&found.customer)).unwrap_or_default();
            if guards.is_empty() {
                self.by_id.remove(&id);
            } else {
                self.by_id.insert(id, guards);
            }
        }
        Ok(())
    }
}
