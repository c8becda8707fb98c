//! Time and memory of another process.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};

/// What a process consumed so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Consumption {
    /// Processor time of its living threads.
    pub(super) cpu_ms: f64,
    /// Resident memory in MB of 10^6 bytes.
    pub(super) memory_mb: f64,
}

impl Consumption {
    pub(super) fn of(pid: u32) -> Result<Self> {
        let process = PathBuf::from(format!("/proc/{pid}"));
        let mut nanoseconds = 0.0;
        for thread in fs::read_dir(process.join("task")).context("processes are known on Linux only")? {
            let schedule = fs::read_to_string(thread?.path().join("schedstat"))?;
            nanoseconds += first_number(&schedule).context("no time in schedstat")?;
        }
        let status = fs::read_to_string(process.join("status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = resident.and_then(first_number).context("no VmRSS")?;
        Ok(Self { cpu_ms: nanoseconds / 1e6, memory_mb: kibibytes * 1024.0 / 1e6 })
    }
}

/// The process named `name` that this one started.
pub(super) fn child(name: &str) -> Result<Option<u32>> {
    for thread in fs::read_dir("/proc/self/task").context("processes are known on Linux only")? {
        // Threads and processes may end meanwhile.
        for child in fs::read_to_string(thread?.path().join("children")).unwrap_or_default().split_whitespace() {
            let its_name = fs::read_to_string(format!("/proc/{child}/comm")).unwrap_or_default();
            if its_name.trim_end() == name {
                return Ok(Some(child.parse()?));
            }
        }
    }
    Ok(None)
}

fn first_number(text: &str) -> Option<f64> {
    text.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_found_by_its_name() {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("known-child");
        std::os::unix::fs::symlink("/bin/sleep", &program).unwrap();
        let mut sleep = std::process::Command::new(program).arg("60").spawn().unwrap();
        // It bears its name a moment after it is started, and a child that ends meanwhile may hide it for once.
        let found = (0..100).find_map(|_| {
            let found = child("known-child").unwrap();
            if found.is_none() {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            found
        });
        sleep.kill().unwrap();
        sleep.wait().unwrap();
        assert_eq!(found, Some(sleep.id()));
        assert_eq!(child("known-child").unwrap(), None);
    }

    #[test]
    fn this_process_has_run_and_takes_memory() {
        let consumption = Consumption::of(std::process::id()).unwrap();
        assert!(consumption.cpu_ms > 0.0, "{consumption:?}");
        assert!(consumption.memory_mb > 1.0, "{consumption:?}");
        assert!(Consumption::of(u32::MAX).is_err());
    }
}
