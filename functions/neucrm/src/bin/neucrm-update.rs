//! The function behind `/api/customer/update`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::StartError> {
    runtime::serve(neucrm::update).await
}
