//! The least that a function on DynamoDB does, for `bundle bench` to compare lists with: it reads one item, a login of the
//! demo tenant. Never deployed.

mod read;

use runtime::StartError;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    runtime::serve(env!("CARGO_BIN_NAME"), read::read_one_item).await
}
