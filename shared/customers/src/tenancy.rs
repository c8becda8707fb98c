//! What a process keeps of one tenant.

use std::{
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::time::timeout;

use crate::{
    authentication::VerifiedPasswords,
    domain::{CustomerId, Tenant, TenantId, Timestamp},
    fault::Fault,
    protocol::{keys, read_tenant, refresh::Replica},
    store::{Item, Store},
};

/// After so many seconds the tenant item is read again, to see changed settings.
const SETTINGS_AGE_MAXIMUM: i64 = 60;
/// How long nobody tries to load a tenant that proved too large.
const TOO_LARGE_SECONDS: i64 = 60;
/// Ids taken from the tenant's counter at a time: a warm create finds one at hand.
const ID_BLOCK: u64 = 16;
/// How long a create that is done may wait for the ids of later ones.
const PREFETCH_TIME: Duration = Duration::from_millis(500);

/// A tenant in this process: settings, replica, ids at hand.
pub(crate) struct Tenancy {
    id: TenantId,
    tenant: Mutex<Option<(Arc<Tenant>, Timestamp)>>,
    pub(crate) replica: tokio::sync::Mutex<Option<Replica>>,
    memory: AtomicUsize,
    /// Until when nobody tries to load the tenant, as it just proved too large.
    too_large_until: Mutex<Option<Timestamp>>,
    ids: tokio::sync::Mutex<Range<u64>>,
    pub(crate) verified: VerifiedPasswords,
}

impl Tenancy {
    pub(crate) fn new(id: TenantId) -> Self {
        Self {
            id,
            tenant: Mutex::default(),
            replica: tokio::sync::Mutex::default(),
            memory: AtomicUsize::new(0),
            too_large_until: Mutex::default(),
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

    /// Fails while the tenant is known to be too large for this process.
    pub(crate) fn refuse_if_too_large(&self) -> Result<(), Fault> {
        let until = *self.too_large_until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.is_some_and(|until| until > Timestamp::now()) { Err(Fault::TenantTooLarge) } else { Ok(()) }
    }

    /// Remembers that the tenant proved too large, so that not every request loads it to find that out.
    pub(crate) fn note_too_large(&self) -> Fault {
        let until = Timestamp::now().plus_seconds(TOO_LARGE_SECONDS);
        *self.too_large_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
        self.set_memory(0);
        Fault::TenantTooLarge
    }

    /// Bytes that the replica took when it was looked at last.
    pub(crate) fn memory(&self) -> usize {
        self.memory.load(Relaxed)
    }

    pub(crate) fn set_memory(&self, bytes: usize) {
        self.memory.store(bytes, Relaxed);
    }

    /// Drops the replica, unless a request is at work with it, and returns the bytes that it took.
    pub(crate) fn drop_replica(&self) -> usize {
        let Ok(mut replica) = self.replica.try_lock() else { return 0 };
        *replica = None;
        self.memory.swap(0, Relaxed)
    }
}
