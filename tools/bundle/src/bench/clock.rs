//! Time and memory of this process.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::time::{ClockId, clock_gettime};

/// Time that passed, on the wall and on the processors.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Time {
    pub(super) wall: Duration,
    /// Of all threads of the process.
    pub(super) cpu: Duration,
}

/// A running clock.
pub(super) struct Stopwatch {
    wall: Instant,
    cpu: Duration,
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self { cpu: cpu(), wall: Instant::now() }
    }

    pub(super) fn read(&self) -> Time {
        Time { wall: self.wall.elapsed(), cpu: cpu().saturating_sub(self.cpu) }
    }
}

fn cpu() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap_or_default()
}

/// Memory of this process in MB of 10^6 bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    pub(super) now: f64,
    pub(super) peak: f64,
}

impl Memory {
    pub(super) fn read() -> Result<Self> {
        let status = std::fs::read_to_string("/proc/self/status").context("memory is known on Linux only")?;
        let megabytes = |name| Some(kibibytes(&status, name)? * 1024.0 / 1e6);
        let (now, peak) = (megabytes("VmRSS"), megabytes("VmHWM"));
        Ok(Self { now: now.context("no VmRSS")?, peak: peak.context("no VmHWM")? })
    }
}

fn kibibytes(status: &str, name: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_by_the_whole_name() {
        let status = "VmRSSx:\t 1 kB\nVmHWM:\t   2048 kB\nVmRSS:\t    512 kB\n";
        assert_eq!(kibibytes(status, "VmRSS"), Some(512.0));
        assert_eq!(kibibytes(status, "VmPeak"), None);
    }

    #[test]
    fn work_takes_processor_time() {
        let stopwatch = Stopwatch::start();
        let mut sum = 0_u64;
        while stopwatch.wall.elapsed() < Duration::from_millis(5) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(stopwatch.read().cpu > Duration::from_micros(500));
    }
}
