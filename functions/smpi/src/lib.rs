//! The SMPI dialect: a security vendor's service management interface for its partners, of which the list of customers is
//! served.
//!
//! Every request carries an access token, its time, a trace id and an HMAC over time, method, URI and body; [`sign`] makes
//! such a signature. Answers are JSON with a status of their own; a refusal is
//! `{"error_subject": …, "error_message": …}`.
//!
//! Checks come in this order: media type of the body, missing headers, token, time, signature, path and method,
//! parameters. The first check that fails is the answer, so only callers with a valid signature learn more than that they
//! have none.

mod answer;
mod credentials;
mod guid;
mod list;
mod refusal;
mod route;
mod row;
mod search;
mod signature;
mod spelling;

pub use answer::{Answer, Paging};
pub use list::list;
pub use refusal::{Parameter, Refusal, RequiredHeader};
pub use row::Row;
pub use signature::sign;
