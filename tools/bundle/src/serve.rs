//! The subcommand `serve`.

use std::io::{Write, stdout};

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    demo::{self, Example},
    stack::{Data, Stack, StackOptions},
};

/// Serves until Ctrl-C or SIGTERM.
///
/// # Errors
/// If the stack cannot start or the tenant cannot be loaded.
pub async fn serve(options: StackOptions) -> Result<()> {
    let data = options.data.clone();
    let stack = Stack::start(options).await?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    write_greeting(&mut stdout().lock(), stack.base_url(), &data)?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    stack.stop().await;
    Ok(())
}

/// The last line says that the server is ready.
fn write_greeting(output: &mut impl Write, base_url: &str, data: &Data) -> std::io::Result<()> {
    writeln!(output, "\nServing {base_url} with data in {data}. Try:\n")?;
    let mut above = None;
    for Example { dialect, what, commands } in demo::examples(base_url) {
        if above.replace(dialect).is_some_and(|above| above != dialect) {
            writeln!(output)?;
        }
        writeln!(output, "# {}: {what}", demo::title(dialect))?;
        for command in commands {
            writeln!(output, "{command}")?;
        }
    }
    writeln!(output, "\nLogins of the tenant {}:\n", demo::TENANT)?;
    for login in demo::LOGINS {
        writeln!(output, "  {:<8}  {}  sees {}", demo::title(login.dialect), login.credentials(), login.sees)?;
    }
    writeln!(output, "\nCtrl-C stops.")
}
