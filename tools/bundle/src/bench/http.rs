//! The dialects' lists through the gateway, against a function that reads one item there.

use std::{collections::HashMap, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use customers::{Dialect, Timestamp};
use runtime::Method;
use tokio::task::JoinSet;

use super::{
    clock::Stopwatch,
    http_client::{Call, Connection},
    lists::{PAGE, WORD},
    load::{self, Load},
    process::{Consumption, child},
    progress,
    report::{Figure, Report},
    statistics::{ms, percentile},
};
use crate::{
    demo::{LOGINS, SMPI, title},
    environment::Access,
    gateway::Gateway,
    instance::Launch,
    log::Log,
    pool::Pool,
    project,
    route::{Route, Routes},
    stack::{Data, Stack, StackOptions, listen},
    template::{Table, Template},
};

const CUSTOMERS: u64 = 1_000;
/// Enough for so few.
const SHARDS: u32 = 1;
/// Requests after which a function holds all that it keeps for a list.
const LISTS_TO_FILL: usize = 5;
/// Requests that are not counted: they start the function, and fill what it keeps.
const WARM_UPS: usize = 5;
const ONE_ITEM: &str = "/one-item";
/// The list functions.
const FUNCTIONS: [(Dialect, &str); 4] = [
    (Dialect::NeuCrm, "neucrm-list"),
    (Dialect::Enswitch, "enswitch-list"),
    (Dialect::Valomnia, "valomnia-list"),
    (Dialect::Smpi, "smpi-list"),
];

/// Sends each dialect's list again and again to its warm function.
pub(super) async fn measure(table: &Table, quick: bool, report: &mut Report) -> Result<()> {
    let directory = tempfile::tempdir().context("cannot make a directory for the database")?;
    let load = Load { customers: CUSTOMERS, shards: SHARDS, copies: false };
    load::load(directory.path(), table, &load).await?;
    let stack = stack(directory.path()).await?;
    progress("the dialects' lists over HTTP");
    let result = measure_on(&stack, if quick { 20 } else { 300 }, report).await;
    stack.stop().await;
    result
}

/// What each list function holds when it has listed the customers in the database of `directory`.
pub(super) async fn memory(directory: &Path, customers: u64, report: &mut Report) -> Result<()> {
    let stack = stack(directory).await?;
    progress(&format!("{customers} customers: memory of the functions"));
    let result = memory_on(&stack, customers, report).await;
    stack.stop().await;
    result
}

async fn memory_on(stack: &Stack, customers: u64, report: &mut Report) -> Result<()> {
    let group = format!("List functions with {customers} customers, after {LISTS_TO_FILL} lists of a name");
    let lists = Lists::new(stack, customers / 10).await?;
    let mut connection = Connection::open(stack.base_url()).await?;
    let mut figures = Vec::new();
    for (dialect, function) in FUNCTIONS {
        for _ in 0..LISTS_TO_FILL {
            send(&mut connection, &lists.call(dialect)).await?;
        }
        let pid = child(function)?.with_context(|| format!("{function} does not run"))?;
        let memory = Consumption::of(pid)?.memory_mb;
        figures.push(Figure::new(&group, &format!("memory of {function}"), memory, "MB").goal("≤ 220 MB at 1M"));
    }
    report.add_figures(figures);
    Ok(())
}

/// The functions over the database of `directory`.
async fn stack(directory: &Path) -> Result<Stack> {
    progress("building the functions");
    let options = StackOptions {
        data: Data::Directory(directory.to_owned()),
        release: !cfg!(debug_assertions),
        ..StackOptions::default()
    };
    Stack::start(options).await
}

async fn measure_on(stack: &Stack, requests: usize, report: &mut Report) -> Result<()> {
    let group = format!(
        "Lists over HTTP at {CUSTOMERS} customers in {SHARDS} shard, warm: gateway, Runtime API, function, database"
    );
    let baseline = Baseline::start(stack).await?;
    let one_item = time(&baseline.base_url, requests, || Call::get(ONE_ITEM)).await?;
    baseline.stop().await;
    let (least, slowest) = (percentile(&one_item, 0.5), percentile(&one_item, 0.99));
    let mut figures = vec![
        Figure::new(&group, "a function that reads one item, p50", least, "ms"),
        Figure::new(&group, "a function that reads one item, p99", slowest, "ms"),
    ];
    let lists = Lists::new(stack, CUSTOMERS / 10).await?;
    for (dialect, _) in FUNCTIONS {
        let times = time(stack.base_url(), requests, || lists.call(dialect)).await?;
        let name = title(dialect);
        let (p50, p99) = (percentile(&times, 0.5), percentile(&times, 0.99));
        figures.push(Figure::new(&group, &format!("{name}, p50"), p50, "ms"));
        figures.push(Figure::new(&group, &format!("{name}, p99"), p99, "ms"));
        figures.push(Figure::new(&group, &format!("{name}, p50 to the one item's"), p50 / least, "×").goal("≤ 3 ×"));
    }
    report.add_figures(figures);
    Ok(())
}

/// Wall milliseconds of each request but the first few.
async fn time(base_url: &str, requests: usize, call: impl Fn() -> Call) -> Result<Vec<f64>> {
    let mut connection = Connection::open(base_url).await?;
    let mut times = Vec::with_capacity(requests);
    for number in 0..WARM_UPS + requests {
        let call = call();
        let stopwatch = Stopwatch::start();
        send(&mut connection, &call).await?;
        let wall = stopwatch.read().wall;
        if number >= WARM_UPS {
            times.push(ms(wall));
        }
    }
    Ok(times)
}

/// Sends `call` and waits for its answer, which must be a page.
async fn send(connection: &mut Connection, call: &Call) -> Result<()> {
    let reply = connection.send(call).await?;
    let is_page = reply.body.len() > 20 * PAGE || call.target() == ONE_ITEM;
    let text = String::from_utf8_lossy(&reply.body);
    ensure!(reply.status == 200 && is_page, "{} got {} {text}", call.target(), reply.status);
    Ok(())
}

/// The same list in all dialects.
struct Lists {
    offset: u64,
    cookie: String,
}

impl Lists {
    async fn new(stack: &Stack, offset: u64) -> Result<Self> {
        Ok(Self { offset, cookie: valomnia_cookie(stack).await? })
    }

    fn call(&self, dialect: Dialect) -> Call {
        match dialect {
            Dialect::NeuCrm => neucrm(self.offset),
            Dialect::Enswitch => enswitch(self.offset),
            Dialect::Valomnia => valomnia(self.offset, &self.cookie),
            Dialect::Smpi => smpi(self.offset),
        }
    }
}

fn neucrm(offset: u64) -> Call {
    let [_, operator, ..] = &LOGINS;
    let (user, key) = (operator.identity, operator.secret);
    let list = format!("name=%25{WORD}%25&sort_field=name&sort_order=desc&rows_limit={PAGE}&rows_offset={offset}");
    Call::form("/api/customer/list", format!("userid={user}&api_key={key}&{list}"))
}

fn enswitch(offset: u64) -> Call {
    let list = format!("deleted=0;directory=;name={WORD};sort=name;descending=1;limit={PAGE};offset={offset};pages=1");
    Call::get(format!("/api/json/customers/list/?auth_username=user;auth_password=password;{list}"))
}

fn valomnia(offset: u64, cookie: &str) -> Call {
    let list = format!("name=*{WORD}*&sort=name&order=desc&max={PAGE}&offset={offset}");
    Call::get(format!("/api/v1.0/customers?{list}")).header("cookie", cookie.to_owned())
}

fn smpi(offset: u64) -> Call {
    let page = usize::try_from(offset).unwrap_or_default() / PAGE + 1;
    let target = format!("/SMPI/v2.6/service/wfbss/api/customers?q={WORD}&limit={PAGE}&page={page}");
    let now = Timestamp::now();
    let signature = smpi::sign(&Method::GET, &target, b"", now, SMPI.secret);
    Call::get(target)
        .header("x-access-token", SMPI.identity.to_owned())
        .header("x-posix-time", now.unix_seconds().to_string())
        .header("x-traceid", "27f7a1d0-8a5c-4d19-b8dd-2f2b8d6a2f11".to_owned())
        .header("x-signature", signature)
}

async fn valomnia_cookie(stack: &Stack) -> Result<String> {
    let form = "j_username=demo@entity1.example&j_password=password&ajax=true".to_owned();
    let login = Call::form("/j_spring_security_check", form);
    let reply = Connection::open(stack.base_url()).await?.send(&login).await?;
    let cookie = reply.header("set-cookie").and_then(|cookie| cookie.split(';').next());
    Ok(cookie.context("the Valomnia login gave no cookie")?.to_owned())
}

/// A gateway like the stack's before the function that reads one item.
struct Baseline {
    base_url: String,
    pool: Arc<Pool>,
    server: JoinSet<()>,
}

impl Baseline {
    async fn start(stack: &Stack) -> Result<Self> {
        let template = Template::read(&project::root()?.join(project::TEMPLATE))?;
        let function = template.functions.first().context("a template without functions")?;
        let program = std::env::current_exe()?;
        let access = Access::embedded(stack.dynamodb_endpoint().to_owned());
        let launch = Launch {
            function: "one-item".to_owned(),
            environment: access.variables(function, &program, &[]),
            program,
            arguments: vec!["bench-function".to_owned()],
            timeout: Duration::from_secs(10),
        };
        let log = Log::new(true, None);
        let pool = Arc::new(Pool::new(launch, 1, log.clone()));
        let listener = listen(0).await?;
        let port = listener.local_addr()?.port();
        let routes = Routes::new(vec![Route::new("ANY", ONE_ITEM, "one-item")?]);
        let pools = HashMap::from([("one-item".to_owned(), Arc::clone(&pool))]);
        let mut server = JoinSet::new();
        server.spawn(Arc::new(Gateway { routes, pools, port, log }).serve(listener, std::future::pending()));
        Ok(Self { base_url: format!("http://127.0.0.1:{port}"), pool, server })
    }

    async fn stop(mut self) {
        self.server.shutdown().await;
        self.pool.clear();
    }
}
