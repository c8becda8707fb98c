//! A client for one connection, which adds next to nothing to what is measured.

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream},
    net::TcpStream,
};

/// A request, byte for byte.
#[derive(Debug, Clone)]
pub(super) struct Call {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Call {
    pub(super) fn get(target: impl Into<String>) -> Self {
        Self { method: "GET", target: target.into(), headers: Vec::new(), body: String::new() }
    }

    /// A POST request with a form.
    pub(super) fn form(target: impl Into<String>, form: String) -> Self {
        let call = Self { method: "POST", body: form, ..Self::get(target) };
        call.header("content-type", "application/x-www-form-urlencoded".to_owned())
    }

    pub(super) fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(super) fn target(&self) -> &str {
        &self.target
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// Status line and headers.
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

/// A connection that stays open.
pub(super) struct Connection {
    stream: BufStream<TcpStream>,
    host: String,
}

impl Connection {
    /// Opens a connection to `base_url`, an `http://` one.
    pub(super) async fn open(base_url: &str) -> Result<Self> {
        let host = base_url.strip_prefix("http://").context("not an http:// address")?.to_owned();
        let stream = TcpStream::connect(&host).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufStream::new(stream), host })
    }

    pub(super) async fn send(&mut self, call: &Call) -> Result<Reply> {
        let Call { method, target, headers, body } = call;
        let mut request =
            format!("{method} {target} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n", self.host, body.len());
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        request.push_str(body);
        self.stream.write_all(request.as_bytes()).await?;
        self.stream.flush().await?;

        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            anyhow::ensure!(self.stream.read_line(&mut head).await? > 0, "the connection was closed");
        }
        let length = header(&head, "content-length").context("an answer without its length")?.parse()?;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        let status = head.split(' ').nth(1).context("an answer without a status")?.parse()?;
        Ok(Reply { status, head, body })
    }
}

impl Reply {
    /// The first value of a header, given in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    headers.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then(|| value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_in_any_case() {
        let head = "HTTP/1.1 200 OK\r\nContent-Length:  12\r\nset-cookie: a=b; c\r\n\r\n";
        assert_eq!(header(head, "content-length"), Some("12"));
        assert_eq!(header(head, "set-cookie"), Some("a=b; c"));
        assert_eq!(header(head, "length"), None);
    }
}
