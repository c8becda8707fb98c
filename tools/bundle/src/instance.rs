//! One running function process and the one invocation it works on.

use std::{collections::BTreeMap, path::PathBuf, process::Stdio, time::Duration};

use anyhow::{Context, Result};
use bytes::Bytes;
use tokio::{
    process::{Child, Command},
    sync::oneshot,
    time::timeout,
};
use uuid::Uuid;

use crate::{
    aws,
    connection::Connection,
    log::Log,
    runtime_api::{Invocation, Reply, RuntimeApi},
};

/// Lambda's limit of a start.
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// How to start a function and how long an invocation of it may take.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    pub(crate) function: String,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) timeout: Duration,
}

/// A running process. It is killed when dropped.
pub(crate) struct Instance {
    child: Child,
    api: RuntimeApi,
    started: bool,
}

/// How an invocation ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The function answered.
    Answer(Bytes),
    /// The function reported an error, or its answer was too large; the process goes on.
    Error(String),
    /// The process took too long, and was killed.
    TimedOut,
    /// The process is gone. `fetched` tells whether it may have begun the work.
    Gone { fetched: bool, message: String },
}

impl Outcome {
    /// Whether the process can take another invocation.
    pub(crate) fn keeps_instance(&self) -> bool {
        matches!(self, Self::Answer(_) | Self::Error(_))
    }
}

impl Instance {
    /// Starts a process in a group of its own, so that a Ctrl-C in the terminal lets it finish its work first.
    pub(crate) async fn start(launch: &Launch, log: &Log) -> Result<Self> {
        let api = RuntimeApi::listen().await?;
        let mut child = Command::new(&launch.program)
            .args(&launch.arguments)
            .env_clear()
            .envs(&launch.environment)
            .env("AWS_LAMBDA_RUNTIME_API", api.address.to_string())
            .env("AWS_LAMBDA_LOG_STREAM_NAME", format!("[$LATEST]{}", Uuid::new_v4().simple()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", launch.program.display()))?;
        if let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) {
            log.follow(&launch.function, stdout);
            log.follow(&launch.function, stderr);
        }
        Ok(Self { child, api, started: false })
    }

    /// The process id; `None` once the process is gone.
    pub(crate) fn pid(&mut self) -> Option<u32> {
        match self.child.try_wait() {
            Ok(None) => self.child.id(),
            _ => None,
        }
    }

    /// Runs one invocation to its end.
    pub(crate) async fn invoke(&mut self, launch: &Launch, event: Bytes, trace_root: &str) -> Outcome {
        let (fetched, on_fetched) = oneshot::channel();
        let (reply, on_reply) = oneshot::channel();
        let invocation = Invocation {
            request_id: Uuid::new_v4().to_string(),
            trace_id: trace_id(trace_root),
            function_arn: aws::function_arn(&launch.function),
            timeout: launch.timeout,
            event,
            fetched,
            reply,
        };
        self.api.offer(invocation).await;
        let connection = match self.wait_until_fetched(on_fetched).await {
            Ok(connection) => connection,
            Err(gone) => return gone,
        };
        self.started = true;
        self.wait_for_reply(on_reply, launch.timeout, connection).await
    }

    async fn wait_until_fetched(&mut self, fetched: oneshot::Receiver<Connection>) -> Result<Connection, Outcome> {
        tokio::select! {
            biased;
            fetched = timeout(INIT_LIMIT, fetched) => match fetched {
                Ok(Ok(connection)) => Ok(connection),
                _ => {
                    self.kill().await;
                    Err(self.gone(false, &format!("was not ready after {} s", INIT_LIMIT.as_secs())))
                }
            },
            status = self.child.wait() => Err(self.gone(false, &exit_text(status))),
        }
    }

    async fn wait_for_reply(
        &mut self,
        reply: oneshot::Receiver<Reply>,
        limit: Duration,
        connection: Connection,
    ) -> Outcome {
        tokio::select! {
            biased;
            reply = timeout(limit, reply) => match reply {
                Ok(Ok(Reply::Response(body))) => Outcome::Answer(body),
                Ok(Ok(Reply::TooLarge)) => Outcome::Error("the answer is larger than 6 MB".to_owned()),
                Ok(Ok(Reply::Error(message))) => Outcome::Error(message),
                Ok(Err(_)) => self.gone(true, "asked for the next invocation before it answered this one"),
                Err(_) => {
                    self.kill().await;
                    Outcome::TimedOut
                }
            },
            // It may have been dying when it was sent the invocation.
            status = self.child.wait() => self.gone(!connection.ended_unread().await, &exit_text(status)),
        }
    }

    /// Whether the process has fetched an invocation before: its start is proven.
    pub(crate) fn started(&self) -> bool {
        self.started
    }

    async fn kill(&mut self) {
        // It fails only if the process is gone already.
        let _ = self.child.kill().await;
    }

    fn gone(&self, fetched: bool, message: &str) -> Outcome {
        let message = match self.api.take_init_error() {
            Some(error) => format!("{message}: {error}"),
            None => message.to_owned(),
        };
        Outcome::Gone { fetched, message }
    }
}

fn exit_text(status: std::io::Result<std::process::ExitStatus>) -> String {
    match status {
        Ok(status) => format!("ended with {status}"),
        Err(error) => format!("ended: {error}"),
    }
}

fn trace_id(root: &str) -> String {
    format!("Root={root};Parent={:016x};Sampled=0", rand::random::<u64>())
}
