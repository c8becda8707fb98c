//! The subcommand `bench`: what lists and writes cost, side by side with what is usually done, on one machine in one run.
//!
//! The embedded DynamoDB runs in a process of its own, and so does each thing measured: the figures for CPU and memory
//! are then those of the thing alone.

mod arguments;
mod changes;
mod clock;
mod cold;
mod http;
mod http_client;
mod instrumented;
mod item;
mod lists;
mod load;
mod machine;
mod process;
mod processes;
mod processors;
mod report;
mod statistics;
mod tls;
mod worker;
mod writes;

use std::{
    io::{Write, stdout},
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use tokio::signal::unix::{SignalKind, signal};

pub use arguments::BenchArguments;
pub use worker::{WorkerArguments, bench_worker};

use crate::{
    project,
    stack::Data,
    template::{Table, Template},
};
use arguments::Only;
use load::Load;
use processes::{Database, run_worker};
use report::Report;
use worker::Task;

/// Shards of the tenant whose lists are measured.
const SHARDS: u32 = 4;

/// Measures and prints what it found. Ctrl-C and SIGTERM end it; what it started ends with it.
///
/// # Errors
/// If something cannot be started, fails under load, or two ways to the same list find different customers.
pub async fn bench(arguments: &BenchArguments) -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = run(arguments) => result,
        _ = interrupt.recv() => bail!("interrupted"),
        _ = terminate.recv() => bail!("terminated"),
    }
}

/// What was found is told even if a later part fails.
async fn run(arguments: &BenchArguments) -> Result<()> {
    if let Some(Only::Cold(arguments)) = &arguments.only {
        return cold::run(arguments).await;
    }
    if cfg!(debug_assertions) {
        progress("built without optimization: run it with cargo run --release -- bench");
    }
    let mut report = Report::new(arguments.command());
    let outcome = measure(arguments, &mut report).await;
    report.complete();
    let text = report.markdown();
    stdout().write_all(text.as_bytes())?;
    save(arguments.markdown.as_deref(), &text)?;
    save(arguments.json.as_deref(), &report.json()?)?;
    outcome
}

async fn measure(arguments: &BenchArguments, report: &mut Report) -> Result<()> {
    let table = Template::read(&project::root()?.join(project::TEMPLATE))?.table;
    let sizes = arguments.sizes();
    for customers in sizes {
        let is_largest = sizes.iter().all(|other| other <= customers);
        lists(&table, *customers, is_largest, arguments, report).await?;
    }
    writes(&table, arguments.quick, report).await?;
    if !arguments.without_http {
        http::measure(&table, arguments.quick, report).await?;
    }
    Ok(())
}

/// All ways to the same list of the same customers; of the largest number, more about the index.
async fn lists(
    table: &Table,
    customers: u64,
    is_largest: bool,
    arguments: &BenchArguments,
    report: &mut Report,
) -> Result<()> {
    let quick = arguments.quick;
    let directory = tempfile::tempdir().context("cannot make a directory for the database")?;
    let load = Load { customers, shards: SHARDS, copies: true };
    load::load(directory.path(), table, &load).await?;
    let database = Database::start(Data::Directory(directory.path().to_owned())).await?;
    let mut answers = Vec::new();
    for task in [Task::Documents, Task::Rows, Task::Cold, Task::Warm] {
        progress(&format!("{customers} customers: {}", task.title()));
        let found = run_worker(task, &database, table, customers, quick).await?;
        answers.extend(found.answer.clone());
        report.add_lists(found.lists);
        if is_largest {
            report.add_figures(found.figures);
        }
    }
    ensure!(answers.windows(2).all(|pair| pair.first() == pair.last()), "the ways to one list disagree: {answers:?}");
    if is_largest {
        progress(&format!("{customers} customers: {}", Task::Changes.title()));
        report.add_figures(run_worker(Task::Changes, &database, table, customers, quick).await?.figures);
    }
    database.stop().await?;
    if is_largest && !arguments.without_http {
        http::consumption(directory.path(), customers, report).await?;
    }
    Ok(())
}

async fn writes(table: &Table, quick: bool, report: &mut Report) -> Result<()> {
    let customers = if quick { writes::QUICK_CUSTOMERS } else { writes::CUSTOMERS };
    for task in [Task::WritesFewShards, Task::WritesManyShards] {
        progress(task.title());
        let database = Database::start(Data::Memory).await?;
        report.add_figures(run_worker(task, &database, table, customers, quick).await?.figures);
        database.stop().await?;
    }
    Ok(())
}

fn save(path: Option<&Path>, text: &str) -> Result<()> {
    let Some(path) = path else { return Ok(()) };
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Tells on stderr what is under way.
fn progress(text: &str) {
    eprintln!("bench: {text}");
}
