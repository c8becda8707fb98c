//! The subcommand `serve`.

use std::io::{Write, stdout};

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    demo,
    stack::{Data, Stack, StackOptions},
};

/// Serves until Ctrl-C or SIGTERM. The first time, the table gets the demo tenant.
///
/// # Errors
/// If the stack cannot start or the tenant cannot be loaded.
pub async fn serve(options: StackOptions) -> Result<()> {
    let data = options.data.clone();
    let stack = Stack::start(options).await?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    demo::load(stack.client(), stack.table_name()).await?;
    write_greeting(&mut stdout().lock(), stack.base_url(), &data)?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    stack.stop().await;
    Ok(())
}

fn write_greeting(output: &mut impl Write, base_url: &str, data: &Data) -> std::io::Result<()> {
    writeln!(output, "\nServing {base_url} with data in {data}. Ctrl-C stops. Try:\n")?;
    for (what, command) in demo::examples(base_url) {
        writeln!(output, "# {what}\n{command}\n")?;
    }
    writeln!(output, "Logins of the tenant {}:\n", demo::TENANT)?;
    for login in demo::LOGINS {
        writeln!(output, "  userid={:<3} api_key={}  sees {}", login.user, login.key, login.sees)?;
    }
    writeln!(output)
}
