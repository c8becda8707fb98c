//! Reading the item.

use customers::{Dialect, Directory, Fault};
use runtime::{Failure, Refusal, Request, Response, StatusCode};

/// Answers with the name of the login.
pub(crate) async fn read_one_item(directory: &Directory<'_>, _: &Request) -> Result<Response, Failed> {
    let login = directory.login(Dialect::NeuCrm, "1").await.map_err(Failed::Fault)?;
    let status = if login.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    Ok(Response::json(status, &login.map(|login| login.name)))
}

/// Why it was not read.
pub(crate) enum Failed {
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
