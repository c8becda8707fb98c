//! The protocol against a table that is as hostile as DynamoDB may be.

mod cancellation;
mod certificate;
mod hostile;
