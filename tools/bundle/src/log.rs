//! What functions print and what the gateway answered, on stderr and for a subscriber.

use std::{
    borrow::Cow,
    io::{Write, stderr},
    sync::Arc,
};

use serde_json::{Map, Value};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    sync::mpsc::UnboundedSender,
};

/// The field of a line that names its metrics.
const FOR_CLOUDWATCH: &str = "_aws";

/// A line that a function printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The function's name.
    pub function: String,
    /// The line, without its end.
    pub text: String,
}

/// Where lines go.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    quiet: bool,
    subscriber: Option<UnboundedSender<LogLine>>,
}

impl Log {
    pub(crate) fn new(quiet: bool, subscriber: Option<UnboundedSender<LogLine>>) -> Self {
        Self { quiet, subscriber }
    }

    /// Prints a line of bundle's own.
    pub(crate) fn line(&self, text: &str) {
        if !self.quiet {
            // Nobody reads: the requests go on.
            let _ = writeln!(stderr(), "{text}");
        }
    }

    /// Passes on each line of a function's output until it ends. Bytes that are no UTF-8 become replacement characters.
    pub(crate) fn follow(&self, function: &str, output: impl AsyncRead + Send + Unpin + 'static) {
        let (log, function) = (self.clone(), Arc::<str>::from(function));
        tokio::spawn(async move {
            let mut lines = BufReader::new(output).split(b'\n');
            while let Ok(Some(line)) = lines.next_segment().await {
                log.pass(&function, String::from_utf8_lossy(&line).into_owned());
            }
        });
    }

    fn pass(&self, function: &str, text: String) {
        self.line(&format!("[{function}] {}", readable(&text)));
        if let Some(subscriber) = &self.subscriber {
            // A subscriber that no longer listens misses nothing.
            let _ = subscriber.send(LogLine { function: function.to_owned(), text });
        }
    }
}

/// A line without what only CloudWatch reads: which of its fields are metrics.
fn readable(text: &str) -> Cow<'_, str> {
    if !text.contains(FOR_CLOUDWATCH) {
        return Cow::Borrowed(text);
    }
    let Ok(mut fields) = serde_json::from_str::<Map<String, Value>>(text) else { return Cow::Borrowed(text) };
    fields.remove(FOR_CLOUDWATCH);
    Cow::Owned(Value::Object(fields).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_spared_what_only_cloudwatch_reads() {
        for (line, shown) in [
            ("INFO request", "INFO request"),
            (r#"{"level":"INFO","_aws":{"Timestamp":1},"rows":2}"#, r#"{"level":"INFO","rows":2}"#),
            (r#"a "_aws" of another kind"#, r#"a "_aws" of another kind"#),
        ] {
            assert_eq!(readable(line), shown);
        }
    }
}
