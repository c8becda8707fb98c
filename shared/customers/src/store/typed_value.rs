//! Reads types from values as DynamoDB writes them: each is an object with one member, which is named after its type.
//! `{"S":"a text"}`, `{"N":"-1.5"}`, `{"BOOL":true}`, `{"NULL":true}`, `{"L":[…]}`, `{"M":{…}}`; values of other types can
//! only be ignored.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};

/// A value, taken out of its object.
pub(super) struct TypedValue<D> {
    kind: Kind,
    value: D,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
enum Kind {
    S,
    N,
    #[serde(rename = "BOOL")]
    Bool,
    #[serde(rename = "NULL")]
    Null,
    L,
    M,
    #[serde(other)]
    Other,
}

impl<'de, D: Deserializer<'de>> TypedValue<D> {
    /// The members of an object, as an item has them: names with typed values.
    pub(super) fn members(value: D) -> Self {
        Self { kind: Kind::M, value }
    }

    fn of_kind(self, kind: Kind) -> Result<D, D::Error> {
        if self.kind == kind { Ok(self.value) } else { Err(D::Error::custom("a value of another type")) }
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for TypedValue<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        match self.kind {
            Kind::S => self.deserialize_str(visitor),
            Kind::N => self.deserialize_f64(visitor),
            Kind::Bool => self.deserialize_bool(visitor),
            Kind::L => self.deserialize_seq(visitor),
            Kind::M => self.deserialize_map(visitor),
            Kind::Null => self.deserialize_unit(visitor),
            Kind::Other => Err(D::Error::custom("a value of a type that is not read")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.of_kind(Kind::S)?.deserialize_str(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.of_kind(Kind::N)?.deserialize_str(Number(visitor))
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.of_kind(Kind::Bool)?.deserialize_bool(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.of_kind(Kind::Null)?.deserialize_ignored_any(IgnoredAny)?;
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        if self.kind == Kind::Null { self.deserialize_unit(visitor) } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.of_kind(Kind::L)?.deserialize_seq(Inner(visitor))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.of_kind(Kind::M)?.deserialize_map(Inner(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.of_kind(Kind::S)?.deserialize_str(Variant(visitor))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.value.deserialize_ignored_any(visitor)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u128 f32 char bytes byte_buf unit_struct tuple tuple_struct identifier
    }
}

/// Takes a text for a number.
struct Number<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Number<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the digits of a number")
    }

    fn visit_str<E: Error>(self, digits: &str) -> Result<V::Value, E> {
        if let Ok(number) = digits.parse() {
            self.0.visit_u64(number)
        } else if let Ok(number) = digits.parse() {
            self.0.visit_i64(number)
        } else if let Ok(number) = digits.parse() {
            self.0.visit_f64(number)
        } else {
            Err(E::custom("no number"))
        }
    }
}

/// Takes a text for the name of a variant.
struct Variant<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Variant<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a variant")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<V::Value, E> {
        self.0.visit_enum(name.into_deserializer())
    }
}

/// Takes typed values for what is in them: elements of a list, members of an object.
struct Inner<T>(T);

impl<'de, V: Visitor<'de>> Visitor<'de> for Inner<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Inner(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Inner(members))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Inner<A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        self.0.next_element_seed(Typed(seed))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Inner<A> {
    type Error = A::Error;

    fn next_key_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.0.next_value_seed(Typed(seed))
    }
}

/// What reads a value, given the object around it.
struct Typed<T>(T);

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for Typed<T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, object: D) -> Result<T::Value, D::Error> {
        object.deserialize_map(self)
    }
}

impl<'de, T: DeserializeSeed<'de>> Visitor<'de> for Typed<T> {
    type Value = T::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object with a value under its type")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<T::Value, A::Error> {
        let kind = object.next_key()?.ok_or_else(|| A::Error::custom("an object without a value"))?;
        object.next_value_seed(OfKind { kind, seed: self.0 })
    }
}

/// What reads a value, given its type.
struct OfKind<T> {
    kind: Kind,
    seed: T,
}

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for OfKind<T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<T::Value, D::Error> {
        self.seed.deserialize(TypedValue { kind: self.kind, value })
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fmt::Debug};

    use serde::{Serialize, de::DeserializeOwned};

    use super::*;
    use crate::store::{Item, RawItem};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Every {
        text: String,
        whole: u64,
        negative: i64,
        fraction: f64,
        rounded: f64,
        switch: bool,
        wrapped: Wrapped,
        variant: Variants,
        set: Option<String>,
        unset: Option<Variants>,
        list: Vec<Option<i64>>,
        map: BTreeMap<String, Wrapped>,
        nested: Option<Box<Every>>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Wrapped(i64);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Variants {
        One,
        Two,
    }

    fn every(nested: Option<Box<Every>>) -> Every {
        Every {
            text: "é\"\\\n\u{1F600}".to_owned(),
            whole: u64::MAX,
            negative: i64::MIN,
            fraction: -15.299_99,
            rounded: 3.0,
            switch: true,
            wrapped: Wrapped(-7),
            variant: Variants::Two,
            set: Some(String::new()),
            unset: None,
            list: vec![Some(1), None, Some(-3)],
            map: [("a", Wrapped(1)), ("é", Wrapped(2))].map(|(name, value)| (name.to_owned(), value)).into(),
            nested,
        }
    }

    fn read<T: DeserializeOwned + Debug>(json: &str) -> Result<T, String> {
        serde_json::from_str::<RawItem>(json).unwrap().read().map_err(|error| error.to_string())
    }

    #[test]
    fn a_type_is_what_the_library_for_items_wrote() {
        let written = every(Some(Box::new(every(None))));
        let item: Item = serde_dynamo::to_item(&written).unwrap();
        assert_eq!(RawItem::try_from(item).unwrap().read::<Every>().unwrap(), written);
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(default)]
    struct Few {
        text: String,
        list: Vec<String>,
        any: serde_json::Value,
    }

    impl Default for Few {
        fn default() -> Self {
            Self { text: "unset".to_owned(), list: Vec::new(), any: serde_json::Value::Null }
        }
    }

    #[test]
    fn what_has_no_field_is_ignored_whatever_its_type() {
        let json = r#"{"PK":{"S":"p"},"bytes":{"B":"AQ=="},"set":{"NS":["1"]},"map":{"M":{"x":{"SS":["y"]}}},
            "list":{"L":[{"S":"a"},{"S":"b"}]},"any":{"M":{"t":{"S":"é"},"n":{"N":"1"},"b":{"BOOL":false},
            "l":{"L":[{"NULL":true}]}}}}"#;
        let any = serde_json::json!({ "t": "é", "n": 1, "b": false, "l": [null] });
        assert_eq!(read::<Few>(json), Ok(Few { list: vec!["a".to_owned(), "b".to_owned()], any, ..Few::default() }));
        assert_eq!(read::<Few>("{}"), Ok(Few::default()));
    }

    #[test]
    fn values_of_other_types_are_errors_that_quote_nothing() {
        for json in [
            r#"{"text":{"N":"12345"}}"#,
            r#"{"text":{"NULL":true}}"#,
            r#"{"text":{"SS":["secret"]}}"#,
            r#"{"text":{"S":"secret","N":"1"}}"#,
            r#"{"text":{}}"#,
            r#"{"text":"secret"}"#,
            r#"{"list":{"S":"secret"}}"#,
            r#"{"list":{"L":["secret"]}}"#,
            r#"{"any":{"N":"secret"}}"#,
            r#"{"any":{"B":"secret"}}"#,
        ] {
            let error = read::<Few>(json).unwrap_err();
            assert!(error.starts_with("JSON that cannot be read: "), "{json}: {error}");
            assert!(!error.contains("secret") && !error.contains("12345"), "{json}: {error}");
        }
    }
}
