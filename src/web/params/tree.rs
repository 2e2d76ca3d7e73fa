//! Names with brackets, turned into nested values.

use serde_json::{Map, Value};

/// How deep names may nest.
const DEEPEST: usize = 8;
/// How many parameters one request may carry.
const MOST: usize = 1000;

/// Parameters that grow into a tree, one by one.
#[derive(Debug, Default)]
pub struct Tree {
    root: Map<String, Value>,
    count: usize,
}

/// More parameters, or deeper ones, than anybody needs.
#[derive(Debug, Clone, Copy)]
pub struct TooComplex;

impl Tree {
    /// Adds a parameter: `a`, `a[]`, `a[0]`, `a[b]`, `a[][b]` and deeper; what was said before under the name is replaced.
    pub fn put(&mut self, name: &str, value: String) -> Result<(), TooComplex> {
        let path = path(name);
        self.count += 1;
        if self.count > MOST || path.len() > DEEPEST {
            return Err(TooComplex);
        }
        let [first, rest @ ..] = path.as_slice() else { return Ok(()) };
        let slot = self.root.entry(*first).or_insert(Value::Null);
        place(slot, rest, Value::String(value));
        Ok(())
    }

    /// Adds an object; what was said before under its names is replaced.
    pub fn extend(&mut self, object: Map<String, Value>) {
        self.root.extend(object);
    }

    /// The whole tree.
    pub fn into_value(self) -> Value {
        Value::Object(self.root)
    }
}

/// `a[b][]` is `a`, `b` and an empty part; brackets that do not match are letters like any other.
fn path(name: &str) -> Vec<&str> {
    let nested = name.split_once('[').filter(|(first, _)| !first.is_empty());
    let Some((first, inner)) = nested.and_then(|(first, rest)| Some((first, rest.strip_suffix(']')?))) else {
        return vec![name];
    };
    std::iter::once(first).chain(inner.split("][")).take(DEEPEST + 1).collect()
}

fn place(slot: &mut Value, path: &[&str], value: Value) {
    match path {
        [] => *slot = value,
        ["", rest @ ..] => {
            if !slot.is_array() {
                *slot = Value::Array(Vec::new());
            }
            let Value::Array(list) = slot else { return };
            // `a[][b]=1&a[][c]=2&a[][b]=3` is two entries: the second begins where `b` comes again.
            let begins = rest.is_empty() || list.last().is_none_or(|last| !last.is_object() || holds(last, rest));
            if begins {
                list.push(Value::Null);
            }
            if let Some(last) = list.last_mut() {
                place(last, rest, value);
            }
        }
        [name, rest @ ..] => {
            if !slot.is_object() {
                *slot = Value::Object(Map::new());
            }
            let Value::Object(object) = slot else { return };
            place(object.entry(*name).or_insert(Value::Null), rest, value);
        }
    }
}

/// Whether something stands at `path` already and would be replaced.
fn holds(value: &Value, path: &[&str]) -> bool {
    match path {
        [] => true,
        ["", ..] => false,
        [name, rest @ ..] => value.get(name).is_some_and(|inner| holds(inner, rest)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn grown(pairs: &[(&str, &str)]) -> Value {
        let mut tree = Tree::default();
        for (name, value) in pairs {
            tree.put(name, (*value).to_owned()).expect("is simple enough");
        }
        tree.into_value()
    }

    #[test]
    fn brackets_become_lists_and_objects() {
        assert_eq!(grown(&[("id[]", "1"), ("id[]", "2")]), json!({ "id": ["1", "2"] }));
        assert_eq!(grown(&[("id[0]", "1"), ("id[1]", "2")]), json!({ "id": { "0": "1", "1": "2" } }));
        assert_eq!(
            grown(&[("poll[options][]", "a"), ("poll[options][]", "b")]),
            json!({ "poll": { "options": ["a", "b"] } })
        );
        assert_eq!(
            grown(&[("data[alerts][admin.sign_up]", "1")]),
            json!({ "data": { "alerts": { "admin.sign_up": "1" } } })
        );
    }

    #[test]
    fn an_entry_of_a_list_ends_where_a_name_comes_again() {
        let pairs = [("k[][keyword]", "a"), ("k[][whole_word]", "1"), ("k[][keyword]", "b")];
        assert_eq!(grown(&pairs), json!({ "k": [{ "keyword": "a", "whole_word": "1" }, { "keyword": "b" }] }));
    }

    #[test]
    fn the_last_word_counts() {
        assert_eq!(grown(&[("a", "1"), ("a", "2")]), json!({ "a": "2" }));
        assert_eq!(grown(&[("a", "1"), ("a[b]", "2")]), json!({ "a": { "b": "2" } }));
        assert_eq!(grown(&[("a[b]", "2"), ("a[]", "1")]), json!({ "a": ["1"] }));
    }

    #[test]
    fn brackets_that_do_not_match_are_letters() {
        for name in ["a[", "a]", "[a]", "a[b", "[]", "]["] {
            assert_eq!(grown(&[(name, "1")]), json!({ name: "1" }), "{name}");
        }
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let mut tree = Tree::default();
        assert!(tree.put(&format!("a{}", "[b]".repeat(DEEPEST)), String::new()).is_err());
        assert!(tree.put(&format!("a{}", "[]".repeat(100_000)), String::new()).is_err());
        let mut tree = Tree::default();
        let refused = (0..=MOST).filter(|_| tree.put("a[]", String::new()).is_err()).count();
        assert_eq!(refused, 1);
    }
}
