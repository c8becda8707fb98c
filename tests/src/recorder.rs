//! A way to DynamoDB that keeps a record of who asks it for what.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Response},
};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinSet};

/// The actions that each access key took, as a policy names them.
pub(crate) type Actions = BTreeMap<String, BTreeSet<String>>;

/// A proxy before a DynamoDB. It stops when dropped.
pub(crate) struct Recorder {
    /// Where it listens.
    pub(crate) url: String,
    shared: Arc<Shared>,
    _server: JoinSet<()>,
}

struct Shared {
    endpoint: String,
    client: reqwest::Client,
    actions: Mutex<Actions>,
}

impl Recorder {
    pub(crate) async fn start(endpoint: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared =
            Shared { endpoint: endpoint.to_owned(), client: reqwest::Client::new(), actions: Mutex::default() };
        let shared = Arc::new(shared);
        let router = Router::new().fallback(pass).with_state(Arc::clone(&shared));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shared, _server: server }
    }

    /// What was asked for so far.
    pub(crate) fn actions(&self) -> Actions {
        self.shared.actions.lock().unwrap().clone()
    }
}

async fn pass(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let who = access_key(&parts.headers);
    shared.actions.lock().unwrap().entry(who).or_default().extend(actions(&parts.headers, &body));
    parts.headers.remove("host");
    let reply = shared.client.post(&shared.endpoint).headers(parts.headers).body(body).send().await.unwrap();
    let mut response = Response::builder().status(reply.status());
    for name in ["content-type", "x-amz-crc32", "x-amzn-requestid"] {
        if let Some(value) = reply.headers().get(name) {
            response = response.header(name, value);
        }
    }
    response.body(Body::from(reply.bytes().await.unwrap())).unwrap()
}

/// The key that the request is signed with.
fn access_key(headers: &HeaderMap) -> String {
    let signature = headers["authorization"].to_str().unwrap();
    let (_, credential) = signature.split_once("Credential=").unwrap();
    credential.split('/').next().unwrap().to_owned()
}

/// The actions that the request needs: a transaction those of its writes.
fn actions(headers: &HeaderMap, body: &[u8]) -> Vec<String> {
    let (_, operation) = headers["x-amz-target"].to_str().unwrap().split_once('.').unwrap();
    if operation != "TransactWriteItems" {
        return vec![format!("dynamodb:{operation}")];
    }
    let body: Value = serde_json::from_slice(body).unwrap();
    let kinds = body["TransactItems"].as_array().unwrap().iter().flat_map(|item| item.as_object().unwrap().keys());
    kinds.map(|kind| format!("dynamodb:{kind}Item")).collect()
}
