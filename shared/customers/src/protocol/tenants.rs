//! The tenant item.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{FORMAT, head::number, keys};
use crate::{
    domain::{Tenant, TenantId},
    fault::Fault,
    store::{Item, Store},
};

const DAMAGED: Fault = Fault::Damaged("a tenant item that cannot be read");

/// The attributes of a tenant's item.
pub(crate) fn tenant_item(tenant: &Tenant) -> Result<Item, Fault> {
    let settings = serde_dynamo::to_attribute_value(&tenant.settings).map_err(|_| DAMAGED)?;
    let mut item = index_attributes(tenant);
    item.insert("settings".to_owned(), settings);
    Ok(item)
}

/// Those attributes of a tenant's item that tell of its list index.
pub(crate) fn index_attributes(tenant: &Tenant) -> Item {
    Item::from([
        ("e".to_owned(), AttributeValue::N(tenant.epoch.to_string())),
        ("s".to_owned(), AttributeValue::N(tenant.shards.to_string())),
        ("f".to_owned(), AttributeValue::N(tenant.row_format.to_string())),
    ])
}

/// Reads tenant `id`, whatever the format of its rows.
pub(crate) async fn find_tenant(store: &dyn Store, id: &TenantId) -> Result<Tenant, Fault> {
    let item = store.get(&keys::tenant(id)).await?;
    read_tenant_of_any_format(id, item.ok_or_else(|| Fault::UnknownTenant(id.to_string()))?)
}

/// Reads the item of tenant `id`.
///
/// # Errors
///
/// [`Fault::UnknownFormat`] if this release cannot read the rows of its list index.
pub(crate) fn read_tenant(id: &TenantId, item: Item) -> Result<Tenant, Fault> {
    let tenant = read_tenant_of_any_format(id, item)?;
    if tenant.row_format != FORMAT {
        return Err(Fault::UnknownFormat(tenant.row_format));
    }
    Ok(tenant)
}

fn read_tenant_of_any_format(id: &TenantId, mut item: Item) -> Result<Tenant, Fault> {
    let epoch = number(&item, "e").ok_or(DAMAGED)?;
    let shards = number(&item, "s").and_then(|shards| u32::try_from(shards).ok()).ok_or(DAMAGED)?;
    let row_format = number(&item, "f").and_then(|format| u8::try_from(format).ok()).ok_or(DAMAGED)?;
    let settings = item.remove("settings").ok_or(DAMAGED)?;
    let settings = serde_dynamo::from_attribute_value(settings).map_err(|_| DAMAGED)?;
    Ok(Tenant { id: id.clone(), settings, epoch, shards: shards.max(1), row_format })
}
