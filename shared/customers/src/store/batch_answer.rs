//! The answer to a BatchGetItem, as DynamoDB writes it.

use std::collections::HashMap;

use serde::Deserialize;

use super::{RawItem, query_answer::ConsumedCapacity};

/// Items by their tables, those that DynamoDB did not get to, and what they cost.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct BatchAnswer {
    responses: HashMap<String, Vec<RawItem>>,
    unprocessed_keys: HashMap<String, Unprocessed>,
    consumed_capacity: Vec<ConsumedCapacity>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Unprocessed {
    keys: Vec<RawItem>,
}

impl BatchAnswer {
    pub(super) fn read_units(&self) -> f64 {
        self.consumed_capacity.iter().map(|capacity| capacity.capacity_units).sum()
    }

    /// The items, and the keys to ask for once more.
    pub(super) fn into_parts(self) -> (impl Iterator<Item = RawItem>, impl Iterator<Item = RawItem>) {
        let rest = self.unprocessed_keys.into_values().flat_map(|unprocessed| unprocessed.keys);
        (self.responses.into_values().flatten(), rest)
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;
    use crate::store::{Item, unreadable::Unreadable};

    fn read(body: &str) -> Result<BatchAnswer, Unreadable> {
        Ok(serde_json::from_str(body)?)
    }

    fn items(raw: impl Iterator<Item = RawItem>) -> Vec<Item> {
        raw.map(|raw| raw.try_into().unwrap()).collect()
    }

    #[test]
    fn an_answer_is_read_as_the_client_would_read_it() {
        let body = r#"{"ConsumedCapacity":[{"CapacityUnits":2.5,"TableName":"t"}],
            "Responses":{"t":[
                {"PK":{"S":"a"},"n":{"N":"7"},"on":{"BOOL":true},"m":{"M":{"x":{"S":"\u00e9\n"},"none":{"NULL":true}}}},
                {"PK":{"S":"b"},"l":{"L":[{"S":"x"},{"N":"-1.5"}]}}
            ]},
            "UnprocessedKeys":{"t":{"ConsistentRead":true,"Keys":[{"PK":{"S":"c"},"SK":{"S":"D"}}]}}}"#;
        let answer = read(body).unwrap();
        assert_eq!(answer.read_units().to_bits(), 2.5_f64.to_bits());
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let number = |number: &str| AttributeValue::N(number.to_owned());
        let item = |attributes: Vec<(&str, AttributeValue)>| -> Item {
            attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
        };
        let map = item(vec![("x", text("é\n")), ("none", AttributeValue::Null(true))]);
        let (found, rest) = answer.into_parts();
        let expected = [
            item(vec![
                ("PK", text("a")),
                ("n", number("7")),
                ("on", AttributeValue::Bool(true)),
                ("m", AttributeValue::M(map)),
            ]),
            item(vec![("PK", text("b")), ("l", AttributeValue::L(vec![text("x"), number("-1.5")]))]),
        ];
        assert_eq!(items(found), expected);
        assert_eq!(items(rest), [item(vec![("PK", text("c")), ("SK", text("D"))])]);
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        for body in ["", r#"{"Responses":[]}"#, r#"{"Responses":{"t":[{"PK":}]}}"#] {
            assert!(read(body).is_err(), "{body}");
        }
        let (found, rest) = read("{}").unwrap().into_parts();
        assert_eq!((found.count(), rest.count()), (0, 0));
    }
}
