//! End-to-end tests: the real function binaries behind the routes of `template.yaml`, on an embedded DynamoDB, over HTTP.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod concurrency;
#[cfg(test)]
mod cost;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod neucrm;
#[cfg(test)]
mod slot_reuse;
