//! The DynamoDB client, configured by hand: the SDK's own loader costs a second TLS stack and 30 ms of CPU.

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region, SharedHttpClient, retry::RetryConfig, timeout::TimeoutConfig},
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

/// Time to open a connection.
const CONNECT: Duration = Duration::from_secs(1);
/// Time of one attempt, its connection included.
const ATTEMPT: Duration = Duration::from_millis(2_500);
/// Attempts of one operation, the first included.
const ATTEMPTS: u32 = 3;
/// Time of one operation with all its attempts and the waits between them.
const OPERATION: Duration = Duration::from_secs(9);

/// Where DynamoDB is and who asks.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// AWS region, which requests are signed for.
    pub region: String,
    /// Address of a DynamoDB other than the region's own, with scheme and port.
    pub endpoint: Option<String>,
    /// Key pair, with the session token of a role.
    pub credentials: Credentials,
}

impl ClientOptions {
    /// Options for an emulator at `endpoint`, which checks no signature.
    pub fn local(endpoint: &str) -> Self {
        Self {
            region: "us-east-1".to_owned(),
            endpoint: Some(endpoint.to_owned()),
            credentials: Credentials::new("local", "local", None, None, "local"),
        }
    }
}

/// A client with bounded time: 2.5 s an attempt, 3 attempts, 9 s an operation. Opens no connection yet.
pub fn dynamodb_client(options: &ClientOptions) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build();
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(options.region.clone()))
        .credentials_provider(options.credentials.clone())
        .http_client(http_client(options.endpoint.as_deref()))
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
    config.set_endpoint_url(options.endpoint.clone());
    Client::from_conf(config.build())
}

/// Plain HTTP needs no TLS provider, whose root certificates take longer to load than the rest of the client.
fn http_client(endpoint: Option<&str>) -> SharedHttpClient {
    let is_plain = endpoint.is_some_and(|url| url.starts_with("http://"));
    if is_plain {
        Builder::new().build_http()
    } else {
        Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_fit_into_their_operation() {
        assert!(ATTEMPT * ATTEMPTS < OPERATION);
    }

    #[test]
    fn options_do_not_print_the_secret() {
        let options = ClientOptions {
            credentials: Credentials::new("id", "hunter2", Some("token-of-session".to_owned()), None, "test"),
            ..ClientOptions::local("http://127.0.0.1:1")
        };
        let printed = format!("{options:?}");
        assert!(!printed.contains("hunter2") && !printed.contains("token-of-session"), "{printed}");
    }
}
