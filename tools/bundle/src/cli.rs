//! The command line.

#[cfg(test)]
mod tests;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use clap::{Args, Parser, Subcommand};

use crate::{
    bench::{BenchArguments, WorkerArguments},
    dynamodb::DynamoDbOptions,
    index::{AuditArguments, RebuildArguments},
    project,
    sign::SignArguments,
    stack::{Data, StackOptions},
};

/// The operator's command for the customer directory.
#[derive(Parser)]
#[command(name = "bundle", args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArguments,
}

impl Cli {
    /// The subcommand; without one it is `serve`.
    pub fn command(self) -> Command {
        self.command.unwrap_or(Command::Serve(self.serve))
    }
}

/// A subcommand.
#[derive(Subcommand)]
pub enum Command {
    /// Serve the whole system on this machine (the default)
    Serve(ServeArguments),
    /// Serve only the embedded DynamoDB, with the template's table, and print its URL
    Dynamodb(DynamoDbArguments),
    /// Build a tenant's list index anew from its documents, in this release's row format, while requests go on
    Rebuild(RebuildArguments),
    /// Compare a tenant's list index and unique values with its documents; fails if anything differs
    Audit(AuditArguments),
    /// Measure lists and writes against what is usually done, side by side
    ///
    /// To be run optimized: cargo run --release -- bench
    Bench(BenchArguments),
    /// A process that bench starts for what it measures
    #[command(hide = true)]
    BenchWorker(WorkerArguments),
    /// Print the headers of a signed SMPI request, as a configuration for curl
    ///
    /// To send one: cargo run --quiet -- sign URL | curl -K - URL
    Sign(SignArguments),
}

/// The flags of `dynamodb`.
#[derive(Debug, Args)]
pub struct DynamoDbArguments {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// Address and port, for others than this machine to reach
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "port")]
    listen: Option<SocketAddr>,
    /// Load the demo tenant, unless it is there
    #[arg(long)]
    demo: bool,
    /// Keep the data in memory only
    #[arg(long, conflicts_with = "data")]
    memory: bool,
    /// Directory of the database file [default: .bundle/ in the project]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Stop when standard input ends, too
    #[arg(long)]
    until_input_ends: bool,
}

impl DynamoDbArguments {
    /// The options of the database.
    ///
    /// # Errors
    /// If the project, which holds the default data directory, is not found.
    pub fn options(self) -> anyhow::Result<DynamoDbOptions> {
        let data = match self.data {
            _ if self.memory => Data::Memory,
            Some(directory) => Data::Directory(directory),
            None => Data::Directory(project::root()?.join(".bundle")),
        };
        let address = self.listen.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, self.port).into());
        Ok(DynamoDbOptions { address, data, demo: self.demo, until_input_ends: self.until_input_ends })
    }
}

/// The flags of `serve`.
#[derive(Debug, Args)]
pub struct ServeArguments {
    /// Port of the HTTP API on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Keep the data in memory only
    #[arg(long, conflicts_with_all = ["data", "endpoint"])]
    memory: bool,
    /// Directory of the database file [default: .bundle/ in the project]
    #[arg(long, value_name = "DIR", conflicts_with = "endpoint")]
    data: Option<PathBuf>,
    /// Use the DynamoDB at this URL, with the AWS_* variables of the environment
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// Build and run optimized functions
    #[arg(long)]
    release: bool,
    /// Print no requests and nothing that the functions print
    #[arg(long)]
    quiet: bool,
}

impl ServeArguments {
    /// The options of the stack.
    ///
    /// # Errors
    /// If the project, which holds the default data directory, is not found.
    pub fn stack_options(self) -> anyhow::Result<StackOptions> {
        let project = project::root()?;
        let data = match (self.endpoint, self.data) {
            (Some(url), _) => Data::Endpoint(url),
            (None, _) if self.memory => Data::Memory,
            (None, directory) => Data::Directory(directory.unwrap_or_else(|| project.join(".bundle"))),
        };
        Ok(StackOptions {
            project: Some(project),
            port: self.port,
            data,
            demo: true,
            release: self.release,
            quiet: self.quiet,
            ..StackOptions::default()
        })
    }
}
