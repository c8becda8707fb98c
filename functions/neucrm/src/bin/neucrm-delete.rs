//! The function behind `/api/customer/delete`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::StartError> {
    runtime::serve(env!("CARGO_BIN_NAME"), neucrm::delete).await
}
