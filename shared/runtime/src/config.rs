//! The environment of a function, read and checked once in init.

use std::{env, error::Error, fmt};

use aws_sdk_dynamodb::config::Credentials;
use customers::{TenantId, Timestamp};

use crate::{ClientOptions, Clock, Origin, Tenants, error_chain::ErrorChain};

/// Variables without which the Lambda runtime itself panics; anything that starts a function sets them.
const SET_BY_LAMBDA: [&str; 3] = [FUNCTION_NAME, FUNCTION_VERSION, "AWS_LAMBDA_RUNTIME_API"];
const FUNCTION_NAME: &str = "AWS_LAMBDA_FUNCTION_NAME";
const FUNCTION_VERSION: &str = "AWS_LAMBDA_FUNCTION_VERSION";
/// How Lambda says that there is an event already.
const ON_DEMAND: &str = "on-demand";

/// What a function is told by its environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name of the table. `TABLE_NAME`.
    pub table: String,
    /// Where DynamoDB is and who asks. `AWS_REGION`, `DYNAMODB_ENDPOINT` (unset or empty: the region's own),
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN` (may be unset).
    pub client: ClientOptions,
    /// Which host is which tenant's. `DEFAULT_TENANT` and `TENANT_HOSTS` (`host=tenant,host=tenant`, may be empty).
    pub tenants: Tenants,
    /// Bytes of memory that the function has. `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`, in MB.
    pub memory: usize,
    /// Whether the function is started before there is work for it. `AWS_LAMBDA_INITIALIZATION_TYPE`: all but `on-demand`.
    pub is_started_ahead: bool,
    /// What time it is.
    pub clock: Clock,
    /// Whose metrics these are.
    pub origin: Origin,
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    ///
    /// Names the first variable that is missing or cannot be understood.
    pub fn from_env() -> Result<Self, StartError> {
        let read = |name: &str| env::var(name).ok();
        for name in SET_BY_LAMBDA {
            required(&read, name)?;
        }
        Self::read(&read)
    }

    fn read(variable: &impl Fn(&str) -> Option<String>) -> Result<Self, StartError> {
        let endpoint = endpoint(variable)?;
        let clock = clock(variable, endpoint.as_deref())?;
        let client = ClientOptions {
            region: required(variable, "AWS_REGION")?,
            certificate: certificate(variable, endpoint.as_deref())?,
            endpoint,
            credentials: Credentials::new(
                required(variable, "AWS_ACCESS_KEY_ID")?,
                required(variable, "AWS_SECRET_ACCESS_KEY")?,
                optional(variable, "AWS_SESSION_TOKEN"),
                None,
                "environment",
            ),
        };
        Ok(Self {
            table: required(variable, "TABLE_NAME")?,
            client,
            tenants: tenants(variable)?,
            memory: memory(variable)?,
            is_started_ahead: optional(variable, "AWS_LAMBDA_INITIALIZATION_TYPE")
                .is_some_and(|kind| kind != ON_DEMAND),
            clock,
            origin: origin(variable)?,
        })
    }
}

fn memory(variable: &impl Fn(&str) -> Option<String>) -> Result<usize, StartError> {
    const NAME: &str = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";
    let megabytes: u32 = required(variable, NAME)?.parse().map_err(|error| StartError::invalid(NAME, error))?;
    Ok(usize::try_from(megabytes).unwrap_or(usize::MAX).saturating_mul(1 << 20))
}

fn endpoint(variable: &impl Fn(&str) -> Option<String>) -> Result<Option<String>, StartError> {
    const NAME: &str = "DYNAMODB_ENDPOINT";
    let Some(text) = optional(variable, NAME) else { return Ok(None) };
    let url = text.parse::<url::Url>().map_err(|error| StartError::invalid(NAME, error))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(StartError::invalid(NAME, "neither http nor https"));
    }
    Ok(Some(text))
}

/// Tests hold the clock by `TEST_CLOCK`, in UNIX seconds. On real data that would let expired signatures and sessions pass.
fn clock(variable: &impl Fn(&str) -> Option<String>, endpoint: Option<&str>) -> Result<Clock, StartError> {
    const NAME: &str = "TEST_CLOCK";
    let Some(text) = optional(variable, NAME) else { return Ok(Clock::Wall) };
    let seconds = text.parse().map_err(|error| StartError::invalid(NAME, error))?;
    only_local(NAME, endpoint)?;
    Ok(Clock::Fixed(Timestamp::from_unix_seconds(seconds)))
}

/// Benchmarks put TLS before a DynamoDB on this machine: `TEST_CERTIFICATE` is a file with its certificate.
fn certificate(
    variable: &impl Fn(&str) -> Option<String>,
    endpoint: Option<&str>,
) -> Result<Option<Vec<u8>>, StartError> {
    const NAME: &str = "TEST_CERTIFICATE";
    let Some(file) = optional(variable, NAME) else { return Ok(None) };
    only_local(NAME, endpoint)?;
    std::fs::read(file).map(Some).map_err(|error| StartError::invalid(NAME, error))
}

/// What is for tests must not reach real data.
fn only_local(name: &'static str, endpoint: Option<&str>) -> Result<(), StartError> {
    if endpoint.is_some_and(is_local) {
        return Ok(());
    }
    Err(StartError::invalid(name, "only allowed with a DynamoDB on this machine"))
}

fn is_local(endpoint: &str) -> bool {
    let host = endpoint.parse::<url::Url>().ok();
    match host.as_ref().and_then(url::Url::host) {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn origin(variable: &impl Fn(&str) -> Option<String>) -> Result<Origin, StartError> {
    Ok(Origin {
        stack: required(variable, "STACK_NAME")?,
        function: required(variable, FUNCTION_NAME)?,
        version: required(variable, FUNCTION_VERSION)?,
    })
}

fn tenants(variable: &impl Fn(&str) -> Option<String>) -> Result<Tenants, StartError> {
    let fallback: TenantId =
        required(variable, "DEFAULT_TENANT")?.parse().map_err(|error| StartError::invalid("DEFAULT_TENANT", error))?;
    let hosts = optional(variable, "TENANT_HOSTS").unwrap_or_default();
    Tenants::parse(fallback, &hosts).map_err(|error| StartError::invalid("TENANT_HOSTS", error))
}

fn required(variable: &impl Fn(&str) -> Option<String>, name: &'static str) -> Result<String, StartError> {
    optional(variable, name).ok_or(StartError::Missing(name))
}

/// An empty variable counts as unset: a template cannot leave one out.
fn optional(variable: &impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    variable(name).filter(|value| !value.is_empty())
}

/// Why a function cannot begin to serve.
#[derive(thiserror::Error)]
pub enum StartError {
    /// A variable that must be set is not, or is empty.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// A variable holds something else than it should.
    #[error("the environment variable {name} is not valid: {reason}")]
    Invalid {
        /// Name of the variable.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The Lambda Runtime API could not be reached, or closed the connection.
    #[error("the Lambda runtime stopped")]
    Runtime(#[source] lambda_http::Error),
}

impl StartError {
    fn invalid(name: &'static str, reason: impl fmt::Display) -> Self {
        Self::Invalid { name, reason: reason.to_string() }
    }
}

/// Readable, for `main` prints the error that it returns by this.
impl fmt::Debug for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error: &(dyn Error + 'static) = self;
        write!(formatter, "{}", ErrorChain(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPLETE: [(&str, &str); 11] = [
        ("AWS_LAMBDA_FUNCTION_NAME", "stack-List"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "7"),
        ("STACK_NAME", "stack"),
        ("TABLE_NAME", "customers"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_SESSION_TOKEN", ""),
        ("DYNAMODB_ENDPOINT", ""),
        ("DEFAULT_TENANT", "demo"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
    ];

    fn read(changes: &[(&str, &str)]) -> Result<Config, String> {
        let variable = |name: &str| {
            let found = |(key, value): &(&str, &str)| (*key == name).then(|| (*value).to_owned());
            changes.iter().find_map(found).or_else(|| COMPLETE.iter().find_map(found))
        };
        Config::read(&variable).map_err(|error| error.to_string())
    }

    #[test]
    fn a_complete_environment_is_understood() {
        let config = read(&[]).unwrap();
        assert_eq!(config.table, "customers");
        assert_eq!(config.client.region, "eu-central-1");
        assert_eq!(config.client.endpoint, None);
        assert_eq!(config.client.credentials.session_token(), None);
        assert_eq!(config.memory, 512 << 20);
        assert_eq!((config.origin.function.as_str(), config.origin.version.as_str()), ("stack-List", "7"));
        assert_eq!(config.origin.stack, "stack");
        assert_eq!(config.tenants.of_host(Some("anything")).as_str(), "demo");
    }

    #[test]
    fn another_endpoint_and_a_session_token_are_taken_over() {
        let config = read(&[("DYNAMODB_ENDPOINT", "http://127.0.0.1:8000"), ("AWS_SESSION_TOKEN", "session")]).unwrap();
        assert_eq!(config.client.endpoint.as_deref(), Some("http://127.0.0.1:8000"));
        assert_eq!(config.client.credentials.session_token(), Some("session"));
    }

    #[test]
    fn provisioned_instances_start_ahead_of_their_work() {
        for (kind, is_ahead) in [("", false), ("on-demand", false), ("provisioned-concurrency", true)] {
            assert_eq!(read(&[("AWS_LAMBDA_INITIALIZATION_TYPE", kind)]).unwrap().is_started_ahead, is_ahead, "{kind}");
        }
    }

    #[test]
    fn the_clock_is_held_on_this_machine_only() {
        let local = ("DYNAMODB_ENDPOINT", "http://127.0.0.1:8000");
        let held = read(&[("TEST_CLOCK", "1363797148"), local]).unwrap();
        assert_eq!(held.clock, Clock::Fixed(Timestamp::from_unix_seconds(1_363_797_148)));
        assert_eq!(read(&[local]).unwrap().clock, Clock::Wall);
    }

    #[test]
    fn what_is_for_tests_is_refused_elsewhere() {
        for endpoint in ["", "https://dynamodb.example.com", "http://10.0.0.1:8000"] {
            for (name, value) in [("TEST_CLOCK", "1363797148"), ("TEST_CERTIFICATE", "Cargo.toml")] {
                let refused = read(&[(name, value), ("DYNAMODB_ENDPOINT", endpoint)]).err().unwrap();
                let message = "is not valid: only allowed with a DynamoDB on this machine";
                assert_eq!(refused, format!("the environment variable {name} {message}"), "{endpoint}");
            }
        }
    }

    #[test]
    fn a_certificate_is_read_from_its_file() {
        let local = ("DYNAMODB_ENDPOINT", "https://127.0.0.1:8000");
        assert!(read(&[("TEST_CERTIFICATE", "Cargo.toml"), local]).unwrap().client.certificate.is_some());
        assert!(read(&[("TEST_CERTIFICATE", "no such file"), local]).err().unwrap().contains("TEST_CERTIFICATE"));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        for (change, message) in [
            (("TABLE_NAME", ""), "the environment variable TABLE_NAME is not set"),
            (("AWS_REGION", ""), "the environment variable AWS_REGION is not set"),
            (("AWS_ACCESS_KEY_ID", ""), "the environment variable AWS_ACCESS_KEY_ID is not set"),
            (("AWS_SECRET_ACCESS_KEY", ""), "the environment variable AWS_SECRET_ACCESS_KEY is not set"),
            (("DEFAULT_TENANT", ""), "the environment variable DEFAULT_TENANT is not set"),
            (("STACK_NAME", ""), "the environment variable STACK_NAME is not set"),
            (
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512 MB"),
                "the environment variable AWS_LAMBDA_FUNCTION_MEMORY_SIZE is not valid: invalid digit found in string",
            ),
            (
                ("DEFAULT_TENANT", "Demo"),
                "the environment variable DEFAULT_TENANT is not valid: a tenant's name is 1 to 40 of a-z, 0-9 and -",
            ),
            (
                ("DYNAMODB_ENDPOINT", "127.0.0.1"),
                "the environment variable DYNAMODB_ENDPOINT is not valid: relative URL without a base",
            ),
            (
                ("DYNAMODB_ENDPOINT", "ftp://127.0.0.1"),
                "the environment variable DYNAMODB_ENDPOINT is not valid: neither http nor https",
            ),
            (
                ("TENANT_HOSTS", "crm.example.com"),
                "the environment variable TENANT_HOSTS is not valid: \"crm.example.com\" is not host=tenant",
            ),
        ] {
            assert_eq!(read(&[change]).err().as_deref(), Some(message), "{change:?}");
        }
    }

    #[test]
    fn a_start_error_reads_well_where_main_prints_it() {
        assert_eq!(
            format!("{:?}", StartError::Missing("TABLE_NAME")),
            "the environment variable TABLE_NAME is not set"
        );
    }
}
