//! The function behind `/api/customer/list`, and behind every path under `/api/customer/` that no other function has.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::StartError> {
    runtime::serve(neucrm::list).await
}
