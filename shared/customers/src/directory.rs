//! A tenant's directory, open for one request.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use crate::{
    creation::Creation,
    domain::{Columns, CustomerId, Dialect, Login, Tenant},
    edit::Edit,
    fault::Fault,
    protocol::{keys, read_login},
    repository::Repository,
    store::Store,
    tenancy::Tenancy,
    view::View,
};

/// The customers and logins of one tenant, as one request sees and changes them.
pub struct Directory<'r> {
    pub(crate) repository: &'r Repository,
    pub(crate) store: &'r dyn Store,
    pub(crate) tenancy: Arc<Tenancy>,
    pub(crate) request_id: String,
    /// Whether a change may have been sent to the table.
    has_written: AtomicBool,
}

impl<'r> Directory<'r> {
    pub(crate) fn new(repository: &'r Repository, tenancy: Arc<Tenancy>, request_id: String) -> Self {
        Self { repository, store: &*repository.store, tenancy, request_id, has_written: AtomicBool::new(false) }
    }

    /// Whether a request that is given up now may have changed something all the same.
    pub fn has_written(&self) -> bool {
        self.has_written.load(Relaxed)
    }

    pub(crate) fn note_write(&self) {
        self.has_written.store(true, Relaxed);
    }

    /// The tenant and its settings, at most a minute old.
    pub async fn tenant(&self) -> Result<Arc<Tenant>, Fault> {
        self.tenancy.tenant(self.store).await
    }

    /// The login of `identity` in `dialect`, as it is now; none if there is none. Costs one read unit.
    pub async fn login(&self, dialect: Dialect, identity: &str) -> Result<Option<Login>, Fault> {
        if !can_be_key(identity) {
            return Ok(None);
        }
        let key = keys::login(self.tenancy.id(), dialect, identity);
        self.store.get(&key).await?.as_ref().map(read_login).transpose()
    }

    /// All customers, in a snapshot that holds every change acknowledged before this call. Costs one read unit per shard,
    /// and more where much changed since the last time.
    ///
    /// Lists may look at `columns` alone. The process reads the tenant anew when it gets to know more of them, so a
    /// dialect should name the same ones each time.
    ///
    /// # Errors
    ///
    /// [`Fault::Unverified`] rather than a list that may be wrong.
    pub async fn view(&self, columns: Columns) -> Result<View<'_>, Fault> {
        View::open(self, columns).await
    }

    /// Reads what a create needs to know of the table. Writes nothing.
    pub async fn begin_create(&self) -> Result<Creation<'_>, Fault> {
        Creation::begin(self).await
    }

    /// Reads the customer `id` and what a change of it needs to know of the table. Writes nothing.
    pub async fn begin_edit(&self, id: CustomerId) -> Result<Edit<'_>, Fault> {
        Edit::begin(self, id).await
    }
}

/// Whether `identity` fits into a partition key, which has at most 2048 bytes, with room for what stands before it.
pub(crate) fn can_be_key(identity: &str) -> bool {
    !identity.is_empty() && identity.len() <= 1024
}
