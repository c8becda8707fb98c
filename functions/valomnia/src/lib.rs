//! The Valomnia dialect: the customer list of a field sales tool, and the login that comes before it.
//!
//! Clients log in with e-mail and password, get a cookie, and show it with every call, as a cookie or as a bearer
//! token. A refused call answers `{"error": KEY, "error_description": TEXT}` with a status that says the same.
//!
//! A list checks in this order: path and method, cookie, unknown parameters, dates, types. The first check that fails
//! is the answer.

mod credentials;
mod list;
mod login;
mod moment;
mod number;
mod order;
mod origin;
mod paging;
mod percent;
mod refusal;
mod route;
mod row;
mod search;
mod session;
#[cfg(test)]
mod testing;
mod user;

pub use list::list;
pub use login::login;
pub use refusal::Refusal;
