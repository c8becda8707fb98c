//! Lists: a verified snapshot of the index, and the documents of a page.

use std::{
    collections::{HashMap, HashSet},
    ops::ControlFlow,
    sync::Arc,
};

use tokio::sync::MutexGuard;

use crate::{
    backoff::Backoff,
    directory::Directory,
    domain::{Column, Columns, Condition, Customer, CustomerId, Filter, ListQuery, Parents, Scope, Tenant},
    fault::Fault,
    index::{Index, Superior},
    protocol::{
        Document, keys,
        refresh::{Replica, Stop},
    },
};

/// Documents fetched and held at a time; tests have few.
const DOCUMENTS_HELD: usize = if cfg!(test) { 2 } else { 1_000 };
/// How often a closed epoch is followed to the next one.
const EPOCHS_FOLLOWED: usize = 5;

/// All customers of a tenant at one moment. While it lives, other requests of the same process wait for theirs.
pub struct View<'d> {
    directory: &'d Directory<'d>,
    columns: Columns,
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
    pub(crate) async fn open(directory: &'d Directory<'_>, columns: Columns) -> Result<View<'d>, Fault> {
        let tenant = directory.tenant().await?;
        let replica = directory.tenancy.replica.lock().await;
        let mut view = View { directory, columns, tenant, replica };
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

    /// The customer that `customer` was given as its parent, soft-deleted or not. Needs [`Superior::COLUMNS`].
    pub fn superior(&self, customer: &Customer) -> Option<Superior> {
        debug_assert!(self.columns.include(Superior::COLUMNS), "a view without the columns of superiors");
        self.index()?.superior(customer.profile.hierarchy.parent?)
    }

    /// The tenant and its settings.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// How many customers fit `filter`.
    pub fn count(&mut self, filter: &Filter) -> Result<usize, Fault> {
        self.check(filter.columns())?;
        let total = self.replica.as_mut().map_or(0, |replica| replica.index.select(filter).total());
        self.directory.store.meter().list(total, 0);
        Ok(total)
    }

    /// The customers that `query` asks for. Costs the read units of those documents of the page that this process has not
    /// read before in their current state.
    pub async fn list(&mut self, query: &ListQuery) -> Result<Listing, Fault> {
        let take = |customers: &mut Vec<Arc<Customer>>, customer: &Arc<Customer>| {
            customers.push(Arc::clone(customer));
            ControlFlow::Continue(())
        };
        let (total, customers) = self.fold(query, Vec::new, take).await?;
        Ok(Listing { total, customers })
    }

    /// Like [`View::list`], for a page whose documents should not be held all at once: makes something of them by taking
    /// in one after the other, in order, until `take` breaks off. Begins anew if customers are changed meanwhile.
    pub async fn fold<T>(
        &mut self,
        query: &ListQuery,
        begin: impl Fn() -> T,
        mut take: impl FnMut(&mut T, &Arc<Customer>) -> ControlFlow<()>,
    ) -> Result<(usize, T), Fault> {
        self.check(query.columns())?;
        for is_last in [false, true] {
            if is_last {
                // Some were changed after the snapshot: take a later one.
                self.refresh().await?;
            }
            let Selected { total, page } = self.select(query);
            let mut folded = begin();
            let taken = self.fold_page(query, &page, |customer| take(&mut folded, customer), is_last).await?;
            if let Some(taken) = taken {
                self.directory.store.meter().list(total, taken);
                return Ok((total, folded));
            }
        }
        Err(Fault::Unverified)
    }

    /// How many documents were taken in; none if one is not in the state that its row stands for, unless this `is_last`.
    async fn fold_page(
        &self,
        query: &ListQuery,
        page: &[(CustomerId, u64)],
        mut take: impl FnMut(&Arc<Customer>) -> ControlFlow<()>,
        is_last: bool,
    ) -> Result<Option<usize>, Fault> {
        let mut taken = 0;
        for part in page.chunks(DOCUMENTS_HELD) {
            let documents = self.documents(part).await?;
            if !is_last && !agree(part, &documents) {
                return Ok(None);
            }
            let customers = part.iter().filter_map(|(id, _)| Some(&documents.get(id)?.customer));
            for customer in customers.filter(|customer| self.admits(query, customer)) {
                taken += 1;
                if take(customer).is_break() {
                    return Ok(Some(taken));
                }
            }
        }
        Ok(Some(taken))
    }

    /// Whether a document, which may be newer than its row, still fits.
    fn admits(&self, query: &ListQuery, customer: &Customer) -> bool {
        let reaches = |parents: &Parents, id: CustomerId| self.index().is_some_and(|index| index.reaches(parents, id));
        query.filter.admits(customer, reaches)
    }

    /// Whether all columns that a list looks at are held: one that is not would look empty.
    fn check(&self, mut looked_at: impl Iterator<Item = Column>) -> Result<(), Fault> {
        looked_at.find(|column| !self.columns.hold(*column)).map_or(Ok(()), |column| Err(Fault::ColumnNotHeld(column)))
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
                Some(replica) if replica.is_of(&self.tenant) && replica.index.columns().include(self.columns) => {
                    replica
                }
                other => {
                    let held = other.take().map(|replica| replica.index.columns());
                    let columns = held.map_or(self.columns, |held| held.and(self.columns));
                    other.insert(Replica::new(&self.tenant, columns))
                }
            };
            match replica.refresh(directory.store, &self.tenant, &room).await {
                Ok(()) => return Ok(()),
                Err(Stop::Fault(Fault::TenantTooLarge)) if replica.index.give_up_extras() => {}
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

    /// The documents of the rows in `page` that are there.
    async fn documents(&self, page: &[(CustomerId, u64)]) -> Result<HashMap<CustomerId, Arc<Document>>, Fault> {
        let kept = &self.directory.repository.documents;
        let mut documents = HashMap::new();
        let mut missing = HashSet::new();
        for (id, sequence) in page {
            match kept.get(&self.tenant, *id, *sequence) {
                Some(document) => drop(documents.insert(*id, document)),
                None => drop(missing.insert(keys::document(&self.tenant.id, *id))),
            }
        }
        if !missing.is_empty() {
            for item in self.directory.store.get_many_raw(&missing.into_iter().collect::<Vec<_>>()).await? {
                let document = Arc::new(Document::try_from(&item)?);
                kept.keep(&self.tenant, &document, item.bytes());
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

/// Whether the document of every row in `page` is there in the state that the row stands for.
fn agree(page: &[(CustomerId, u64)], documents: &HashMap<CustomerId, Arc<Document>>) -> bool {
    page.iter().all(|(id, sequence)| documents.get(id).is_some_and(|document| document.sequence == *sequence))
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, convert::Infallible};

    use super::*;
    use crate::{
        Decision, Repository,
        domain::{Direction, Page, Profile, Sort, SortKey, Timestamp},
        protocol::testing::{SimulatedTable, tenant},
    };

    #[tokio::test]
    async fn a_fold_begins_anew_when_a_document_is_newer_than_its_row() {
        let now = Timestamp::from_unix_seconds(0);
        let (table, tenant) = (Arc::new(SimulatedTable::new()), tenant().id);
        let [reader, writer] = [(); 2].map(|()| Repository::new(Arc::clone(&table) as _));
        let (reader, writer) = (reader.directory(&tenant, "reader"), writer.directory(&tenant, "writer"));
        let mut ids = Vec::new();
        for _ in 0..5 {
            let creation = writer.begin_create().await.unwrap();
            ids.push(creation.commit(Profile::default(), "writer", now).await.unwrap());
        }

        let mut view = reader.view(Columns::of(&[])).await.unwrap();
        let edit = writer.begin_edit(*ids.last().unwrap()).await.unwrap();
        let rename = |customer: &Customer| {
            let mut profile = customer.profile.clone();
            profile.identity.name = "Renamed".to_owned();
            Ok::<_, Infallible>(Decision::Replace(profile))
        };
        edit.apply("writer", now, rename).await.unwrap();

        let query = ListQuery {
            filter: Filter::default(),
            sort: Sort { key: SortKey::Id, direction: Direction::Ascending },
            page: Page { offset: 0, limit: None },
        };
        let begun = Cell::new(0);
        let begin = || {
            begun.set(begun.get() + 1);
            Vec::new()
        };
        let take = |taken: &mut Vec<_>, customer: &Arc<Customer>| {
            taken.push((customer.id, customer.profile.identity.name.clone()));
            ControlFlow::Continue(())
        };
        let (total, taken) = view.fold(&query, begin, take).await.unwrap();
        let expected = ids.iter().map(|id| (*id, if Some(id) == ids.last() { "Renamed" } else { "" }.to_owned()));
        assert_eq!((total, taken), (5, expected.collect()));
        assert_eq!(begun.get(), 2, "the first pages had been taken in");
    }
}
