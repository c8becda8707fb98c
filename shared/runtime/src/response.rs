//! A response as dialects make it, and as the gateway wants it.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde::Serialize;
use tracing::error;

/// Bytes that most bodies do not pass, so that writing one need not make room again and again.
const USUAL_BODY: usize = 64 * 1024;

/// One HTTP response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Status.
    pub status: StatusCode,
    /// Headers; repeated ones leave joined with commas.
    pub headers: HeaderMap,
    /// Cookies to set, each as the value of a Set-Cookie header.
    pub cookies: Vec<String>,
    /// Body.
    pub body: Bytes,
}

impl Response {
    /// `value` as JSON in UTF-8. A value that has no JSON form, which is a mistake in its type, becomes an empty 500.
    pub fn json(status: StatusCode, value: &impl Serialize) -> Self {
        let mut body = Vec::with_capacity(USUAL_BODY);
        let (status, body) = match serde_json::to_writer(&mut body, value) {
            Ok(()) => (status, body.into()),
            Err(cause) => {
                error!(error = %cause, "a response has no JSON form");
                (StatusCode::INTERNAL_SERVER_ERROR, Bytes::new())
            }
        };
        let response = Self { status, headers: HeaderMap::new(), cookies: Vec::new(), body };
        response.with_header(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))
    }

    /// The same response with a header set.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Bytes that the body takes in the JSON that Lambda carries.
    pub(crate) fn size_in_envelope(&self) -> usize {
        match std::str::from_utf8(&self.body) {
            Ok(text) => serde_json::to_string(text).map_or(usize::MAX, |escaped| escaped.len()),
            Err(_) => self.body.len().div_ceil(3) * 4,
        }
    }
}

/// A response in the shape that an HTTP API takes from a function (payload format 2.0).
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GatewayResponse {
    status_code: u16,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    body: String,
    is_base64_encoded: bool,
}

impl From<Response> for GatewayResponse {
    fn from(response: Response) -> Self {
        let (body, is_base64_encoded) = match String::from_utf8(response.body.into()) {
            Ok(text) => (text, false),
            Err(error) => (STANDARD.encode(error.as_bytes()), true),
        };
        Self {
            status_code: response.status.as_u16(),
            headers: joined(&response.headers),
            cookies: response.cookies,
            body,
            is_base64_encoded,
        }
    }
}

fn joined(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        joined
            .entry(name.as_str().to_owned())
            .and_modify(|values| *values = format!("{values},{value}"))
            .or_insert_with(|| value.into_owned());
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gateway_json(response: Response) -> String {
        serde_json::to_string(&GatewayResponse::from(response)).unwrap()
    }

    #[test]
    fn text_leaves_as_it_is_and_other_bytes_as_base64() {
        let response = Response::json(StatusCode::OK, &["ü"]);
        assert_eq!(
            gateway_json(response.clone()),
            r#"{"statusCode":200,"headers":{"content-type":"application/json; charset=utf-8"},"body":"[\"ü\"]","isBase64Encoded":false}"#
        );
        let response = Response { body: Bytes::from_static(b"\xff\x00"), ..response };
        assert!(gateway_json(response).ends_with(r#""body":"/wA=","isBase64Encoded":true}"#));
    }

    #[test]
    fn cookies_have_their_own_list_and_repeated_headers_are_joined() {
        let mut response = Response::json(StatusCode::OK, &0);
        response.headers.append("vary", HeaderValue::from_static("accept"));
        response.headers.append("vary", HeaderValue::from_static("cookie"));
        response.cookies.push("a=b; HttpOnly".to_owned());
        let json = gateway_json(response);
        assert!(json.contains(r#""vary":"accept,cookie""#), "{json}");
        assert!(json.contains(r#""cookies":["a=b; HttpOnly"]"#), "{json}");
    }

    #[test]
    fn a_value_without_a_json_form_becomes_an_empty_500() {
        let value = BTreeMap::from([((1, 2), 3)]);
        let response = Response::json(StatusCode::OK, &value);
        assert_eq!((response.status, response.body.len()), (StatusCode::INTERNAL_SERVER_ERROR, 0));
    }
}
