//! The operator's command.

use std::process::ExitCode;

use bundle::cli::{Cli, Command};
use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    runtime::keep_freed_memory();
    let result = match Cli::parse().command() {
        Command::Serve(arguments) => match arguments.stack_options() {
            Ok(options) => bundle::serve(options).await,
            Err(error) => Err(error),
        },
        Command::Dynamodb(arguments) => match arguments.options() {
            Ok(options) => bundle::dynamodb(options).await,
            Err(error) => Err(error),
        },
        Command::Rebuild(arguments) => bundle::rebuild(arguments).await,
        Command::Audit(arguments) => bundle::audit(arguments).await,
        Command::Bench(arguments) => bundle::bench(&arguments).await,
        Command::BenchWorker(arguments) => bundle::bench_worker(arguments).await,
        Command::Sign(arguments) => bundle::sign(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
