//! The whole of a template on one machine: database, functions, gateway.

use std::{
    collections::HashMap,
    fmt,
    fs::{File, TryLockError},
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use aws_sdk_dynamodb::Client;
use tokio::{
    net::TcpListener,
    sync::{mpsc::UnboundedSender, oneshot},
    task::JoinSet,
    time::timeout,
};

use crate::{
    build, demo,
    emulator::Emulator,
    environment::Access,
    gateway::Gateway,
    instance::Launch,
    log::{Log, LogLine},
    pool::Pool,
    project, table,
    template::{Function, Template},
};

/// The database's file in its directory.
pub(crate) const DATABASE: &str = "dynamodb.sqlite";
/// The most instances of a function.
const MAX_INSTANCES: usize = 64;
/// How long a stop waits for requests that are running.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Where the data is.
#[derive(Debug, Clone)]
pub enum Data {
    /// In an embedded database in memory: gone at the end.
    Memory,
    /// In an embedded database in a file of this directory, which is made if absent.
    Directory(PathBuf),
    /// In the DynamoDB at this URL, reached with the caller's `AWS_*` variables if they are set.
    Endpoint(String),
}

impl fmt::Display for Data {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => formatter.write_str("memory"),
            Self::Directory(directory) => directory.display().fmt(formatter),
            Self::Endpoint(url) => url.fmt(formatter),
        }
    }
}

/// How to start a [`Stack`]. The default is meant for tests: a free port, data in memory, nothing printed.
#[derive(Debug, Clone)]
pub struct StackOptions {
    /// The folder of `template.yaml` and of the workspace with its binaries; `None` finds it as [`project::root`] does.
    pub project: Option<PathBuf>,
    /// The port of the gateway on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Where the data is.
    pub data: Data,
    /// Loads the demo tenant, unless it is there, before the first request is taken.
    pub demo: bool,
    /// Builds and runs optimized binaries.
    pub release: bool,
    /// Prints neither requests nor what the functions print, nor the progress of the build.
    pub quiet: bool,
    /// More environment variables for each function; they override all others.
    pub environment: Vec<(String, String)>,
    /// Is sent each line that a function prints.
    pub log_lines: Option<UnboundedSender<LogLine>>,
}

impl Default for StackOptions {
    fn default() -> Self {
        Self {
            project: None,
            port: 0,
            data: Data::Memory,
            demo: false,
            release: false,
            quiet: true,
            environment: Vec::new(),
            log_lines: None,
        }
    }
}

/// A running stack. [`Stack::stop`] ends it in good order; if it is dropped instead, it ends at the latest with the
/// runtime that it was started on, and its functions with it.
pub struct Stack {
    base_url: String,
    table: String,
    access: Access,
    client: Client,
    gateway: Arc<Gateway>,
    shutdown: oneshot::Sender<()>,
    server: JoinSet<()>,
    emulator: Option<Emulator>,
    _lock: Option<File>,
}

impl Stack {
    /// Builds the function binaries, starts the database, creates the template's table if it is absent, and serves the
    /// template's routes. Function processes start with the first requests.
    ///
    /// # Errors
    /// If the port is taken, the template cannot be followed, cargo fails, or the database cannot be opened or does not
    /// answer.
    pub async fn start(options: StackOptions) -> Result<Self> {
        let root = options.project.clone().map_or_else(project::root, Ok)?;
        let template = Template::read(&root.join(project::TEMPLATE))?;
        let listener = listen(options.port).await?;
        let port = listener.local_addr()?.port();
        let lock = lock(&options.data)?;
        let programs = build_programs(&root, &template, &options).await?;
        let (emulator, access) = open(&options.data).await?;
        let client = runtime::dynamodb_client(&access.client_options());
        table::create_if_absent(&client, &template.table).await?;
        if options.demo {
            demo::load(&client, &template.table.name).await?;
        }

        let log = Log::new(options.quiet, options.log_lines.clone());
        let table = template.table.name.clone();
        let pools = pools(&template, &programs, &access, &options.environment, &log)?;
        let gateway = Arc::new(Gateway { routes: template.routes, pools, port, log });
        let (shutdown, on_shutdown) = oneshot::channel();
        let mut server = JoinSet::new();
        server.spawn(Arc::clone(&gateway).serve(listener, async move {
            let _ = on_shutdown.await;
        }));
        let base_url = format!("http://127.0.0.1:{port}");
        Ok(Self { base_url, table, access, client, gateway, shutdown, server, emulator, _lock: lock })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The URL of the DynamoDB that the functions use.
    pub fn dynamodb_endpoint(&self) -> &str {
        self.access.endpoint()
    }

    /// The name of the table that the functions use.
    pub fn table_name(&self) -> &str {
        &self.table
    }

    /// A client of that DynamoDB.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The process ids of a function's living instances; none for a function that does not exist.
    pub fn instance_pids(&self, function: &str) -> Vec<u32> {
        self.gateway.pools.get(function).map(|pool| pool.pids()).unwrap_or_default()
    }

    /// Stops accepting requests, answers those that are running (for at most 5 s), ends the functions and closes the
    /// database.
    pub async fn stop(mut self) {
        // The gateway may have ended by itself.
        let _ = self.shutdown.send(());
        let _ = timeout(STOP_LIMIT, self.server.join_next()).await;
        for pool in self.gateway.pools.values() {
            pool.clear();
        }
        if let Some(emulator) = self.emulator {
            emulator.stop().await;
        }
    }
}

/// A listener on 127.0.0.1; port 0 takes a free one.
pub(crate) async fn listen(port: u16) -> Result<TcpListener> {
    listen_at((Ipv4Addr::LOCALHOST, port).into()).await
}

/// A listener for others than this machine, too.
pub(crate) async fn listen_at(address: SocketAddr) -> Result<TcpListener> {
    let port = address.port();
    match TcpListener::bind(address).await {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!("port {port} is taken; choose another one with --port")
        }
        result => result.with_context(|| format!("cannot listen on {address}")),
    }
}

/// Two processes must not write one database file.
pub(crate) fn lock(data: &Data) -> Result<Option<File>> {
    let Data::Directory(directory) = data else { return Ok(None) };
    let failure = || format!("cannot use {}", directory.display());
    std::fs::create_dir_all(directory).with_context(failure)?;
    let file = File::create(directory.join("lock")).with_context(failure)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => {
            bail!("another bundle uses {}; choose another directory with --data", directory.display())
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(failure),
    }
}

async fn build_programs(root: &Path, template: &Template, options: &StackOptions) -> Result<HashMap<String, PathBuf>> {
    let root = root.to_owned();
    let names: Vec<_> = template.binaries().map(str::to_owned).collect();
    let (release, quiet) = (options.release, options.quiet);
    tokio::task::spawn_blocking(move || {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        build::binaries(&root, &names, release, quiet)
    })
    .await?
}

async fn open(data: &Data) -> Result<(Option<Emulator>, Access)> {
    let file = match data {
        Data::Endpoint(url) => return Ok((None, Access::of_caller(url.clone()))),
        Data::Directory(directory) => Some(directory.join(DATABASE)),
        Data::Memory => None,
    };
    let emulator = Emulator::start(file.as_deref()).await?;
    let access = Access::embedded(emulator.endpoint());
    Ok((Some(emulator), access))
}

fn pools(
    template: &Template,
    programs: &HashMap<String, PathBuf>,
    access: &Access,
    extra: &[(String, String)],
    log: &Log,
) -> Result<HashMap<String, Arc<Pool>>> {
    let pool = |function: &Function| {
        let program = programs.get(&function.name).with_context(|| format!("there is no binary {}", function.name))?;
        let launch = Launch {
            function: function.name.clone(),
            program: program.clone(),
            arguments: Vec::new(),
            environment: access.variables(function, program, extra),
            timeout: function.timeout,
        };
        Ok((function.name.clone(), Arc::new(Pool::new(launch, MAX_INSTANCES, log.clone()))))
    };
    template.functions.iter().map(pool).collect()
}
