//! dynoxide, the embedded DynamoDB, behind a listener on the loopback interface.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    time::Duration,
};

use anyhow::{Context, Result};
use dynoxide::{Database, server};
use tokio::{net::TcpListener, sync::oneshot, task::JoinSet, time::timeout};

/// How long a stop waits for requests that are running.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// A running emulator. It stops when dropped.
pub(crate) struct Emulator {
    address: SocketAddr,
    shutdown: oneshot::Sender<()>,
    server: JoinSet<Result<(), String>>,
}

impl Emulator {
    /// Starts on a free port, with its data in `file` or in memory.
    pub(crate) async fn start(file: Option<&Path>) -> Result<Self> {
        Self::serve(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?, file)
    }

    /// Starts on `listener`, with its data in `file` or in memory.
    pub(crate) fn serve(listener: TcpListener, file: Option<&Path>) -> Result<Self> {
        let database = open(file)?;
        let address = listener.local_addr()?;
        let (shutdown, on_shutdown) = oneshot::channel();
        let mut server = JoinSet::new();
        server.spawn(server::serve_with_shutdown(listener, database, async move {
            let _ = on_shutdown.await;
        }));
        Ok(Self { address, shutdown, server })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Closes the database after the requests that are running.
    pub(crate) async fn stop(mut self) {
        // The server may have stopped by itself.
        let _ = self.shutdown.send(());
        let _ = timeout(STOP_LIMIT, self.server.join_next()).await;
    }
}

/// The embedded database in `file`, which is made if absent, or in memory.
pub(crate) fn open(file: Option<&Path>) -> Result<Database> {
    let database = match file {
        None => Database::memory(),
        Some(file) => Database::new(file.to_str().with_context(|| format!("{} is not UTF-8", file.display()))?),
    };
    database.context("the embedded database cannot be opened")
}
