//! Whether answers of the client API are what its published description says, where that is at hand.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

/// Where the schema is wrong about Mastodon, or knows less than Mastodon answers; each with the reason.
const DEVIATIONS: [&str; 1] = [
    // A list of filters, as every list is; the schema describes one of them.
    "GET /api/v1/filters: answer is [",
];

/// Nothing where the description is not at hand; there answers are compared with what the tests say themselves.
static DESCRIPTION: LazyLock<Option<Value>> = LazyLock::new(|| {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/mastodon-openapi.json");
    let text = std::fs::read_to_string(file).ok()?;
    Some(serde_json::from_str(&text).unwrap())
});

/// Panics when an answer is not what the description says.
pub fn check(method: &str, path: &str, status: u16, body: &Value) {
    let Some(description) = DESCRIPTION.as_ref() else { return };
    let Some(schema) = schema_of(description, method, path, status) else { return };
    let mut problems = Vec::new();
    compare(description, schema, body, "answer", &mut problems);
    let mut problems: Vec<String> = problems.into_iter().map(|problem| format!("{method} {path}: {problem}")).collect();
    problems.retain(|problem| !DEVIATIONS.iter().any(|known| problem.contains(known)));
    assert!(problems.is_empty(), "{}\n{body:#}", problems.join("\n"));
}

fn schema_of<'a>(description: &'a Value, method: &str, path: &str, status: u16) -> Option<&'a Value> {
    let path = path.split('?').next()?.trim_end_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let wanted: Vec<&str> = template.split('/').collect();
        wanted.len() == parts.len()
            && wanted.iter().zip(&parts).all(|(want, part)| want.starts_with('{') || want == part)
    };
    let paths = description["paths"].as_object()?;
    // An address without placeholders is more exact than one with them.
    let template =
        paths.keys().filter(|template| fits(template)).min_by_key(|template| template.matches('{').count())?;
    let answer = &paths[template][method.to_lowercase()]["responses"][status.to_string()];
    answer["content"]["application/json"].get("schema")
}

fn compare(description: &Value, schema: &Value, value: &Value, place: &str, problems: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        let target = description.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"));
        return compare(description, target, value, place, problems);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = |choice: &Value| {
            let mut found = Vec::new();
            compare(description, choice, value, place, &mut found);
            found
        };
        let failures: Vec<Vec<String>> = choices.iter().map(fits).collect();
        if failures.iter().all(|found| !found.is_empty()) {
            problems.extend(failures.into_iter().min_by_key(Vec::len).unwrap_or_default());
        }
        return;
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        compare(description, part, value, place, problems);
    }
    if !is_of_type(&schema["type"], value) {
        problems.push(format!("{place} is {value}, wanted {}", schema["type"]));
        return;
    }
    if let Some(words) = schema["enum"].as_array()
        && !value.is_null()
        && !words.contains(value)
    {
        problems.push(format!("{place} is {value}, wanted one of {}", schema["enum"]));
    }
    if let Value::Object(members) = value {
        for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(required) {
                problems.push(format!("{place}.{required} is missing"));
            }
        }
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(member) = members.get(name) {
                compare(description, schema, member, &format!("{place}.{name}"), problems);
            }
        }
    }
    if let (Value::Array(items), Some(schema)) = (value, schema.get("items")) {
        for (index, item) in items.iter().enumerate() {
            compare(description, schema, item, &format!("{place}[{index}]"), problems);
        }
    }
}

fn is_of_type(wanted: &Value, value: &Value) -> bool {
    let is = |word: &str| match word {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    match wanted {
        Value::String(word) => is(word),
        Value::Array(words) => words.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}
