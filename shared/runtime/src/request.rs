//! A request as dialects see it.

use bytes::Bytes;
use customers::Timestamp;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header::CONTENT_TYPE};

use crate::compression::accepts_gzip;

/// One HTTP request. Not printable: its query, headers and body hold credentials and personal data.
#[derive(Clone)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Path, percent-decoded, as the gateway passes it on.
    pub path: String,
    /// Query string exactly as it arrived, still percent-encoded, without the `?`; empty if there is none.
    pub query: String,
    /// Headers; repeated ones were joined with commas by the gateway. Values may hold bytes beyond ASCII.
    pub headers: HeaderMap,
    /// Cookies, each as `name=value`.
    pub cookies: Vec<String>,
    /// Body, decoded.
    pub body: Bytes,
    /// Host that the request was sent to, in lower case and without its port.
    pub host: Option<String>,
    /// Address of the client, as the gateway saw it.
    pub source_ip: Option<String>,
    /// Name of this invocation: it stands on each log line and with what the request writes.
    pub id: String,
    /// When the request reached the function.
    pub received_at: Timestamp,
}

impl Request {
    /// A request with nothing but a method and a path, received now: tests add what they need.
    pub fn new(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            cookies: Vec::new(),
            body: Bytes::new(),
            host: None,
            source_ip: None,
            id: String::new(),
            received_at: Timestamp::now(),
        }
    }

    /// The same request with a body of the given media type.
    #[must_use]
    pub fn with_body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = body.into();
        self
    }

    /// Whether the client takes a gzipped answer.
    pub fn accepts_gzip(&self) -> bool {
        accepts_gzip(&self.headers)
    }

    /// The value of a header, if it is set and plain ASCII.
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
