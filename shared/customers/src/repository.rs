//! What a process keeps between requests.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{directory::Directory, domain::TenantId, protocol::keys, store::Store, tenancy::Tenancy, usage::Usage};

/// The customers of all tenants in one table, with the replicas of those that this process serves.
pub struct Repository {
    store: Arc<dyn Store>,
    tenancies: Mutex<HashMap<TenantId, Arc<Tenancy>>>,
}

impl Repository {
    /// A repository on `store`. Reads nothing yet.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, tenancies: Mutex::default() }
    }

    /// Opens the directory of `tenant` for the request named `request_id`, which is kept with what it writes. Reads
    /// nothing yet.
    pub fn directory(&self, tenant: &TenantId, request_id: &str) -> Directory<'_> {
        let mut tenancies = self.tenancies.lock().unwrap_or_else(PoisonError::into_inner);
        let tenancy = tenancies.entry(tenant.clone()).or_insert_with(|| Arc::new(Tenancy::new(tenant.clone())));
        Directory::new(&*self.store, Arc::clone(tenancy), request_id.to_owned())
    }

    /// Opens the connection to the table by one cheap read. Failures are left to the first request to meet.
    pub async fn warm(&self, tenant: &TenantId) {
        let _ = self.store.get(&keys::tenant(tenant)).await;
    }

    /// Drops all replicas: for a process in which a panic may have left a row half applied.
    pub fn forget_replicas(&self) {
        self.tenancies.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What all requests of the process cost so far.
    pub fn usage(&self) -> Usage {
        self.store.meter().usage()
    }
}
