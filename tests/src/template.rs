//! `template.yaml` against what the code needs and what production asks for.

mod alarms;
mod functions;
mod operations;
mod service;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

pub(crate) use functions::functions;

/// The template with its loop written out, `!Ref x` as `{"Ref": "x"}` and `!Name x` as `{"Fn::Name": x}`.
fn template() -> Value {
    json_of(bundle::template::expand(&text()).unwrap())
}

/// The template as it is written.
fn text() -> String {
    std::fs::read_to_string(bundle::project::root().unwrap().join("template.yaml")).unwrap()
}

fn json_of(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let name = if name == "Ref" { name.to_owned() } else { format!("Fn::{name}") };
            Value::Object(Map::from_iter([(name, json_of(tagged.value))]))
        }
        Yaml::Mapping(map) => {
            map.into_iter().map(|(key, value)| (key.as_str().unwrap().to_owned(), json_of(value))).collect()
        }
        Yaml::Sequence(items) => items.into_iter().map(json_of).collect(),
        scalar => serde_json::to_value(scalar).unwrap(),
    }
}

/// The resources of a type, by logical id.
fn resources(template: &Value, kind: &str) -> BTreeMap<String, Value> {
    let all = template["Resources"].as_object().unwrap().iter();
    all.filter(|(_, resource)| resource["Type"] == kind).map(|(id, resource)| (id.clone(), resource.clone())).collect()
}

/// All names that `value` refers to.
fn references(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(map) => {
            let of_one = |(key, value): (&String, &Value)| match (key.as_str(), value.as_str()) {
                ("Ref", Some(name)) => BTreeSet::from([name.to_owned()]),
                ("Fn::Sub", Some(pattern)) => {
                    let names = pattern.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
                    names.map(|(name, _)| name.to_owned()).collect()
                }
                _ => references(value),
            };
            map.iter().flat_map(of_one).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => BTreeSet::new(),
    }
}

fn reference(name: &str) -> Value {
    json!({ "Ref": name })
}
