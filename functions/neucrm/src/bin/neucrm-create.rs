//! The function behind `/api/customer/create`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::StartError> {
    runtime::serve(neucrm::create).await
}
