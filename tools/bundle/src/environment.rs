//! What a function finds in its environment, and with whose keys it reaches DynamoDB.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result};
use aws_sdk_dynamodb::config::Credentials;
use runtime::ClientOptions;

use crate::{aws, template::Function};

/// A variable of the caller's environment; an empty one counts as unset.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn region() -> Option<String> {
    variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"))
}

/// Where DynamoDB is and who asks, for the functions and for bundle itself.
pub(crate) struct Access {
    endpoint: String,
    region: String,
    /// The caller's own; else each function has one of its own, as it has a role of its own on Lambda.
    key: Option<String>,
    secret: String,
    session: Option<String>,
}

impl Access {
    /// For the embedded database, which checks no signature.
    pub(crate) fn embedded(endpoint: String) -> Self {
        let local = || "local".to_owned();
        Self { endpoint, region: aws::REGION.to_owned(), key: None, secret: local(), session: Some(local()) }
    }

    /// For another DynamoDB: with the caller's own keys and region, if the environment has them.
    pub(crate) fn of_caller(endpoint: String) -> Self {
        let region = region();
        let embedded = Self::embedded(endpoint);
        match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
            (Some(key), Some(secret)) => Self {
                key: Some(key),
                secret,
                session: variable("AWS_SESSION_TOKEN"),
                region: region.unwrap_or(embedded.region),
                ..embedded
            },
            _ => Self { region: region.unwrap_or(embedded.region), ..embedded },
        }
    }

    /// Options of a client of the region's own DynamoDB, with the caller's keys.
    ///
    /// # Errors
    /// If the environment names no region or no keys.
    pub(crate) fn account_of_caller() -> Result<ClientOptions> {
        let required = |name: &str| variable(name).with_context(|| format!("the variable {name} is not set"));
        let (key, secret) = (required("AWS_ACCESS_KEY_ID")?, required("AWS_SECRET_ACCESS_KEY")?);
        Ok(ClientOptions {
            region: region().context("the variable AWS_REGION is not set")?,
            endpoint: None,
            certificate: None,
            credentials: Credentials::new(key, secret, variable("AWS_SESSION_TOKEN"), None, "bundle"),
        })
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Options of a client with the same access.
    pub(crate) fn client_options(&self) -> ClientOptions {
        ClientOptions {
            region: self.region.clone(),
            endpoint: Some(self.endpoint.clone()),
            certificate: None,
            credentials: Credentials::new(
                self.key.as_deref().unwrap_or("bundle"),
                &self.secret,
                self.session.clone(),
                None,
                "bundle",
            ),
        }
    }

    /// The variables of a function: those that Lambda sets, then the template's, then `extra`.
    pub(crate) fn variables(
        &self,
        function: &Function,
        program: &Path,
        extra: &[(String, String)],
    ) -> BTreeMap<String, String> {
        let task_root = program.parent().unwrap_or(program).to_string_lossy().into_owned();
        let mut variables: BTreeMap<String, String> = [
            ("AWS_ACCESS_KEY_ID", self.key.clone().unwrap_or_else(|| function.name.clone())),
            ("AWS_SECRET_ACCESS_KEY", self.secret.clone()),
            ("AWS_REGION", self.region.clone()),
            ("AWS_DEFAULT_REGION", self.region.clone()),
            ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mb.to_string()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", function.name)),
            ("LAMBDA_TASK_ROOT", task_root),
            ("LANG", "en_US.UTF-8".to_owned()),
            ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("TZ", ":UTC".to_owned()),
            ("_HANDLER", "bootstrap".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        variables.extend(self.session.clone().map(|session| ("AWS_SESSION_TOKEN".to_owned(), session)));
        variables.extend(function.environment.clone());
        variables.insert("DYNAMODB_ENDPOINT".to_owned(), self.endpoint.clone());
        variables.extend(extra.iter().cloned());
        variables
    }
}
