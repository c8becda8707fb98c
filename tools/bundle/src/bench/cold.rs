//! `bench cold`: what a new instance of each function costs, beside a function that does nothing.

use std::{
    io::{Write, stdout},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use clap::Args;
use tokio::{
    process::{Child, Command},
    sync::oneshot,
    time::timeout,
};

use super::{
    process::Consumption,
    progress,
    report::{number, table},
    statistics::median,
    tls::TlsProxy,
};
use crate::{
    aws, build, demo,
    emulator::Emulator,
    environment::Access,
    project,
    runtime_api::{Invocation, Reply, RuntimeApi},
    table::create_if_absent,
    template::{Function, Template},
};

const NOTHING: &str = "do-nothing";
/// What is told of each function; CPU is the processor's time since the process began.
const HEAD: [&str; 7] = [
    "function",
    "MB",
    "init ms",
    "× do-nothing",
    "CPU ms to DynamoDB's first reply",
    "CPU ms to the first answer",
    "memory MB after it",
];
/// What a list function may have of each, of what does not depend on what else the machine does.
const MAXIMA: [f64; 6] = [6.0, f64::INFINITY, f64::INFINITY, 8.0, f64::INFINITY, 10.0];
const GOALS: &str = "\
A list function may have 6 MB, 8 ms of CPU to DynamoDB's first reply, and 10 MB of memory. It ought to have 1.5 times the init
of do-nothing.";
/// The moment at which the events were signed.
const SIGNED_AT: &str = "1363797148";
/// How long a start or an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The flags of `bench cold`.
#[derive(Debug, Args)]
pub(crate) struct ColdArguments {
    /// Starts of each function
    #[arg(long, default_value_t = 21, value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
    /// Fail if a list function has too many bytes, or takes too much memory, or CPU to the first reply of DynamoDB
    #[arg(long)]
    check: bool,
}

/// A start for an event that waits, its answer, and a start ahead of any event.
struct Start {
    /// From the start of the process until it asks for an invocation.
    init_ms: f64,
    /// Processor time until DynamoDB replied: started ahead, a function asks for no event before.
    reply_cpu_ms: f64,
    /// Processor time until the request is answered.
    answer_cpu_ms: f64,
    memory_mb: f64,
}

/// A process that asked for an event. It ends when this is dropped.
struct Begun {
    api: RuntimeApi,
    child: Child,
    init: Duration,
}

/// What there is to start a function with.
struct Bench {
    access: Access,
    authority: PathBuf,
}

/// Measures, prints what it found, and checks it if asked to.
pub(super) async fn run(arguments: &ColdArguments) -> Result<()> {
    let root = project::root()?;
    let template = Template::read(&root.join(project::TEMPLATE))?;
    progress("building the functions");
    let names: Vec<_> = template.binaries().chain([NOTHING]).collect();
    let programs = build::as_deployed(&root, &names)?;

    let emulator = Emulator::start(None).await?;
    let plain = Access::embedded(emulator.endpoint());
    let client = runtime::dynamodb_client(&plain.client_options());
    create_if_absent(&client, &template.table).await?;
    demo::load(&client, &template.table.name).await?;
    let proxy = TlsProxy::start(emulator.address()).await?;
    let directory = tempfile::tempdir().context("cannot make a directory for the certificate")?;
    let authority = directory.path().join("authority.pem");
    std::fs::write(&authority, &proxy.authority)?;
    let bench = Bench { access: Access::embedded(format!("https://{}", proxy.address)), authority };

    let nothing = Function { name: NOTHING.to_owned(), ..template.functions.first().context("no function")?.clone() };
    let mut least = None;
    let (mut lines, mut over) = (Vec::new(), Vec::new());
    for function in [&nothing].into_iter().chain(&template.functions) {
        progress(&format!("starting {}", function.name));
        let program = programs.get(&function.name).context("a function without a binary")?;
        let starts = bench.starts(function, program, &root, arguments.runs).await?;
        let medians = medians(program, &starts, least)?;
        least = least.or(Some(median_of(&starts, |start| start.init_ms)));
        over.extend(over_budget(&function.name, &medians));
        lines.push([function.name.clone()].into_iter().chain(medians.map(number)).collect());
    }
    emulator.stop().await;
    let head = HEAD.map(str::to_owned);
    writeln!(stdout(), "New instances, medians of {} starts, DynamoDB behind TLS.\n", arguments.runs)?;
    writeln!(stdout(), "{}\n{GOALS}", table(&head, &lines))?;
    ensure!(!arguments.check || over.is_empty(), "over budget: {}", over.join(", "));
    Ok(())
}

/// What a list function has too much of.
fn over_budget(name: &str, medians: &[f64; 6]) -> Vec<String> {
    let what = HEAD.iter().skip(1).zip(medians).zip(MAXIMA);
    let over = what.filter(|((_, value), maximum)| name.ends_with("-list") && **value > *maximum);
    over.map(|((what, value), maximum)| format!("{name}: {what} {} > {maximum}", number(*value))).collect()
}

impl Bench {
    async fn starts(&self, function: &Function, program: &Path, root: &Path, runs: u64) -> Result<Vec<Start>> {
        // The function that does nothing is sent what any other is.
        let event = if function.name == NOTHING { "neucrm-list" } else { &function.name };
        let event = Bytes::from(std::fs::read(root.join("events").join(format!("{event}.json")))?);
        let mut starts = Vec::new();
        for _ in 0..runs {
            starts.push(self.start(function, program, event.clone()).await?);
        }
        Ok(starts)
    }

    async fn start(&self, function: &Function, program: &Path, event: Bytes) -> Result<Start> {
        let ahead = self.begin(function, program, "provisioned-concurrency").await?;
        let at_reply = Consumption::of(pid(&ahead.child)?)?;
        drop(ahead);
        let Begun { api, mut child, init } = self.begin(function, program, "on-demand").await?;
        let at_answer = answer(&api, function, event, pid(&child)?).await?;
        child.kill().await?;
        Ok(Start {
            init_ms: init.as_secs_f64() * 1e3,
            reply_cpu_ms: at_reply.cpu_ms,
            answer_cpu_ms: at_answer.cpu_ms,
            memory_mb: at_answer.memory_mb,
        })
    }

    /// Starts a process, as Lambda does for this type of initialization, and waits until it asks for an event.
    async fn begin(&self, function: &Function, program: &Path, initialization: &str) -> Result<Begun> {
        let api = RuntimeApi::listen().await?;
        let extra = [
            ("AWS_LAMBDA_INITIALIZATION_TYPE", initialization.to_owned()),
            ("TEST_CLOCK", SIGNED_AT.to_owned()),
            ("TEST_CERTIFICATE", self.authority.display().to_string()),
            ("AWS_LAMBDA_RUNTIME_API", api.address.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        let mut command = Command::new(program);
        command.env_clear().envs(self.access.variables(function, program, &extra));
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let began = Instant::now();
        let child = command.spawn()?;
        let asked =
            timeout(PATIENCE, api.asked()).await.with_context(|| format!("{} does not start", function.name))?;
        Ok(Begun { api, child, init: asked - began })
    }
}

fn pid(child: &Child) -> Result<u32> {
    child.id().context("a function that ended")
}

/// What the process consumed by the time it has answered.
async fn answer(api: &RuntimeApi, function: &Function, event: Bytes, pid: u32) -> Result<Consumption> {
    let (fetched, _on_fetched) = oneshot::channel();
    let (reply, on_reply) = oneshot::channel();
    api.offer(Invocation {
        request_id: "cold".to_owned(),
        trace_id: String::new(),
        function_arn: aws::function_arn(&function.name),
        timeout: PATIENCE,
        event,
        fetched,
        reply,
    })
    .await;
    match timeout(PATIENCE, on_reply).await?? {
        Reply::Response(_) => Consumption::of(pid),
        other => bail!("{} answered {other:?}", function.name),
    }
}

/// A function's medians, in the order of [`HEAD`].
fn medians(program: &Path, starts: &[Start], least: Option<f64>) -> Result<[f64; 6]> {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let megabytes = std::fs::metadata(program)?.len() as f64 / 1e6;
    let init = median_of(starts, |start| start.init_ms);
    Ok([
        megabytes,
        init,
        init / least.unwrap_or(init),
        median_of(starts, |start| start.reply_cpu_ms),
        median_of(starts, |start| start.answer_cpu_ms),
        median_of(starts, |start| start.memory_mb),
    ])
}

fn median_of(starts: &[Start], part: impl Fn(&Start) -> f64) -> f64 {
    median(&starts.iter().map(part).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_list_functions_have_a_budget() {
        let medians = [6.1, 90.0, 9.0, 8.1, 90.0, 9.9];
        assert_eq!(over_budget("neucrm-create", &medians), Vec::<String>::new());
        let over = over_budget("neucrm-list", &medians);
        assert_eq!(over, ["neucrm-list: MB 6.10 > 6", "neucrm-list: CPU ms to DynamoDB's first reply 8.10 > 8"]);
    }
}
