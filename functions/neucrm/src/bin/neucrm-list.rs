//! The function behind `/api/customer/list`, and behind every path under `/api/customer/` that no other function has.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::StartError> {
    runtime::serve(env!("CARGO_BIN_NAME"), neucrm::list).await
}
