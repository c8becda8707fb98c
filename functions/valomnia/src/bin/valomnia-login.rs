//! The function behind `/j_spring_security_check`, `/login/ajaxSuccess` and `/login/authfail`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::StartError> {
    runtime::serve(env!("CARGO_BIN_NAME"), valomnia::login).await
}
