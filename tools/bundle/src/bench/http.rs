//! The dialects' lists through the gateway, against a function that reads one item there.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use customers::{Dialect, Timestamp};
use runtime::Method;
use tokio::task::{JoinSet, spawn_blocking};

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
    build,
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

/// Functions are built as this program is.
const RELEASE: bool = !cfg!(debug_assertions);
const CUSTOMERS: u64 = 1_000;
/// As many as are enough for so few, and as many as a tenant has unless told.
const SHARDS: [u32; 2] = [1, 4];
/// Customers on a page.
const PAGES: [usize; 2] = [25, PAGE];
/// Bytes that a row has at least.
const ROW: usize = 200;
/// Requests after which a function holds all that it keeps for a list, and as many that are measured.
const LISTS_TO_FILL: usize = 5;
/// Requests that are not counted: they start the function, and fill what it keeps.
const WARM_UPS: usize = 5;
/// The function that lists are compared with.
const ONE_ITEM: &str = "one-item";
/// The list functions.
const FUNCTIONS: [(Dialect, &str); 4] = [
    (Dialect::NeuCrm, "neucrm-list"),
    (Dialect::Enswitch, "enswitch-list"),
    (Dialect::Valomnia, "valomnia-list"),
    (Dialect::Smpi, "smpi-list"),
];

/// Sends each dialect's list again and again to its warm function.
pub(super) async fn measure(table: &Table, quick: bool, report: &mut Report) -> Result<()> {
    for shards in SHARDS {
        let directory = tempfile::tempdir().context("cannot make a directory for the database")?;
        let load = Load { customers: CUSTOMERS, shards, copies: false };
        load::load(directory.path(), table, &load).await?;
        let stack = stack(directory.path()).await?;
        progress(&format!("the dialects' lists over HTTP, {shards} shards"));
        let result = measure_on(&stack, shards, if quick { 20 } else { 300 }, report).await;
        stack.stop().await;
        result?;
    }
    Ok(())
}

/// What each list function takes for a list of the customers in the database of `directory`.
pub(super) async fn consumption(directory: &Path, customers: u64, report: &mut Report) -> Result<()> {
    let stack = stack(directory).await?;
    progress(&format!("{customers} customers: CPU and memory of the functions"));
    let result = consumption_on(&stack, customers, report).await;
    stack.stop().await;
    result
}

async fn consumption_on(stack: &Stack, customers: u64, report: &mut Report) -> Result<()> {
    let group =
        format!("List functions with {customers} customers, a page of {PAGE} of a name that they served before");
    let cookie = valomnia_cookie(stack).await?;
    let lists = Lists { limit: PAGE, offset: customers / 10, cookie: &cookie };
    let mut connection = Connection::open(stack.base_url()).await?;
    let mut figures = Vec::new();
    for (dialect, function) in FUNCTIONS {
        for _ in 0..LISTS_TO_FILL {
            send(&mut connection, &lists.call(dialect), lists.limit).await?;
        }
        let pid = child(function)?.with_context(|| format!("{function} does not run"))?;
        let before = Consumption::of(pid)?;
        for _ in 0..LISTS_TO_FILL {
            send(&mut connection, &lists.call(dialect), lists.limit).await?;
        }
        let Consumption { cpu_ms, memory_mb } = Consumption::of(pid)?;
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        let cpu_ms = (cpu_ms - before.cpu_ms) / LISTS_TO_FILL as f64;
        let figure = |what, value, unit| Figure::new(&group, &format!("{what} of {function}"), value, unit);
        figures.push(figure("CPU", cpu_ms, "ms").goal("≤ 10 ms at 1M"));
        figures.push(figure("memory", memory_mb, "MB").goal("≤ 220 MB at 1M"));
    }
    report.add_figures(figures);
    Ok(())
}

/// The functions over the database of `directory`.
async fn stack(directory: &Path) -> Result<Stack> {
    progress("building the functions");
    let options =
        StackOptions { data: Data::Directory(directory.to_owned()), release: RELEASE, ..StackOptions::default() };
    Stack::start(options).await
}

async fn measure_on(stack: &Stack, shards: u32, requests: usize, report: &mut Report) -> Result<()> {
    let group = format!(
        "Lists over HTTP at {CUSTOMERS} customers, warm, shards: {shards} (gateway, Runtime API, function, database)"
    );
    let mut figures = Vec::new();
    let baseline = Baseline::start(stack).await?;
    let cookie = valomnia_cookie(stack).await?;
    let lists = PAGES.map(|limit| Lists { limit, offset: CUSTOMERS / 10, cookie: &cookie });
    let mut targets =
        vec![Target::new("a function that reads one item", &baseline.base_url, 0, || Call::get("/")).await?];
    for lists in &lists {
        for (dialect, _) in FUNCTIONS {
            let name = format!("{}, a page of {}", title(dialect), lists.limit);
            targets.push(Target::new(&name, stack.base_url(), lists.limit, move || lists.call(dialect)).await?);
        }
    }
    // All in turn: whatever else the machine does, it does to each of them.
    for number in 0..WARM_UPS + requests {
        for target in &mut targets {
            target.request(number >= WARM_UPS).await?;
        }
    }
    let mut least = None;
    for Target { name, times, .. } in &targets {
        let (p50, p99) = (percentile(times, 0.5), percentile(times, 0.99));
        figures.push(Figure::new(&group, &format!("{name}, p50"), p50, "ms"));
        figures.push(Figure::new(&group, &format!("{name}, p99"), p99, "ms"));
        match least {
            None => least = Some(p50),
            Some(least) => {
                let ratio = Figure::new(&group, &format!("{name}, p50 to the one item's"), p50 / least, "×");
                figures.push(ratio.goal("≤ 3 ×"));
            }
        }
    }
    baseline.stop().await;
    report.add_figures(figures);
    Ok(())
}

/// A function that is sent the same request again and again.
struct Target<'a> {
    name: String,
    connection: Connection,
    call: Box<dyn Fn() -> Call + 'a>,
    /// How many its answers have.
    rows: usize,
    /// Wall milliseconds of each request that counts.
    times: Vec<f64>,
}

impl<'a> Target<'a> {
    async fn new(name: &str, base_url: &str, rows: usize, call: impl Fn() -> Call + 'a) -> Result<Self> {
        let connection = Connection::open(base_url).await?;
        Ok(Self { name: name.to_owned(), connection, call: Box::new(call), rows, times: Vec::new() })
    }

    async fn request(&mut self, counts: bool) -> Result<()> {
        let call = (self.call)();
        let stopwatch = Stopwatch::start();
        send(&mut self.connection, &call, self.rows).await?;
        self.times.extend(counts.then_some(ms(stopwatch.read().wall)));
        Ok(())
    }
}

/// Sends `call` and waits for its answer, which must be as long as so many rows.
async fn send(connection: &mut Connection, call: &Call, rows: usize) -> Result<()> {
    let reply = connection.send(call).await?;
    ensure!(
        reply.status == 200 && reply.body.len() >= rows * ROW,
        "{} got {} {}",
        call.target(),
        reply.status,
        String::from_utf8_lossy(&reply.body)
    );
    Ok(())
}

/// The same list in all dialects.
struct Lists<'a> {
    limit: usize,
    offset: u64,
    cookie: &'a str,
}

impl Lists<'_> {
    fn call(&self, dialect: Dialect) -> Call {
        match dialect {
            Dialect::NeuCrm => self.neucrm(),
            Dialect::Enswitch => self.enswitch(),
            Dialect::Valomnia => self.valomnia(),
            Dialect::Smpi => self.smpi(),
        }
    }

    fn neucrm(&self) -> Call {
        let Self { limit, offset, .. } = self;
        let [_, operator, ..] = &LOGINS;
        let (user, key) = (operator.identity, operator.secret);
        let list = format!("name=%25{WORD}%25&sort_field=name&sort_order=desc&rows_limit={limit}&rows_offset={offset}");
        Call::form("/api/customer/list", format!("userid={user}&api_key={key}&{list}"))
    }

    fn enswitch(&self) -> Call {
        let Self { limit, offset, .. } = self;
        let list = format!("recursive=1;directory=-1;name={WORD};sort=name;descending=1;limit={limit};offset={offset}");
        Call::get(format!("/api/json/customers/list/?auth_username=user;auth_password=password;{list}"))
    }

    fn valomnia(&self) -> Call {
        let Self { limit, offset, cookie } = self;
        let list = format!("name=*{WORD}*&sort=name&order=desc&max={limit}&offset={offset}");
        Call::get(format!("/api/v1.0/customers?{list}")).header("cookie", (*cookie).to_owned())
    }

    fn smpi(&self) -> Call {
        let Self { limit, offset, .. } = self;
        let page = usize::try_from(*offset).unwrap_or_default() / limit + 1;
        let target = format!("/SMPI/v2.6/service/wfbss/api/customers?q={WORD}&limit={limit}&page={page}");
        let now = Timestamp::now();
        let signature = smpi::sign(&Method::GET, &target, b"", now, SMPI.secret);
        Call::get(target)
            .header("x-access-token", SMPI.identity.to_owned())
            .header("x-posix-time", now.unix_seconds().to_string())
            .header("x-traceid", "27f7a1d0-8a5c-4d19-b8dd-2f2b8d6a2f11".to_owned())
            .header("x-signature", signature)
    }
}

async fn valomnia_cookie(stack: &Stack) -> Result<String> {
    let form = "j_username=demo@entity1.example&j_password=password&ajax=true".to_owned();
    let login = Call::form("/j_spring_security_check", form);
    let reply = Connection::open(stack.base_url()).await?.send(&login).await?;
    let cookie = reply.header("set-cookie").and_then(|cookie| cookie.split(';').next());
    Ok(cookie.context("the Valomnia login gave no cookie")?.to_owned())
}

/// Built as the other functions are.
async fn build_one_item(root: PathBuf) -> Result<PathBuf> {
    progress("building the function that reads one item");
    let mut built = spawn_blocking(move || build::binaries(&root, &[ONE_ITEM], RELEASE, true)).await??;
    built.remove(ONE_ITEM).context("cargo built another function")
}

/// A gateway like the stack's before the function that reads one item.
struct Baseline {
    base_url: String,
    pool: Arc<Pool>,
    server: JoinSet<()>,
}

impl Baseline {
    async fn start(stack: &Stack) -> Result<Self> {
        let root = project::root()?;
        let template = Template::read(&root.join(project::TEMPLATE))?;
        let function = template.functions.first().context("a template without functions")?;
        let program = build_one_item(root).await?;
        let access = Access::embedded(stack.dynamodb_endpoint().to_owned());
        let launch = Launch {
            function: ONE_ITEM.to_owned(),
            environment: access.variables(function, &program, &[]),
            program,
            arguments: Vec::new(),
            timeout: Duration::from_secs(10),
        };
        let log = Log::new(true, None);
        let pool = Arc::new(Pool::new(launch, 1, log.clone()));
        let listener = listen(0).await?;
        let port = listener.local_addr()?.port();
        let routes = Routes::new(vec![Route::new("ANY", "/", ONE_ITEM)?]);
        let pools = HashMap::from([(ONE_ITEM.to_owned(), Arc::clone(&pool))]);
        let mut server = JoinSet::new();
        server.spawn(Arc::new(Gateway { routes, pools, port, log }).serve(listener, std::future::pending()));
        Ok(Self { base_url: format!("http://127.0.0.1:{port}"), pool, server })
    }

    async fn stop(mut self) {
        self.server.shutdown().await;
        self.pool.clear();
    }
}
