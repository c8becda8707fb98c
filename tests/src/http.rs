//! An HTTP client that sends what it is told, byte for byte: request lines that a well-behaved one would rewrite or refuse.

use percent_encoding::percent_decode_str;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Call {
    /// A request for `target`, the path and query as they go over the wire.
    pub(crate) fn new(method: &str, target: &str) -> Self {
        Self { method: method.to_owned(), target: target.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// A GET request.
    pub(crate) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A POST request with a form.
    pub(crate) fn form(target: &str, form: &str) -> Self {
        Self::new("POST", target).header("content-type", "application/x-www-form-urlencoded").body(form)
    }

    /// The same with one more header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with a body.
    pub(crate) fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// What nobody may learn of the request, as it was sent and decoded: its query, its body, and the headers that hold
    /// credentials; all of each, and each parameter and value in it.
    pub(crate) fn private(&self) -> Vec<String> {
        const HEADERS: [&str; 4] = ["authorization", "cookie", "x-access-token", "x-signature"];
        let query = self.target.split_once('?').map(|(_, query)| query.to_owned());
        let body = String::from_utf8_lossy(&self.body).into_owned();
        let headers = self.headers.iter().filter(|(name, _)| HEADERS.contains(&name.as_str()));
        let mut words: Vec<String> =
            query.into_iter().chain([body]).chain(headers.map(|(_, value)| value.clone())).collect();
        for whole in words.clone() {
            for parameter in whole.split(['&', ';']) {
                words.push(parameter.to_owned());
                words.extend(parameter.split_once('=').map(|(_, value)| value.to_owned()));
            }
        }
        let decode = |word: &String| percent_decode_str(&word.replace('+', " ")).decode_utf8_lossy().into_owned();
        words.extend(words.iter().map(decode).collect::<Vec<_>>());
        words
    }

    /// Sends the request to `base_url` and reads the answer.
    pub(crate) async fn send(&self, base_url: &str) -> Reply {
        let address = base_url.trim_start_matches("http://");
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head += &format!("host: {address}\r\n");
        }
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("content-length: {}\r\nconnection: close\r\n\r\n", self.body.len());
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&self.body).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        Reply::parse(&answer)
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Names in lower case, in the order in which they came.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    fn parse(answer: &[u8]) -> Self {
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.filter_map(|line| line.split_once(':'));
        Self {
            status,
            headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect(),
            body: answer[end + 4..].to_vec(),
        }
    }

    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{} with {}", self.status, self.text()))
    }
}
