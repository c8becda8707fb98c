//! The function behind `/api/json/customers/list`, and behind every path under `/api/json/` that no other function has.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::StartError> {
    runtime::serve(env!("CARGO_BIN_NAME"), enswitch::list).await
}
