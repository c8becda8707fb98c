//! What functions print and what the gateway answered, on stderr and for a subscriber.

use std::{
    io::{Write, stderr},
    sync::Arc,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    sync::mpsc::UnboundedSender,
};

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
        self.line(&format!("[{function}] {text}"));
        if let Some(subscriber) = &self.subscriber {
            // A subscriber that no longer listens misses nothing.
            let _ = subscriber.send(LogLine { function: function.to_owned(), text });
        }
    }
}
