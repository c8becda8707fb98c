//! What a process keeps between requests.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use crate::{
    directory::Directory, documents::Documents, domain::TenantId, fault::Fault, protocol::keys, store::Store,
    tenancy::Tenancy, usage::Usage,
};

/// Memory of a function, unless told: that of the smallest one that the template allows.
const MEMORY: usize = 512 << 20;
/// The share of a function's memory for replicas, in percent. The longest answer takes about as much.
const REPLICAS_PERCENT: usize = 45;
/// The same for documents.
const DOCUMENTS_PERCENT: usize = 3;

/// The customers of all tenants in one table, with the replicas of those that this process serves.
pub struct Repository {
    pub(crate) store: Arc<dyn Store>,
    /// Those used last are first.
    tenancies: Mutex<LruCache<TenantId, Arc<Tenancy>>>,
    pub(crate) documents: Documents,
    /// Bytes that all replicas may take together.
    replica_memory: usize,
}

impl Repository {
    /// A repository on `store`, in a process with 512 MB of memory. Reads nothing yet.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self::within(MEMORY, store)
    }

    /// A repository on `store`, in a process with so many bytes of memory.
    pub fn within(memory: usize, store: Arc<dyn Store>) -> Self {
        Self {
            store,
            tenancies: Mutex::new(LruCache::unbounded()),
            documents: Documents::new(memory / 100 * DOCUMENTS_PERCENT),
            replica_memory: memory / 100 * REPLICAS_PERCENT,
        }
    }

    /// Opens the directory of `tenant` for the request named `request_id`, which is kept with what it writes. Reads
    /// nothing yet.
    pub fn directory(&self, tenant: &TenantId, request_id: &str) -> Directory<'_> {
        let mut tenancies = self.tenancies();
        let tenancy = tenancies.get_or_insert_ref(tenant, || Arc::new(Tenancy::new(tenant.clone())));
        Directory::new(self, Arc::clone(tenancy), request_id.to_owned())
    }

    /// Opens the connection to the table by one cheap read. Failures are left to the first request to meet.
    pub async fn warm(&self, tenant: &TenantId) {
        let _ = self.store.get(&keys::tenant(tenant)).await;
    }

    /// Drops all replicas: for a process in which a panic may have left a row half applied.
    pub fn forget_replicas(&self) {
        self.tenancies().clear();
        self.documents.clear();
    }

    /// What all requests of the process cost so far.
    pub fn usage(&self) -> Usage {
        self.store.meter().usage()
    }

    /// Notes that the replica of `tenancy` takes so many `bytes`, and drops those of others, least recently used first,
    /// until all of them have room.
    ///
    /// # Errors
    ///
    /// [`Fault::TenantTooLarge`] if the one has none of its own.
    pub(crate) fn make_room(&self, tenancy: &Tenancy, bytes: usize) -> Result<(), Fault> {
        tenancy.set_memory(bytes);
        if bytes > self.replica_memory {
            return Err(Fault::TenantTooLarge);
        }
        let tenancies = self.tenancies();
        let mut taken: usize = tenancies.iter().map(|(_, tenancy)| tenancy.memory()).sum();
        for (id, other) in tenancies.iter().rev() {
            if taken <= self.replica_memory {
                break;
            }
            if id != tenancy.id() {
                taken -= other.drop_replica();
            }
        }
        Ok(())
    }

    fn tenancies(&self) -> MutexGuard<'_, LruCache<TenantId, Arc<Tenancy>>> {
        self.tenancies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::{
        domain::{
            Column, Columns, Condition, Direction, Filter, ListQuery, Page, Pattern, Profile, Sort, SortKey, Tenant,
            TextField, Timestamp,
        },
        protocol::{
            tenant_item,
            testing::{self, SimulatedTable},
        },
    };

    /// Three tenants with a customer each.
    async fn table() -> (Arc<SimulatedTable>, [TenantId; 3]) {
        let table = Arc::new(SimulatedTable::new());
        let ids = ["one", "two", "three"].map(|id| id.parse::<TenantId>().unwrap());
        let repository = Repository::new(Arc::clone(&table) as Arc<dyn Store>);
        for id in &ids {
            let tenant = Tenant { id: id.clone(), ..testing::tenant() };
            table.put(keys::tenant(id), tenant_item(&tenant).unwrap());
            let directory = repository.directory(id, "request");
            let creation = directory.begin_create().await.unwrap();
            creation.commit(Profile::default(), "writer", Timestamp::from_unix_seconds(0)).await.unwrap();
        }
        (table, ids)
    }

    /// The rows that listing `tenant` reads.
    async fn rows_read(repository: &Repository, tenant: &TenantId) -> Result<u64, Fault> {
        rows_read_for(repository, tenant, Columns::ALL).await
    }

    async fn rows_read_for(repository: &Repository, tenant: &TenantId, columns: Columns) -> Result<u64, Fault> {
        let before = repository.usage().rows;
        drop(repository.directory(tenant, "request").view(columns).await?);
        Ok(repository.usage().rows - before)
    }

    async fn memory_of_one() -> usize {
        let (table, [one, ..]) = table().await;
        let repository = Repository::new(table);
        rows_read(&repository, &one).await.unwrap();
        repository.tenancies().peek(&one).unwrap().memory()
    }

    #[tokio::test]
    async fn replicas_used_longest_ago_make_room() {
        let (table, [one, two, three]) = table().await;
        let room_for_two = memory_of_one().await * 5 / 2 * 100 / REPLICAS_PERCENT;
        let repository = Repository::within(room_for_two, table);
        for (tenant, rows) in [(&one, 1), (&two, 1), (&one, 0), (&three, 1), (&one, 0), (&two, 1), (&three, 1)] {
            assert_eq!(rows_read(&repository, tenant).await.unwrap(), rows, "{tenant}");
        }
    }

    #[tokio::test]
    async fn a_replica_holds_the_columns_that_views_ever_needed() {
        const NAMES: Columns = Columns::of(&[Column::Text(TextField::Name)]);
        const GUIDS: Columns = Columns::of(&[Column::Guid]);
        let (table, [one, ..]) = table().await;
        let repository = Repository::new(table);
        for (columns, rows) in [(NAMES, 1), (NAMES, 0), (GUIDS, 1), (NAMES, 0), (NAMES.and(GUIDS), 0), (GUIDS, 0)] {
            assert_eq!(rows_read_for(&repository, &one, columns).await.unwrap(), rows, "{columns:?}");
        }
    }

    #[tokio::test]
    async fn a_list_looks_at_no_column_but_those_of_its_view() {
        let (table, [one, ..]) = table().await;
        let repository = Repository::new(table);
        let directory = repository.directory(&one, "request");
        drop(directory.view(Columns::ALL).await.unwrap());
        let mut view = directory.view(Columns::of(&[Column::Text(TextField::Name)])).await.unwrap();
        let by_name = Filter(vec![Condition::Text(TextField::Name, Pattern::exact(""))]);
        let by_guid = Filter(vec![Condition::Guid(HashSet::new())]);
        let query = |filter: &Filter, key| ListQuery {
            filter: filter.clone(),
            sort: Sort { key, direction: Direction::Ascending },
            page: Page { offset: 0, limit: None },
        };
        assert_eq!(view.count(&by_name).unwrap(), 1);
        assert!(matches!(view.count(&by_guid), Err(Fault::ColumnNotHeld(Column::Guid))));
        let listing = view.list(&query(&by_name, SortKey::Id)).await.unwrap();
        assert_eq!(listing.total, 1);
        let refused = view.list(&query(&by_name, SortKey::Created)).await;
        assert!(matches!(refused, Err(Fault::ColumnNotHeld(Column::Created))));
    }

    #[tokio::test]
    async fn a_tenant_without_room_is_refused_and_not_loaded_again_at_once() {
        let (table, [one, ..]) = table().await;
        let repository = Repository::within(memory_of_one().await, table);
        assert!(matches!(rows_read(&repository, &one).await, Err(Fault::TenantTooLarge)));
        let calls = repository.usage().calls;
        assert!(matches!(rows_read(&repository, &one).await, Err(Fault::TenantTooLarge)));
        assert_eq!(repository.usage().calls, calls);
        assert_eq!(repository.tenancies().peek(&one).unwrap().memory(), 0);
    }
}
