//! The table on DynamoDB.

use std::{collections::HashMap, error::Error};

use async_trait::async_trait;
use aws_sdk_dynamodb::{
    Client, Config,
    config::retry::RetryConfig,
    error::{BuildError, ProvideErrorMetadata, SdkError},
    operation::{
        query::builders::QueryFluentBuilder,
        transact_write_items::{TransactWriteItemsError, TransactWriteItemsOutput},
    },
    types::{
        AttributeValue, CancellationReason, ConsumedCapacity, Delete, DeleteRequest, KeysAndAttributes, Put,
        PutRequest, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
        Update, WriteRequest,
    },
};
use futures_util::future::try_join_all;

use super::{
    Action, BinaryPage, Condition, Item, Key, OperatorStore, PARTITION, QueryPage, Reason, SORT, ScanPage, Segment,
    Store, StoreError, TransactError, Write, capture::Capture,
};
use crate::{backoff::Backoff, fault::Cause, usage::Meter};

/// Keys that DynamoDB takes in one BatchGetItem.
const BATCH_GET_MAXIMUM: usize = 100;
/// BatchGetItems under way at once: more would wait for each other's connections until their time is up.
const BATCHES_AT_ONCE: usize = 8;
/// Items that DynamoDB takes in one BatchWriteItem.
const BATCH_WRITE_MAXIMUM: usize = 25;
/// Items that a scan looks at for a page, of which DynamoDB itself ends one after 1 MB.
const SCAN_LIMIT: i32 = 2_000;
/// How often the unprocessed rest of a batch is sent again.
const BATCH_ATTEMPTS: u32 = 8;

/// A [`Store`] on a DynamoDB table. Single requests are retried by the client as it is configured; the unprocessed
/// rests of batches here.
#[derive(Debug)]
pub struct DynamoStore {
    client: Client,
    table: String,
    meter: Meter,
}

impl DynamoStore {
    /// The table named `table`, reached by `client`.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table, meter: Meter::default() }
    }

    fn consumed(&self, capacity: Option<&ConsumedCapacity>, is_write: bool) {
        let units = capacity.and_then(ConsumedCapacity::capacity_units).unwrap_or_default();
        let (read, write) = if is_write { (0.0, units) } else { (units, 0.0) };
        self.meter.consume(read, write);
    }

    async fn get_batch(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
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
            let output = self
                .client
                .batch_get_item()
                .request_items(&self.table, wanted)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(request_error)?;
            drop(call);
            for capacity in output.consumed_capacity() {
                self.consumed(Some(capacity), false);
            }
            found.extend(output.responses.into_iter().flatten().flat_map(|(_, items)| items));
            pending.extend(output.unprocessed_keys.into_iter().flatten().flat_map(|(_, rest)| rest.keys));
            if pending.is_empty() {
                return Ok(found);
            }
            backoff.sleep().await;
        }
        Err(StoreError::Unavailable("keys of a batch stayed unprocessed".into()))
    }

    async fn write_many(&self, requests: Result<Vec<WriteRequest>, BuildError>) -> Result<(), StoreError> {
        let requests = requests.map_err(|error| StoreError::Refused(error.into()))?;
        for batch in requests.chunks(BATCH_WRITE_MAXIMUM) {
            self.write_batch(batch.to_vec()).await?;
        }
        Ok(())
    }

    async fn write_batch(&self, mut pending: Vec<WriteRequest>) -> Result<(), StoreError> {
        let mut backoff = Backoff::default();
        for _ in 0..BATCH_ATTEMPTS {
            let call = self.meter.begin_call();
            let output = self
                .client
                .batch_write_item()
                .request_items(&self.table, std::mem::take(&mut pending))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(request_error)?;
            drop(call);
            for capacity in output.consumed_capacity() {
                self.consumed(Some(capacity), true);
            }
            pending.extend(output.unprocessed_items.into_iter().flatten().flat_map(|(_, rest)| rest));
            if pending.is_empty() {
                return Ok(());
            }
            backoff.sleep().await;
        }
        Err(StoreError::Unavailable("items of a batch stayed unprocessed".into()))
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

impl DynamoStore {
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
        let capture = Capture::default();
        let query = self.query_after(partition, after, limit).customize().interceptor(capture.clone());
        query.send().await.map_err(request_error)?;
        let captured = capture.take().ok_or_else(|| StoreError::Unavailable("a Query without an answer".into()))?;
        self.meter.consume(captured.read_units, 0.0);
        Ok(captured.page)
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

#[async_trait]
impl OperatorStore for DynamoStore {
    async fn scan(&self, prefix: &str, segment: Segment, from: Option<&Key>) -> Result<ScanPage, StoreError> {
        let _call = self.meter.begin_call();
        let output = self
            .client
            .scan()
            .table_name(&self.table)
            .filter_expression("begins_with(PK, :prefix)")
            .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
            .segment(i32::try_from(segment.number).unwrap_or(i32::MAX))
            .total_segments(i32::try_from(segment.of).unwrap_or(i32::MAX))
            .set_exclusive_start_key(from.map(key_attributes))
            .limit(SCAN_LIMIT)
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(request_error)?;
        self.consumed(output.consumed_capacity(), false);
        let next = output.last_evaluated_key.as_ref().map(Key::try_from).transpose()?;
        Ok(ScanPage { items: output.items.unwrap_or_default(), next })
    }

    async fn put_many(&self, items: Vec<(Key, Item)>) -> Result<(), StoreError> {
        let request = |(key, item): &(Key, Item)| {
            let put = PutRequest::builder().set_item(Some(with_key(key, item))).build()?;
            Ok(WriteRequest::builder().put_request(put).build())
        };
        self.write_many(items.iter().map(request).collect()).await
    }

    async fn delete_many(&self, keys: Vec<Key>) -> Result<(), StoreError> {
        let request = |key: &Key| {
            let delete = DeleteRequest::builder().set_key(Some(key_attributes(key))).build()?;
            Ok(WriteRequest::builder().delete_request(delete).build())
        };
        self.write_many(keys.iter().map(request).collect()).await
    }
}

fn key_attributes(key: &Key) -> Item {
    Item::from([
        (PARTITION.to_owned(), AttributeValue::S(key.partition.clone())),
        (SORT.to_owned(), AttributeValue::S(key.sort.clone())),
    ])
}

fn with_key(key: &Key, attributes: &Item) -> Item {
    let mut item = key_attributes(key);
    item.extend(attributes.iter().map(|(name, value)| (name.clone(), value.clone())));
    item
}

/// The names and values that an expression refers to.
#[derive(Default)]
struct Terms {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Terms {
    fn condition(&mut self, condition: Condition) -> String {
        match condition {
            Condition::Absent => "attribute_not_exists(PK)".to_owned(),
            Condition::Present => "attribute_exists(PK)".to_owned(),
            Condition::Sequence(sequence) => format!("q = {}", self.number("expected", sequence)),
            Condition::OpenSequence(sequence) => {
                format!("q = {} AND attribute_not_exists(closed)", self.number("expected", sequence))
            }
            Condition::Epoch(epoch) => format!("e = {}", self.number("expected", epoch)),
            Condition::Owner(id) => {
                self.names.insert("#owner".to_owned(), "owner".to_owned());
                format!("#owner = {}", self.number("expected", id))
            }
        }
    }

    fn number(&mut self, name: &str, number: u64) -> String {
        let name = format!(":{name}");
        self.values.insert(name.clone(), AttributeValue::N(number.to_string()));
        name
    }

    fn assignments(&mut self, attributes: &Item) -> String {
        let mut terms: Vec<String> = Vec::with_capacity(attributes.len());
        for (name, value) in attributes {
            self.names.insert(format!("#{name}"), name.clone());
            self.values.insert(format!(":{name}"), value.clone());
            terms.push(format!("#{name} = :{name}"));
        }
        terms.sort();
        format!("SET {}", terms.join(", "))
    }

    fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }
}

/// The error code of a service error: its message is left out, as it may repeat stored values.
#[derive(Debug, thiserror::Error)]
#[error("DynamoDB answered {code}")]
struct ServiceFailure {
    code: String,
}

fn service_failure(error: &impl ProvideErrorMetadata) -> Cause {
    Box::new(ServiceFailure { code: error.code().unwrap_or("without an error code").to_owned() })
}

fn is_overload(code: Option<&str>) -> bool {
    matches!(code, Some("ProvisionedThroughputExceededException" | "ThrottlingException" | "RequestLimitExceeded"))
}

fn request_error<E>(error: SdkError<E>) -> StoreError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    match &error {
        SdkError::ServiceError(context) => {
            let cause = service_failure(context.err());
            if is_overload(context.err().code()) || context.raw().status().is_server_error() {
                StoreError::Unavailable(cause)
            } else {
                StoreError::Refused(cause)
            }
        }
        SdkError::ConstructionFailure(_) => StoreError::Refused(error.into()),
        _ => StoreError::Unavailable(error.into()),
    }
}

fn transact_error(error: SdkError<TransactWriteItemsError>) -> TransactError {
    let context = match error {
        SdkError::ServiceError(context) => context,
        SdkError::ConstructionFailure(_) => return TransactError::Refused(error.into()),
        _ => return TransactError::Unknown(error.into()),
    };
    let cause = service_failure(context.err());
    let is_server_error = context.raw().status().is_server_error();
    match context.into_err() {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => TransactError::Cancelled(
            cancelled.cancellation_reasons.unwrap_or_default().into_iter().map(reason).collect(),
        ),
        TransactWriteItemsError::TransactionInProgressException(_) => TransactError::InProgress(cause),
        other if is_overload(other.code()) => TransactError::Throttled(cause),
        _ if is_server_error => TransactError::Unknown(cause),
        _ => TransactError::Refused(cause),
    }
}

fn reason(reason: CancellationReason) -> Reason {
    match reason.code.as_deref() {
        None | Some("None") => Reason::None,
        Some("ConditionalCheckFailed") => Reason::ConditionFailed(reason.item),
        Some("TransactionConflict") => Reason::Conflict,
        Some("ProvisionedThroughputExceeded" | "ThrottlingError") => Reason::Throttled,
        Some(other) => Reason::Other(other.to_owned()),
    }
}
