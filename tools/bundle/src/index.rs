//! The subcommands `rebuild` and `audit`: the care of a tenant's list index.

#[cfg(test)]
mod tests;

use std::{
    fs::File,
    io::{Write, stdout},
    path::PathBuf,
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use customers::{Audit, DynamoStore, Rebuilt, TenantId, audit_tenant, rebuild_tenant};
use runtime::{ClientOptions, dynamodb_client};

use crate::{
    demo,
    emulator::Emulator,
    environment::{Access, variable},
    project,
    stack::{DATABASE, Data, lock},
    template::Template,
};

/// The flags of `audit`, and which table they mean.
///
/// A table that is named, here or by `TABLE_NAME`, is one of the AWS account of the environment, unless there is an
/// endpoint. Else it is the template's: at the endpoint, or in the embedded database, which no other bundle may serve.
#[derive(Debug, Args)]
pub struct AuditArguments {
    /// The tenant [default: that of DEFAULT_TENANT, else demo]
    #[arg(long, value_name = "NAME")]
    tenant: Option<TenantId>,
    /// A table in your AWS account, with the AWS_* variables of the environment [default: that of TABLE_NAME, if set]
    #[arg(long, value_name = "NAME", conflicts_with = "data")]
    table: Option<String>,
    /// The DynamoDB at this URL, with the AWS_* variables of the environment [default: that of DYNAMODB_ENDPOINT, if set]
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    endpoint: Option<String>,
    /// Directory of the database file [default: .bundle/ in the project, if neither a table nor an endpoint is named]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// The flags of `rebuild`.
#[derive(Debug, Args)]
pub struct RebuildArguments {
    #[command(flatten)]
    place: AuditArguments,
    /// Split the index into so many shards, a multiple of those it has [default: as many as it has]
    #[arg(long, value_name = "N")]
    shards: Option<u32>,
}

/// Builds a tenant's list index anew, in this release's row format, while requests go on.
///
/// # Errors
/// If the table is out of reach or in use, or the index cannot be rebuilt.
pub async fn rebuild(arguments: RebuildArguments) -> Result<()> {
    let RebuildArguments { place, shards } = arguments;
    let (tenant, table) = place.open().await?;
    let rebuilt = rebuild_tenant(&table.store, &tenant, shards).await;
    table.close().await;
    let Rebuilt { epoch, shards, row_format, customers, was_damaged, is_swept } = rebuilt?;
    let mut output = stdout();
    writeln!(output, "{tenant}: {customers} customers in {shards} shards, epoch {epoch}, row format {row_format}")?;
    if was_damaged {
        writeln!(output, "{tenant}: the epoch before was damaged")?;
    }
    if !is_swept {
        writeln!(output, "{tenant}: rows of earlier epochs are left; the next rebuild removes them")?;
    }
    Ok(())
}

/// Compares a tenant's list index and guards with its documents, and prints what differs.
///
/// # Errors
/// If anything differs, or the table is out of reach or in use.
pub async fn audit(arguments: AuditArguments) -> Result<()> {
    let (tenant, table) = arguments.open().await?;
    let audit = audit_tenant(&table.store, &tenant).await;
    table.close().await;
    let Audit { customers, shards, damage } = audit?;
    let mut output = stdout();
    for damage in &damage {
        writeln!(output, "{tenant}: {damage}")?;
    }
    if !damage.is_empty() {
        bail!("{tenant} is damaged; `bundle rebuild` mends a list index");
    }
    writeln!(output, "{tenant}: {customers} customers in {shards} shards, all in order")?;
    Ok(())
}

/// A table, and what it needs to be there.
struct OpenTable {
    store: DynamoStore,
    emulator: Option<Emulator>,
    _lock: Option<File>,
}

impl OpenTable {
    async fn close(self) {
        if let Some(emulator) = self.emulator {
            emulator.stop().await;
        }
    }
}

/// Where a table is.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// In the embedded database of this directory, or the project's.
    Embedded(Option<PathBuf>),
    /// At this endpoint: this table, or the template's.
    Endpoint(String, Option<String>),
    /// In the account and region of the environment.
    Account(String),
}

impl AuditArguments {
    async fn open(self) -> Result<(TenantId, OpenTable)> {
        let tenant = match self.tenant.clone() {
            Some(tenant) => tenant,
            None => variable("DEFAULT_TENANT").unwrap_or_else(|| demo::TENANT.to_owned()).parse()?,
        };
        let place = self.place(variable);
        let table = match place {
            Place::Embedded(directory) => embedded(directory).await?,
            Place::Endpoint(url, table) => {
                remote(&Access::of_caller(url).client_options(), table.map_or_else(table_name, Ok)?)
            }
            Place::Account(table) => remote(&Access::account_of_caller()?, table),
        };
        Ok((tenant, table))
    }

    fn place(self, variable: impl Fn(&str) -> Option<String>) -> Place {
        if self.data.is_some() {
            return Place::Embedded(self.data);
        }
        let table = self.table.or_else(|| variable("TABLE_NAME"));
        match (self.endpoint.or_else(|| variable("DYNAMODB_ENDPOINT")), table) {
            (Some(url), table) => Place::Endpoint(url, table),
            (None, Some(table)) => Place::Account(table),
            (None, None) => Place::Embedded(None),
        }
    }
}

async fn embedded(directory: Option<PathBuf>) -> Result<OpenTable> {
    let directory = directory.map_or_else(|| project::root().map(|root| root.join(".bundle")), Ok)?;
    let file = directory.join(DATABASE);
    ensure!(file.is_file(), "there is no database in {}", directory.display());
    let lock = lock(&Data::Directory(directory))?;
    let emulator = Emulator::start(Some(&file)).await?;
    let client = dynamodb_client(&Access::embedded(emulator.endpoint()).client_options());
    Ok(OpenTable { store: DynamoStore::new(client, table_name()?), emulator: Some(emulator), _lock: lock })
}

fn remote(options: &ClientOptions, table: String) -> OpenTable {
    OpenTable { store: DynamoStore::new(dynamodb_client(options), table), emulator: None, _lock: None }
}

/// The name of the template's table.
fn table_name() -> Result<String> {
    let template = Template::read(&project::root()?.join(project::TEMPLATE));
    Ok(template.context("the template names no table")?.table.name)
}
