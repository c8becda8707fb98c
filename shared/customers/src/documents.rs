//! Documents that were read before.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use crate::{
    domain::{CustomerId, Tenant, TenantId},
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
    documents: LruCache<Name, Arc<Document>>,
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
        let document = kept.documents.get(&(tenant.id.clone(), tenant.epoch, id))?;
        (document.sequence == sequence).then(|| Arc::clone(document))
    }

    /// Keeps a document that was read.
    pub(crate) fn keep(&self, tenant: &Tenant, document: &Arc<Document>) {
        let mut kept = self.kept();
        kept.bytes += document.memory();
        let name = (tenant.id.clone(), tenant.epoch, document.customer.id);
        if let Some((_, replaced)) = kept.documents.push(name, Arc::clone(document)) {
            kept.bytes -= replaced.memory();
        }
        while kept.bytes > self.limit {
            let Some((_, oldest)) = kept.documents.pop_lru() else { break };
            kept.bytes -= oldest.memory();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::{customer, tenant};

    #[test]
    fn the_newest_documents_are_kept_within_the_limit() {
        let document = |id: u64, sequence| {
            Arc::new(Document { customer: Arc::new(customer(id.into())), sequence, text_bytes: 100 })
        };
        let (tenant, size) = (tenant(), document(1, 1).memory());
        let documents = Documents::new(size * 3);
        let is_kept = |id: u64, sequence| documents.get(&tenant, id.into(), sequence).is_some();
        (1..=3).for_each(|id| documents.keep(&tenant, &document(id, 1)));
        assert!(is_kept(1, 1) && !is_kept(1, 2));
        documents.keep(&tenant, &document(3, 2));
        assert!(is_kept(3, 2) && !is_kept(3, 1), "a later state takes the place of an earlier one");
        documents.keep(&tenant, &document(4, 1));
        assert!(!is_kept(2, 1), "used longest ago");
        assert!(is_kept(1, 1) && is_kept(3, 2) && is_kept(4, 1));
        let next_epoch = Tenant { epoch: tenant.epoch + 1, ..tenant.clone() };
        assert!(documents.get(&next_epoch, 1.into(), 1).is_none());
        documents.clear();
        assert!(!is_kept(4, 1));
    }
}
