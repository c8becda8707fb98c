//! Items as the embedded database takes them, and their size.

use anyhow::{Result, bail};
use aws_sdk_dynamodb::types::AttributeValue;
use customers::table::{Item, Key};
use dynoxide::{AttributeValue as Stored, Item as StoredItem};

/// The item under `key` for the embedded database.
///
/// # Errors
/// If it has a value of a type that this release of the SDK does not know.
pub(super) fn stored(key: Key, item: Item) -> Result<StoredItem> {
    let mut attributes: StoredItem =
        item.into_iter().map(|(name, value)| Ok((name, stored_value(value)?))).collect::<Result<_>>()?;
    attributes.insert("PK".to_owned(), Stored::S(key.partition));
    attributes.insert("SK".to_owned(), Stored::S(key.sort));
    Ok(attributes)
}

fn stored_value(value: AttributeValue) -> Result<Stored> {
    Ok(match value {
        AttributeValue::S(text) => Stored::S(text),
        AttributeValue::N(number) => Stored::N(number),
        AttributeValue::B(bytes) => Stored::B(bytes.into_inner()),
        AttributeValue::Bool(value) => Stored::BOOL(value),
        AttributeValue::Null(value) => Stored::NULL(value),
        AttributeValue::Ss(texts) => Stored::SS(texts),
        AttributeValue::Ns(numbers) => Stored::NS(numbers),
        AttributeValue::Bs(values) => {
            Stored::BS(values.into_iter().map(aws_sdk_dynamodb::primitives::Blob::into_inner).collect())
        }
        AttributeValue::L(values) => Stored::L(values.into_iter().map(stored_value).collect::<Result<_>>()?),
        AttributeValue::M(values) => {
            let values = values.into_iter().map(|(name, value)| Ok((name, stored_value(value)?)));
            Stored::M(values.collect::<Result<_>>()?)
        }
        _ => bail!("an attribute of a type that is not known here"),
    })
}

/// Bytes of an item, roughly as DynamoDB counts them: names and values, a number by its digits.
pub(super) fn bytes(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value_bytes(value)).sum()
}

fn value_bytes(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number.len() / 2 + 1,
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::L(values) => 3 + values.iter().map(|value| 1 + value_bytes(value)).sum::<usize>(),
        AttributeValue::M(values) => {
            3 + values.iter().map(|(name, value)| 1 + name.len() + value_bytes(value)).sum::<usize>()
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_keeps_its_attributes_and_gets_its_key() {
        let item = Item::from([
            ("name".to_owned(), AttributeValue::S("Fátima".to_owned())),
            ("tags".to_owned(), AttributeValue::L(vec![AttributeValue::N("12".to_owned())])),
        ]);
        assert_eq!(bytes(&item), 4 + 7 + 4 + 3 + 1 + 2);
        let stored = stored(Key { partition: "P".to_owned(), sort: "S".to_owned() }, item).unwrap();
        assert_eq!(stored.len(), 4);
        assert!(matches!(&stored["PK"], Stored::S(partition) if partition == "P"));
        assert!(matches!(&stored["tags"], Stored::L(values) if matches!(&values[..], [Stored::N(n)] if n == "12")));
    }
}
