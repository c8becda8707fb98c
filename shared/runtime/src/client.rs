//! The DynamoDB client, configured by hand: the SDK's own loader costs a second TLS stack and 30 ms of CPU.

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region, SharedHttpClient, retry::RetryConfig, timeout::TimeoutConfig},
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};

/// Time to open a connection.
const CONNECT: Duration = Duration::from_secs(1);
/// Time of one attempt, its connection included.
const ATTEMPT: Duration = Duration::from_millis(2_500);
/// Attempts of one operation, the first included.
const ATTEMPTS: u32 = 3;
/// Time of one operation with all its attempts and the waits between them.
const OPERATION: Duration = Duration::from_secs(9);

/// Amazon Root CA 1 to 4, and Starfield Services Root CA G2, which once signed those: the authorities of AWS endpoints, valid
/// until 2037 and later.
const AMAZON_ROOTS: &[u8] = include_bytes!("client/amazon_roots.pem");

/// Where DynamoDB is and who asks.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// AWS region, which requests are signed for.
    pub region: String,
    /// Address of a DynamoDB other than the region's own, with scheme and port.
    pub endpoint: Option<String>,
    /// Key pair, with the session token of a role.
    pub credentials: Credentials,
    /// A certificate (PEM) to trust beside Amazon's: for a DynamoDB on this machine.
    pub certificate: Option<Vec<u8>>,
}

impl ClientOptions {
    /// Options for an emulator at `endpoint`, which checks no signature.
    pub fn local(endpoint: &str) -> Self {
        Self {
            region: "us-east-1".to_owned(),
            endpoint: Some(endpoint.to_owned()),
            credentials: Credentials::new("local", "local", None, None, "local"),
            certificate: None,
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
        .http_client(http_client(options))
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
    config.set_endpoint_url(options.endpoint.clone());
    Client::from_conf(config.build())
}

/// Plain HTTP needs no TLS provider, whose root certificates take longer to load than the rest of the client.
fn http_client(options: &ClientOptions) -> SharedHttpClient {
    if options.endpoint.as_ref().is_some_and(|url| url.starts_with("http://")) {
        return Builder::new().build_http();
    }
    let builder = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
    match TlsContext::builder().with_trust_store(trust_store(options)).build() {
        Ok(context) => builder.tls_context(context).build_https(),
        Err(_) => builder.build_https(),
    }
}

/// Whom to believe that it is DynamoDB. Amazon's own authorities are five; the system's hundred and fifty take as long to
/// load as all the rest of a function's start.
fn trust_store(options: &ClientOptions) -> TrustStore {
    let amazon = || TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    match (&options.certificate, &options.endpoint) {
        (Some(certificate), _) => amazon().with_pem_certificate(certificate.clone()),
        (None, None) if is_public_region(&options.region) => amazon(),
        _ => TrustStore::default(),
    }
}

/// Whether a region's certificates are from Amazon's authorities: other partitions may have others.
fn is_public_region(region: &str) -> bool {
    !["cn-", "us-gov-", "us-iso", "eu-iso"].iter().any(|partition| region.starts_with(partition))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_fit_into_their_operation() {
        assert!(ATTEMPT * ATTEMPTS < OPERATION);
    }

    #[test]
    fn amazons_authorities_are_enough_in_public_regions_only() {
        let options = |region: &str, endpoint: Option<&str>| ClientOptions {
            region: region.to_owned(),
            endpoint: endpoint.map(str::to_owned),
            ..ClientOptions::local("")
        };
        let amazon = format!("{:?}", TrustStore::empty().with_pem_certificate(AMAZON_ROOTS));
        for (region, endpoint, are_enough) in [
            ("eu-central-1", None, true),
            ("us-gov-west-1", None, false),
            ("cn-north-1", None, false),
            ("us-iso-east-1", None, false),
            ("eu-central-1", Some("https://dynamodb.example.com"), false),
        ] {
            let store = format!("{:?}", trust_store(&options(region, endpoint)));
            assert_eq!(store == amazon, are_enough, "{region} {endpoint:?}");
        }
        assert_eq!(AMAZON_ROOTS.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"-----BEGIN")).count(), 5);
        // Panics on a certificate that is none.
        dynamodb_client(&options("eu-central-1", None));
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
