//! An item as DynamoDB writes it.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::{RawValue, to_raw_value};

use super::{Item, StoreError, typed_value::TypedValue, unreadable::Unreadable};

/// An item that was not taken apart yet, its key attributes included.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct RawItem(Box<RawValue>);

impl RawItem {
    /// Bytes of its JSON.
    pub(crate) fn bytes(&self) -> usize {
        self.0.get().len()
    }

    /// What the attributes say that `T` has fields for. No map is made of them in between.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Unreadable> {
        Ok(T::deserialize(TypedValue::members(&mut serde_json::Deserializer::from_str(self.0.get())))?)
    }
}

impl TryFrom<RawItem> for Item {
    type Error = StoreError;

    fn try_from(item: RawItem) -> Result<Self, StoreError> {
        let item = serde_json::from_str::<serde_dynamo::Item>(item.0.get());
        item.map(Item::from).map_err(|error| StoreError::Unavailable(Unreadable::from(error).into()))
    }
}

impl TryFrom<Item> for RawItem {
    type Error = StoreError;

    fn try_from(item: Item) -> Result<Self, StoreError> {
        let raw = to_raw_value(&serde_dynamo::Item::from(item));
        raw.map(Self).map_err(|error| StoreError::Refused(Unreadable::from(error).into()))
    }
}
