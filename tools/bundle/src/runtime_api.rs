//! The Lambda Runtime API of one function process: it fetches invocations here and posts its answers.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, Path, Request, State},
    http::{Response, StatusCode},
    routing::{get, post},
};
use bytes::Bytes;
use tokio::{
    net::TcpListener,
    sync::{Mutex as AsyncMutex, SetOnce, mpsc, oneshot},
    task::JoinSet,
};

use crate::connection::{Connection, Watcher};

/// Lambda's limit of an answer: 6 MB and 100 bytes.
const MAX_ANSWER_BYTES: usize = 6 * 1024 * 1024 + 100;

/// One invocation on its way to the process.
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    pub(crate) trace_id: String,
    pub(crate) function_arn: String,
    pub(crate) timeout: Duration,
    pub(crate) event: Bytes,
    /// Told over which connection the process fetches the invocation.
    pub(crate) fetched: oneshot::Sender<Connection>,
    /// Told the process's answer.
    pub(crate) reply: oneshot::Sender<Reply>,
}

/// What the process posted.
#[derive(Debug)]
pub(crate) enum Reply {
    Response(Bytes),
    TooLarge,
    Error(String),
}

/// The listener of one process. It closes when dropped.
pub(crate) struct RuntimeApi {
    pub(crate) address: SocketAddr,
    invocations: mpsc::Sender<Invocation>,
    exchange: Arc<Exchange>,
    _server: JoinSet<std::io::Result<()>>,
}

struct Exchange {
    invocations: AsyncMutex<mpsc::Receiver<Invocation>>,
    current: Mutex<Option<(String, oneshot::Sender<Reply>)>>,
    init_error: Mutex<Option<String>>,
    asked: SetOnce<Instant>,
}

impl RuntimeApi {
    pub(crate) async fn listen() -> std::io::Result<Self> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (sender, receiver) = mpsc::channel(1);
        let exchange = Arc::new(Exchange {
            invocations: AsyncMutex::new(receiver),
            current: Mutex::default(),
            init_error: Mutex::default(),
            asked: SetOnce::new(),
        });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .with_state(Arc::clone(&exchange))
            .into_make_service_with_connect_info::<Connection>();
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(Watcher(listener), router).await });
        Ok(Self { address, invocations: sender, exchange, _server: server })
    }

    /// Hands over an invocation; the process that is not waiting yet fetches it as soon as it asks.
    pub(crate) async fn offer(&self, invocation: Invocation) {
        // The receiver lives as long as `exchange`, so the channel cannot be closed.
        let _ = self.invocations.send(invocation).await;
    }

    /// Waits until the process asks for its first invocation, and tells when it did: its init was over then.
    pub(crate) async fn asked(&self) -> Instant {
        *self.exchange.asked.wait().await
    }

    /// What the process said of its failed start, once.
    pub(crate) fn take_init_error(&self) -> Option<String> {
        lock(&self.exchange.init_error).take()
    }
}

async fn next(
    State(exchange): State<Arc<Exchange>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
) -> Result<Response<Body>, StatusCode> {
    // Only the first time counts.
    let _ = exchange.asked.set(Instant::now());
    let invocation = exchange.invocations.lock().await.recv().await.ok_or(StatusCode::GONE)?;
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + invocation.timeout;
    let response = Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", &invocation.request_id)
        .header("lambda-runtime-deadline-ms", deadline.as_millis().to_string())
        .header("lambda-runtime-invoked-function-arn", &invocation.function_arn)
        .header("lambda-runtime-trace-id", &invocation.trace_id)
        .body(Body::from(invocation.event))
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    *lock(&exchange.current) = Some((invocation.request_id, invocation.reply));
    let _ = invocation.fetched.send(connection);
    Ok(response)
}

async fn response(State(exchange): State<Arc<Exchange>>, Path(id): Path<String>, request: Request) -> StatusCode {
    match to_bytes(request.into_body(), MAX_ANSWER_BYTES).await {
        Ok(body) => exchange.complete(&id, Reply::Response(body), StatusCode::ACCEPTED),
        Err(_) => exchange.complete(&id, Reply::TooLarge, StatusCode::PAYLOAD_TOO_LARGE),
    }
}

async fn error(State(exchange): State<Arc<Exchange>>, Path(id): Path<String>, request: Request) -> StatusCode {
    let message = read_text(request).await;
    exchange.complete(&id, Reply::Error(message), StatusCode::ACCEPTED)
}

async fn init_error(State(exchange): State<Arc<Exchange>>, request: Request) -> StatusCode {
    *lock(&exchange.init_error) = Some(read_text(request).await);
    StatusCode::ACCEPTED
}

impl Exchange {
    /// Answers the current invocation, if `id` is its id: Lambda refuses answers to any other.
    fn complete(&self, id: &str, reply: Reply, status: StatusCode) -> StatusCode {
        match lock(&self.current).take_if(|(current, _)| current == id) {
            Some((_, sender)) => {
                let _ = sender.send(reply);
                status
            }
            None => StatusCode::BAD_REQUEST,
        }
    }
}

async fn read_text(request: Request) -> String {
    let body = to_bytes(request.into_body(), MAX_ANSWER_BYTES).await.unwrap_or_default();
    String::from_utf8_lossy(&body).into_owned()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
