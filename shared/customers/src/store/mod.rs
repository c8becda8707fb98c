//! The few things the repository asks of a table. DynamoDB is one implementation; the protocol's tests bring a hostile
//! one.

mod batch_answer;
mod binary_page;
mod capture;
mod dynamo;
mod expression;
mod failure;
mod operator;
mod query_answer;
mod raw_item;
mod typed_value;
mod unreadable;

use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;

pub use binary_page::BinaryPage;
pub use dynamo::DynamoStore;
pub use raw_item::RawItem;

use crate::{fault::Cause, usage::Meter};

/// The attribute of the partition key.
const PARTITION: &str = "PK";
/// The attribute of the sort key.
const SORT: &str = "SK";

/// An item as the table holds it, its key attributes included.
pub type Item = HashMap<String, AttributeValue>;

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Partition key, attribute `PK`.
    pub partition: String,
    /// Sort key, attribute `SK`.
    pub sort: String,
}

impl TryFrom<&Item> for Key {
    type Error = StoreError;

    /// The key of an item that was read.
    fn try_from(item: &Item) -> Result<Self, StoreError> {
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
        match (text(PARTITION), text(SORT)) {
            (Some(partition), Some(sort)) => Ok(Self { partition, sort }),
            _ => Err(StoreError::Refused("an item without its key".into())),
        }
    }
}

/// One page of a partition.
#[derive(Debug, Default)]
pub struct QueryPage {
    /// Items in ascending order of their sort keys.
    pub items: Vec<Item>,
    /// Whether the partition may hold more behind them.
    pub more: bool,
}

/// One page of a scan.
#[derive(Debug, Default)]
pub struct ScanPage {
    /// Items in no order.
    pub items: Vec<Item>,
    /// Where the next page begins; none behind the last one.
    pub next: Option<Key>,
}

/// One of several parts of the table that are scanned side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Which one, from 0.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

/// A write of a transaction, or alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// The item it concerns.
    pub key: Key,
    /// What happens to it.
    pub action: Action,
    /// What must hold for it to happen.
    pub condition: Condition,
}

/// What a write does to an item.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Replaces it; the attributes come without the key.
    Put(Item),
    /// Sets these attributes and leaves others alone.
    Set(Item),
    /// Removes it.
    Delete,
}

/// What must hold of an item for its write to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// There is no such item.
    Absent,
    /// There is such an item.
    Present,
    /// Its attribute `q` has this value.
    Sequence(u64),
    /// Its attribute `q` has this value, and it has no attribute `closed`.
    OpenSequence(u64),
    /// Its attribute `owner` has this value.
    Owner(u64),
    /// Its attribute `e` has this value.
    Epoch(u64),
}

/// Why a read, or a write outside a transaction, failed.
#[derive(Debug)]
pub enum StoreError {
    /// DynamoDB was out of reach or too busy, after all the attempts that the store makes.
    Unavailable(Cause),
    /// DynamoDB understood the request and refuses it.
    Refused(Cause),
}

/// Why a transaction did not report success.
#[derive(Debug)]
pub enum TransactError {
    /// It was cancelled and nothing was applied: one reason for each write, in their order.
    Cancelled(Vec<Reason>),
    /// It was turned away for load, and nothing was applied.
    Throttled(Cause),
    /// DynamoDB is still at work on the same token.
    InProgress(Cause),
    /// No answer, or one that does not tell: it may have been applied.
    Unknown(Cause),
    /// DynamoDB understood the request and refuses it; nothing was applied.
    Refused(Cause),
}

/// A write's part in the cancellation of its transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// It was not this one's fault.
    None,
    /// Its condition did not hold; the item as it was, if it was asked for.
    ConditionFailed(Option<Item>),
    /// Another transaction was at work on the item.
    Conflict,
    /// The item's partition was too busy.
    Throttled,
    /// Anything else, by DynamoDB's code.
    Other(String),
}

/// A table. All reads are strongly consistent.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// The item under `key`.
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError>;

    /// The items under `keys`, in any order, missing ones left out.
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError>;

    /// Like [`Store::get_many`], for items that types are read from.
    async fn get_many_raw(&self, keys: &[Key]) -> Result<Vec<RawItem>, StoreError> {
        self.get_many(keys).await?.into_iter().map(RawItem::try_from).collect()
    }

    /// The items of `partition` whose sort keys come after `after`, ascending, at most `limit` of them.
    async fn query(&self, partition: &str, after: &str, limit: u32) -> Result<QueryPage, StoreError>;

    /// Like [`Store::query`], for the items of a list index: of each one binary attribute matters. They may come without
    /// their partition key.
    async fn query_binary(&self, partition: &str, after: &str, limit: u32) -> Result<BinaryPage, StoreError> {
        self.query(partition, after, limit).await.map(BinaryPage::from)
    }

    /// Adds `amount` to the number in attribute `n` of the item under `key`, which is made if missing, and returns the sum.
    /// Sets the other attributes in `also`.
    async fn add(&self, key: &Key, amount: u64, also: Item) -> Result<u64, StoreError>;

    /// Applies all `writes` or none. The same `token` with the same writes is applied once, however often it is sent
    /// within ten minutes. The item that failed a [`Condition::OpenSequence`], or an [`Condition::Absent`] under the
    /// action [`Action::Set`], comes back in its reason.
    async fn transact(&self, writes: &[Write], token: &str) -> Result<(), TransactError>;

    /// Counts what passes.
    fn meter(&self) -> &Meter;
}

/// A table for its operator: what no function does, and none has to link.
#[async_trait]
pub trait OperatorStore: Store {
    /// A page of the items in `segment` whose partition keys begin with `prefix`, from where the page before it named. What
    /// is changed meanwhile may be on it or not.
    async fn scan(&self, prefix: &str, segment: Segment, from: Option<&Key>) -> Result<ScanPage, StoreError>;

    /// Writes whole items without conditions, each alone.
    async fn put_many(&self, items: Vec<(Key, Item)>) -> Result<(), StoreError>;

    /// Removes items without conditions, each alone. Missing ones do not matter.
    async fn delete_many(&self, keys: Vec<Key>) -> Result<(), StoreError>;
}
