//! The protocol against a table that is as hostile as DynamoDB may be.

mod audit;
mod cancellation;
mod certificate;
mod epochs;
mod hostile;
mod rebuild;
