//! The function behind `/api/VERSION/customers`, and behind every other path under `/api/VERSION/`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::StartError> {
    runtime::serve(env!("CARGO_BIN_NAME"), valomnia::list).await
}
