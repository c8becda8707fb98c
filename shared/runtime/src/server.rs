//! Answers events, one log line each.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use customers::{Directory, DynamoStore, Repository};
use futures_util::FutureExt;
use tokio::time::timeout;
use tracing::warn;

use crate::{
    Clock, Config, Failure, Origin, Tenants,
    compression::fit,
    dynamodb_client,
    event::Event,
    metrics::{Record, log_request},
    operation::Operation,
    response::GatewayResponse,
};

/// Time that may be spent on opening the connection to DynamoDB before the first request.
const WARM_UP: Duration = Duration::from_secs(2);

/// An operation and all that it needs.
pub(crate) struct Server {
    name: &'static str,
    origin: Origin,
    repository: Repository,
    tenants: Tenants,
    clock: Clock,
    has_answered: AtomicBool,
    operation: Box<dyn Operation>,
}

impl Server {
    pub(crate) fn new(name: &'static str, config: Config, operation: Box<dyn Operation>) -> Self {
        let store = DynamoStore::new(dynamodb_client(&config.client), config.table);
        Self {
            name,
            origin: config.origin,
            repository: Repository::within(config.memory, Arc::new(store)),
            tenants: config.tenants,
            clock: config.clock,
            has_answered: AtomicBool::new(false),
            operation,
        }
    }

    pub(crate) async fn warm_up(&self) {
        let _ = timeout(WARM_UP, self.repository.warm(self.tenants.fallback())).await;
    }

    /// Answers an event that arrived at `began`.
    pub(crate) async fn answer(&self, event: &str, id: &str, began: Instant, time_left: Duration) -> GatewayResponse {
        let before = self.repository.usage();
        let event = Event::parse(event);
        let route = event.as_ref().ok().and_then(|event| event.route_key.clone());
        let refuse = |failure| self.operation.refuse(failure);
        let handled = AssertUnwindSafe(async {
            let request = event
                .and_then(|event| event.into_request(id, self.clock.now()))
                .map_err(|_| refuse(Failure::MalformedRequest))?;
            let tenant = self.tenants.of_host(request.host.as_deref());
            let directory = self.repository.directory(tenant, id);
            let answer = timeout(time_left, self.operation.run(&directory, &request)).await;
            let answer = answer.map_err(|_| refuse(out_of_time(&directory)))??;
            fit(answer, request.accepts_gzip()).ok_or_else(|| refuse(Failure::AnswerTooLarge))
        });
        let (response, authentication_failed) = match handled.catch_unwind().await {
            Ok(Ok(response)) => (response, false),
            Ok(Err(refused)) => (refused.response, refused.is_authentication_failure),
            Err(_) => {
                self.repository.forget_replicas();
                (refuse(Failure::Internal).response, false)
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

#[cfg(test)]
mod tests {
    use customers::Fault;
    use http::StatusCode;
    use serde_json::json;

    use super::*;
    use crate::{ClientOptions, Refusal, Request, Response, operation::Handler};

    const MINUTE: Duration = Duration::from_secs(60);

    /// A dialect that words each failure by its name, and refuses with a fault if told to.
    struct Worded(Failure, Option<Fault>);

    impl From<Failure> for Worded {
        fn from(failure: Failure) -> Self {
            Self(failure, None)
        }
    }

    impl Refusal for Worded {
        fn fault(&self) -> Option<&Fault> {
            self.1.as_ref()
        }

        fn is_authentication_failure(&self) -> bool {
            false
        }
    }

    impl From<Worded> for Response {
        fn from(Worded(failure, _): Worded) -> Self {
            Self::json(StatusCode::BAD_REQUEST, &format!("{failure:?}"))
        }
    }

    /// A server whose table cannot be reached: its handler does not try to.
    fn server<H>(handler: H) -> Server
    where
        H: AsyncFn(&Directory<'_>, &Request) -> Result<Response, Worded> + 'static,
    {
        let client = dynamodb_client(&ClientOptions::local("http://127.0.0.1:1"));
        Server {
            name: "test-operation",
            origin: Origin { stack: "test".to_owned(), function: "test".to_owned(), version: "1".to_owned() },
            repository: Repository::new(Arc::new(DynamoStore::new(client, "customers".to_owned()))),
            tenants: Tenants::parse("demo".parse().unwrap(), "acme.example.com=acme").unwrap(),
            clock: Clock::Wall,
            has_answered: AtomicBool::new(false),
            operation: Box::new(Handler::new(handler)),
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
            Ok::<_, Worded>(Response::json(StatusCode::OK, &format!("{} {}", request.path, request.id)))
        });
        assert!(is_answer(&server.answer(&event("/a"), "7", Instant::now(), MINUTE).await, StatusCode::OK, "/a 7"));
    }

    #[tokio::test]
    async fn a_refusal_answers_for_itself() {
        let server = server(async |_: &Directory<'_>, _: &Request| {
            Err::<Response, _>(Worded(Failure::Unavailable, Some(Fault::Contended)))
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
            Err::<Response, _>(Worded(Failure::Internal, None))
        });
        let answer = server.answer(&event("/"), "7", Instant::now(), Duration::from_millis(10)).await;
        assert!(is_answer(&answer, StatusCode::BAD_REQUEST, "Unavailable"));
    }

    #[tokio::test]
    async fn an_event_without_a_request_never_reaches_the_handler() {
        let was_called = Arc::new(AtomicBool::new(false));
        let handled = Arc::clone(&was_called);
        let server = server(async move |_: &Directory<'_>, _: &Request| {
            handled.store(true, Relaxed);
            Err::<Response, _>(Worded(Failure::Internal, None))
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
            Ok::<_, Worded>(Response::json(StatusCode::OK, &"served"))
        });
        assert!(is_answer(
            &server.answer(&event("/panic"), "7", Instant::now(), MINUTE).await,
            StatusCode::BAD_REQUEST,
            "Internal"
        ));
        assert!(is_answer(&server.answer(&event("/"), "8", Instant::now(), MINUTE).await, StatusCode::OK, "served"));
    }
}
