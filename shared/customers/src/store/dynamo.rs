//! The table on DynamoDB.

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use aws_sdk_dynamodb::{
    Client, Config,
    config::retry::RetryConfig,
    error::BuildError,
    operation::{query::builders::QueryFluentBuilder, transact_write_items::TransactWriteItemsOutput},
    types::{
        AttributeValue, ConsumedCapacity, Delete, KeysAndAttributes, Put, ReturnConsumedCapacity, ReturnValue,
        ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
    },
};
use futures_util::future::try_join_all;

use super::{
    Action, BinaryPage, Item, Key, PARTITION, QueryPage, RawItem, SORT, Store, StoreError, TransactError, Write,
    batch_answer::BatchAnswer,
    capture::Capture,
    expression::Terms,
    failure::{request_error, transact_error},
    query_answer::QueryAnswer,
};
use crate::{backoff::Backoff, usage::Meter};

/// The attributes of rows and heads of a list index, but for the partition key, which would be a tenth of the answer.
const LIST_INDEX: &str = "SK, p, q, c, h, closed";
/// Keys that DynamoDB takes in one BatchGetItem.
const BATCH_GET_MAXIMUM: usize = 100;
/// BatchGetItems under way at once: more would wait for each other's connections until their time is up.
const BATCHES_AT_ONCE: usize = 8;
/// How often the unprocessed rest of a batch is sent again.
pub(super) const BATCH_ATTEMPTS: u32 = 8;

/// A [`Store`] on a DynamoDB table. Single requests are retried by the client as it is configured; the unprocessed
/// rests of batches here.
#[derive(Debug)]
pub struct DynamoStore {
    pub(super) client: Client,
    pub(super) table: String,
    meter: Meter,
}

impl DynamoStore {
    /// The table named `table`, reached by `client`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table, meter: Meter::default() }
    }

    pub(super) fn consumed(&self, capacity: Option<&ConsumedCapacity>, is_write: bool) {
        let units = capacity.and_then(ConsumedCapacity::capacity_units).unwrap_or_default();
        let (read, write) = if is_write { (0.0, units) } else { (units, 0.0) };
        self.meter.consume(read, write);
    }

    async fn get_batch(&self, keys: &[Key]) -> Result<Vec<RawItem>, StoreError> {
        let mut found = Vec::with_capacity(keys.len());
        let mut pending: Vec<Item> = keys.iter().map(key_attributes).collect();
        let mut backoff = Backoff::default();
        for _ in 0..BATCH_ATTEMPTS {
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(std::mem::take(&mut pending)))
                .consistent_read(true)
                .build()
                .map_err(|error| StoreError::Refused(error.into()))?;
            let call = self.meter.begin_call();
            let capture = Capture::<BatchAnswer>::new();
            self.client
                .batch_get_item()
                .request_items(&self.table, wanted)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .customize()
                .interceptor(capture.interceptor())
                .send()
                .await
                .map_err(request_error)?;
            let answer = capture.take()?;
            drop(call);
            self.meter.consume(answer.read_units(), 0.0);
            let (items, rest) = answer.into_parts();
            found.extend(items);
            pending = rest.map(Item::try_from).collect::<Result<_, _>>()?;
            if pending.is_empty() {
                return Ok(found);
            }
            backoff.sleep().await;
        }
        Err(StoreError::Unavailable("keys of a batch stayed unprocessed".into()))
    }

    fn query_after(&self, partition: &str, after: &str, limit: u32) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .key_condition_expression("PK = :partition AND SK > :after")
            .expression_attribute_values(":partition", AttributeValue::S(partition.to_owned()))
            .expression_attribute_values(":after", AttributeValue::S(after.to_owned()))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    fn transact_item(&self, write: &Write) -> Result<TransactWriteItem, BuildError> {
        let item = TransactWriteItem::builder();
        let mut terms = Terms::default();
        let condition = terms.condition(write.condition);
        Ok(match &write.action {
            Action::Put(attributes) => item.put(
                Put::builder()
                    .table_name(&self.table)
                    .set_item(Some(with_key(&write.key, attributes)))
                    .condition_expression(condition)
                    .set_expression_attribute_names(terms.names())
                    .set_expression_attribute_values(terms.values())
                    .build()?,
            ),
            Action::Set(attributes) => item.update(
                Update::builder()
                    .table_name(&self.table)
                    .set_key(Some(key_attributes(&write.key)))
                    .update_expression(terms.assignments(attributes))
                    .condition_expression(condition)
                    .set_expression_attribute_names(terms.names())
                    .set_expression_attribute_values(terms.values())
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                    .build()?,
            ),
            Action::Delete => item.delete(
                Delete::builder()
                    .table_name(&self.table)
                    .set_key(Some(key_attributes(&write.key)))
                    .condition_expression(condition)
                    .set_expression_attribute_names(terms.names())
                    .set_expression_attribute_values(terms.values())
                    .build()?,
            ),
        }
        .build())
    }
}

#[async_trait]
impl Store for DynamoStore {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let _call = self.meter.begin_call();
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(request_error)?;
        self.consumed(output.consumed_capacity(), false);
        Ok(output.item)
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        self.get_many_raw(keys).await?.into_iter().map(Item::try_from).collect()
    }

    async fn get_many_raw(&self, keys: &[Key]) -> Result<Vec<RawItem>, StoreError> {
        let mut found = Vec::with_capacity(keys.len());
        for wave in keys.chunks(BATCH_GET_MAXIMUM * BATCHES_AT_ONCE) {
            let batches = wave.chunks(BATCH_GET_MAXIMUM).map(|batch| self.get_batch(batch));
            found.extend(try_join_all(batches).await?.into_iter().flatten());
        }
        Ok(found)
    }

    async fn query(&self, partition: &str, after: &str, limit: u32) -> Result<QueryPage, StoreError> {
        let _call = self.meter.begin_call();
        let output = self.query_after(partition, after, limit).send().await.map_err(request_error)?;
        self.consumed(output.consumed_capacity(), false);
        Ok(QueryPage { more: output.last_evaluated_key.is_some(), items: output.items.unwrap_or_default() })
    }

    async fn query_binary(&self, partition: &str, after: &str, limit: u32) -> Result<BinaryPage, StoreError> {
        let _call = self.meter.begin_call();
        let capture = Capture::<QueryAnswer>::new();
        let query = self.query_after(partition, after, limit).projection_expression(LIST_INDEX);
        query.customize().interceptor(capture.interceptor()).send().await.map_err(request_error)?;
        let QueryAnswer { page, read_units } = capture.take()?;
        self.meter.consume(read_units, 0.0);
        Ok(page)
    }

    async fn add(&self, key: &Key, amount: u64, also: Item) -> Result<u64, StoreError> {
        let mut terms = Terms::default();
        let assignments = if also.is_empty() { String::new() } else { terms.assignments(&also) };
        let amount = terms.number("amount", amount);
        let _call = self.meter.begin_call();
        let output = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .update_expression(format!("ADD n {amount} {assignments}"))
            .set_expression_attribute_names(terms.names())
            .set_expression_attribute_values(terms.values())
            .return_values(ReturnValue::UpdatedNew)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(request_error)?;
        self.consumed(output.consumed_capacity(), true);
        let sum = output.attributes().and_then(|attributes| attributes.get("n"));
        sum.and_then(|value| value.as_n().ok()?.parse().ok())
            .ok_or_else(|| StoreError::Refused("a counter without a number".into()))
    }

    async fn transact(&self, writes: &[Write], token: &str) -> Result<(), TransactError> {
        let items = writes
            .iter()
            .map(|write| self.transact_item(write))
            .collect::<Result<_, _>>()
            .map_err(|error| TransactError::Refused(error.into()))?;
        let _call = self.meter.begin_call();
        let result = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .client_request_token(token)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .customize()
            // Of several attempts the client would report the last one only: an earlier one may have been applied.
            .config_override(Config::builder().retry_config(RetryConfig::disabled()))
            .send()
            .await;
        match result {
            Ok(TransactWriteItemsOutput { consumed_capacity, .. }) => {
                for capacity in consumed_capacity.iter().flatten() {
                    self.consumed(Some(capacity), true);
                }
                Ok(())
            }
            Err(error) => Err(transact_error(error)),
        }
    }

    fn meter(&self) -> &Meter {
        &self.meter
    }
}

pub(super) fn key_attributes(key: &Key) -> Item {
    Item::from([
        (PARTITION.to_owned(), AttributeValue::S(key.partition.clone())),
        (SORT.to_owned(), AttributeValue::S(key.sort.clone())),
    ])
}

pub(super) fn with_key(key: &Key, attributes: &Item) -> Item {
    let mut item = key_attributes(key);
    item.extend(attributes.iter().map(|(name, value)| (name.clone(), value.clone())));
    item
}
