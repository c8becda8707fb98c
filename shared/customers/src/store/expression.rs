//! Expressions as DynamoDB reads them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Condition, Item};

/// The names and values that an expression refers to.
#[derive(Default)]
pub(super) struct Terms {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Terms {
    pub(super) fn condition(&mut self, condition: Condition) -> String {
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

    pub(super) fn number(&mut self, name: &str, number: u64) -> String {
        let name = format!(":{name}");
        self.values.insert(name.clone(), AttributeValue::N(number.to_string()));
        name
    }

    pub(super) fn assignments(&mut self, attributes: &Item) -> String {
        let mut terms: Vec<String> = Vec::with_capacity(attributes.len());
        for (name, value) in attributes {
            self.names.insert(format!("#{name}"), name.clone());
            self.values.insert(format!(":{name}"), value.clone());
            terms.push(format!("#{name} = :{name}"));
        }
        terms.sort();
        format!("SET {}", terms.join(", "))
    }

    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    pub(super) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }
}
