//! HTTP API events, payload format 2.0, as API Gateway makes them.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, net::SocketAddr};

use axum::http::{
    header::{CONTENT_TYPE, COOKIE, HOST, HeaderName, USER_AGENT},
    request::Parts,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use time::{OffsetDateTime, macros::format_description};

use crate::{
    aws,
    route::{Matched, decode},
};

/// What the event says of one request besides the HTTP request itself.
pub(crate) struct Arrival<'a> {
    pub(crate) matched: &'a Matched<'a>,
    pub(crate) peer: SocketAddr,
    pub(crate) port: u16,
    pub(crate) request_id: &'a str,
    pub(crate) trace_id: &'a str,
    pub(crate) time: OffsetDateTime,
}

/// The event. Absent parts are left out, as API Gateway does.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: String,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    account_id: &'static str,
    api_id: &'static str,
    domain_name: String,
    domain_prefix: String,
    http: Http<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'static str,
    time: String,
    time_epoch: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: String,
    protocol: String,
    source_ip: String,
    user_agent: String,
}

impl<'a> Event<'a> {
    /// The event of a request whose body was read to its end.
    pub(crate) fn new(request: &'a Parts, body: &[u8], arrival: &Arrival<'a>) -> Self {
        let raw_query_string = request.uri.query().unwrap_or_default();
        let raw_path = decode(request.uri.path()).into_owned();
        let headers = headers(request, arrival);
        let (body, is_base64_encoded) = encode(body, headers.get(CONTENT_TYPE.as_str()));
        let host = headers.get(HOST.as_str()).cloned().unwrap_or_default();
        let domain_name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name).to_owned();
        Self {
            version: "2.0",
            route_key: &arrival.matched.route.key,
            raw_path: raw_path.clone(),
            raw_query_string,
            cookies: cookies(request),
            query_string_parameters: query_parameters(raw_query_string),
            request_context: RequestContext {
                account_id: aws::ACCOUNT,
                api_id: aws::API,
                domain_prefix: domain_name.split('.').next().unwrap_or_default().to_owned(),
                domain_name,
                http: Http {
                    method: request.method.as_str(),
                    path: raw_path,
                    protocol: format!("{:?}", request.version),
                    source_ip: arrival.peer.ip().to_string(),
                    user_agent: headers.get(USER_AGENT.as_str()).cloned().unwrap_or_default(),
                },
                request_id: arrival.request_id,
                route_key: &arrival.matched.route.key,
                stage: "$default",
                time: clock(arrival.time),
                time_epoch: i64::try_from(arrival.time.unix_timestamp_nanos() / 1_000_000).unwrap_or_default(),
            },
            headers,
            path_parameters: &arrival.matched.parameters,
            body,
            is_base64_encoded,
        }
    }
}

/// Headers that concern one connection, not the request.
pub(crate) const HOP_BY_HOP: [HeaderName; 8] = [
    HeaderName::from_static("connection"),
    HeaderName::from_static("expect"),
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("te"),
    HeaderName::from_static("trailer"),
    HeaderName::from_static("transfer-encoding"),
    HeaderName::from_static("upgrade"),
];

/// Names in lower case, repeated ones joined by commas, the gateway's own added; cookies have their own field.
fn headers(request: &Parts, arrival: &Arrival<'_>) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::<String, String>::new();
    let mut add = |name: &str, value: &str| {
        headers
            .entry(name.to_owned())
            .and_modify(|values| {
                values.push(',');
                values.push_str(value);
            })
            .or_insert_with(|| value.to_owned());
    };
    for (name, value) in &request.headers {
        if *name != COOKIE && !HOP_BY_HOP.contains(name) {
            add(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        }
    }
    add("x-forwarded-for", &arrival.peer.ip().to_string());
    headers.insert("x-forwarded-port".to_owned(), arrival.port.to_string());
    headers.insert("x-forwarded-proto".to_owned(), "http".to_owned());
    headers.insert("x-amzn-trace-id".to_owned(), format!("Root={}", arrival.trace_id));
    headers
}

fn cookies(request: &Parts) -> Vec<String> {
    let values = request.headers.get_all(COOKIE).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    values
        .flat_map(|value| value.split(';').map(|cookie| cookie.trim().to_owned()).collect::<Vec<_>>())
        .filter(|cookie| !cookie.is_empty())
        .collect()
}

/// Decoded parameters, the values of a repeated one joined by commas.
fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::<String, String>::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let [name, value] = [name, value].map(|text| decode(&text.replace('+', " ")).into_owned());
        parameters
            .entry(name)
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert(value);
    }
    parameters
}

/// Text bodies go as they are, all others (forms and unnamed ones among them) in base64.
fn encode(body: &[u8], content_type: Option<&String>) -> (Option<String>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    match str::from_utf8(body) {
        Ok(text) if content_type.is_some_and(|content_type| is_text(content_type)) => (Some(text.to_owned()), false),
        _ => (Some(STANDARD.encode(body)), true),
    }
}

fn is_text(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.starts_with("text/")
        || matches!(essence.as_str(), "application/json" | "application/javascript" | "application/xml")
}

/// `12/Mar/2020:19:03:58 +0000`
fn clock(time: OffsetDateTime) -> String {
    let format = format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");
    time.format(format).unwrap_or_default()
}
