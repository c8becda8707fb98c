//! End-to-end tests: the real function binaries behind the routes of `template.yaml`, on an embedded DynamoDB, over HTTP.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod concurrency;
#[cfg(test)]
mod cost;
#[cfg(test)]
mod costs;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod enswitch;
#[cfg(test)]
mod events;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod hot_customers;
#[cfg(test)]
mod http;
#[cfg(test)]
mod log;
#[cfg(test)]
mod model;
#[cfg(test)]
mod neucrm;
#[cfg(test)]
mod one_directory;
#[cfg(test)]
mod permissions;
#[cfg(test)]
mod recorder;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod slot_reuse;
#[cfg(test)]
mod smpi;
#[cfg(test)]
mod template;
#[cfg(test)]
mod unreliable;
#[cfg(test)]
mod valomnia;
