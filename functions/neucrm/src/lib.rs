//! The NeuCRM dialect: the customer calls of an internet provider's billing CRM.
//!
//! Every call is a form POST with the caller's `userid` and `api_key` in it; every answer is
//! `{"result": …, "error": …}` with status 200, refused ones too. Only unknown paths (404), other methods than POST (405),
//! requests that cannot be read (400) and faults (500, 503) have a status of their own, with the same envelope.
//!
//! Each operation checks in the same order: path and method, credentials, required fields, formats, scope, existence,
//! uniqueness. The first check that fails is the answer.

mod answer;
mod create;
mod delete;
mod fields;
mod form;
mod list;
mod local_time;
mod login;
mod refusal;
mod route;
mod row;
mod update;

pub use answer::Answer;
pub use create::create;
pub use delete::delete;
pub use list::{COLUMNS, list};
pub use refusal::Refusal;
pub use row::Row;
pub use update::update;
