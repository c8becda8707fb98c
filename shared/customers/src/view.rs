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
    /// By id, the customers right above those on the page, soft-deleted ones included; empty unless asked for.
    pub parents: HashMap<CustomerId, Arc<Customer>>,
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

    /// Whether there is a customer `id`, soft-deleted or not, and it is `top` or somewhere below it.
    pub fn is_in_subtree(&self, id: CustomerId, top: CustomerId) -> bool {
        let root = self.tenant.settings.root_customer;
        self.replica.as_ref().is_some_and(|replica| replica.index.is_in_subtree(id, top, root))
    }

    /// `parent`, as the parent of those right below it.
    pub fn parent(&self, parent: CustomerId) -> Parents {
        Parents { top: parent, ids: Arc::new(HashSet::from([parent])), root: self.tenant.settings.root_customer }
    }

    /// `top` and all below it, as the parents of all below `top`. Soft-deleted ones are among them.
    pub fn subtree(&self, top: CustomerId) -> Parents {
        let root = self.tenant.settings.root_customer;
        let ids = self.replica.as_ref().map(|replica| replica.index.subtree(top, root)).unwrap_or_default();
        Parents { top, ids: Arc::new(ids), root }
    }

    /// The tenant and its settings.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// How many customers fit `filter`.
    pub fn count(&self, filter: &Filter) -> usize {
        let total = self.replica.as_ref().map_or(0, |replica| replica.index.select(filter).total());
        self.directory.store.meter().list(total, 0);
        total
    }

    /// The customers that `query` asks for. Costs the read units of those documents of the page that this process has not
    /// read before in their current state.
    pub async fn list(&mut self, query: &ListQuery) -> Result<Listing, Fault> {
        self.list_rows(query, false).await
    }

    /// Like [`View::list`], with the parents that customers on the page were given; read in the same round trip.
    pub async fn list_with_parents(&mut self, query: &ListQuery) -> Result<Listing, Fault> {
        self.list_rows(query, true).await
    }

    async fn list_rows(&mut self, query: &ListQuery, with_parents: bool) -> Result<Listing, Fault> {
        let mut selected = self.select(query, with_parents);
        let mut documents = self.documents(&selected).await?;
        if !selected.agrees_with(&documents) {
            // Some were changed after the snapshot: take a later one.
            self.refresh().await?;
            selected = self.select(query, with_parents);
            documents = self.documents(&selected).await?;
        }
        let found = |id: &CustomerId| documents.get(id).map(|document| Arc::clone(&document.customer));
        let on_page = selected.page.iter().filter_map(|(id, _)| found(id));
        let customers: Vec<_> = on_page.filter(|customer| query.filter.admits(customer)).collect();
        self.directory.store.meter().list(selected.total, customers.len());
        Ok(Listing {
            total: selected.total,
            customers,
            parents: selected.parents.iter().filter_map(|(id, _)| Some((*id, found(id)?))).collect(),
        })
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

    fn select(&self, query: &ListQuery, with_parents: bool) -> Selected {
        let Some(replica) = self.replica.as_ref() else { return Selected::default() };
        let selection = replica.index.select(&query.filter);
        let page = selection.page(query.sort, query.page, self.tenant.settings.currency());
        let parents = if with_parents { replica.index.parents_of(&page) } else { Vec::new() };
        Selected { total: selection.total(), page, parents }
    }

    /// The documents of the selected rows that are there.
    async fn documents(&self, selected: &Selected) -> Result<HashMap<CustomerId, Arc<Document>>, Fault> {
        let tenancy = &self.directory.tenancy;
        let epoch = self.tenant.epoch;
        let mut documents = HashMap::new();
        let mut missing = HashSet::new();
        for (id, sequence) in selected.page.iter().chain(&selected.parents) {
            match tenancy.cached(epoch, *id, *sequence) {
                Some(document) => drop(documents.insert(*id, document)),
                None => drop(missing.insert(keys::document(&self.tenant.id, *id))),
            }
        }
        if !missing.is_empty() {
            for item in self.directory.store.get_many(&missing.into_iter().collect::<Vec<_>>()).await? {
                let document = Arc::new(Document::try_from(item)?);
                tenancy.keep(epoch, &document);
                documents.insert(document.customer.id, document);
            }
        }
        Ok(documents)
    }
}

/// What a query finds in the index.
#[derive(Default)]
struct Selected {
    total: usize,
    /// Ids and sequence numbers of the rows on the page, in order.
    page: Vec<(CustomerId, u64)>,
    /// The same of the parents wanted with them.
    parents: Vec<(CustomerId, u64)>,
}

impl Selected {
    /// Whether the document of every row on the page is there in the state that the row stands for.
    fn agrees_with(&self, documents: &HashMap<CustomerId, Arc<Document>>) -> bool {
        self.page.iter().all(|(id, sequence)| documents.get(id).is_some_and(|document| document.sequence == *sequence))
    }
}
