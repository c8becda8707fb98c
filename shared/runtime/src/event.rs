//! From an event of an HTTP API (payload format 2.0) to a [`Request`].
//!
//! `lambda_http` makes the HTTP request of the event, but panics on what clients can send: a space, a `"` or a `|` in
//! the query string, a Host that is no host, base64 that is none. So the event is read leniently here, and only what
//! can be part of an HTTP request is handed on to it.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use customers::Timestamp;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header::HOST, request::Parts};
use lambda_http::{Body, aws_lambda_events::apigw::ApiGatewayV2httpRequest, request::LambdaRequest};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;

use crate::{Request, tenants::host_name};

/// Longest path and query together that an `http::Uri` (64 KB at most) has room for beside its host. A gateway lets
/// 10 KB pass.
const LONGEST_TARGET: usize = 60_000;
/// Most headers taken; an `http::HeaderMap` panics above 24,576. A gateway lets 10 KB of them pass.
const MOST_HEADERS: usize = 4_096;
/// Takes part in the URL that `lambda_http` builds, and panics there.
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What RFC 3986 has to be encoded in a path that arrives decoded: all but unreserved characters, sub-delimiters, `:`,
/// `@` and `/`.
#[rustfmt::skip]
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-').remove(b'.').remove(b'_').remove(b'~')
    .remove(b'!').remove(b'$').remove(b'&').remove(b'\'').remove(b'(').remove(b')')
    .remove(b'*').remove(b'+').remove(b',').remove(b';').remove(b'=')
    .remove(b':').remove(b'@').remove(b'/');
/// The same in a query string that arrives encoded: `?` and the `%` of what is encoded already stay too.
const QUERY: &AsciiSet = &PATH.remove(b'?').remove(b'%');

/// The event holds no request that could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The parts of an event that matter here. Nothing else of it is looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    /// The template's route that matched, such as `ANY /api/customer/{proxy+}`.
    pub(crate) route_key: Option<String>,
    raw_path: String,
    raw_query_string: Option<String>,
    cookies: Option<Vec<String>>,
    headers: Option<BTreeMap<String, Value>>,
    request_context: Context,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    domain_name: Option<String>,
    http: Http,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    source_ip: Option<String>,
}

impl Event {
    /// Reads the JSON of an event. Other payloads than 2.0, a REST API's for one, lack what is needed.
    pub(crate) fn parse(json: &str) -> Result<Self, Malformed> {
        serde_json::from_str(json).map_err(|_| Malformed)
    }

    /// The request in the event.
    pub(crate) fn into_request(self, id: &str, received_at: Timestamp) -> Result<Request, Malformed> {
        let body = body(self.body, self.is_base64_encoded.unwrap_or_default())?;
        let query = self.raw_query_string.unwrap_or_default();
        let cookies = self.cookies.unwrap_or_default();
        let headers = headers(self.headers.unwrap_or_default())?;
        let host = headers
            .get(HOST)
            .and_then(|value| value.to_str().ok())
            .or(self.request_context.domain_name.as_deref())
            .and_then(host_name);
        let method = Method::from_bytes(self.request_context.http.method.as_bytes()).map_err(|_| Malformed)?;
        let parts = http_parts(method, &self.raw_path, &query, headers, &cookies, host.as_deref())?;
        Ok(Request {
            method: parts.method,
            path: self.raw_path,
            query,
            headers: parts.headers,
            cookies,
            body,
            host,
            source_ip: self.request_context.http.source_ip,
            id: id.to_owned(),
            received_at,
        })
    }
}

fn body(body: Option<String>, is_base64_encoded: bool) -> Result<Bytes, Malformed> {
    let text = body.unwrap_or_default();
    if is_base64_encoded { STANDARD.decode(text).map(Bytes::from).map_err(|_| Malformed) } else { Ok(text.into()) }
}

/// Leaves out what cannot be a header.
fn headers(fields: BTreeMap<String, Value>) -> Result<HeaderMap, Malformed> {
    if fields.len() > MOST_HEADERS {
        return Err(Malformed);
    }
    let valid = fields.into_iter().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_bytes(value.as_str()?.as_bytes()).ok()?))
    });
    Ok(valid.collect())
}

/// Lets `lambda_http` make the request, from an event on which it cannot panic.
fn http_parts(
    method: Method,
    path: &str,
    query: &str,
    mut headers: HeaderMap,
    cookies: &[String],
    host: Option<&str>,
) -> Result<Parts, Malformed> {
    let slash = if path.starts_with('/') { "" } else { "/" };
    let path = format!("{slash}{}", utf8_percent_encode(path, PATH));
    let query = utf8_percent_encode(query, QUERY).to_string();
    if path.len() + query.len() > LONGEST_TARGET {
        return Err(Malformed);
    }
    let set_aside = [HOST, X_FORWARDED_PROTO].map(|name| (headers.remove(&name), name));

    let mut event = ApiGatewayV2httpRequest::default();
    event.raw_path = Some(path);
    event.raw_query_string = Some(query);
    event.headers = headers;
    event.cookies = (!cookies.is_empty()).then(|| cookies.to_vec());
    event.request_context.domain_name = host.map(str::to_owned);
    event.request_context.http.method = method;
    let request: http::Request<Body> = LambdaRequest::ApiGatewayV2(event).into();

    let (mut parts, _) = request.into_parts();
    for (value, name) in set_aside {
        if let Some(value) = value {
            parts.headers.insert(name, value);
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests;
