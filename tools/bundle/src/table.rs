//! The template's table in a DynamoDB that may not have it yet.

use std::time::Duration;

use anyhow::{Context, Result};
use aws_sdk_dynamodb::{
    Client,
    error::DisplayErrorContext,
    types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus},
};

use crate::template::Table;

/// How often, and at which interval, a new table is asked whether it is ready.
const POLLS: usize = 120;
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Creates the table if it is absent, with its keys only: what keeps data safe in production is the template's.
pub(crate) async fn create_if_absent(client: &Client, table: &Table) -> Result<()> {
    if is_present(client, &table.name).await? {
        return Ok(());
    }
    let mut request = client.create_table().table_name(&table.name).billing_mode(BillingMode::PayPerRequest);
    for key in &table.keys {
        let key = KeySchemaElement::builder()
            .attribute_name(&key.attribute_name)
            .key_type(KeyType::from(key.key_type.as_str()));
        request = request.key_schema(key.build()?);
    }
    for attribute in &table.attributes {
        let attribute = AttributeDefinition::builder()
            .attribute_name(&attribute.attribute_name)
            .attribute_type(ScalarAttributeType::from(attribute.attribute_type.as_str()));
        request = request.attribute_definitions(attribute.build()?);
    }
    match request.send().await {
        Ok(_) => {}
        // Somebody else was faster.
        Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_in_use_exception()) => {}
        Err(error) => anyhow::bail!("the table {} cannot be created: {}", table.name, DisplayErrorContext(error)),
    }
    for _ in 0..POLLS {
        if status(client, &table.name).await? == Some(TableStatus::Active) {
            return Ok(());
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    anyhow::bail!("the table {} did not become active", table.name)
}

/// Whether there is such a table: whether its first item can be asked for. A description of it would tell as well, but the
/// embedded database counts all items for that, which takes seconds if they are millions.
async fn is_present(client: &Client, name: &str) -> Result<bool> {
    match client.scan().table_name(name).limit(1).send().await {
        Ok(_) => Ok(true),
        Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => {
            Ok(false)
        }
        Err(error) => anyhow::bail!("the table {name} cannot be read: {}", DisplayErrorContext(error)),
    }
}

/// The table's status; `None` if there is no such table.
async fn status(client: &Client, name: &str) -> Result<Option<TableStatus>> {
    match client.describe_table().table_name(name).send().await {
        Ok(output) => Ok(Some(output.table.and_then(|table| table.table_status).context("a table without a status")?)),
        Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => Ok(None),
        Err(error) => anyhow::bail!("DynamoDB does not answer: {}", DisplayErrorContext(error)),
    }
}
