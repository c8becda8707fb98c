//! The process that measures one thing.

use std::{
    io::{Write, stdout},
    sync::Arc,
};

use anyhow::Result;
use clap::{Args, ValueEnum};
use customers::{
    DynamoStore,
    table::{OperatorStore, Store},
};
use runtime::{ClientOptions, dynamodb_client};
use serde::{Deserialize, Serialize};
use tokio::{runtime::Builder, task::spawn_blocking};

use super::{
    changes, lists,
    report::{Figure, ListLine},
    writes,
};

/// What to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Task {
    Documents,
    Rows,
    Cold,
    Warm,
    Changes,
    WritesFewShards,
    WritesManyShards,
}

impl Task {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Documents => "documents",
            Self::Rows => "rows",
            Self::Cold => "cold",
            Self::Warm => "warm",
            Self::Changes => "changes",
            Self::WritesFewShards => "writes-few-shards",
            Self::WritesManyShards => "writes-many-shards",
        }
    }

    /// For people.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Documents => "A, reading all documents",
            Self::Rows => "B, reading all rows",
            Self::Cold => "C, cold",
            Self::Warm => "C, warm",
            Self::Changes => "picking up changes",
            Self::WritesFewShards => "sixteen writers, few shards",
            Self::WritesManyShards => "sixteen writers, many shards",
        }
    }
}

/// The flags of the process.
#[derive(Debug, Args)]
pub struct WorkerArguments {
    #[arg(value_enum)]
    task: Task,
    #[arg(long)]
    endpoint: String,
    #[arg(long)]
    table: String,
    #[arg(long)]
    customers: u64,
    #[arg(long)]
    quick: bool,
}

/// What a process found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Found {
    /// What the list answered, to compare; none where it is another list.
    pub(super) answer: Option<String>,
    pub(super) lists: Vec<ListLine>,
    pub(super) figures: Vec<Figure>,
}

/// What tasks know of their place.
#[derive(Debug)]
pub(super) struct Place {
    endpoint: String,
    table: String,
    pub(super) customers: u64,
    pub(super) quick: bool,
}

impl Place {
    /// The table, over connections of its own.
    pub(super) fn store(&self) -> Arc<dyn Store> {
        self.operator_store()
    }

    /// The same for its operator.
    pub(super) fn operator_store(&self) -> Arc<dyn OperatorStore> {
        let client = dynamodb_client(&ClientOptions::local(&self.endpoint));
        Arc::new(DynamoStore::new(client, self.table.clone()))
    }
}

/// Measures one thing and prints what it found as JSON.
///
/// # Errors
/// If the database fails.
pub async fn bench_worker(arguments: WorkerArguments) -> Result<()> {
    let found = spawn_blocking(move || {
        // As functions have it.
        let runtime = Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(measure(arguments))
    });
    serde_json::to_writer(stdout(), &found.await??)?;
    Ok(stdout().flush()?)
}

async fn measure(arguments: WorkerArguments) -> Result<Found> {
    let WorkerArguments { task, endpoint, table, customers, quick } = arguments;
    let place = Place { endpoint, table, customers, quick };
    match task {
        Task::Documents => lists::documents(&place).await,
        Task::Rows => lists::rows(&place).await,
        Task::Cold => lists::cold(&place).await,
        Task::Warm => lists::warm(&place).await,
        Task::Changes => changes::measure(&place).await,
        Task::WritesFewShards => writes::measure(&place, &writes::FEW_SHARDS).await,
        Task::WritesManyShards => writes::measure(&place, &writes::MANY_SHARDS).await,
    }
}
