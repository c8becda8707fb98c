//! Just enough of a shell and of curl to run the commands that `bundle serve` prints: no machine needs a curl for it.

use std::{
    collections::{BTreeMap, HashMap},
    io::{Read, Write},
    net::TcpStream,
    process::Command,
};

use serde_json::Value;

/// A shell, with the cookie jars that its commands leave behind.
#[derive(Default)]
pub(crate) struct Shell {
    jars: HashMap<String, Cookies>,
}

type Cookies = BTreeMap<String, String>;

impl Shell {
    /// Status and JSON body that the command's last answer has.
    pub(crate) fn run(&mut self, command: &str) -> (u16, Value) {
        let words = words(command);
        let mut pipeline = words.split(|word| word == "|");
        let (first, second) = (pipeline.next().unwrap(), pipeline.next());
        assert!(pipeline.next().is_none(), "{command}");
        match second {
            None => self.curl(first, ""),
            Some(second) => self.curl(second, &cargo_run(first)),
        }
    }

    fn curl(&mut self, words: &[String], input: &str) -> (u16, Value) {
        let mut words = words.iter().map(String::as_str);
        assert_eq!(words.next(), Some("curl"));
        let (mut call, mut follow, mut jar) = (Call::default(), false, None);
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap();
            match word {
                "-X" => call.method = Some(value().to_owned()),
                "-d" => call.form.push(value().to_owned()),
                "-L" => follow = true,
                "-c" => jar = Some(value()),
                "-b" => call.cookies = self.jars[value()].clone(),
                "-K" => {
                    assert_eq!(value(), "-");
                    call.headers.extend(input.lines().map(configured_header));
                }
                url => {
                    assert!(url.starts_with("http://") && call.url.is_empty(), "{url}");
                    url.clone_into(&mut call.url);
                }
            }
        }
        let mut answer = call.send();
        while let Some(location) = answer.headers.get("location").filter(|_| follow) {
            call = Call { url: location.clone(), cookies: call.cookies, ..Call::default() };
            if jar.is_some() {
                call.cookies.extend(answer.cookie());
            }
            answer = call.send();
        }
        if let Some(jar) = jar {
            self.jars.insert(jar.to_owned(), call.cookies);
        }
        let json = serde_json::from_slice(&answer.body);
        (answer.status, json.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&answer.body))))
    }
}

/// Words between spaces; those in single or double quotes are one. A printed command has no other quoting, and leaves
/// nothing bare that a shell would take for its own, but `|`.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for character in command.chars() {
        match (character, quote) {
            (' ', None) => words.extend(word.take()),
            ('\'' | '"', None) => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (_, Some(open)) if character == open => quote = None,
            _ => {
                let is_special = |special: &str| special.contains(character);
                assert!(!is_special("\\$`!") && (quote.is_some() || !is_special("&;*?<>()[]{}~#")), "{command}");
                word.get_or_insert_default().push(character);
            }
        }
    }
    assert_eq!(quote, None, "{command}");
    words.extend(word);
    words
}

/// What the program that `cargo run` would start prints.
fn cargo_run(words: &[String]) -> String {
    let arguments = words.strip_prefix(&["cargo", "run", "--quiet", "--"].map(str::to_owned)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_bundle")).args(arguments).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// `header = "NAME: VALUE"`
fn configured_header(line: &str) -> String {
    line.strip_prefix("header = \"").and_then(|line| line.strip_suffix('"')).unwrap().to_owned()
}

#[derive(Default)]
struct Call {
    url: String,
    method: Option<String>,
    form: Vec<String>,
    headers: Vec<String>,
    cookies: Cookies,
}

impl Call {
    fn send(&self) -> Answer {
        let (host, target) = self.url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let method = self.method.as_deref().unwrap_or(if self.form.is_empty() { "GET" } else { "POST" });
        let mut head = format!("{method} /{target} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nConnection: close\r\n");
        for header in &self.headers {
            head.extend([header, "\r\n"]);
        }
        for (name, value) in &self.cookies {
            head.extend(["Cookie: ", name, "=", value, "\r\n"]);
        }
        let body = self.form.join("&");
        if !body.is_empty() {
            head.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
        }
        let mut stream = TcpStream::connect(host).unwrap();
        write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        Answer::parse(&answer)
    }
}

struct Answer {
    status: u16,
    /// By name in lower case; of a repeated one the first.
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Answer {
    fn parse(answer: &[u8]) -> Self {
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = str::from_utf8(&answer[..end]).unwrap();
        let mut headers = BTreeMap::new();
        for (name, value) in head.lines().filter_map(|line| line.split_once(": ")) {
            headers.entry(name.to_ascii_lowercase()).or_insert_with(|| value.to_owned());
        }
        assert!(!headers.contains_key("transfer-encoding"), "{head}");
        Self { status: head.split(' ').nth(1).unwrap().parse().unwrap(), headers, body: answer[end + 4..].to_owned() }
    }

    /// Name and value of the cookie that it sets.
    fn cookie(&self) -> Option<(String, String)> {
        let (name, value) = self.headers.get("set-cookie")?.split(';').next()?.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    }
}
