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
    index::{Index, Superior},
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

    /// Whether there is a customer `id`, soft-deleted or not, and it is `top` or somewhere below it.
    pub fn is_in_subtree(&self, id: CustomerId, top: CustomerId) -> bool {
        let root = self.tenant.settings.root_customer;
        self.index().is_some_and(|index| index.is_in_subtree(id, top, root))
    }

    /// `parent`, as the parent of those right below it.
    pub fn parent(&self, parent: CustomerId) -> Parents {
        Parents { top: parent, deep: false, root: self.tenant.settings.root_customer }
    }

    /// `top` and all below it, as the parents of all below `top`. Soft-deleted ones are among them.
    pub fn subtree(&self, top: CustomerId) -> Parents {
        Parents { deep: true, ..self.parent(top) }
    }

    /// The customer that `customer` was given as its parent, soft-deleted or not.
    pub fn superior(&self, customer: &Customer) -> Option<Superior> {
        self.index()?.superior(customer.profile.hierarchy.parent?)
    }

    /// The tenant and its settings.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// How many customers fit `filter`.
    pub fn count(&mut self, filter: &Filter) -> usize {
        let total = self.replica.as_mut().map_or(0, |replica| replica.index.select(filter).total());
        self.directory.store.meter().list(total, 0);
        total
    }

    /// The customers that `query` asks for. Costs the read units of those documents of the page that this process has not
    /// read before in their current state.
    pub async fn list(&mut self, query: &ListQuery) -> Result<Listing, Fault> {
        let mut selected = self.select(query);
        let mut documents = self.documents(&selected).await?;
        if !selected.agrees_with(&documents) {
            // Some were changed after the snapshot: take a later one.
            self.refresh().await?;
            selected = self.select(query);
            documents = self.documents(&selected).await?;
        }
        let on_page = selected.page.iter().filter_map(|(id, _)| documents.get(id));
        let customers = on_page.map(|document| Arc::clone(&document.customer));
        let customers: Vec<_> = customers.filter(|customer| self.admits(query, customer)).collect();
        self.directory.store.meter().list(selected.total, customers.len());
        Ok(Listing { total: selected.total, customers })
    }

    /// Whether a document, which may be newer than its row, still fits.
    fn admits(&self, query: &ListQuery, customer: &Customer) -> bool {
        let reaches = |parents: &Parents, id: CustomerId| self.index().is_some_and(|index| index.reaches(parents, id));
        query.filter.admits(customer, reaches)
    }

    pub(crate) fn index(&self) -> Option<&Index> {
        self.replica.as_ref().map(|replica| &replica.index)
    }

    async fn refresh(&mut self) -> Result<(), Fault> {
        let directory = self.directory;
        directory.tenancy.refuse_if_too_large()?;
        let room = |bytes| directory.repository.make_room(&directory.tenancy, bytes);
        let mut backoff = Backoff::default();
        for _ in 0..EPOCHS_FOLLOWED {
            let replica = match &mut *self.replica {
                Some(replica) if replica.epoch == self.tenant.epoch => replica,
                other => other.insert(Replica::new(&self.tenant)),
            };
            match replica.refresh(directory.store, &self.tenant, &room).await {
                Ok(()) => return Ok(()),
                Err(Stop::Fault(Fault::TenantTooLarge)) => {
                    *self.replica = None;
                    return Err(directory.tenancy.note_too_large());
                }
                Err(Stop::Fault(fault)) => return Err(fault),
                Err(Stop::Closed) => {
                    backoff.sleep().await;
                    self.tenant = directory.tenancy.read_tenant(directory.store).await?;
                }
            }
        }
        Err(Fault::Unverified)
    }

    fn select(&mut self, query: &ListQuery) -> Selected {
        let Some(replica) = self.replica.as_mut() else { return Selected::default() };
        replica.index.set_default_currency(self.tenant.settings.currency());
        let selection = replica.index.select(&query.filter);
        Selected { total: selection.total(), page: replica.index.page(&selection, query.sort, query.page) }
    }

    /// The documents of the selected rows that are there.
    async fn documents(&self, selected: &Selected) -> Result<HashMap<CustomerId, Arc<Document>>, Fault> {
        let kept = &self.directory.repository.documents;
        let mut documents = HashMap::new();
        let mut missing = HashSet::new();
        for (id, sequence) in &selected.page {
            match kept.get(&self.tenant, *id, *sequence) {
                Some(document) => drop(documents.insert(*id, document)),
                None => drop(missing.insert(keys::document(&self.tenant.id, *id))),
            }
        }
        if !missing.is_empty() {
            for item in self.directory.store.get_many(&missing.into_iter().collect::<Vec<_>>()).await? {
                let document = Arc::new(Document::try_from(item)?);
                kept.keep(&self.tenant, &document);
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
}

impl Selected {
    /// Whether the document of every row on the page is there in the state that the row stands for.
    fn agrees_with(&self, documents: &HashMap<CustomerId, Arc<Document>>) -> bool {
        self.page.iter().all(|(id, sequence)| documents.get(id).is_some_and(|document| document.sequence == *sequence))
    }
}
