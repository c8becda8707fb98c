//! The other processes of a run: the database's, and one for each thing measured.

use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, ChildStdin, Command},
};

use super::worker::{Found, Task};
use crate::{stack::Data, template::Table};

/// A process that serves the embedded DynamoDB. It ends with this one, however that ends.
pub(super) struct Database {
    child: Child,
    /// Its end is the sign to stop.
    input: ChildStdin,
    pub(super) endpoint: String,
}

impl Database {
    pub(super) async fn start(data: Data) -> Result<Self> {
        let mut command = bundle()?;
        command.args(["dynamodb", "--port", "0", "--until-input-ends"]);
        match data {
            Data::Memory => command.arg("--memory"),
            Data::Directory(directory) => command.arg("--data").arg(directory),
            Data::Endpoint(_) => bail!("only the embedded DynamoDB is started"),
        };
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("a process without pipes")
        };
        let endpoint = BufReader::new(output).lines().next_line().await?.context("the database did not start")?;
        Ok(Self { child, input, endpoint })
    }

    /// Waits until the database is closed.
    pub(super) async fn stop(mut self) -> Result<()> {
        drop(self.input);
        ensure!(self.child.wait().await?.success(), "the database failed");
        Ok(())
    }
}

/// Has a process of its own measure `task`.
pub(super) async fn run_worker(
    task: Task,
    database: &Database,
    table: &Table,
    customers: u64,
    quick: bool,
) -> Result<Found> {
    let mut command = bundle()?;
    command.args(["bench-worker", task.name(), "--endpoint", &database.endpoint, "--table", &table.name]);
    command.args(["--customers", &customers.to_string()]).args(quick.then_some("--quick"));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut output = Vec::new();
    child.stdout.take().context("a process without pipes")?.read_to_end(&mut output).await?;
    ensure!(child.wait().await?.success(), "{} could not be measured", task.title());
    Ok(serde_json::from_slice(&output)?)
}

/// This program once more.
fn bundle() -> Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("this program's file is unknown")?);
    command.kill_on_drop(true);
    Ok(command)
}
