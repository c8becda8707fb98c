//! Committing one customer's change: one transaction, retried by the rules of its cancellation.

use aws_sdk_dynamodb::types::AttributeValue;
use tokio::time::Instant;

use super::{
    Document, Head, PackedRow,
    attempt::{self, Outcome, Reasons, TIME_ALLOWED},
    document_item, keys, shard_of,
};
use crate::{
    backoff::Backoff,
    domain::{Customer, Tenant, Unique},
    fault::Fault,
    store::{Action, Condition, Item, Store, StoreError, Write},
};

/// After so many lost races in a row, waiting is cheaper than trying again at once.
const LOSSES_IN_A_ROW: u32 = 5;

/// A change of one customer.
pub(crate) struct Change<'a> {
    pub(crate) tenant: &'a Tenant,
    /// The customer as it shall be.
    pub(crate) customer: &'a Customer,
    /// The customer as it was read; none for a create.
    pub(crate) previous: Option<&'a Document>,
    pub(crate) request_id: &'a str,
}

impl Change<'_> {
    /// Whether it gives the customer a reference that is another's for want of one.
    fn claims_anothers_reference(&self) -> bool {
        let given = &self.customer.profile.identity.reference;
        let is_kept = self.previous.is_some_and(|before| before.customer.profile.identity.reference == *given);
        !is_kept && self.customer.has_anothers_reference()
    }
}

/// Why a change was not committed.
pub(crate) enum Stop {
    /// The document is no longer the one that was read: read it again and decide again.
    DocumentChanged,
    /// The value belongs to another live customer.
    Taken(Unique),
    /// The epoch was closed: read the tenant item again.
    Closed,
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Stop {
    fn from(fault: E) -> Self {
        Self::Fault(fault.into())
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => Self::Unavailable(cause),
            StoreError::Refused(cause) => Self::Refused(cause),
        }
    }
}

/// Reads the head of the shard in `partition`; none if nothing was ever written to it.
pub(crate) async fn read_head(store: &dyn Store, partition: &str) -> Result<Option<Head>, Fault> {
    store.get(&keys::head(partition)).await?.as_ref().map(Head::try_from).transpose()
}

/// Commits `change`, starting from the head that was read with it.
pub(crate) async fn commit(store: &dyn Store, change: &Change<'_>, head: Option<Head>) -> Result<(), Stop> {
    if change.claims_anothers_reference() {
        return Err(Stop::Taken(Unique::Reference));
    }
    let shard = shard_of(change.customer.id, change.tenant.shards);
    let partition = keys::shard(&change.tenant.id, change.tenant.epoch, shard);
    let deadline = Instant::now() + TIME_ALLOWED;
    let mut backoff = Backoff::default();
    let mut head = head;
    let mut losses = 0;
    loop {
        if head.is_some_and(|head| head.closed) {
            return Err(Stop::Closed);
        }
        let transaction = Transaction::of(change, &partition, head)?;
        let Some(loss) = transaction.send(store, deadline).await? else { return Ok(()) };
        let rest = match loss {
            Loss::DocumentChanged => return Err(Stop::DocumentChanged),
            Loss::Taken(kind) => return Err(Stop::Taken(kind)),
            Loss::Damaged => return Err(Fault::Damaged("a row stands where none may, or is missing").into()),
            Loss::HeadMoved(now) => {
                losses += 1;
                head = now;
                losses % LOSSES_IN_A_ROW == 0
            }
            Loss::Contended => true,
        };
        if Instant::now() >= deadline {
            return Err(Fault::Contended.into());
        }
        if rest {
            // Never the other way round: a head read before a rest is stale after it.
            backoff.sleep().await;
            head = read_head(store, &partition).await?;
        }
    }
}

/// Why a transaction was cancelled; nothing was applied.
enum Loss {
    DocumentChanged,
    Taken(Unique),
    /// Another writer was first; the head as it is now.
    HeadMoved(Option<Head>),
    /// Another transaction was at work, or the table too busy.
    Contended,
    Damaged,
}

/// The items of one attempt, in the order in which their reasons are read.
struct Transaction {
    writes: Vec<Write>,
    /// The kinds of the guards at the end of `writes`; none for one that is given back.
    guards: Vec<Option<Unique>>,
}

/// Place of the document among the writes.
const DOCUMENT: usize = 0;
/// Place of the head among the writes.
const HEAD: usize = 2;

impl Transaction {
    fn of(change: &Change<'_>, partition: &str, head: Option<Head>) -> Result<Self, Fault> {
        let customer = change.customer;
        let tenant = &change.tenant.id;
        let previous = change.previous.map(|document| document.sequence);
        let next = head.unwrap_or_default().advanced(customer.id, previous);
        let mut writes = vec![
            Write {
                key: keys::document(tenant, customer.id),
                action: Action::Put(document_item(customer, next.sequence, change.request_id)?),
                condition: previous.map_or(Condition::Absent, Condition::Sequence),
            },
            Write {
                key: keys::row(partition, next.sequence),
                action: Action::Put(PackedRow::of(customer)?.attributes()?),
                condition: Condition::Absent,
            },
            Write {
                key: keys::head(partition),
                action: Action::Set(next.attributes()),
                condition: head.map_or(Condition::Absent, |head| Condition::OpenSequence(head.sequence)),
            },
        ];
        writes.extend(previous.map(|sequence| Write {
            key: keys::row(partition, sequence),
            action: Action::Delete,
            condition: Condition::Present,
        }));
        let had = change.previous.map(|document| document.customer.unique_values()).unwrap_or_default();
        let has = customer.unique_values();
        let mut guards = Vec::new();
        for (kind, value) in has.iter().filter(|value| !had.contains(value)) {
            let owner = Item::from([("owner".to_owned(), AttributeValue::N(customer.id.to_string()))]);
            let key = keys::guard(tenant, *kind, value);
            writes.push(Write { key, action: Action::Put(owner), condition: Condition::Absent });
            guards.push(Some(*kind));
        }
        for (kind, value) in had.iter().filter(|value| !has.contains(value)) {
            let key = keys::guard(tenant, *kind, value);
            let condition = Condition::Owner(customer.id.get());
            writes.push(Write { key, action: Action::Delete, condition });
            guards.push(None);
        }
        Ok(Self { writes, guards })
    }

    async fn send(&self, store: &dyn Store, deadline: Instant) -> Result<Option<Loss>, Fault> {
        match attempt::send(store, &self.writes, deadline).await? {
            Outcome::Committed => Ok(None),
            Outcome::Cancelled(reasons) => self.loss(reasons).map(Some),
        }
    }

    fn loss(&self, reasons: Reasons) -> Result<Loss, Fault> {
        if reasons.failed(DOCUMENT) {
            return Ok(Loss::DocumentChanged);
        }
        let first_guard = self.writes.len() - self.guards.len();
        let taken = self.guards.iter().enumerate().find(|(place, _)| reasons.failed(first_guard + place));
        if let Some((_, kind)) = taken {
            return Ok(kind.map_or(Loss::Damaged, Loss::Taken));
        }
        if reasons.failed(HEAD) {
            return Ok(Loss::HeadMoved(reasons.item(HEAD).map(Head::try_from).transpose()?));
        }
        if reasons.contended() {
            return Ok(Loss::Contended);
        }
        if reasons.any_failed() {
            return Ok(Loss::Damaged);
        }
        Err(reasons.refusal())
    }
}
