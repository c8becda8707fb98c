//! A `bundle serve` as a process of its own.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
};

/// The command, without its flags.
pub(crate) fn serve() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bundle"));
    command.args(["serve", "--quiet"]);
    command
}

/// A process that serves. It is killed when dropped.
pub(crate) struct Bundle {
    child: Child,
    greeting: Vec<String>,
}

impl Bundle {
    /// Starts on a free port and waits until it serves.
    pub(crate) fn start(data: &Path) -> Self {
        let mut child = serve().args(["--port", "0", "--data"]).arg(data).stdout(Stdio::piped()).spawn().unwrap();
        let mut greeting = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            greeting.push(line.unwrap());
            if greeting.last().is_some_and(|line| line == "Ctrl-C stops.") {
                return Self { child, greeting };
            }
        }
        panic!("it ended with {:?} after {greeting:#?}", child.wait());
    }

    /// The lines that it printed.
    pub(crate) fn greeting(&self) -> &[String] {
        &self.greeting
    }

    /// `http://127.0.0.1:PORT`, as printed.
    pub(crate) fn base_url(&self) -> &str {
        let line = self.greeting.iter().find_map(|line| line.strip_prefix("Serving "));
        line.and_then(|line| line.split(' ').next()).unwrap()
    }

    pub(crate) fn port(&self) -> u16 {
        self.base_url().rsplit(':').next().unwrap().parse().unwrap()
    }

    /// What the printed examples do, and their commands.
    pub(crate) fn examples(&self) -> Vec<(&str, Vec<&str>)> {
        let mut examples = Vec::<(&str, Vec<&str>)>::new();
        for line in &self.greeting {
            if let Some(what) = line.strip_prefix("# ") {
                examples.push((what, Vec::new()));
            } else if let Some((_, commands)) = examples.last_mut()
                && (line.starts_with("curl ") || line.starts_with("cargo "))
            {
                commands.push(line);
            }
        }
        examples
    }

    /// The first command of one example.
    pub(crate) fn example(&self, what: &str) -> &str {
        self.examples().into_iter().find(|example| example.0 == what).unwrap().1[0]
    }

    /// Ends it as `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it as Ctrl-C does.
    pub(crate) fn interrupt(mut self) -> ExitStatus {
        let kill = format!("kill -INT {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Bundle {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
