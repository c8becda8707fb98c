//! `/j_spring_security_check`, and the two paths that it sends its clients on to.

use customers::Directory;
use runtime::{Failure, HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use serde::Serialize;

use crate::{
    Refusal,
    credentials::Credentials,
    origin::Origin,
    route::{self, CHECK, FAILURE, SUCCESS},
    session::{COOKIE, Token},
    user,
};

/// The three steps of a login: the check of the credentials, and what its outcome leads to.
///
/// # Errors
///
/// The dialect's refusals, and faults of the directory.
pub async fn login(directory: &Directory<'_>, request: &Request) -> Result<Response, Refusal> {
    match request.path.as_str() {
        CHECK => check(directory, request).await,
        SUCCESS => greet(directory, request).await,
        FAILURE => deny(request),
        _ => Err(Refusal::UnknownPath),
    }
}

async fn check(directory: &Directory<'_>, request: &Request) -> Result<Response, Refusal> {
    route::get_or_post(request)?;
    let origin = Origin::of(request);
    let token = match Credentials::read(request).await {
        Some(credentials) => credentials.open_session(directory, request.received_at).await?,
        None => None,
    };
    match token {
        Some(token) => redirect(&origin.url(SUCCESS), &token),
        // One known client reads a cookie even of this answer.
        None => {
            let sent_on = redirect(&origin.url(&format!("{FAILURE}?ajax=true")), "")?;
            Err(Refusal::WrongLogin(Box::new(sent_on)))
        }
    }
}

/// What the client learns of its login, on one line: known clients read no further.
async fn greet(directory: &Directory<'_>, request: &Request) -> Result<Response, Refusal> {
    route::get_or_post(request)?;
    let token = Token::of(request)?;
    let (caller, tenant) = tokio::join!(token.authenticate(directory, request.received_at), directory.tenant());
    let (caller, tenant) = (caller?, tenant?);
    Ok(Response::json(StatusCode::OK, &user::greeting(&caller, token.as_str(), &tenant.settings)))
}

/// Says that a login was wrong, and not what was wrong with it.
fn deny(request: &Request) -> Result<Response, Refusal> {
    #[derive(Serialize)]
    struct Denial {
        error: &'static str,
    }
    route::get_or_post(request)?;
    let error = "Sorry, we were not able to find a user with that username and password.";
    Ok(Response::json(StatusCode::OK, &Denial { error }))
}

/// Sends a client on, with a cookie whose header begins with its name: one known client cuts the token out by position.
fn redirect(location: &str, token: &str) -> Result<Response, Refusal> {
    let location = HeaderValue::from_str(location).map_err(|_| Failure::Internal)?;
    Ok(Response {
        status: StatusCode::FOUND,
        headers: HeaderMap::from_iter([(header::LOCATION, location)]),
        cookies: vec![format!("{COOKIE}={token}; Path=/; HttpOnly")],
        body: Default::default(),
    })
}

#[cfg(test)]
mod tests {
    use runtime::Method;

    use super::*;

    #[test]
    fn a_redirect_has_its_cookie_first_and_nothing_before_its_name() {
        let response = redirect("https://entity1.example/login/ajaxSuccess", "C").ok().unwrap();
        assert_eq!(response.status, StatusCode::FOUND);
        assert_eq!(response.headers[header::LOCATION], "https://entity1.example/login/ajaxSuccess");
        assert_eq!(response.cookies, ["JSESSIONID=C; Path=/; HttpOnly"]);
        assert!(response.body.is_empty());
    }

    #[test]
    fn a_denial_has_an_error_and_nothing_else() {
        let response = deny(&Request::new(Method::POST, FAILURE)).ok().unwrap();
        let body = r#"{"error":"Sorry, we were not able to find a user with that username and password."}"#;
        assert_eq!((response.status, response.body.as_ref()), (StatusCode::OK, body.as_bytes()));
        assert!(deny(&Request::new(Method::PUT, FAILURE)).is_err());
    }
}
