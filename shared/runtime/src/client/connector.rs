//! Carries the SDK's requests over HTTP/1.1. The SDK's own connector speaks HTTP/2 as well, in code that was a seventh of a
//! function.

use std::{error::Error, fmt, iter::successors, time::Duration};

use aws_sdk_dynamodb::config::{
    SharedHttpClient,
    http::{HttpRequest, HttpResponse},
};
use aws_smithy_runtime_api::client::{
    connection::{CaptureSmithyConnection, ConnectionMetadata},
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{
    client::legacy::{
        self, Client,
        connect::{self, CaptureConnection, Connect, capture_connection},
    },
    rt::{TokioExecutor, TokioTimer},
};
use rustls::{ClientConfig, RootCertStore};
use tower::{ServiceBuilder, timeout::error::Elapsed};

/// HTTP, and HTTPS with servers that `trusted` vouches for. Opening a connection takes `connect_timeout` at most, names and
/// handshakes included; connections are kept.
pub(super) fn http_client(trusted: RootCertStore, connect_timeout: Duration) -> SharedHttpClient {
    let mut tcp = connect::HttpConnector::new();
    tcp.set_nodelay(true);
    tcp.enforce_http(false);
    let https = HttpsConnectorBuilder::new()
        .with_tls_config(ClientConfig::builder().with_root_certificates(trusted).with_no_client_auth())
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    let connect = ServiceBuilder::new().map_future(Box::pin).timeout(connect_timeout).service(https);
    let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connect);
    let connector = SharedHttpConnector::new(Connector { client });
    http_client_fn(move |_, _| connector.clone())
}

#[derive(Debug)]
struct Connector<C> {
    client: Client<C, SdkBody>,
}

impl<C: Connect + Clone + fmt::Debug + Send + Sync + 'static> HttpConnector for Connector<C> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let connection = capture_connection(&mut request);
        if let Some(capture) = request.extensions().get::<CaptureSmithyConnection>() {
            capture.set_connection_retriever(move || metadata(&connection));
        }
        let response = self.client.request(request);
        HttpConnectorFuture::new(async move {
            let response = response.await.map_err(connector_error)?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Whatever happens between a request and its response is worth another attempt.
fn connector_error(error: legacy::Error) -> ConnectorError {
    let mut causes = successors(error.source(), |&cause| cause.source());
    if causes.any(|cause| cause.is::<Elapsed>()) {
        ConnectorError::timeout(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}

/// What the SDK needs to leave a connection whose server failed.
fn metadata(connection: &CaptureConnection) -> Option<ConnectionMetadata> {
    connection.connection_metadata().as_ref()?;
    let connection = connection.clone();
    let poison = move || {
        if let Some(connected) = connection.connection_metadata().as_ref() {
            connected.poison();
        }
    };
    Some(ConnectionMetadata::builder().proxied(false).poison_fn(poison).build())
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Read, Write},
        net::{TcpListener, TcpStream},
        thread,
    };

    use aws_sdk_dynamodb::{
        Client, Config,
        config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
        error::SdkError,
    };
    use tokio::time::timeout;

    use super::*;

    const SOON: Duration = Duration::from_secs(30);

    /// A client that tries twice.
    fn client(url: &str, connect_timeout: Duration) -> Client {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
            .endpoint_url(url)
            .http_client(http_client(RootCertStore::empty(), connect_timeout))
            .retry_config(RetryConfig::standard().with_max_attempts(2).with_initial_backoff(Duration::from_millis(1)));
        Client::from_conf(config.build())
    }

    /// Answers `requests` of a connection with `status`.
    fn answer(stream: &TcpStream, requests: usize, status: &str) {
        let mut reader = BufReader::new(stream);
        for _ in 0..requests {
            let mut length = 0;
            loop {
                let mut line = String::new();
                assert_ne!(reader.read_line(&mut line).unwrap(), 0, "the connection was closed");
                if let Some((_, value)) = line.to_lowercase().split_once("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line == "\r\n" {
                    break;
                }
            }
            reader.read_exact(&mut vec![0; length]).unwrap();
            write!(&*stream, "HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\n{{}}").unwrap();
        }
    }

    #[tokio::test]
    async fn connections_are_kept_but_for_those_of_a_server_that_failed() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = client(&format!("http://{}", listener.local_addr().unwrap()), SOON);
        let server = thread::spawn(move || {
            let failing = listener.accept().unwrap().0;
            answer(&failing, 1, "500 Internal Server Error");
            let other = listener.accept().unwrap().0;
            answer(&other, 2, "200 OK");
            drop(failing);
        });
        for _ in 0..2 {
            timeout(SOON, client.list_tables().send()).await.unwrap().unwrap();
        }
        server.join().unwrap();
    }

    #[tokio::test]
    async fn a_handshake_that_never_ends_is_given_up_and_tried_again() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}", silent.local_addr().unwrap());
        let sent = client(&url, Duration::from_millis(20)).list_tables().send();
        let failure = timeout(SOON, sent).await.unwrap().unwrap_err();
        assert!(matches!(&failure, SdkError::DispatchFailure(cause) if cause.is_timeout()), "{failure:?}");
        silent.set_nonblocking(true).unwrap();
        assert_eq!(silent.incoming().map_while(Result::ok).count(), 2);
    }
}
