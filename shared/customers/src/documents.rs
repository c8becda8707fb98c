//! Documents that were read before.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use crate::{
    domain::{Customer, CustomerId, Tenant, TenantId},
    protocol::Document,
};

/// Whose document it is, and of which epoch of its tenant.
type Name = (TenantId, u64, CustomerId);

/// Documents of all tenants by their last states, within a limit of memory; those used longest ago make room.
pub(crate) struct Documents {
    kept: Mutex<Kept>,
    limit: usize,
}

struct Kept {
    /// Each with the bytes of memory that it takes, about.
    documents: LruCache<Name, (Arc<Document>, usize)>,
    bytes: usize,
}

impl Documents {
    /// Keeps at most `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self { kept: Mutex::new(Kept { documents: LruCache::unbounded(), bytes: 0 }), limit }
    }

    /// The document of `id` at `sequence`, if it is kept.
    pub(crate) fn get(&self, tenant: &Tenant, id: CustomerId, sequence: u64) -> Option<Arc<Document>> {
        let mut kept = self.kept();
        let (document, _) = kept.documents.get(&(tenant.id.clone(), tenant.epoch, id))?;
        (document.sequence == sequence).then(|| Arc::clone(document))
    }

    /// Keeps a document that was read from an item of so many bytes: its texts take about as much in memory as they do
    /// there with their names.
    pub(crate) fn keep(&self, tenant: &Tenant, document: &Arc<Document>, item_bytes: usize) {
        let mut kept = self.kept();
        let memory = memory(item_bytes);
        kept.bytes += memory;
        let name = (tenant.id.clone(), tenant.epoch, document.customer.id);
        if let Some((_, (_, replaced))) = kept.documents.push(name, (Arc::clone(document), memory)) {
            kept.bytes -= replaced;
        }
        while kept.bytes > self.limit {
            let Some((_, (_, oldest))) = kept.documents.pop_lru() else { break };
            kept.bytes -= oldest;
        }
    }

    /// Forgets all of them.
    pub(crate) fn clear(&self) {
        let mut kept = self.kept();
        kept.documents.clear();
        kept.bytes = 0;
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn memory(item_bytes: usize) -> usize {
    size_of::<Customer>() + size_of::<Document>() + item_bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::{customer, tenant};

    #[test]
    fn the_newest_documents_are_kept_within_the_limit() {
        let tenant = tenant();
        let documents = Documents::new(memory(100) * 3);
        let keep = |id: u64, sequence| {
            let document = Document { customer: Arc::new(customer(id.into())), sequence };
            documents.keep(&tenant, &Arc::new(document), 100);
        };
        let is_kept = |id: u64, sequence| documents.get(&tenant, id.into(), sequence).is_some();
        (1..=3).for_each(|id| keep(id, 1));
        assert!(is_kept(1, 1) && !is_kept(1, 2));
        keep(3, 2);
        assert!(is_kept(3, 2) && !is_kept(3, 1), "a later state takes the place of an earlier one");
        keep(4, 1);
        assert!(!is_kept(2, 1), "used longest ago");
        assert!(is_kept(1, 1) && is_kept(3, 2) && is_kept(4, 1));
        let next_epoch = Tenant { epoch: tenant.epoch + 1, ..tenant.clone() };
        assert!(documents.get(&next_epoch, 1.into(), 1).is_none());
        documents.clear();
        assert!(!is_kept(4, 1));
    }
}
