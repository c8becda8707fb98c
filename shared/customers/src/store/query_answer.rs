//! The answer to a Query of a list index, as DynamoDB writes it.

use std::{borrow::Cow, fmt};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use base64_simd::STANDARD;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{Item, SORT, binary_page::BinaryPage};

/// A page, and what it cost.
#[derive(Debug, Deserialize)]
#[serde(from = "Answer")]
pub(super) struct QueryAnswer {
    pub(super) page: BinaryPage,
    pub(super) read_units: f64,
}

impl From<Answer> for QueryAnswer {
    fn from(Answer { mut items, last_evaluated_key, consumed_capacity }: Answer) -> Self {
        items.more = last_evaluated_key.is_some();
        Self { page: items, read_units: consumed_capacity.map_or(0.0, |capacity| capacity.capacity_units) }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default, deserialize_with = "read_items")]
    items: BinaryPage,
    last_evaluated_key: Option<IgnoredAny>,
    consumed_capacity: Option<ConsumedCapacity>,
}

/// What a request consumed of a table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ConsumedCapacity {
    pub(super) capacity_units: f64,
}

/// A name or a text, neither copied nor checked when it is read.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, [u8]>);

/// A value of the kinds that a list index holds.
#[derive(Deserialize)]
enum Value<'a> {
    #[serde(borrow)]
    S(Text<'a>),
    #[serde(borrow)]
    N(Text<'a>),
    #[serde(borrow)]
    B(Text<'a>),
    #[serde(rename = "BOOL")]
    Bool(bool),
}

fn read_items<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BinaryPage, D::Error> {
    deserializer.deserialize_seq(Items)
}

struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = BinaryPage;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<BinaryPage, A::Error> {
        let mut page = BinaryPage::default();
        while items.next_element_seed(AddItem(&mut page))?.is_some() {}
        Ok(page)
    }
}

/// Adds an item to a page.
struct AddItem<'p>(&'p mut BinaryPage);

impl<'de> DeserializeSeed<'de> for AddItem<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for AddItem<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an item")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut attributes: A) -> Result<(), A::Error> {
        let (mut sort, mut binary) = (None, None);
        let mut others = Vec::new();
        while let Some((Text(name), value)) = attributes.next_entry()? {
            match value {
                Value::S(text) if *name == *SORT.as_bytes() => sort = Some(text),
                Value::B(text) if binary.is_none() => binary = Some(text),
                value => others.push((Text(name), value)),
            }
        }
        let Some(sort) = sort else { return Err(Error::custom("an item without its sort key")) };
        if let Some(Text(binary)) = binary {
            return self.0.push(&sort.0, |bytes| STANDARD.decode_append(binary, bytes)).map_err(Error::custom);
        }
        others.push((Text(SORT.as_bytes().into()), Value::S(sort)));
        let attributes = others.into_iter().map(|(name, value)| Some((name.checked()?, value.checked()?)));
        let item: Option<Item> = attributes.collect();
        self.0.others.push(item.ok_or_else(|| Error::custom("an attribute that cannot be read"))?);
        Ok(())
    }
}

impl Text<'_> {
    fn checked(self) -> Option<String> {
        String::from_utf8(self.0.into_owned()).ok()
    }
}

impl Value<'_> {
    fn checked(self) -> Option<AttributeValue> {
        Some(match self {
            Value::S(text) => AttributeValue::S(text.checked()?),
            Value::N(number) => AttributeValue::N(number.checked()?),
            Value::B(Text(binary)) => AttributeValue::B(Blob::new(STANDARD.decode_to_vec(binary).ok()?)),
            Value::Bool(on) => AttributeValue::Bool(on),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{QueryPage, unreadable::Unreadable};

    fn read(body: &str) -> Result<QueryAnswer, Unreadable> {
        Ok(serde_json::from_str(body)?)
    }

    #[test]
    fn a_page_is_read_as_the_client_would_read_it() {
        let body = r#"{"ConsumedCapacity":{"CapacityUnits":0.5,"TableName":"t"},"Count":3,"Items":[
            {"SK":{"S":"000000000001"},"p":{"B":"AQID"}},
            {"p":{"B":"\/\/8="},"SK":{"S":"000000000002"},"PK":{"S":"p"},"ttl":{"N":"17"}},
            {"PK":{"S":"p"},"SK":{"S":"~"},"q":{"N":"2"},"closed":{"BOOL":true}}
        ],"LastEvaluatedKey":{"PK":{"S":"p"},"SK":{"S":"~"}},"ScannedCount":3}"#;
        let QueryAnswer { page, read_units } = read(body).unwrap();
        assert_eq!(read_units.to_bits(), 0.5_f64.to_bits());
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let number = |number: &str| AttributeValue::N(number.to_owned());
        let item = |attributes: Vec<(&str, AttributeValue)>| -> Item {
            attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
        };
        let binary = |bytes: &[u8]| AttributeValue::B(Blob::new(bytes));
        let expected = BinaryPage::from(QueryPage {
            items: vec![
                item(vec![("SK", text("000000000001")), ("p", binary(&[1, 2, 3]))]),
                item(vec![("PK", text("p")), ("SK", text("000000000002")), ("p", binary(&[255, 255]))]),
                item(vec![
                    ("PK", text("p")),
                    ("SK", text("~")),
                    ("q", number("2")),
                    ("closed", AttributeValue::Bool(true)),
                ]),
            ],
            more: true,
        });
        assert_eq!(page, expected);
        assert_eq!(
            page.entries().collect::<Vec<_>>(),
            [(b"000000000001".as_slice(), [1, 2, 3].as_slice()), (b"000000000002", &[255, 255])]
        );
    }

    #[test]
    fn what_is_no_page_is_an_error() {
        for body in ["", "[]", r#"{"Items":[{}]}"#, r#"{"Items":[{"PK":{"S":"p"},"SK":{"S":"1"},"p":{"B":"?"}}]}"#] {
            assert!(read(body).is_err(), "{body}");
        }
        let error = read(r#"{"Items":[{"PK":"Some Name"}]}"#).unwrap_err();
        assert_eq!(error.to_string(), "JSON that cannot be read: Data error at byte 27");
        assert_eq!(read("{}").unwrap().page, BinaryPage::default());
    }
}
