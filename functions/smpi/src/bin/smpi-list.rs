//! The function behind `/SMPI/{version}/service/wfbss/api/customers`, and behind every path under `/SMPI/` that no other
//! function has.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::StartError> {
    runtime::serve(env!("CARGO_BIN_NAME"), smpi::list).await
}
