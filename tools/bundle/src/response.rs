//! A function's answer, read as API Gateway reads payload format 2.0, and the gateway's own answers.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{
        Response, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, SET_COOKIE},
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;

use crate::event::HOP_BY_HOP;

/// An answer that API Gateway gives by itself: `{"message": TEXT}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Own {
    NotFound,
    TooLarge,
    Fault,
    Unavailable,
}

impl Own {
    pub(crate) fn response(self) -> Response<Body> {
        let (status, message) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "Not Found"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Self::Fault => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        };
        let mut response = Response::new(Body::from(format!(r#"{{"message":"{message}"}}"#)));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: Value,
    #[serde(default)]
    headers: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: Option<bool>,
}

/// The HTTP response of what a function returned; `None` if API Gateway would take it for malformed. Format 2.0 has no
/// `multiValueHeaders`.
pub(crate) fn from_function(returned: &[u8]) -> Option<Response<Body>> {
    let value: Value = serde_json::from_slice(returned).ok()?;
    if value.get("statusCode").is_none() {
        return Some(inferred(&value));
    }
    let answer: Answer = serde_json::from_value(value).ok()?;
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded == Some(true) { STANDARD.decode(body).ok()? } else { body.into_bytes() };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status(&answer.status_code)?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=UTF-8"));
    for (name, value) in answer.headers.into_iter().flatten() {
        let name = HeaderName::try_from(name).ok()?;
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if name != CONTENT_LENGTH && !HOP_BY_HOP.contains(&name) {
            headers.insert(name, HeaderValue::try_from(value).ok()?);
        }
    }
    for cookie in answer.cookies.into_iter().flatten() {
        headers.append(SET_COOKIE, HeaderValue::try_from(cookie).ok()?);
    }
    Some(response)
}

/// JSON without a status code is the body of a 200.
fn inferred(value: &Value) -> Response<Body> {
    let body = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn status(code: &Value) -> Option<StatusCode> {
    let code = code.as_u64().or_else(|| code.as_str()?.parse().ok())?;
    StatusCode::from_u16(u16::try_from(code).ok()?).ok().filter(|status| (200..600).contains(&status.as_u16()))
}
