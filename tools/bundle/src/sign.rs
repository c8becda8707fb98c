//! The subcommand `sign`.

#[cfg(test)]
mod tests;

use std::{
    io::{Write, stdout},
    str::FromStr,
};

use anyhow::Result;
use clap::Args;
use customers::Timestamp;
use runtime::Method;
use uuid::Uuid;

use crate::demo;

/// The arguments of `sign`. Not printable, for one of them is a secret.
#[derive(Args)]
pub struct SignArguments {
    /// Access token [default: that of the demo tenant]
    #[arg(long, default_value = demo::SMPI.identity, hide_default_value = true)]
    token: Uuid,
    /// Signing secret of the token [default: that of the demo tenant]
    #[arg(long, default_value = demo::SMPI.secret, hide_default_value = true)]
    secret: String,
    /// Method of the request
    #[arg(long, default_value = "GET")]
    method: Method,
    /// Body of the request
    #[arg(long, default_value = "", hide_default_value = true)]
    body: String,
    /// URL of the request, or its path and query string, exactly as they are sent
    #[arg(value_name = "URL")]
    target: Target,
}

/// Path and query string of a request, percent-encoded as they go over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target(String);

/// Text that names no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a URL begins with http:// or https://, a path with /")]
struct InvalidTarget;

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, InvalidTarget> {
        // A fragment is never sent.
        let sent = text.split('#').next().unwrap_or_default();
        if sent.starts_with('/') {
            return Ok(Self(sent.to_owned()));
        }
        let after_scheme =
            sent.strip_prefix("http://").or_else(|| sent.strip_prefix("https://")).ok_or(InvalidTarget)?;
        let authority = after_scheme.find(['/', '?']).unwrap_or(after_scheme.len());
        let (_, target) = after_scheme.split_at(authority);
        Ok(Self(if target.starts_with('/') { target.to_owned() } else { format!("/{target}") }))
    }
}

/// Prints the four headers that SMPI asks of a request that is sent now, as lines of a configuration for `curl -K -`.
/// The secret is not among them.
///
/// # Errors
/// If standard output is closed.
pub fn sign(arguments: &SignArguments) -> Result<()> {
    write_headers(&mut stdout().lock(), arguments, Timestamp::now(), Uuid::new_v4())?;
    Ok(())
}

fn write_headers(
    output: &mut impl Write,
    arguments: &SignArguments,
    time: Timestamp,
    trace: Uuid,
) -> std::io::Result<()> {
    let SignArguments { token, secret, method, body, target: Target(target) } = arguments;
    let signature = smpi::sign(method, target, body.as_bytes(), time, secret);
    writeln!(output, "header = \"x-access-token: {token}\"")?;
    writeln!(output, "header = \"x-posix-time: {}\"", time.unix_seconds())?;
    writeln!(output, "header = \"x-signature: {signature}\"")?;
    writeln!(output, "header = \"x-traceid: {trace}\"")
}
