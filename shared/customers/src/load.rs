//! Loading a new tenant as a whole, before anyone serves it.

use std::{borrow::Borrow, collections::BTreeMap};

use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use crate::{
    domain::{Customer, Dialect, Login, Settings, Tenant, TenantId},
    fault::Fault,
    protocol::{FORMAT, Head, PackedRow, document_item, keys, login_item, read_tenant, shard_of, tenant_item},
    store::{Action, Condition, Item, Key, OperatorStore, TransactError, Write},
};

/// Name under which a load signs what it writes.
const REQUEST_ID: &str = "load";
/// The epoch that a tenant begins with.
const FIRST_EPOCH: u64 = 1;
/// Items held before they are written.
const ITEMS_AT_A_TIME: usize = 2_000;

/// A tenant to be.
pub struct NewTenant {
    /// Its name.
    pub id: TenantId,
    /// What its operator sets.
    pub settings: Settings,
    /// Into how many shards its list index is split: 4 where nothing speaks for another number.
    pub shards: u32,
    /// Its customers. Ids must differ.
    pub customers: Vec<Customer>,
    /// Its logins.
    pub logins: Vec<LoginEntry>,
}

/// A login under the identity that opens it.
pub struct LoginEntry {
    /// The dialect that it is for.
    pub dialect: Dialect,
    /// By what name or number callers give it.
    pub identity: String,
    /// The login itself.
    pub login: Login,
}

impl LoginEntry {
    fn item(&self, tenant: &TenantId) -> (Key, Item) {
        (keys::login(tenant, self.dialect, &self.identity), login_item(&self.login))
    }
}

/// Writes a login of a tenant, in place of the one of the same dialect and identity. It counts from the next request on.
pub async fn put_login(store: &dyn OperatorStore, tenant: &TenantId, entry: &LoginEntry) -> Result<(), Fault> {
    Ok(store.put_many(vec![entry.item(tenant)]).await?)
}

/// Whether the table holds `tenant`.
///
/// # Errors
///
/// [`Fault::UnknownFormat`] if it does, but this release cannot read it.
pub async fn tenant_exists(store: &dyn OperatorStore, tenant: &TenantId) -> Result<bool, Fault> {
    let item = store.get(&keys::tenant(tenant)).await?;
    Ok(item.map(|item| read_tenant(tenant, item)).transpose()?.is_some())
}

/// Writes a whole tenant: documents and rows first, each alone, then, in one transaction, the heads that certify them and
/// the tenant item, which opens it. A load that broke off is simply done again with the same customers.
///
/// # Errors
///
/// [`Fault::Damaged`] if the tenant is there already, or a customer was given a reference that follows from another's id.
pub async fn load_tenant(store: &dyn OperatorStore, new: &NewTenant) -> Result<(), Fault> {
    load_tenant_from(store, new, &new.customers).await
}

/// Like [`load_tenant`], with customers that need not be in memory all at once, in place of those of `new`.
pub async fn load_tenant_from(
    store: &dyn OperatorStore,
    new: &NewTenant,
    customers: impl IntoIterator<Item = impl Borrow<Customer>>,
) -> Result<(), Fault> {
    let tenant = Tenant {
        id: new.id.clone(),
        settings: new.settings.clone(),
        epoch: FIRST_EPOCH,
        shards: new.shards.max(1),
        row_format: FORMAT,
    };
    let mut load = Load { store, tenant: &tenant, heads: BTreeMap::new(), last_id: 0, pending: Vec::new() };
    for customer in customers {
        load.add(customer.borrow())?;
        if load.pending.len() >= ITEMS_AT_A_TIME {
            load.flush().await?;
        }
    }
    load.pending.extend(new.logins.iter().map(|entry| entry.item(&tenant.id)));
    let counter = Item::from([("n".to_owned(), AttributeValue::N(load.last_id.to_string()))]);
    load.pending.push((keys::id_counter(&tenant.id), counter));
    load.flush().await?;
    let heads = load.heads.iter().map(|(partition, head)| (keys::head(partition), head.attributes()));
    let opening = heads.chain([(keys::tenant(&tenant.id), tenant_item(&tenant)?)]);
    let opening: Vec<Write> =
        opening.map(|(key, item)| Write { key, action: Action::Put(item), condition: Condition::Absent }).collect();
    match store.transact(&opening, &Uuid::new_v4().to_string()).await {
        Ok(()) => Ok(()),
        Err(TransactError::Cancelled(_)) => Err(Fault::Damaged("someone else loaded the tenant meanwhile")),
        Err(TransactError::Refused(cause)) => Err(Fault::Refused(cause)),
        Err(TransactError::Throttled(cause) | TransactError::InProgress(cause) | TransactError::Unknown(cause)) => {
            Err(Fault::Unavailable(cause))
        }
    }
}

/// A load under way.
struct Load<'a> {
    store: &'a dyn OperatorStore,
    tenant: &'a Tenant,
    /// By partition, what the rows so far come to.
    heads: BTreeMap<String, Head>,
    last_id: u64,
    /// Made, but not written yet.
    pending: Vec<(Key, Item)>,
}

impl Load<'_> {
    fn add(&mut self, customer: &Customer) -> Result<(), Fault> {
        if customer.has_anothers_reference() {
            return Err(Fault::Damaged("a customer was given the reference that follows from another's id"));
        }
        let tenant = self.tenant;
        let partition = keys::shard(&tenant.id, tenant.epoch, shard_of(customer.id, tenant.shards));
        let head = self.heads.entry(partition.clone()).or_default();
        *head = head.advanced(customer.id, None);
        let document = document_item(customer, head.sequence, REQUEST_ID)?;
        self.pending.push((keys::document(&tenant.id, customer.id), document));
        self.pending.push((keys::row(&partition, head.sequence), PackedRow::of(customer)?.attributes()?));
        for (kind, value) in customer.unique_values() {
            let owner = Item::from([("owner".to_owned(), AttributeValue::N(customer.id.to_string()))]);
            self.pending.push((keys::guard(&tenant.id, kind, &value), owner));
        }
        self.last_id = self.last_id.max(customer.id.get());
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Fault> {
        Ok(self.store.put_many(std::mem::take(&mut self.pending)).await?)
    }
}
