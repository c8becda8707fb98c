//! The machine that was measured on.

use serde::Serialize;

/// What a reader must know of it to compare.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Machine {
    /// The processor's name, with its family and model where it has such numbers: makers give several one name.
    processor: String,
    /// Threads that it runs at once.
    processors: usize,
    memory_gb: f64,
    /// Operating system and kernel.
    system: String,
    /// Whether this program is optimized.
    optimized: bool,
}

impl Machine {
    pub(super) fn describe() -> Self {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        let field = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let memory = field(&read("/proc/meminfo"), "MemTotal");
        let cpu = read("/proc/cpuinfo");
        let name = field(&cpu, "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
        let generation = field(&cpu, "cpu family").zip(field(&cpu, "model\t"));
        let kibibytes: f64 = memory.and_then(|text| text.strip_suffix(" kB")?.parse().ok()).unwrap_or_default();
        Self {
            processor: match generation {
                Some((family, model)) => format!("{name} (family {family}, model {model})"),
                None => name,
            },
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gb: (kibibytes * 1024.0 / 1e8).round() / 10.0,
            // Without what a distribution adds to the version.
            system: format!(
                "{} {}",
                std::env::consts::OS,
                read("/proc/sys/kernel/osrelease").trim().split('-').next().unwrap_or_default()
            ),
            optimized: !cfg!(debug_assertions),
        }
    }

    pub(super) fn sentence(&self) -> String {
        let Self { processor, processors, memory_gb, system, optimized } = self;
        let build = if *optimized { "release build" } else { "build without optimization: no figure here counts" };
        format!("{processor}, {processors} processors, {memory_gb} GB, {system}; {build}.")
    }
}
