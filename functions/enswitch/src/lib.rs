//! The Enswitch dialect: the customer calls of a telephony switch.
//!
//! A call is a GET or a POST with its inputs in the URL, in a form, or in both; `;` and `&` both stand between them. Every
//! answer is `{"responses": [{"code": …, "key": …, "message": …}], "data": …}`, and the code in it, a text, tells how the
//! call went: the HTTP status is 200 for refused calls too. Only unknown functions (404), other methods than GET and POST
//! (405) and faults (500, 503) have a status of their own, with the same envelope.
//!
//! Each call checks in the same order: path and method, credentials (401), role (402), inputs (400), the customers that
//! the inputs name (400).

mod answer;
mod column;
mod inputs;
mod list;
mod login;
mod refusal;
mod route;
mod rows;
mod search;

pub use answer::Answer;
pub use list::list;
pub use refusal::{Refusal, WrongInput};
pub use rows::Rows;
