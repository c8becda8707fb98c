//! The subcommand `dynamodb`: the embedded database alone, for other programs.

use std::{
    io::{Read, Write, stdin, stdout},
    net::SocketAddr,
};

use anyhow::{Context, Result};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

use crate::{
    demo,
    emulator::Emulator,
    environment::Access,
    project,
    stack::{DATABASE, Data, listen_at, lock},
    table,
    template::Template,
};

/// How to serve the embedded DynamoDB.
#[derive(Debug)]
pub struct DynamoDbOptions {
    /// Where to listen; port 0 takes a free one.
    pub address: SocketAddr,
    /// Where the data is; an endpoint is refused.
    pub data: Data,
    /// Loads the demo tenant, unless it is there.
    pub demo: bool,
    /// Stops at the end of standard input, too: for a program that started this one.
    pub until_input_ends: bool,
}

/// Serves the embedded DynamoDB, with the template's table, until Ctrl-C or SIGTERM. Its URL is the only line on standard
/// output.
///
/// # Errors
/// If the port or the data is in use, or the table cannot be created.
pub async fn dynamodb(options: DynamoDbOptions) -> Result<()> {
    let table = Template::read(&project::root()?.join(project::TEMPLATE))?.table;
    let listener = listen_at(options.address).await?;
    let _lock = lock(&options.data)?;
    let file = match &options.data {
        Data::Memory => None,
        Data::Directory(directory) => Some(directory.join(DATABASE)),
        Data::Endpoint(_) => anyhow::bail!("only the embedded DynamoDB can be served"),
    };
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let emulator = Emulator::serve(listener, file.as_deref())?;
    let access = Access::embedded(emulator.endpoint());
    let client = runtime::dynamodb_client(&access.client_options());
    table::create_if_absent(&client, &table).await?;
    if options.demo {
        demo::load(&client, &table.name).await?;
    }
    writeln!(stdout(), "{}", emulator.endpoint()).context("standard output is closed")?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = input_end(), if options.until_input_ends => {}
    }
    emulator.stop().await;
    Ok(())
}

async fn input_end() {
    let (ended, on_end) = oneshot::channel();
    // A thread of its own: one of the runtime's would have to end before the process can.
    std::thread::spawn(move || {
        let _ = stdin().read_to_end(&mut Vec::new());
        let _ = ended.send(());
    });
    let _ = on_end.await;
}
