//! The function behind `/api/VERSION/customers`, and behind every other path under `/api/VERSION/`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::StartError> {
    runtime::serve(valomnia::list).await
}
