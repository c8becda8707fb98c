//! Loads many customers into a database file that nobody serves yet.

use std::{path::Path, time::Instant};

use anyhow::{Context, Result};
use async_trait::async_trait;
use customers::{
    NewTenant, load_tenant_from,
    table::{
        Action, Condition, Item, Key, Meter, OperatorStore, QueryPage, ScanPage, Segment, Store, StoreError,
        TransactError, Write,
    },
};
use dynoxide::{Database, ImportOptions};
use indicatif::{ProgressBar, ProgressStyle};

use super::{item, lists::copy_key, processes::Database as Server, progress};
use crate::{demo, stack::DATABASE, stack::Data, template::Table};

/// How far it is; nothing where no person looks on.
const BAR: &str = "bench: {pos} of {len} customers loaded {wide_bar} {eta}";

/// What is loaded.
pub(super) struct Load {
    pub(super) customers: u64,
    pub(super) shards: u32,
    /// Whether the documents stand a second time in partitions of their own, as a directory without an index would keep
    /// them.
    pub(super) copies: bool,
}

/// Makes a database in `directory` with the table and a tenant.
pub(super) async fn load(directory: &Path, table: &Table, load: &Load) -> Result<()> {
    let Load { customers, shards, copies } = *load;
    // A first start creates the table.
    Server::start(Data::Directory(directory.to_owned())).await?.stop().await?;
    let began = Instant::now();
    let database = crate::emulator::open(Some(&directory.join(DATABASE)))?;
    database.enable_bulk_loading()?;
    let store = Bulk { database, table: table.name.clone(), copies, meter: Meter::default() };
    let (tenant, crowd) = demo::crowd(customers)?;
    let tenant = NewTenant { shards, ..tenant };
    let bar = ProgressBar::new(customers).with_style(ProgressStyle::with_template(BAR)?);
    load_tenant_from(&store, &tenant, bar.wrap_iter(crowd)).await.context("the customers cannot be loaded")?;
    bar.finish_and_clear();
    store.database.disable_bulk_loading()?;
    progress(&format!("{customers} customers: loaded in {:.1} s", began.elapsed().as_secs_f64()));
    Ok(())
}

/// The database itself, for whole items only.
struct Bulk {
    database: Database,
    table: String,
    copies: bool,
    meter: Meter,
}

impl Bulk {
    fn import(&self, items: Vec<(Key, Item)>) -> Result<()> {
        let mut stored = Vec::with_capacity(items.len() * 2);
        for (key, item) in items {
            if let Some(copy) = copy_key(&key).filter(|_| self.copies) {
                stored.push(item::stored(copy, item.clone())?);
            }
            stored.push(item::stored(key, item)?);
        }
        self.database.import_items(&self.table, stored, ImportOptions::default())?;
        Ok(())
    }
}

#[async_trait]
impl OperatorStore for Bulk {
    async fn put_many(&self, items: Vec<(Key, Item)>) -> Result<(), StoreError> {
        self.import(items).map_err(|error| StoreError::Refused(error.into()))?;
        // Lets a signal be heard.
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn scan(&self, _: &str, _: Segment, _: Option<&Key>) -> Result<ScanPage, StoreError> {
        Err(only_loads())
    }

    async fn delete_many(&self, _: Vec<Key>) -> Result<(), StoreError> {
        Err(only_loads())
    }
}

#[async_trait]
impl Store for Bulk {
    async fn get(&self, _: &Key) -> Result<Option<Item>, StoreError> {
        Err(only_loads())
    }

    async fn get_many(&self, _: &[Key]) -> Result<Vec<Item>, StoreError> {
        Err(only_loads())
    }

    async fn query(&self, _: &str, _: &str, _: u32) -> Result<QueryPage, StoreError> {
        Err(only_loads())
    }

    async fn add(&self, _: &Key, _: u64, _: Item) -> Result<u64, StoreError> {
        Err(only_loads())
    }

    async fn transact(&self, writes: &[Write], _: &str) -> Result<(), TransactError> {
        let items = writes.iter().map(|write| match (&write.action, write.condition) {
            // The database is new: nothing else can be there.
            (Action::Put(item), Condition::Absent) => Some((write.key.clone(), item.clone())),
            _ => None,
        });
        let items = items.collect::<Option<_>>().ok_or_else(|| TransactError::Refused(ONLY_LOADS.into()))?;
        self.import(items).map_err(|error| TransactError::Refused(error.into()))
    }

    fn meter(&self) -> &Meter {
        &self.meter
    }
}

const ONLY_LOADS: &str = "this store only loads";

fn only_loads() -> StoreError {
    StoreError::Refused(ONLY_LOADS.into())
}
