//! Creating a customer.

use std::{collections::HashMap, sync::Arc};

use uuid::Uuid;

use crate::{
    backoff::Backoff,
    directory::Directory,
    domain::{Customer, CustomerId, Lifecycle, Profile, Tenant, Timestamp, Unique},
    fault::Fault,
    protocol::{
        Head,
        commit::{Change, Stop, commit, read_head},
        is_written_by, keys, shard_of,
    },
};

/// How often a create starts over because its id is in use or its epoch was closed.
const ATTEMPTS: usize = 5;

/// A create whose reads are done.
pub struct Creation<'d> {
    directory: &'d Directory<'d>,
    tenant: Arc<Tenant>,
    /// Heads by partition; which one is needed, the id will tell.
    heads: HashMap<String, Head>,
}

/// Why a customer was not created.
#[derive(Debug)]
pub enum CreateError {
    /// Another live customer has this value.
    Taken(Unique),
    /// The directory failed.
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for CreateError {
    fn from(fault: E) -> Self {
        Self::Fault(fault.into())
    }
}

impl<'d> Creation<'d> {
    pub(crate) async fn begin(directory: &'d Directory<'_>) -> Result<Creation<'d>, Fault> {
        let tenant = directory.tenant().await?;
        let shards = (0..tenant.shards).map(|shard| keys::head(&keys::shard(&tenant.id, tenant.epoch, shard)));
        let items = directory.store.get_many(&shards.collect::<Vec<_>>()).await?;
        let heads =
            items.iter().map(|item| Ok((partition(item)?, Head::try_from(item)?))).collect::<Result<_, Fault>>()?;
        Ok(Creation { directory, tenant, heads })
    }

    /// Creates a customer with a new id, signed with the login name `by` at the moment `at`.
    pub async fn commit(self, profile: Profile, by: &str, at: Timestamp) -> Result<CustomerId, CreateError> {
        let Directory { store, tenancy, .. } = self.directory;
        let store = *store;
        let mut customer = Customer {
            id: tenancy.next_id(store).await?,
            guid: Uuid::new_v4(),
            eid: Uuid::new_v4(),
            profile,
            lifecycle: Lifecycle {
                created_at: at,
                updated_at: at,
                created_by: by.to_owned(),
                updated_by: by.to_owned(),
                deleted_at: None,
            },
        };
        let change = create(self.directory, self.tenant, &self.heads, &mut customer);
        let (created, ()) = tokio::join!(change, tenancy.keep_ids_at_hand(store));
        created.map(|()| customer.id)
    }
}

/// Commits a new customer, under another id if its own is in use.
async fn create(
    directory: &Directory<'_>,
    mut tenant: Arc<Tenant>,
    heads: &HashMap<String, Head>,
    customer: &mut Customer,
) -> Result<(), CreateError> {
    let Directory { store, tenancy, request_id, .. } = directory;
    let store = *store;
    let mut backoff = Backoff::default();
    let mut head = heads.get(&home(&tenant, customer.id)).copied();
    for _ in 0..ATTEMPTS {
        directory.note_write();
        let change = Change { tenant: &tenant, customer, previous: None, request_id };
        match commit(store, &change, head).await {
            Ok(()) => return Ok(()),
            Err(Stop::Taken(kind)) => return Err(CreateError::Taken(kind)),
            Err(Stop::Fault(fault)) => return Err(fault.into()),
            Err(Stop::DocumentChanged) => {
                let document = store.get(&keys::document(&tenant.id, customer.id)).await?;
                if document.is_some_and(|document| is_written_by(&document, request_id)) {
                    return Ok(());
                }
                // Another customer stands under the new id: an import brought it past the counter.
                customer.id = tenancy.next_id(store).await?;
            }
            Err(Stop::Closed) => {
                backoff.sleep().await;
                tenant = tenancy.read_tenant(store).await?;
            }
        }
        head = read_head(store, &home(&tenant, customer.id)).await?;
    }
    Err(Fault::Contended.into())
}

/// The partition that keeps the rows of `id`.
fn home(tenant: &Tenant, id: CustomerId) -> String {
    keys::shard(&tenant.id, tenant.epoch, shard_of(id, tenant.shards))
}

fn partition(item: &crate::store::Item) -> Result<String, Fault> {
    let partition = item.get("PK").and_then(|value| value.as_s().ok());
    partition.cloned().ok_or(Fault::Damaged("an item without its partition key"))
}
