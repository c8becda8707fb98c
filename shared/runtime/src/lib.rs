//! What every function binary needs around its dialect: configuration, the DynamoDB client, logs and [`serve`].
//!
//! A dialect sees a [`Request`] and answers a [`Response`]; it never meets an event, an environment variable or a
//! panic. A binary is one call of [`serve`] with one operation of a dialect.
//!
//! Whatever the gateway sends becomes a [`Request`] or [`Failure::MalformedRequest`]. Nothing a client sends can stop
//! a function, and what happens all the same (a panic, a fault of the directory) reaches the client as the dialect's
//! own error, through [`Refusal`].

mod client;
mod clock;
mod compression;
mod config;
mod error_chain;
mod event;
mod heap;
mod logging;
mod metrics;
mod operation;
mod params;
mod refusal;
mod request;
mod response;
mod serve;
mod server;
mod tenants;

pub use client::{ClientOptions, dynamodb_client};
pub use clock::Clock;
pub use compression::ANSWER_LIMIT;
pub use config::{Config, StartError};
pub use customers::Fault;
pub use heap::keep_freed_memory;
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
pub use metrics::Origin;
pub use params::{InvalidText, MalformedForm, Params};
pub use refusal::{Failure, Refusal};
pub use request::Request;
pub use response::Response;
pub use serve::serve;
pub use tenants::Tenants;
