//! Lists: a verified snapshot of the index, and the documents of a page.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tokio::sync::MutexGuard;

use crate::{
    backoff::Backoff,
    directory::Directory,
    domain::{Condition, Customer, CustomerId, Filter, ListQuery, Parents, Scope, Tenant},
    fault::Fault,
    protocol::{
        Document, keys,
        refresh::{Replica, Stop},
    },
};

/// How often a closed epoch is followed to the next one.
const EPOCHS_FOLLOWED: usize = 5;

/// All customers of a tenant at one moment. While it lives, other requests of the same process wait for theirs.
pub struct View<'d> {
    directory: &'d Directory<'d>,
    tenant: Arc<Tenant>,
    replica: MutexGuard<'d, Option<Replica>>,
}

/// A page of customers.
#[derive(Debug)]
pub struct Listing {
    /// How many customers fit the filter, on this page and all others.
    pub total: usize,
    /// Those on the page, in order.
    pub customers: Vec<Arc<Customer>>,
}

impl<'d> View<'d> {
    pub(crate) async fn open(directory: &'d Directory<'_>) -> Result<View<'d>, Fault> {
        let tenant = directory.tenant().await?;
        let replica = directory.tenancy.replica.lock().await;
        let mut view = View { directory, tenant, replica };
        view.refresh().await?;
        Ok(view)
    }

    /// The conditions that hold for the customers in `scope`.
    pub fn within(&self, scope: &Scope) -> Vec<Condition> {
        let settings = &self.tenant.settings;
        match scope {
            Scope::Everything => Vec::new(),
            Scope::Isp(isp) => vec![Condition::Isp(*isp)],
            Scope::Reseller(reseller) => vec![Condition::Reseller(*reseller)],
            Scope::Subtree(top) => vec![Condition::Parent(self.subtree(*top))],
            Scope::Organisation(name) => vec![Condition::Organisation(settings.organisation(name))],
            Scope::Partner(name) => vec![Condition::Partner(settings.partner(name))],
        }
    }

    /// `parent`, as the parent of those right below it.
    pub fn parent(&self, parent: CustomerId) -> Parents {
        Parents { ids: Arc::new(HashSet::from([parent])), root: self.tenant.settings.root_customer }
    }

    /// `top` and all below it, as the parents of all below `top`. Soft-deleted ones are among them.
    pub fn subtree(&self, top: CustomerId) -> Parents {
        let root = self.tenant.settings.root_customer;
        let ids = self.replica.as_ref().map(|replica| replica.index.subtree(top, root)).unwrap_or_default();
        Parents { ids: Arc::new(ids), root }
    }

    /// The tenant and its settings.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// How many customers fit `filter`.
    pub fn count(&self, filter: &Filter) -> usize {
        self.replica.as_ref().map_or(0, |replica| replica.index.select(filter).total())
    }

    /// The customers that `query` asks for. Costs the read units of those documents of the page that this process has not
    /// read before in their current state.
    pub async fn list(&mut self, query: &ListQuery) -> Result<Listing, Fault> {
        let (mut total, rows) = self.select(query);
        let mut documents = self.documents(&rows).await?;
        if !agree(&rows, &documents) {
            // Some were changed after the snapshot: take a later one.
            self.refresh().await?;
            let (later_total, rows) = self.select(query);
            total = later_total;
            documents = self.documents(&rows).await?;
        }
        let fitting = documents.iter().flatten().map(|document| &document.customer);
        let customers = fitting.filter(|customer| query.filter.admits(customer)).map(Arc::clone).collect();
        Ok(Listing { total, customers })
    }

    async fn refresh(&mut self) -> Result<(), Fault> {
        let mut backoff = Backoff::default();
        for _ in 0..EPOCHS_FOLLOWED {
            let replica = match &mut *self.replica {
                Some(replica) if replica.epoch == self.tenant.epoch => replica,
                other => other.insert(Replica::new(&self.tenant)),
            };
            match replica.refresh(self.directory.store, &self.tenant).await {
                Ok(()) => return Ok(()),
                Err(Stop::Fault(fault)) => return Err(fault),
                Err(Stop::Closed) => {
                    backoff.sleep().await;
                    self.tenant = self.directory.tenancy.read_tenant(self.directory.store).await?;
                }
            }
        }
        Err(Fault::Unverified)
    }

    fn select(&self, query: &ListQuery) -> (usize, Vec<(CustomerId, u64)>) {
        let Some(replica) = self.replica.as_ref() else { return (0, Vec::new()) };
        let selection = replica.index.select(&query.filter);
        (selection.total(), selection.page(query.sort, query.page))
    }

    /// The documents of `rows`, in their order; none for one that is gone.
    async fn documents(&self, rows: &[(CustomerId, u64)]) -> Result<Vec<Option<Arc<Document>>>, Fault> {
        let tenancy = &self.directory.tenancy;
        let epoch = self.tenant.epoch;
        let mut known: HashMap<CustomerId, Arc<Document>> =
            rows.iter().filter_map(|(id, sequence)| Some((*id, tenancy.cached(epoch, *id, *sequence)?))).collect();
        let missing = rows.iter().filter(|(id, _)| !known.contains_key(id));
        let keys: Vec<_> = missing.map(|(id, _)| keys::document(&self.tenant.id, *id)).collect();
        if !keys.is_empty() {
            for item in self.directory.store.get_many(&keys).await? {
                let document = Arc::new(Document::try_from(item)?);
                tenancy.keep(epoch, &document);
                known.insert(document.customer.id, document);
            }
        }
        Ok(rows.iter().map(|(id, _)| known.get(id).cloned()).collect())
    }
}

/// Whether every row's document is there in the state that the row stands for.
fn agree(rows: &[(CustomerId, u64)], documents: &[Option<Arc<Document>>]) -> bool {
    rows.iter()
        .zip(documents)
        .all(|((_, sequence), document)| document.as_ref().is_some_and(|document| document.sequence == *sequence))
}
