//! The document of a customer.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;

use super::head::number;
use crate::{domain::Customer, fault::Fault, store::Item};

/// What a byte of text takes with its share of what memory is handed out in: texts are short.
const MEMORY_PER_TEXT_BYTE: usize = 3;

/// A customer as stored: with the sequence number of its row, which is also its version.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    pub(crate) customer: Arc<Customer>,
    pub(crate) sequence: u64,
    /// Length of all its texts.
    pub(crate) text_bytes: usize,
}

impl Document {
    /// Bytes of memory that it takes, about.
    pub(crate) fn memory(&self) -> usize {
        size_of::<Customer>() + size_of::<Self>() + self.text_bytes * MEMORY_PER_TEXT_BYTE
    }
}

/// Length of the texts in `item`, those of its attributes' names left out.
fn text_bytes(item: &Item) -> usize {
    fn of(value: &AttributeValue) -> usize {
        match value {
            AttributeValue::S(text) => text.len(),
            AttributeValue::L(values) => values.iter().map(of).sum(),
            AttributeValue::M(values) => text_bytes(values),
            _ => 0,
        }
    }
    item.values().map(of).sum()
}

/// The attributes of the document of `customer` with its row at `sequence`, written by the request `request_id`.
pub(crate) fn document_item(customer: &Customer, sequence: u64, request_id: &str) -> Result<Item, Fault> {
    let mut item: Item = serde_dynamo::to_item(customer)
        .map_err(|_| Fault::Damaged("a customer that cannot be written as a document"))?;
    item.insert("q".to_owned(), AttributeValue::N(sequence.to_string()));
    item.insert("r".to_owned(), AttributeValue::S(request_id.to_owned()));
    Ok(item)
}

/// Whether the document in `item` was written last by the request `request_id`.
pub(crate) fn is_written_by(item: &Item, request_id: &str) -> bool {
    item.get("r").and_then(|value| value.as_s().ok()).is_some_and(|writer| writer == request_id)
}

impl TryFrom<Item> for Document {
    type Error = Fault;

    fn try_from(item: Item) -> Result<Self, Fault> {
        let sequence = number(&item, "q").ok_or(Fault::Damaged("a document without its sequence number"))?;
        let text_bytes = text_bytes(&item);
        let customer = serde_dynamo::from_item(item).map_err(|_| Fault::Damaged("a document that cannot be read"))?;
        Ok(Self { customer: Arc::new(customer), sequence, text_bytes })
    }
}
