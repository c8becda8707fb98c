//! A function for tests: this test binary itself, run again as a process that speaks the Runtime API and does what the
//! event's `rawQueryString` says.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{instance::Launch, log::Log, pool::Pool};

/// A pool of puppets; `init` is what they do at their start.
pub(crate) fn pool(limit: usize, timeout: Duration, init: &str) -> Pool {
    let launch = Launch {
        function: "puppet".to_owned(),
        program: std::env::current_exe().unwrap(),
        arguments: ["--ignored", "--exact", "puppet::puppet"].map(str::to_owned).to_vec(),
        environment: BTreeMap::from([("PUPPET_INIT".to_owned(), init.to_owned())]),
        timeout,
    };
    Pool::new(launch, limit, Log::new(true, None))
}

/// An event that tells a puppet what to do.
pub(crate) fn event(order: &str) -> bytes::Bytes {
    json!({ "rawQueryString": order }).to_string().into()
}

#[test]
#[ignore = "not a test, but the process of a puppet"]
fn puppet() {
    match std::env::var("PUPPET_INIT").as_deref() {
        Ok("fail") => {
            http("POST", "/2018-06-01/runtime/init/error", "no luck");
            std::process::exit(1);
        }
        Ok(_) => loop {
            serve_one();
        },
        Err(_) => {}
    }
}

fn serve_one() {
    let (headers, event) = http("GET", "/2018-06-01/runtime/invocation/next", "");
    let id = headers.lines().find_map(|line| line.strip_prefix("lambda-runtime-aws-request-id: ")).unwrap();
    let event: Value = serde_json::from_str(&event).unwrap();
    let answer = |kind: &str, text: &str| {
        http("POST", &format!("/2018-06-01/runtime/invocation/{id}/{kind}"), text);
    };
    match event["rawQueryString"].as_str().unwrap().split_once('=').unwrap_or_default() {
        ("exit", _) => std::process::exit(3),
        ("error", message) => answer("error", message),
        ("answer", text) => answer("response", text),
        ("status", status) => answer("response", &format!(r#"{{"statusCode":{status}}}"#)),
        ("size", bytes) => answer("response", &"x".repeat(bytes.parse().unwrap())),
        // Tells that it is here, and waits until it is let go.
        ("meet", address) => {
            let _ = TcpStream::connect(address).unwrap().read(&mut [0]);
            answer("response", &pid());
        }
        // Answers, and asks for nothing more until it is let go.
        ("pause", address) => {
            answer("response", &pid());
            let _ = TcpStream::connect(address).unwrap().read(&mut [0]);
        }
        _ => answer("response", &pid()),
    }
}

fn pid() -> String {
    json!({ "statusCode": 200, "body": std::process::id().to_string() }).to_string()
}

/// The answer's head and body.
fn http(method: &str, path: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap()).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(stream.read_line(&mut head).unwrap(), 0, "the Runtime API closed the connection");
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    (head, String::from_utf8(body).unwrap())
}
