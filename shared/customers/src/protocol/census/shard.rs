//! One shard of a list index: what its head says, what its rows say and what the documents say.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    super::{Head, keys, refresh::Stop, term},
    row,
};
use crate::{
    domain::CustomerId,
    fault::Fault,
    store::{Item, Key, Store},
};

/// Rows asked for at a time.
const PAGE_ROWS: u32 = 8_000;
/// A difference that was met so often, and for so long, does not pass: DynamoDB recovers a stuck transaction after five
/// seconds.
const LOOKS_BEFORE_DAMAGE: u32 = 3;
const TIME_BEFORE_DAMAGE: Duration = Duration::from_secs(6);

/// A shard.
pub(in crate::protocol) struct Shard {
    partition: String,
    /// Whether the contents of rows are compared, not only their numbers.
    contents: bool,
    /// None while the shard has no head.
    pub(in crate::protocol) head: Option<Head>,
    rows: Versions,
    documents: Versions,
    /// Customers whose row is not that of their document.
    differing: BTreeSet<CustomerId>,
    /// Rows that were met beside a later one of the same customer.
    pub(in crate::protocol) superseded: BTreeSet<u64>,
    /// Sort keys of rows that cannot be read.
    pub(in crate::protocol) unreadable: BTreeSet<String>,
    /// The head's sequence number when the shard was last settled; 0 if never.
    cursor: u64,
    suspects: BTreeMap<Gap, Suspect>,
    pub(in crate::protocol) damage: Damage,
}

/// A state of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::protocol) struct Version {
    pub(in crate::protocol) sequence: u64,
    /// A digest of its packed row.
    content: u64,
}

impl Version {
    pub(in crate::protocol) fn of(sequence: u64, row: &Item) -> Self {
        let mut hasher = DefaultHasher::new();
        row::packed(row).hash(&mut hasher);
        Self { sequence, content: hasher.finish() }
    }
}

/// What is still between the head and the documents: count and hash. No right change alters it, whatever it is, for a
/// change moves both by the same.
type Gap = (u64, u64);

/// A gap that may be damage.
struct Suspect {
    since: Instant,
    looks: u32,
    /// Customers that differed in all of the looks.
    differing: BTreeSet<CustomerId>,
}

/// What does not pass.
#[derive(Default)]
pub(in crate::protocol) struct Damage {
    gap: Gap,
    pub(in crate::protocol) differing: BTreeSet<CustomerId>,
}

impl Damage {
    /// Whether there is any.
    pub(in crate::protocol) fn is_any(&self) -> bool {
        self.is_of_head() || !self.differing.is_empty()
    }

    /// Whether the head counts and hashes other customers than those that have documents.
    pub(in crate::protocol) fn is_of_head(&self) -> bool {
        self.gap != Gap::default()
    }
}

impl Shard {
    pub(super) fn new(partition: String, contents: bool) -> Self {
        Self {
            partition,
            contents,
            head: None,
            rows: Versions::default(),
            documents: Versions::default(),
            differing: BTreeSet::new(),
            superseded: BTreeSet::new(),
            unreadable: BTreeSet::new(),
            cursor: 0,
            suspects: BTreeMap::new(),
            damage: Damage::default(),
        }
    }

    pub(in crate::protocol) fn partition(&self) -> &str {
        &self.partition
    }

    /// How many customers have a document.
    pub(in crate::protocol) fn customers(&self) -> u64 {
        self.documents.count()
    }

    /// The sequence numbers of the row and the document of `id`.
    pub(in crate::protocol) fn held(&self, id: CustomerId) -> (Option<u64>, Option<u64>) {
        let sequence = |versions: &Versions| versions.by_id.get(&id).map(|version| version.sequence);
        (sequence(&self.rows), sequence(&self.documents))
    }

    pub(super) fn differing(&self) -> impl Iterator<Item = CustomerId> {
        self.differing.iter().copied()
    }

    /// Whether the documents are those that the head certifies, and the rows theirs, but for what does not pass.
    pub(super) fn is_settled(&self) -> bool {
        self.gap() == self.damage.gap && self.differing.is_subset(&self.damage.differing)
    }

    /// Once settled, later looks begin here.
    pub(super) fn advance(&mut self) {
        if self.is_settled() {
            self.cursor = self.head.unwrap_or_default().sequence;
        }
    }

    /// Notes how the shard differs. What stays is damage.
    pub(super) fn suspect(&mut self) {
        let gap = self.gap();
        let first = || Suspect { since: Instant::now(), looks: 0, differing: self.differing.clone() };
        let suspect = self.suspects.entry(gap).or_insert_with(first);
        suspect.looks += 1;
        suspect.differing.retain(|id| self.differing.contains(id));
        if suspect.looks >= LOOKS_BEFORE_DAMAGE && suspect.since.elapsed() >= TIME_BEFORE_DAMAGE {
            self.damage = Damage { gap, differing: std::mem::take(&mut suspect.differing) };
            self.suspects.clear();
        }
    }

    /// The next look reads all rows.
    pub(super) fn forget_rows(&mut self) {
        self.cursor = 0;
        self.superseded.clear();
        self.unreadable.clear();
        for id in std::mem::take(&mut self.rows).by_id.into_keys() {
            self.compare(id);
        }
    }

    /// Reads the head and the rows up to it.
    pub(super) async fn pull(&mut self, store: &dyn Store) -> Result<(), Stop> {
        let mut rows = Vec::new();
        let mut after = keys::row_sort(self.cursor);
        self.head = None;
        while self.head.is_none() {
            let page = store.query(&self.partition, &after, PAGE_ROWS).await?;
            for item in &page.items {
                let Key { sort, .. } = Key::try_from(item)?;
                if sort == keys::HEAD {
                    self.head = Some(Head::try_from(item)?);
                    break;
                }
                match read(&sort, item) {
                    Ok(row) => rows.push(row),
                    Err(_) => drop(self.unreadable.insert(sort.clone())),
                }
                after = sort;
            }
            if !page.more {
                break;
            }
        }
        let head = self.head.unwrap_or_default();
        if head.closed {
            return Err(Stop::Closed);
        }
        for (stub, version) in rows.into_iter().filter(|(_, version)| version.sequence <= head.sequence) {
            self.apply(stub, version);
        }
        Ok(())
    }

    fn apply(&mut self, row: row::Stub, version: Version) {
        if let Some(held) = self.rows.by_id.get(&row.id).filter(|held| **held != version) {
            self.superseded.insert(held.sequence.min(version.sequence));
            if held.sequence >= version.sequence {
                return;
            }
        }
        self.rows.replace(row.id, (!row.is_tombstone).then_some(version));
        self.compare(row.id);
    }

    /// Holds `version` as the document of `id`; returns what was held before.
    pub(super) fn replace_document(&mut self, id: CustomerId, version: Option<Version>) -> Option<Version> {
        let before = self.documents.replace(id, version);
        self.compare(id);
        before
    }

    fn compare(&mut self, id: CustomerId) {
        let (row, document) = (self.rows.by_id.get(&id), self.documents.by_id.get(&id));
        let agree = match (row, document) {
            (Some(row), Some(document)) if self.contents => row == document,
            (Some(row), Some(document)) => row.sequence == document.sequence,
            (row, document) => row.is_none() && document.is_none(),
        };
        if agree {
            self.differing.remove(&id);
        } else {
            self.differing.insert(id);
        }
    }

    fn gap(&self) -> Gap {
        let Head { count, hash, .. } = self.head.unwrap_or_default();
        (count.wrapping_sub(self.documents.count()), hash.wrapping_sub(self.documents.hash))
    }
}

fn read(sort: &str, item: &Item) -> Result<(row::Stub, Version), Fault> {
    Ok((row::Stub::try_from(item)?, Version::of(row::sequence(sort)?, item)))
}

/// Customers in some state each.
#[derive(Default)]
struct Versions {
    by_id: HashMap<CustomerId, Version>,
    /// The sum of their terms.
    hash: u64,
}

impl Versions {
    fn replace(&mut self, id: CustomerId, version: Option<Version>) -> Option<Version> {
        let before = match version {
            Some(version) => self.by_id.insert(id, version),
            None => self.by_id.remove(&id),
        };
        let term = |version: Option<Version>| version.map_or(0, |version| term(id, version.sequence));
        self.hash = self.hash.wrapping_sub(term(before)).wrapping_add(term(version));
        before
    }

    fn count(&self) -> u64 {
        self.by_id.len() as u64
    }
}
