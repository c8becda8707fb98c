//! Runs the whole of a SAM template on one machine, without Docker, Java or SAM: the functions' real binaries behind
//! the Lambda Runtime API, an HTTP API that behaves as API Gateway does, and an embedded DynamoDB.
//!
//! [`Stack`] is the library's face, for end-to-end tests as for the command line. What is served comes from the
//! template alone: a route or a function that is added there needs no code here.

mod aws;
mod bench;
mod build;
pub mod cli;
mod connection;
pub mod demo;
mod dynamodb;
mod emulator;
mod environment;
mod event;
mod gateway;
mod index;
mod instance;
mod log;
mod pool;
pub mod project;
#[cfg(test)]
mod puppet;
mod response;
pub mod route;
mod runtime_api;
mod serve;
mod sign;
mod stack;
mod table;
pub mod template;

pub use bench::{BenchArguments, WorkerArguments, bench, bench_worker};
pub use dynamodb::{DynamoDbOptions, dynamodb};
pub use index::{AuditArguments, RebuildArguments, audit, rebuild};
pub use log::LogLine;
pub use serve::serve;
pub use sign::sign;
pub use stack::{Data, Stack, StackOptions};
