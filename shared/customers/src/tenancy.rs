//! What a process keeps of one tenant.

use std::{
    num::NonZeroUsize,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lru::LruCache;
use tokio::time::timeout;

use crate::{
    authentication::VerifiedPasswords,
    domain::{CustomerId, Tenant, TenantId, Timestamp},
    fault::Fault,
    protocol::{Document, keys, read_tenant, refresh::Replica},
    store::{Item, Store},
};

/// After so many seconds the tenant item is read again, to see changed settings.
const SETTINGS_AGE_MAXIMUM: i64 = 60;
/// Ids taken from the tenant's counter at a time: a warm create finds one at hand.
const ID_BLOCK: u64 = 16;
/// How long a create that is done may wait for the ids of later ones.
const PREFETCH_TIME: Duration = Duration::from_millis(500);
/// Documents kept, at about 1 KB each.
const DOCUMENTS_KEPT: NonZeroUsize = NonZeroUsize::new(2048).unwrap();

/// A tenant in this process: settings, replica, documents read before, ids at hand.
pub(crate) struct Tenancy {
    id: TenantId,
    tenant: Mutex<Option<(Arc<Tenant>, Timestamp)>>,
    pub(crate) replica: tokio::sync::Mutex<Option<Replica>>,
    documents: Mutex<LruCache<CustomerId, (u64, Arc<Document>)>>,
    ids: tokio::sync::Mutex<Range<u64>>,
    pub(crate) verified: VerifiedPasswords,
}

impl Tenancy {
    pub(crate) fn new(id: TenantId) -> Self {
        Self {
            id,
            tenant: Mutex::default(),
            replica: tokio::sync::Mutex::default(),
            documents: Mutex::new(LruCache::new(DOCUMENTS_KEPT)),
            ids: tokio::sync::Mutex::new(0..0),
            verified: VerifiedPasswords::default(),
        }
    }

    pub(crate) fn id(&self) -> &TenantId {
        &self.id
    }

    /// The tenant as it was not more than a minute ago.
    pub(crate) async fn tenant(&self, store: &dyn Store) -> Result<Arc<Tenant>, Fault> {
        let known = self.tenant.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some((tenant, read_at)) if read_at.plus_seconds(SETTINGS_AGE_MAXIMUM) > Timestamp::now() => Ok(tenant),
            _ => self.read_tenant(store).await,
        }
    }

    /// The tenant as it is now.
    pub(crate) async fn read_tenant(&self, store: &dyn Store) -> Result<Arc<Tenant>, Fault> {
        let item = store.get(&keys::tenant(&self.id)).await?;
        let item = item.ok_or_else(|| Fault::UnknownTenant(self.id.to_string()))?;
        let tenant = Arc::new(read_tenant(&self.id, item)?);
        let known = Some((Arc::clone(&tenant), Timestamp::now()));
        *self.tenant.lock().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(tenant)
    }

    /// An id that no other customer of the tenant has been given.
    pub(crate) async fn next_id(&self, store: &dyn Store) -> Result<CustomerId, Fault> {
        let mut ids = self.ids.lock().await;
        if ids.is_empty() {
            *ids = self.take_ids(store).await?;
        }
        let id = ids.next().ok_or(Fault::Damaged("the counter of ids is at its end"))?;
        Ok(CustomerId::from(id))
    }

    /// Takes more ids if none is left, so that the next create need not wait for them. It can do so itself if this fails
    /// or takes long.
    pub(crate) async fn keep_ids_at_hand(&self, store: &dyn Store) {
        let mut ids = self.ids.lock().await;
        if ids.is_empty()
            && let Ok(Ok(block)) = timeout(PREFETCH_TIME, self.take_ids(store)).await
        {
            *ids = block;
        }
    }

    async fn take_ids(&self, store: &dyn Store) -> Result<Range<u64>, Fault> {
        let last = store.add(&keys::id_counter(&self.id), ID_BLOCK, Item::new()).await?;
        Ok(last.saturating_sub(ID_BLOCK) + 1..last + 1)
    }

    /// The document of `id` at `sequence`, if it was read before.
    pub(crate) fn cached(&self, epoch: u64, id: CustomerId, sequence: u64) -> Option<Arc<Document>> {
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        let (cached_epoch, document) = documents.get(&id)?;
        (*cached_epoch == epoch && document.sequence == sequence).then(|| Arc::clone(document))
    }

    /// Keeps a document that was read.
    pub(crate) fn keep(&self, epoch: u64, document: &Arc<Document>) {
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        documents.put(document.customer.id, (epoch, Arc::clone(document)));
    }
}
