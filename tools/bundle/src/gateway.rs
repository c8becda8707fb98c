//! The HTTP API: routes, limits, events to the functions, their answers, one log line per request.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, Response},
    serve::ListenerExt,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use time::OffsetDateTime;
use tokio::{net::TcpListener, time::timeout};

use crate::{
    event::{Arrival, Event},
    instance::Outcome,
    log::Log,
    pool::Pool,
    response::{Own, from_function},
    route::Routes,
};

/// API Gateway's limit of a request body.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;
/// Lambda's limit of an event.
const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;
/// API Gateway's limit of an integration's time.
const INTEGRATION_LIMIT: Duration = Duration::from_secs(30);
/// How much of a body that is too large is read and thrown away, so that the client gets to see the answer.
const MAX_DRAINED_BYTES: usize = 64 * 1024 * 1024;

/// The API of one template.
pub(crate) struct Gateway {
    pub(crate) routes: Routes,
    /// The functions' pools by name.
    pub(crate) pools: HashMap<String, Arc<Pool>>,
    pub(crate) port: u16,
    pub(crate) log: Log,
}

impl Gateway {
    /// Serves until `shutdown` resolves; requests that are running then are answered first.
    pub(crate) async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) {
        let router =
            Router::new().fallback(handle).with_state(self).into_make_service_with_connect_info::<SocketAddr>();
        let listener = listener.tap_io(|stream| {
            // Only latency would suffer.
            let _ = stream.set_nodelay(true);
        });
        // axum retries what `accept` refuses, so serving ends only by the shutdown.
        let _ = axum::serve(listener, router).with_graceful_shutdown(shutdown).await;
    }

    async fn answer(&self, request: Request, peer: SocketAddr, request_id: &str) -> Answer {
        let (parts, body) = request.into_parts();
        let Some(matched) = self.routes.find(parts.method.as_str(), parts.uri.path()) else {
            return Answer::own(None, Own::NotFound);
        };
        let function = Some(matched.route.function.clone());
        let Some(pool) = self.pools.get(&matched.route.function) else { return Answer::own(function, Own::Fault) };
        let body = match read(body).await {
            Ok(body) => body,
            Err(own) => return Answer::own(function, own),
        };
        let trace_root = trace_root();
        let arrival = Arrival {
            matched: &matched,
            peer,
            port: self.port,
            request_id,
            trace_id: &trace_root,
            time: OffsetDateTime::now_utc(),
        };
        let Ok(event) = serde_json::to_vec(&Event::new(&parts, &body, &arrival)) else {
            return Answer::own(function, Own::Fault);
        };
        if event.len() > MAX_EVENT_BYTES {
            return Answer::own(function, Own::TooLarge);
        }
        self.invoke(Arc::clone(pool), event.into(), trace_root).await
    }

    /// The invocation runs to its end even when the client or the gateway no longer waits for it.
    async fn invoke(&self, pool: Arc<Pool>, event: Bytes, trace_root: String) -> Answer {
        let function = Some(pool.function().to_owned());
        let invocation = tokio::spawn(async move { pool.invoke(event, &trace_root).await });
        let Ok(Ok(outcome)) = timeout(INTEGRATION_LIMIT, invocation).await else {
            return Answer::own(function, Own::Unavailable);
        };
        let (own, why) = match outcome {
            Outcome::Answer(returned) => match from_function(&returned) {
                Some(response) => return Answer { function, response, why: None },
                None => (Own::Fault, "malformed answer".to_owned()),
            },
            Outcome::Error(message) | Outcome::Gone { message, .. } => (Own::Fault, message),
            Outcome::TimedOut => (Own::Unavailable, "timed out, process killed".to_owned()),
        };
        Answer { function, response: own.response(), why: Some(why) }
    }
}

struct Answer {
    function: Option<String>,
    response: Response<Body>,
    /// The reason of a fault, for the log only.
    why: Option<String>,
}

impl Answer {
    fn own(function: Option<String>, own: Own) -> Self {
        Self { function, response: own.response(), why: None }
    }
}

async fn handle(
    State(gateway): State<Arc<Gateway>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let request_id = STANDARD.encode(rand::random::<[u8; 11]>());
    let mut answer = gateway.answer(request, peer, &request_id).await;
    if let Ok(value) = HeaderValue::try_from(&request_id) {
        answer.response.headers_mut().insert("apigw-requestid", value);
    }
    let status = answer.response.status().as_u16();
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    let function = answer.function.as_deref().unwrap_or("-");
    let why = answer.why.map(|why| format!(" ({why})")).unwrap_or_default();
    gateway.log.line(&format!("{method} {path} {status} {milliseconds:.1} ms {function}{why}"));
    answer.response
}

/// The whole body, if it is within the limit.
async fn read(body: Body) -> Result<Bytes, Own> {
    let mut stream = body.into_data_stream();
    let (mut read, mut size) = (BytesMut::new(), 0);
    while let Some(chunk) = stream.next().await {
        // The client went away: nobody sees the answer.
        let chunk = chunk.map_err(|_| Own::Fault)?;
        size += chunk.len();
        if size > MAX_DRAINED_BYTES {
            break;
        }
        if size <= MAX_BODY_BYTES {
            read.extend_from_slice(&chunk);
        }
    }
    if size > MAX_BODY_BYTES { Err(Own::TooLarge) } else { Ok(read.freeze()) }
}

/// `1-SECONDS-RANDOM`, the root of a new trace.
fn trace_root() -> String {
    let [high, low] = rand::random::<[u64; 2]>();
    format!("1-{:08x}-{:08x}{low:016x}", OffsetDateTime::now_utc().unix_timestamp(), high >> 32)
}
