//! `bench cold`: what a new instance of each function costs, beside a function that does nothing.

use std::{
    collections::HashMap,
    io::{Write, stdout},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use clap::Args;
use customers::Timestamp;
use serde_json::Value;
use tokio::{
    process::{Child, Command},
    sync::oneshot,
    time::timeout,
};

use super::{
    process::Consumption,
    processors::Processors,
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
const SIGNED_AT: Timestamp = Timestamp::from_unix_seconds(1_363_797_148);
/// What stands where an event shows the session that a login opened.
const SESSION: &str = "JSESSIONID=SESSION";
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

/// A start for an event that waits, a start ahead of any event, and one whose event is answered.
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
    processors: Processors,
    /// What stands in an event in place of [`SESSION`].
    session: String,
}

/// Measures, prints what it found, and checks it if asked to.
pub(super) async fn run(arguments: &ColdArguments) -> Result<()> {
    let root = project::root()?;
    let template = Template::read(&root.join(project::TEMPLATE))?;
    progress("building the functions");
    let names: Vec<_> = template.binaries().chain([NOTHING]).collect();
    let programs = build::as_deployed(&root, &names)?;
    let (processors, runs) = (Processors::of_this_machine(), arguments.runs);
    let found = processors.serve(move || measure(processors, root, template, programs, runs)).await?;

    let head = HEAD.map(str::to_owned);
    let lines: Vec<Vec<String>> = found
        .iter()
        .map(|(name, medians)| [name.clone()].into_iter().chain(medians.iter().copied().map(number)).collect())
        .collect();
    writeln!(stdout(), "New instances, medians of {runs} starts, DynamoDB behind TLS.\n")?;
    writeln!(stdout(), "{}\n{GOALS}", table(&head, &lines))?;
    let over: Vec<_> = found.iter().flat_map(|(name, medians)| over_budget(name, medians)).collect();
    ensure!(!arguments.check || over.is_empty(), "over budget: {}", over.join(", "));
    Ok(())
}

/// The medians of each function, in the order of [`HEAD`].
async fn measure(
    processors: Processors,
    root: PathBuf,
    template: Template,
    programs: HashMap<String, PathBuf>,
    runs: u64,
) -> Result<Vec<(String, [f64; 6])>> {
    let emulator = Emulator::start(None).await?;
    let plain = Access::embedded(emulator.endpoint());
    let client = runtime::dynamodb_client(&plain.client_options());
    create_if_absent(&client, &template.table).await?;
    demo::load(&client, &template.table.name).await?;
    let token = demo::valomnia_session(&client, &template.table.name, SIGNED_AT).await?;
    let proxy = TlsProxy::start(emulator.address()).await?;
    let directory = tempfile::tempdir().context("cannot make a directory for the certificate")?;
    let authority = directory.path().join("authority.pem");
    std::fs::write(&authority, &proxy.authority)?;
    let access = Access::embedded(format!("https://{}", proxy.address));
    let bench = Bench { access, authority, processors, session: format!("JSESSIONID={token}") };

    let nothing = Function { name: NOTHING.to_owned(), ..template.functions.first().context("no function")?.clone() };
    let functions: Vec<_> = [&nothing].into_iter().chain(&template.functions).collect();
    let mut starts: Vec<_> = functions.iter().map(|_| Vec::new()).collect();
    // All in turn: whatever else the machine does, it does to each of them.
    for round in 1..=runs {
        progress(&format!("starting the functions, {round} of {runs}"));
        for (function, starts) in functions.iter().zip(&mut starts) {
            let program = programs.get(&function.name).context("a function without a binary")?;
            starts.push(bench.start(function, program, bench.event(function, &root)?).await?);
        }
    }
    let mut found = Vec::new();
    let least = starts.first().map(|starts| median_of(starts, |start| start.init_ms));
    for (function, starts) in functions.iter().zip(&starts) {
        let program = programs.get(&function.name).context("a function without a binary")?;
        found.push((function.name.clone(), medians(program, starts, least)?));
    }
    emulator.stop().await;
    Ok(found)
}

/// What a list function has too much of.
fn over_budget(name: &str, medians: &[f64; 6]) -> Vec<String> {
    let what = HEAD.iter().skip(1).zip(medians).zip(MAXIMA);
    let over = what.filter(|((_, value), maximum)| name.ends_with("-list") && **value > *maximum);
    over.map(|((what, value), maximum)| format!("{name}: {what} {} > {maximum}", number(*value))).collect()
}

impl Bench {
    /// What the function is sent.
    fn event(&self, function: &Function, root: &Path) -> Result<Bytes> {
        // The function that does nothing is sent what any other is.
        let event = if function.name == NOTHING { "neucrm-list" } else { &function.name };
        let event = std::fs::read_to_string(root.join("events").join(format!("{event}.json")))?;
        Ok(Bytes::from(event.replace(SESSION, &self.session)))
    }

    async fn start(&self, function: &Function, program: &Path, event: Bytes) -> Result<Start> {
        // Nobody answers there, so that nothing else is at work until the function asks for an event.
        let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let unanswered = Access::embedded(format!("https://{}", silent.local_addr()?));
        let asked = self.begin(function, program, "on-demand", &unanswered, Vec::new()).await?.init;
        let ahead = self.begin(function, program, "provisioned-concurrency", &self.access, self.for_tests()).await?;
        let at_reply = Consumption::of(pid(&ahead.child)?)?;
        drop(ahead);
        let begun = self.begin(function, program, "on-demand", &self.access, self.for_tests()).await?;
        let Begun { api, mut child, .. } = begun;
        let at_answer = answer(&api, function, event, pid(&child)?).await?;
        child.kill().await?;
        Ok(Start {
            init_ms: asked.as_secs_f64() * 1e3,
            reply_cpu_ms: at_reply.cpu_ms,
            answer_cpu_ms: at_answer.cpu_ms,
            memory_mb: at_answer.memory_mb,
        })
    }

    /// What lets a function trust the database, and take old events for new ones.
    fn for_tests(&self) -> Vec<(&'static str, String)> {
        vec![
            ("TEST_CLOCK", SIGNED_AT.unix_seconds().to_string()),
            ("TEST_CERTIFICATE", self.authority.display().to_string()),
        ]
    }

    /// Starts a process, as Lambda does for this type of initialization, and waits until it asks for an event.
    async fn begin(
        &self,
        function: &Function,
        program: &Path,
        initialization: &str,
        access: &Access,
        mut extra: Vec<(&'static str, String)>,
    ) -> Result<Begun> {
        let api = RuntimeApi::listen().await?;
        extra.push(("AWS_LAMBDA_INITIALIZATION_TYPE", initialization.to_owned()));
        extra.push(("AWS_LAMBDA_RUNTIME_API", api.address.to_string()));
        let extra: Vec<_> = extra.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let mut command = Command::new(program);
        command.env_clear().envs(access.variables(function, program, &extra));
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let (began, child) = self.processors.start(command).await?;
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
        Reply::Response(answer) if !is_refusal(&answer) => Consumption::of(pid),
        other => bail!("{} answered {other:?}", function.name),
    }
}

/// Whether the status of an answer is an error's.
fn is_refusal(answer: &[u8]) -> bool {
    let answer: Option<Value> = serde_json::from_slice(answer).ok();
    answer.and_then(|answer| answer.get("statusCode")?.as_u64()).is_none_or(|status| status >= 400)
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
