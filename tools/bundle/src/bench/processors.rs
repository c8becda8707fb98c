//! Which processor does what: a process that is measured has one to itself, as on Lambda, and never waits for a turn of
//! those that serve it.

use std::time::Instant;

use anyhow::{Error, Result, bail};
use core_affinity::{CoreId, get_core_ids, set_for_current};
use tokio::{
    process::{Child, Command},
    runtime::{Builder, Handle, Runtime},
    sync::oneshot,
};

/// One processor for what is measured, one for all else; none of both on a machine with one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Processors {
    measured: Option<CoreId>,
    serving: Option<CoreId>,
}

impl Processors {
    pub(super) fn of_this_machine() -> Self {
        match get_core_ids().unwrap_or_default().as_slice() {
            [first, .., last] => Self { measured: Some(*last), serving: Some(*first) },
            _ => Self { measured: None, serving: None },
        }
    }

    /// Runs `work`, which serves what is measured, with all its threads. It is given up with the returned future.
    pub(super) async fn serve<T, F>(self, work: impl FnOnce() -> F + Send + 'static) -> Result<T>
    where
        F: Future<Output = Result<T>>,
        T: Send + 'static,
    {
        let (_wanted, given_up) = oneshot::channel::<()>();
        let (sender, result) = oneshot::channel();
        std::thread::spawn(move || {
            // Threads that it starts stay where it is.
            stay_on(self.serving);
            let run = |runtime: Runtime| {
                runtime.block_on(async {
                    tokio::select! {
                        result = work() => result,
                        _ = given_up => bail!("given up"),
                    }
                })
            };
            let _ = sender.send(Builder::new_current_thread().enable_all().build().map_err(Error::from).and_then(run));
        });
        result.await?
    }

    /// Starts a process to be measured, and tells when that began.
    pub(super) async fn start(self, mut command: Command) -> Result<(Instant, Child)> {
        let (runtime, (sender, started)) = (Handle::current(), oneshot::channel());
        std::thread::spawn(move || {
            let _entered = runtime.enter();
            stay_on(self.measured);
            let began = Instant::now();
            let _ = sender.send(command.spawn().map(|child| (began, child)));
        });
        Ok(started.await??)
    }
}

/// Keeps the current thread on a processor. Where that is not allowed it goes where it may, and is measured less well.
fn stay_on(processor: Option<CoreId>) {
    processor.map(set_for_current);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_measured_process_shares_no_processor_with_what_serves_it() {
        let processors = Processors::of_this_machine();
        let served = processors.serve(move || async move {
            let mut command = Command::new("grep");
            command.args(["Cpus_allowed_list", "/proc/self/status"]).stdout(std::process::Stdio::piped());
            let (_, child) = processors.start(command).await?;
            let measured = String::from_utf8(child.wait_with_output().await?.stdout)?;
            let serving = std::fs::read_to_string("/proc/thread-self/status")?;
            let serving = serving.lines().find(|line| line.starts_with("Cpus_allowed_list")).map(str::to_owned);
            Ok((measured.trim_end().to_owned(), serving))
        });
        let (measured, serving) = served.await.unwrap();
        assert!(measured.starts_with("Cpus_allowed_list"), "{measured}");
        assert_eq!(Some(measured) == serving, processors.measured.is_none());
    }

    #[tokio::test]
    async fn what_serves_ends_with_who_asked_for_it() {
        let (ended, on_end) = oneshot::channel::<()>();
        let serving = Processors::of_this_machine().serve(move || async move {
            let _ended = ended;
            std::future::pending::<Result<()>>().await
        });
        drop(tokio::time::timeout(std::time::Duration::from_millis(50), serving).await);
        assert!(on_end.await.is_err());
    }
}
