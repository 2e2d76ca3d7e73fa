//! Reads values the way client apps write them: numbers and yes or no as text, one thing where a list is meant.

use serde::de::value::{BorrowedStrDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

/// A value that is read with patience.
///
/// - An empty text and `null` are the same as nothing, wherever nothing is possible.
/// - Yes or no is also `1`, `"0"`, `"on"`, `"False"`, `"t"`.
/// - A number may be text, a text may be a number.
/// - A list may be a list, a single thing, or an object whose names count up.
#[derive(Debug, Clone, Copy)]
pub struct Lenient<'de>(pub &'de Value);

impl<'de> Lenient<'de> {
    fn is_nothing(self) -> bool {
        matches!(self.0, Value::Null) || self.0.as_str().is_some_and(str::is_empty)
    }

    fn flag(self) -> Option<bool> {
        match self.0 {
            Value::Bool(flag) => Some(*flag),
            Value::Number(number) => match number.as_i64() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
            Value::String(word) => match word.to_ascii_lowercase().as_str() {
                "true" | "t" | "1" | "on" | "yes" => Some(true),
                "false" | "f" | "0" | "off" | "no" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// The entries of a list, however it is written; empty ones count for nothing.
    fn entries(self) -> Vec<Self> {
        let all: Vec<&'de Value> = match self.0 {
            Value::Array(list) => list.iter().collect(),
            Value::Object(object) => {
                let mut indexed: Vec<(u64, &Value)> = Vec::with_capacity(object.len());
                for (name, value) in object {
                    match name.parse() {
                        Ok(index) => indexed.push((index, value)),
                        Err(_) => return vec![self], // an object that is itself the one entry
                    }
                }
                indexed.sort_by_key(|(index, _)| *index);
                indexed.into_iter().map(|(_, value)| value).collect()
            }
            single => vec![single],
        };
        all.into_iter().map(Self).filter(|entry| !entry.is_nothing()).collect()
    }
}

impl<'de> IntoDeserializer<'de, Error> for Lenient<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Reads text as a number where the text is one, and anything else as what it is.
macro_rules! numbers {
    ($($method:ident as $number:ty => $visit:ident),+ $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.0.as_str().map(str::trim) {
                Some(text) => match text.parse::<$number>() {
                    Ok(number) => visitor.$visit(number),
                    Err(_) => Err(Error::custom("must be a number")),
                },
                None => self.deserialize_any(visitor),
            }
        }
    )+};
}

impl<'de> Deserializer<'de> for Lenient<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (.., number) => visitor.visit_f64(number.unwrap_or_default()),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.flag() {
            Some(flag) => visitor.visit_bool(flag),
            None => Err(Error::custom("must be true or false")),
        }
    }

    numbers!(
        deserialize_i8 as i64 => visit_i64,
        deserialize_i16 as i64 => visit_i64,
        deserialize_i32 as i64 => visit_i64,
        deserialize_i64 as i64 => visit_i64,
        deserialize_u8 as u64 => visit_u64,
        deserialize_u16 as u64 => visit_u64,
        deserialize_u32 as u64 => visit_u64,
        deserialize_u64 as u64 => visit_u64,
        deserialize_f32 as f64 => visit_f64,
        deserialize_f64 as f64 => visit_f64,
    );

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Number(number) => visitor.visit_string(number.to_string()),
            Value::Bool(flag) => visitor.visit_string(flag.to_string()),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_nothing() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(SeqDeserializer::new(self.entries().into_iter()))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(object) => {
                let entries = object.iter().map(|(name, value)| (name.as_str(), Self(value)));
                visitor.visit_map(MapDeserializer::new(entries))
            }
            _ if self.is_nothing() => visitor.visit_map(MapDeserializer::new(std::iter::empty::<(&'de str, Self)>())),
            _ => Err(Error::custom("must have parts of its own")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0.as_str() {
            Some(word) => visitor.visit_enum(BorrowedStrDeserializer::<Error>::new(word)),
            None => Err(Error::custom("must be a word")),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Form {
        limit: Option<u64>,
        local: Option<bool>,
        id: Vec<i64>,
        name: Option<String>,
        rows: Vec<Row>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Row {
        name: String,
    }

    fn read(value: Value) -> Result<Form, Error> {
        Form::deserialize(Lenient(&value))
    }

    #[test]
    fn numbers_and_flags_may_be_text() {
        let form = read(json!({ "limit": "20", "local": "False", "name": 7 })).expect("is read");
        assert_eq!(form, Form { limit: Some(20), local: Some(false), name: Some("7".into()), ..Form::default() });
        for yes in [json!(true), json!(1), json!("1"), json!("on"), json!("True"), json!("t")] {
            assert_eq!(read(json!({ "local": yes })).expect("is read").local, Some(true));
        }
    }

    #[test]
    fn empty_and_null_are_nothing_and_strangers_are_ignored() {
        let form =
            read(json!({ "limit": "", "local": null, "id": null, "name": "", "rows": "", "what": { "is": [1] } }));
        assert_eq!(form.expect("is read"), Form::default());
    }

    #[test]
    fn a_list_may_be_single_or_counted() {
        assert_eq!(read(json!({ "id": "5" })).expect("is read").id, [5]);
        assert_eq!(read(json!({ "id": ["5", 6, "", null] })).expect("is read").id, [5, 6]);
        let counted =
            json!({ "id": { "10": 3, "2": 2, "0": 1 }, "rows": { "0": { "name": "a" }, "1": { "name": "b" } } });
        let form = read(counted).expect("is read");
        assert_eq!(form.id, [1, 2, 3]);
        assert_eq!(form.rows, [Row { name: "a".into() }, Row { name: "b".into() }]);
        assert_eq!(read(json!({ "rows": { "name": "a" } })).expect("is read").rows, [Row { name: "a".into() }]);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for wrong in
            [json!({ "limit": "many" }), json!({ "local": "maybe" }), json!({ "id": "x" }), json!({ "rows": 1 })]
        {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
