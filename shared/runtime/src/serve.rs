//! The loop of a function: event in, answer out.

use std::{
    convert::Infallible,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use customers::Directory;
use futures_util::future::LocalBoxFuture;
use lambda_http::{LambdaEvent, lambda_runtime::Runtime, service_fn};
use serde_json::value::RawValue;
use tokio::{join, sync::SetOnce, task::yield_now};
use tracing::{Instrument, error, error_span};

use crate::{
    Config, Refusal, Request, Response, StartError, heap, logging,
    operation::{Handler, Operation},
    server::Server,
};

/// Turns of the runtime in which the request for an event goes out: connecting and writing take two or three.
const TURNS_TO_ASK: usize = 8;
/// Time before Lambda's deadline at which a request is given up, so that the dialect and not the gateway tells so and
/// the process, with what it read so far, lives on.
const TIME_TO_ANSWER: Duration = Duration::from_secs(1);

/// Serves one operation of a dialect until Lambda ends the process. `name` is the binary's, `DIALECT-OPERATION`: metrics are
/// told apart by it.
///
/// `handler` gets the directory of the tenant that the request's host names. Whatever happens in it is answered: a
/// refusal by its own response, a panic by the dialect's [`Failure::Internal`](crate::Failure::Internal), after which the list indexes in memory
/// are read anew.
///
/// # Errors
///
/// A wrong environment, found and logged before the first event is asked for, or the loss of the Runtime API.
pub async fn serve<H, A, R>(name: &'static str, handler: H) -> Result<(), StartError>
where
    H: AsyncFn(&Directory<'_>, &Request) -> Result<A, R> + 'static,
    A: Into<Response> + 'static,
    R: Refusal + 'static,
{
    serve_operation(name, Box::new(Handler::new(handler))).await
}

/// Its future is boxed so that the loop is compiled in this crate, not with each operation.
fn serve_operation(
    name: &'static str,
    operation: Box<dyn Operation>,
) -> LocalBoxFuture<'static, Result<(), StartError>> {
    Box::pin(serve_events(name, operation))
}

async fn serve_events(name: &'static str, operation: Box<dyn Operation>) -> Result<(), StartError> {
    heap::keep_freed_memory();
    logging::start();
    let config = Config::from_env().inspect_err(|cause| error!(error = ?cause, "the function cannot start"))?;
    let is_started_ahead = config.is_started_ahead;
    let ready = &SetOnce::new();
    let service = service_fn(|LambdaEvent { payload, context, .. }: LambdaEvent<Box<RawValue>>| {
        let span = error_span!("invocation", requestId = context.request_id);
        let began = Instant::now();
        let answer = async move {
            let server: &Server = ready.wait().await;
            let time_left = time_left(context.deadline);
            Ok::<_, Infallible>(server.answer(payload.get(), &context.request_id, began, time_left).await)
        };
        answer.instrument(span)
    });
    let begin = async {
        let server = Server::new(name, config, operation);
        server.warm_up().await;
        // Nothing else sets it.
        let _ = ready.set(server);
    };
    let runtime = Runtime::new(service);
    let served = if is_started_ahead {
        // Lambda freezes the process as soon as it asks for an event.
        begin.await;
        runtime.run().await
    } else {
        // There is an event, which is asked for first and fetched meanwhile.
        let begin = async {
            for _ in 0..TURNS_TO_ASK {
                yield_now().await;
            }
            begin.await;
        };
        join!(runtime.run(), begin).0
    };
    served.map_err(StartError::Runtime)
}

/// Time that a request has until `deadline`, in milliseconds since the UNIX epoch, less what its answer needs.
fn time_left(deadline: u64) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_millis(deadline).saturating_sub(now).saturating_sub(TIME_TO_ANSWER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_that_has_passed_leaves_no_time() {
        assert_eq!(time_left(0), Duration::ZERO);
    }
}
