//! An operation without the types of its dialect. What is around it is then compiled once, in this crate, and not with each
//! operation.

use std::marker::PhantomData;

use customers::{Directory, Fault};
use futures_util::future::LocalBoxFuture;
use tracing::{error, warn};

use crate::{Failure, Refusal, Request, Response, error_chain::ErrorChain};

/// An operation that is not carried out, in the words of its dialect.
pub(crate) struct Refused {
    pub(crate) response: Response,
    pub(crate) is_authentication_failure: bool,
}

impl Refused {
    /// What a dialect answers, after the fault behind it was logged.
    fn new<R: Refusal>(refusal: R) -> Self {
        if let Some(fault) = refusal.fault() {
            log_fault(fault);
        }
        Self { is_authentication_failure: refusal.is_authentication_failure(), response: refusal.into() }
    }
}

fn log_fault(fault: &Fault) {
    if fault.is_unavailable() {
        warn!(error = %ErrorChain(fault), "the directory is unavailable");
    } else {
        error!(error = %ErrorChain(fault), "the directory failed");
    }
}

/// What a function does.
pub(crate) trait Operation {
    /// Answers a request.
    fn run<'a>(
        &'a self,
        directory: &'a Directory<'_>,
        request: &'a Request,
    ) -> LocalBoxFuture<'a, Result<Response, Refused>>;

    /// Words a failure.
    fn refuse(&self, failure: Failure) -> Refused;
}

/// The operation that a dialect's function carries out.
pub(crate) struct Handler<H, A, R> {
    handler: H,
    answers: PhantomData<fn() -> Result<A, R>>,
}

impl<H, A, R> Handler<H, A, R> {
    pub(crate) fn new(handler: H) -> Self {
        Self { handler, answers: PhantomData }
    }
}

impl<H, A, R> Operation for Handler<H, A, R>
where
    H: AsyncFn(&Directory<'_>, &Request) -> Result<A, R>,
    A: Into<Response>,
    R: Refusal,
{
    fn run<'a>(
        &'a self,
        directory: &'a Directory<'_>,
        request: &'a Request,
    ) -> LocalBoxFuture<'a, Result<Response, Refused>> {
        Box::pin(async { (self.handler)(directory, request).await.map(A::into).map_err(Refused::new) })
    }

    fn refuse(&self, failure: Failure) -> Refused {
        Refused::new(R::from(failure))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, pipe},
        sync::Arc,
    };

    use lambda_http::tracing::subscriber::fmt;
    use tracing::subscriber::with_default;

    use super::*;
    use crate::StatusCode;

    enum Words {
        NotLetIn,
        Failed(Failure, Option<Fault>),
    }

    crate::refusal!(Words, Self::NotLetIn);

    impl From<Words> for Response {
        fn from(words: Words) -> Self {
            match words {
                Words::NotLetIn => Self::json(StatusCode::UNAUTHORIZED, &"not let in"),
                Words::Failed(failure, _) => Self::json(StatusCode::SERVICE_UNAVAILABLE, &format!("{failure:?}")),
            }
        }
    }

    /// How `words` are refused, and what the log says of it.
    fn refused(words: Words) -> (Refused, String) {
        let (mut log, writer) = pipe().unwrap();
        let subscriber = fmt().with_ansi(false).with_writer(Arc::new(writer)).finish();
        let refused = with_default(subscriber, || Refused::new(words));
        let mut lines = String::new();
        log.read_to_string(&mut lines).unwrap();
        (refused, lines)
    }

    #[test]
    fn the_fault_behind_a_refusal_is_logged() {
        let (refused, log) = refused(Words::from(Fault::Contended));
        assert_eq!(refused.response.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!refused.is_authentication_failure);
        assert!(log.contains("WARN") && log.contains("the directory is unavailable"), "{log}");
        assert!(log.contains(&Fault::Contended.to_string()), "{log}");
    }

    #[test]
    fn a_caller_who_is_not_let_in_is_no_fault() {
        let (refused, log) = refused(Words::NotLetIn);
        assert_eq!(refused.response.status, StatusCode::UNAUTHORIZED);
        assert!(refused.is_authentication_failure);
        assert_eq!(log, "");
    }
}
