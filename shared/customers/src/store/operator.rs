//! What a table's operator asks of DynamoDB.

use async_trait::async_trait;
use aws_sdk_dynamodb::{
    error::BuildError,
    types::{AttributeValue, DeleteRequest, PutRequest, ReturnConsumedCapacity, WriteRequest},
};

use super::{
    DynamoStore, Item, Key, OperatorStore, ScanPage, Segment, Store, StoreError,
    dynamo::{BATCH_ATTEMPTS, key_attributes, with_key},
    failure::request_error,
};
use crate::backoff::Backoff;

/// Items that DynamoDB takes in one BatchWriteItem.
const BATCH_WRITE_MAXIMUM: usize = 25;
/// Items that a scan looks at for a page, of which DynamoDB itself ends one after 1 MB.
const SCAN_LIMIT: i32 = 2_000;

impl DynamoStore {
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
            let call = self.meter().begin_call();
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
}

#[async_trait]
impl OperatorStore for DynamoStore {
    async fn scan(&self, prefix: &str, segment: Segment, from: Option<&Key>) -> Result<ScanPage, StoreError> {
        let _call = self.meter().begin_call();
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
