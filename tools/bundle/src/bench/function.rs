//! The function that reads one item: the least that any function on DynamoDB does.

use anyhow::{Result, anyhow};
use customers::{Dialect, Directory, Fault};
use runtime::{Failure, Refusal, Request, Response, StatusCode};

use super::worker::on_one_thread;

/// The item that the function reads: a login.
pub(super) const IDENTITY: &str = "1";

/// Serves the function until its process is ended.
///
/// # Errors
/// If the environment is not that of a function.
pub async fn bench_function() -> Result<()> {
    on_one_thread(|| async { runtime::serve("bench-one-item", read_one_item).await.map_err(|error| anyhow!(error)) })
        .await
}

async fn read_one_item(directory: &Directory<'_>, _: &Request) -> Result<Response, Failed> {
    let login = directory.login(Dialect::NeuCrm, IDENTITY).await.map_err(Failed::Fault)?;
    let status = if login.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    Ok(Response::json(status, &login.map(|login| login.name)))
}

enum Failed {
    Fault(Fault),
    Failure,
}

impl From<Failure> for Failed {
    fn from(_: Failure) -> Self {
        Self::Failure
    }
}

impl From<Failed> for Response {
    fn from(_: Failed) -> Self {
        Self::json(StatusCode::INTERNAL_SERVER_ERROR, &"failed")
    }
}

impl Refusal for Failed {
    fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Fault(fault) => Some(fault),
            Self::Failure => None,
        }
    }

    fn is_authentication_failure(&self) -> bool {
        false
    }
}
