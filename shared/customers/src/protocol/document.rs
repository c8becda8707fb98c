//! The document of a customer.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;

use super::head::number;
use crate::{
    domain::Customer,
    fault::Fault,
    store::{Item, RawItem},
};

const NO_SEQUENCE: Fault = Fault::Damaged("a document without its sequence number");
const UNREADABLE: Fault = Fault::Damaged("a document that cannot be read");

/// A customer as stored: with the sequence number of its row, which is also its version.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    pub(crate) customer: Arc<Customer>,
    pub(crate) sequence: u64,
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

/// What a document has beside the customer.
#[derive(Deserialize)]
struct Version {
    q: u64,
}

impl TryFrom<&RawItem> for Document {
    type Error = Fault;

    fn try_from(item: &RawItem) -> Result<Self, Fault> {
        let Version { q: sequence } = item.read().map_err(|_| NO_SEQUENCE)?;
        let customer = item.read().map_err(|_| UNREADABLE)?;
        Ok(Self { customer: Arc::new(customer), sequence })
    }
}

impl TryFrom<Item> for Document {
    type Error = Fault;

    fn try_from(item: Item) -> Result<Self, Fault> {
        let sequence = number(&item, "q").ok_or(NO_SEQUENCE)?;
        let customer = serde_dynamo::from_item(item).map_err(|_| UNREADABLE)?;
        Ok(Self { customer: Arc::new(customer), sequence })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::index::tests::customer;

    proptest! {
        #[test]
        fn a_document_is_read_as_it_was_written(customer in customer(), sequence in any::<u64>()) {
            let item = document_item(&customer, sequence, "request").unwrap();
            let raw = RawItem::try_from(item.clone()).unwrap();
            let written = Document { customer: Arc::new(customer), sequence };
            prop_assert_eq!(&Document::try_from(&raw).unwrap(), &written);
            prop_assert_eq!(Document::try_from(item).unwrap(), written);
        }
    }

    #[test]
    fn what_is_no_document_is_damaged() {
        let raw = |item: Item| RawItem::try_from(item).unwrap();
        let number = AttributeValue::N("7".to_owned());
        for item in [Item::new(), Item::from([("q".to_owned(), number)])] {
            assert!(matches!(Document::try_from(&raw(item.clone())), Err(Fault::Damaged(_))));
            assert!(matches!(Document::try_from(item), Err(Fault::Damaged(_))));
        }
    }
}
