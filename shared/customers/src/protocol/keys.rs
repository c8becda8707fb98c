//! The keys of every kind of item.

use crate::{
    domain::{CustomerId, Dialect, TenantId, Unique},
    store::Key,
};

/// Sort key of a head: behind every digit, so that a query meets it after the rows.
pub(crate) const HEAD: &str = "~";

/// Attribute by which DynamoDB removes expired items, some day after their time: UNIX seconds.
pub(crate) const TIME_TO_LIVE: &str = "ttl";

/// Tenant item: settings, epoch, shards, row format.
pub(crate) fn tenant(tenant: &TenantId) -> Key {
    Key { partition: format!("T#{tenant}"), sort: "T".to_owned() }
}

/// Counter of epochs, beside the tenant item: the last one that a rebuild took for its own.
pub(crate) fn epoch_counter(tenant: &TenantId) -> Key {
    Key { partition: format!("T#{tenant}"), sort: "E".to_owned() }
}

/// Counter of customer ids, beside the tenant item: the last id handed out.
pub(crate) fn id_counter(tenant: &TenantId) -> Key {
    Key { partition: format!("T#{tenant}"), sort: "N".to_owned() }
}

/// A login of a dialect.
pub(crate) fn login(tenant: &TenantId, dialect: Dialect, identity: &str) -> Key {
    Key { partition: format!("T#{tenant}#A#{}#{identity}", dialect.name()), sort: "A".to_owned() }
}

/// The failed attempts at a login from one source.
pub(crate) fn attempts(tenant: &TenantId, dialect: Dialect, identity: &str, source: &str) -> Key {
    Key { partition: format!("T#{tenant}#F#{}#{identity}#{source}", dialect.name()), sort: "F".to_owned() }
}

/// A session, by the digest of its token.
pub(crate) fn session(tenant: &TenantId, dialect: Dialect, digest: &str) -> Key {
    Key { partition: format!("T#{tenant}#S#{}#{digest}", dialect.name()), sort: "S".to_owned() }
}

/// A customer's document.
pub(crate) fn document(tenant: &TenantId, id: CustomerId) -> Key {
    Key { partition: format!("{}{id}", documents(tenant)), sort: "D".to_owned() }
}

/// What the partition keys of all documents begin with; the id follows.
pub(crate) fn documents(tenant: &TenantId) -> String {
    format!("T#{tenant}#C#")
}

/// The partition of a shard of the list index.
pub(crate) fn shard(tenant: &TenantId, epoch: u64, shard: u32) -> String {
    format!("T#{tenant}#L#{epoch}#{shard}")
}

/// A row of the list index.
pub(crate) fn row(partition: &str, sequence: u64) -> Key {
    Key { partition: partition.to_owned(), sort: row_sort(sequence) }
}

/// The sort key of a row. Sequence 0, which no row has, comes before all rows.
pub(crate) fn row_sort(sequence: u64) -> String {
    format!("{sequence:012}")
}

/// The head of a shard.
pub(crate) fn head(partition: &str) -> Key {
    Key { partition: partition.to_owned(), sort: HEAD.to_owned() }
}

/// The guard of a value that only one live customer may have.
pub(crate) fn guard(tenant: &TenantId, kind: Unique, value: &str) -> Key {
    let kind = match kind {
        Unique::UniqueId => "uniqueid",
        Unique::Reference => "reference",
    };
    Key { partition: format!("{}{kind}#{value}", guards(tenant)), sort: "U".to_owned() }
}

/// What the partition keys of all guards begin with.
pub(crate) fn guards(tenant: &TenantId) -> String {
    format!("T#{tenant}#U#")
}
