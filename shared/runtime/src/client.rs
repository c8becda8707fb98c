//! The DynamoDB client, configured by hand: the SDK's own loader costs a second TLS stack and 30 ms of CPU.

mod connector;

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client, Config,
    config::{
        BehaviorVersion, Credentials, Region, StalledStreamProtectionConfig, retry::RetryConfig, timeout::TimeoutConfig,
    },
};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_native_certs::load_native_certs;
use tracing::warn;

use connector::http_client;

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
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).operation_timeout(OPERATION).build();
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(options.region.clone()))
        .credentials_provider(options.credentials.clone())
        .http_client(http_client(Trust::of(options).roots(), CONNECT))
        .timeout_config(timeouts)
        // A body that stalls ends with its attempt.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
    config.set_endpoint_url(options.endpoint.clone());
    Client::from_conf(config.build())
}

/// Whom to believe that it is DynamoDB.
#[derive(Debug, PartialEq, Eq)]
enum Trust<'a> {
    /// Nobody is asked: the endpoint is reached without TLS.
    Nobody,
    /// Amazon's own authorities. They are five; the system's hundred and fifty take as long to load as all the rest of a
    /// function's start.
    Amazon,
    /// Those, and one of this machine (PEM).
    AmazonAnd(&'a [u8]),
    /// Whom the system trusts.
    System,
}

impl<'a> Trust<'a> {
    fn of(options: &'a ClientOptions) -> Self {
        match (&options.endpoint, &options.certificate) {
            (Some(endpoint), _) if endpoint.starts_with("http://") => Self::Nobody,
            (_, Some(certificate)) => Self::AmazonAnd(certificate),
            (None, None) if is_public_region(&options.region) => Self::Amazon,
            _ => Self::System,
        }
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        let added = match self {
            Self::Nobody => return roots,
            Self::Amazon => add_pem(&mut roots, AMAZON_ROOTS),
            Self::AmazonAnd(certificate) => {
                add_pem(&mut roots, AMAZON_ROOTS);
                add_pem(&mut roots, certificate)
            }
            Self::System => {
                let loaded = load_native_certs();
                for cause in &loaded.errors {
                    warn!(error = %cause, "certificates of the system cannot be read");
                }
                roots.add_parsable_certificates(loaded.certs).0
            }
        };
        if added == 0 {
            warn!("there is no certificate to trust DynamoDB by");
        }
        roots
    }
}

/// Adds the certificates of `pem` that can be read, and counts them.
fn add_pem(roots: &mut RootCertStore, pem: &[u8]) -> usize {
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(pem).flatten()).0
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
        for (region, endpoint, trust) in [
            ("eu-central-1", None, Trust::Amazon),
            ("us-gov-west-1", None, Trust::System),
            ("cn-north-1", None, Trust::System),
            ("us-iso-east-1", None, Trust::System),
            ("eu-central-1", Some("https://dynamodb.example.com"), Trust::System),
            ("eu-central-1", Some("http://127.0.0.1:1"), Trust::Nobody),
        ] {
            assert_eq!(Trust::of(&options(region, endpoint)), trust, "{region} {endpoint:?}");
        }
        let own = ClientOptions { certificate: Some(b"own".to_vec()), ..options("eu-central-1", None) };
        assert_eq!(Trust::of(&own), Trust::AmazonAnd(b"own"));
    }

    #[test]
    fn whom_it_trusts_can_be_read() {
        assert_eq!(Trust::Nobody.roots().len(), 0);
        assert_eq!(Trust::Amazon.roots().len(), 5);
        assert_eq!(Trust::AmazonAnd(AMAZON_ROOTS).roots().len(), 10);
        assert_eq!(Trust::AmazonAnd(b"no certificate").roots().len(), 5);
        assert_eq!(Trust::System.roots().is_empty(), load_native_certs().certs.is_empty());
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
