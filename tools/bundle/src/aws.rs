//! The stand-ins for what only a cloud account has.

/// The region that functions see unless the caller's environment names another one.
pub(crate) const REGION: &str = "us-east-1";
/// The account in ARNs and request contexts.
pub(crate) const ACCOUNT: &str = "123456789012";
/// The API in request contexts.
pub(crate) const API: &str = "local";

/// The ARN of a function.
pub(crate) fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}
