//! The function behind `/j_spring_security_check`, `/login/ajaxSuccess` and `/login/authfail`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::StartError> {
    runtime::serve(valomnia::login).await
}
