//! The loop of a function: event in, answer out, one log line each.

use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use customers::{Directory, DynamoStore, Fault, Repository};
use futures_util::FutureExt;
use lambda_http::{LambdaEvent, lambda_runtime::Runtime, service_fn};
use serde_json::value::RawValue;
use tokio::{join, sync::SetOnce, task::yield_now, time::timeout};
use tracing::{Instrument, error, error_span, warn};

use crate::{
    Clock, Config, Failure, Origin, Refusal, Request, Response, StartError, Tenants,
    compression::fit,
    dynamodb_client,
    error_chain::ErrorChain,
    event::Event,
    logging,
    metrics::{Record, log_request},
    response::GatewayResponse,
};

/// Time that may be spent on opening the connection to DynamoDB before the first request.
const WARM_UP: Duration = Duration::from_secs(2);
/// Turns of the runtime in which the request for an event goes out: connecting and writing take two or three.
const TURNS_TO_ASK: usize = 8;
/// Time before Lambda's deadline at which a request is given up, so that the dialect and not the gateway tells so and
/// the process, with what it read so far, lives on.
const TIME_TO_ANSWER: Duration = Duration::from_secs(1);

/// Serves one operation of a dialect until Lambda ends the process. `name` is the binary's, `DIALECT-OPERATION`: metrics are
/// told apart by it.
///
/// `handler` gets the directory of the tenant that the request's host names. Whatever happens in it is answered: a
/// refusal by its own response, a panic by the dialect's [`Failure::Internal`], after which the list indexes in memory
/// are read anew.
///
/// # Errors
///
/// A wrong environment, found and logged before the first event is asked for, or the loss of the Runtime API.
pub async fn serve<H, A, R>(name: &'static str, handler: H) -> Result<(), StartError>
where
    H: AsyncFn(&Directory<'_>, &Request) -> Result<A, R>,
    A: Into<Response>,
    R: Refusal,
{
    logging::start();
    let config = Config::from_env().inspect_err(|cause| error!(error = ?cause, "the function cannot start"))?;
    let is_started_ahead = config.is_started_ahead;
    let ready = &SetOnce::new();
    let service = service_fn(|LambdaEvent { payload, context, .. }: LambdaEvent<Box<RawValue>>| {
        let span = error_span!("invocation", requestId = context.request_id);
        let began = Instant::now();
        let answer = async move {
            let server: &Server<H> = ready.wait().await;
            let time_left = time_left(context.deadline);
            Ok::<_, Infallible>(server.answer(payload.get(), &context.request_id, began, time_left).await)
        };
        answer.instrument(span)
    });
    let begin = async {
        let server = Server::new(name, config, handler);
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

struct Server<H> {
    name: &'static str,
    origin: Origin,
    repository: Repository,
    tenants: Tenants,
    clock: Clock,
    has_answered: AtomicBool,
    handler: H,
}

impl<H> Server<H> {
    fn new(name: &'static str, config: Config, handler: H) -> Self {
        let store = DynamoStore::new(dynamodb_client(&config.client), config.table);
        Self {
            name,
            origin: config.origin,
            repository: Repository::within(config.memory, Arc::new(store)),
            tenants: config.tenants,
            clock: config.clock,
            has_answered: AtomicBool::new(false),
            handler,
        }
    }

    async fn warm_up(&self) {
        let _ = tokio::time::timeout(WARM_UP, self.repository.warm(self.tenants.fallback())).await;
    }

    /// Answers an event that arrived at `began`.
    async fn answer<A, R>(&self, event: &str, id: &str, began: Instant, time_left: Duration) -> GatewayResponse
    where
        H: AsyncFn(&Directory<'_>, &Request) -> Result<A, R>,
        A: Into<Response>,
        R: Refusal,
    {
        let before = self.repository.usage();
        let event = Event::parse(event);
        let route = event.as_ref().ok().and_then(|event| event.route_key.clone());
        let handled = AssertUnwindSafe(async {
            let request = event
                .and_then(|event| event.into_request(id, self.clock.now()))
                .map_err(|_| R::from(Failure::MalformedRequest))?;
            let tenant = self.tenants.of_host(request.host.as_deref());
            let directory = self.repository.directory(tenant, id);
            let answer = timeout(time_left, (self.handler)(&directory, &request)).await;
            let answer = answer.map_err(|_| R::from(out_of_time(&directory)))??.into();
            fit(answer, request.accepts_gzip()).ok_or_else(|| R::from(Failure::AnswerTooLarge))
        });
        let mut authentication_failed = false;
        let response = match handled.catch_unwind().await {
            Ok(Ok(response)) => response,
            Ok(Err(refusal)) => {
                refusal.fault().inspect(|fault| log_fault(fault));
                authentication_failed = refusal.is_authentication_failure();
                refusal.into()
            }
            Err(_) => {
                self.repository.forget_replicas();
                R::from(Failure::Internal).into()
            }
        };
        let record = Record {
            request_id: id,
            route: route.as_deref(),
            status: response.status.as_u16(),
            took: began.elapsed(),
            response_bytes: response.body.len(),
            usage: self.repository.usage().since(&before),
            cold_start: !self.has_answered.swap(true, Relaxed),
            authentication_failed,
        };
        log_request(&self.origin, self.name, &record);
        response.into()
    }
}

/// What a request that is given up comes to. One that may have changed something must not be called unavailable: its
/// caller would try again.
fn out_of_time(directory: &Directory<'_>) -> Failure {
    warn!("the request ran out of time");
    if directory.has_written() { Failure::Internal } else { Failure::Unavailable }
}

fn log_fault(fault: &Fault) {
    if fault.is_unavailable() {
        warn!(error = %ErrorChain(fault), "the directory is unavailable");
    } else {
        error!(error = %ErrorChain(fault), "the directory failed");
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::json;

    use super::*;
    use crate::ClientOptions;

    const MINUTE: Duration = Duration::from_secs(60);

    /// A dialect that words each failure by its name, and refuses with a fault if told to.
    struct Refused(Failure, Option<Fault>);

    impl From<Failure> for Refused {
        fn from(failure: Failure) -> Self {
            Self(failure, None)
        }
    }

    impl Refusal for Refused {
        fn fault(&self) -> Option<&Fault> {
            self.1.as_ref()
        }

        fn is_authentication_failure(&self) -> bool {
            false
        }
    }

    impl From<Refused> for Response {
        fn from(Refused(failure, _): Refused) -> Self {
            Self::json(StatusCode::BAD_REQUEST, &format!("{failure:?}"))
        }
    }

    /// A server whose table cannot be reached: its handler does not try to.
    fn server<H>(handler: H) -> Server<H> {
        let client = dynamodb_client(&ClientOptions::local("http://127.0.0.1:1"));
        Server {
            name: "test-operation",
            origin: Origin { stack: "test".to_owned(), function: "test".to_owned(), version: "1".to_owned() },
            repository: Repository::new(Arc::new(DynamoStore::new(client, "customers".to_owned()))),
            tenants: Tenants::parse("demo".parse().unwrap(), "acme.example.com=acme").unwrap(),
            clock: Clock::Wall,
            has_answered: AtomicBool::new(false),
            handler,
        }
    }

    fn event(path: &str) -> String {
        json!({ "rawPath": path, "requestContext": { "http": { "method": "POST" } } }).to_string()
    }

    fn is_answer(response: &GatewayResponse, status: StatusCode, value: &str) -> bool {
        *response == Response::json(status, &value).into()
    }

    #[tokio::test]
    async fn the_handler_gets_the_request_and_its_answer_is_sent() {
        let server = server(async |_: &Directory<'_>, request: &Request| {
            Ok::<_, Refused>(Response::json(StatusCode::OK, &format!("{} {}", request.path, request.id)))
        });
        assert!(is_answer(&server.answer(&event("/a"), "7", Instant::now(), MINUTE).await, StatusCode::OK, "/a 7"));
    }

    #[tokio::test]
    async fn a_refusal_answers_for_itself() {
        let server = server(async |_: &Directory<'_>, _: &Request| {
            Err::<Response, _>(Refused(Failure::Unavailable, Some(Fault::Contended)))
        });
        assert!(is_answer(
            &server.answer(&event("/"), "7", Instant::now(), MINUTE).await,
            StatusCode::BAD_REQUEST,
            "Unavailable"
        ));
    }

    #[tokio::test]
    async fn a_request_that_runs_out_of_time_is_answered_all_the_same() {
        let server = server(async |_: &Directory<'_>, _: &Request| {
            std::future::pending::<()>().await;
            Err::<Response, _>(Refused(Failure::Internal, None))
        });
        let answer = server.answer(&event("/"), "7", Instant::now(), Duration::from_millis(10)).await;
        assert!(is_answer(&answer, StatusCode::BAD_REQUEST, "Unavailable"));
        assert_eq!(time_left(0), Duration::ZERO);
    }

    #[tokio::test]
    async fn an_event_without_a_request_never_reaches_the_handler() {
        let was_called = AtomicBool::new(false);
        let server = server(async |_: &Directory<'_>, _: &Request| {
            was_called.store(true, Relaxed);
            Err::<Response, _>(Refused(Failure::Internal, None))
        });
        for event in ["{}", "", "null", r#"{"version":"1.0","httpMethod":"GET","path":"/","requestContext":{}}"#] {
            assert!(
                is_answer(
                    &server.answer(event, "7", Instant::now(), MINUTE).await,
                    StatusCode::BAD_REQUEST,
                    "MalformedRequest"
                ),
                "{event}"
            );
        }
        assert!(!was_called.load(Relaxed));
    }

    #[tokio::test]
    async fn a_panic_is_answered_and_the_next_request_is_served() {
        let server = server(async |_: &Directory<'_>, request: &Request| {
            assert_ne!(request.path, "/panic", "a handler that panics");
            Ok::<_, Refused>(Response::json(StatusCode::OK, &"served"))
        });
        assert!(is_answer(
            &server.answer(&event("/panic"), "7", Instant::now(), MINUTE).await,
            StatusCode::BAD_REQUEST,
            "Internal"
        ));
        assert!(is_answer(&server.answer(&event("/"), "8", Instant::now(), MINUTE).await, StatusCode::OK, "served"));
    }
}
