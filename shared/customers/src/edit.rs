//! Changing and deleting a customer.

use std::sync::Arc;

use crate::{
    backoff::Backoff,
    directory::Directory,
    domain::{Customer, CustomerId, Profile, Tenant, Timestamp, Unique},
    fault::Fault,
    protocol::{
        Document, Head,
        commit::{Change, Stop, commit},
        keys, shard_of,
    },
};

/// How often a change is decided anew because someone else changed the customer in between.
const ATTEMPTS: u32 = 20;
/// After so many losses in a row, others are let go first.
const LOSSES_IN_A_ROW: u32 = 5;

/// A change whose reads are done.
pub struct Edit<'d> {
    directory: &'d Directory<'d>,
    id: CustomerId,
    tenant: Arc<Tenant>,
    state: State,
}

/// A customer and its shard's head. They may be of different moments: a commit on them succeeds rightly or is cancelled.
struct State {
    document: Option<Document>,
    head: Option<Head>,
}

/// What shall become of a customer.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a decision lives for a moment and is never kept in numbers")]
pub enum Decision {
    /// It stays as it is.
    Keep,
    /// It gets this profile.
    Replace(Profile),
    /// It is soft-deleted.
    Delete,
}

/// Why a customer was not changed.
#[derive(Debug)]
pub enum EditError<E> {
    /// The caller's decision.
    Refused(E),
    /// There is no such live customer.
    NotFound,
    /// Another live customer has this value.
    Taken(Unique),
    /// The directory failed.
    Fault(Fault),
}

impl<'d> Edit<'d> {
    pub(crate) async fn begin(directory: &'d Directory<'_>, id: CustomerId) -> Result<Edit<'d>, Fault> {
        let tenant = directory.tenant().await?;
        let state = State::read(directory, &tenant, id).await?;
        Ok(Edit { directory, id, tenant, state })
    }

    /// Does what `decide` says of the customer, signed with the login name `by` at the moment `at`. After a race lost to
    /// another change of the same customer, `decide` is asked again about the customer as it then is; so no change is lost.
    ///
    /// # Errors
    ///
    /// [`EditError::NotFound`] without asking, for a missing or soft-deleted customer.
    pub async fn apply<E>(
        mut self,
        by: &str,
        at: Timestamp,
        decide: impl Fn(&Customer) -> Result<Decision, E>,
    ) -> Result<(), EditError<E>> {
        let directory = self.directory;
        let mut backoff = Backoff::default();
        for attempt in 1..=ATTEMPTS {
            let State { document: Some(document), head } = &self.state else { return Err(EditError::NotFound) };
            if document.customer.is_deleted() {
                return Err(EditError::NotFound);
            }
            let decision = decide(&document.customer).map_err(EditError::Refused)?;
            let Some(customer) = changed(&document.customer, decision, by, at) else { return Ok(()) };
            let change = Change {
                tenant: &self.tenant,
                customer: &customer,
                previous: Some(document),
                request_id: &directory.request_id,
            };
            directory.note_write();
            match commit(directory.store, &change, *head).await {
                Ok(()) => return Ok(()),
                Err(Stop::Taken(kind)) => return Err(EditError::Taken(kind)),
                Err(Stop::Fault(fault)) => return Err(EditError::Fault(fault)),
                Err(Stop::DocumentChanged) if attempt < LOSSES_IN_A_ROW => {}
                Err(Stop::DocumentChanged) => backoff.sleep().await,
                Err(Stop::Closed) => {
                    backoff.sleep().await;
                    let tenant = directory.tenancy.read_tenant(directory.store).await;
                    self.tenant = tenant.map_err(EditError::Fault)?;
                }
            }
            self.state = State::read(directory, &self.tenant, self.id).await.map_err(EditError::Fault)?;
        }
        Err(EditError::Fault(Fault::Contended))
    }
}

impl State {
    async fn read(directory: &Directory<'_>, tenant: &Tenant, id: CustomerId) -> Result<Self, Fault> {
        let document = keys::document(&tenant.id, id);
        let partition = keys::shard(&tenant.id, tenant.epoch, shard_of(id, tenant.shards));
        let mut state = Self { document: None, head: None };
        for item in directory.store.get_many(&[document, keys::head(&partition)]).await? {
            if item.get("SK").and_then(|sort| sort.as_s().ok()).is_some_and(|sort| sort == keys::HEAD) {
                state.head = Some(Head::try_from(&item)?);
            } else {
                state.document = Some(Document::try_from(item)?);
            }
        }
        Ok(state)
    }
}

/// The customer after `decision`; none if that changes nothing.
fn changed(customer: &Customer, decision: Decision, by: &str, at: Timestamp) -> Option<Customer> {
    let mut customer = match decision {
        Decision::Keep => return None,
        Decision::Replace(profile) if profile == customer.profile => return None,
        Decision::Replace(profile) => Customer { profile, ..customer.clone() },
        Decision::Delete => {
            let mut customer = customer.clone();
            customer.lifecycle.deleted_at = Some(at);
            customer
        }
    };
    customer.lifecycle.updated_at = at;
    customer.lifecycle.updated_by = by.to_owned();
    Some(customer)
}
