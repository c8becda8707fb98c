//! The storage protocol: which items there are, how a change is committed and how a reader knows that what it holds is
//! the whole truth. No other module names a key or an attribute.

mod attempt;
mod audit;
mod census;
pub(crate) mod commit;
mod document;
mod hash;
mod head;
pub(crate) mod keys;
mod logins;
mod projection;
mod rebuild;
pub(crate) mod refresh;
mod row;
mod safeguard;
mod tenants;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod unpack;

pub use audit::{Audit, Damage, audit_tenant};
pub(crate) use document::{Document, document_item, is_written_by};
pub(crate) use hash::{shard_of, term};
pub(crate) use head::{Head, number};
pub(crate) use logins::{login_item, read_login};
pub(crate) use projection::{Projection, rare_value};
pub use rebuild::{Rebuilt, rebuild_tenant};
pub(crate) use row::{FORMAT, Flags, PackedRow};
pub(crate) use tenants::{read_tenant, tenant_item};
