//! CloudFormation's intrinsic functions, as far as a local value can be given to them.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value as Json};
use serde_yaml_ng::Value as Yaml;

use crate::aws;

/// What a reference may name: the template's parameters, conditions and resources.
pub(super) struct Scope<'a> {
    template: &'a Yaml,
}

impl<'a> Scope<'a> {
    pub(super) fn new(template: &'a Yaml) -> Self {
        Self { template }
    }

    /// The value with every intrinsic function replaced by its local result; what is `AWS::NoValue` is left out.
    pub(super) fn resolve(&self, value: &Yaml) -> Result<Json> {
        Ok(self.optional(value)?.unwrap_or(Json::Null))
    }

    /// The local name of a resource: its own name if the template gives one, else its logical id.
    pub(super) fn name_of(&self, id: &str) -> String {
        at(self.template, &["Resources", id, "Properties", "TableName"]).as_str().unwrap_or(id).to_owned()
    }

    fn optional(&self, value: &Yaml) -> Result<Option<Json>> {
        Ok(Some(match value {
            Yaml::Tagged(tagged) => return self.call(tagged.tag.to_string().trim_start_matches('!'), &tagged.value),
            Yaml::Mapping(map) => {
                if let Some((name, argument)) = long_form(map) {
                    return self.call(name, argument);
                }
                let mut resolved = Map::new();
                for (key, value) in map {
                    let key = key.as_str().context("a key that is not text")?;
                    if let Some(value) = self.optional(value).with_context(|| key.to_owned())? {
                        resolved.insert(key.to_owned(), value);
                    }
                }
                Json::Object(resolved)
            }
            Yaml::Sequence(items) => {
                Json::Array(items.iter().filter_map(|item| self.optional(item).transpose()).collect::<Result<_>>()?)
            }
            scalar => serde_json::to_value(scalar)?,
        }))
    }

    fn call(&self, function: &str, argument: &Yaml) -> Result<Option<Json>> {
        match function {
            "Ref" => self.reference(argument.as_str().context("!Ref takes a name")?),
            "GetAtt" => {
                let path = self.resolve(argument)?;
                let path = path.as_array().map_or_else(|| text(&path), |parts| join(parts, "."));
                Ok(Some(Json::String(attribute(&path))))
            }
            "Sub" => Ok(Some(Json::String(self.substitute(argument)?))),
            "Join" => match argument.as_sequence().map(Vec::as_slice) {
                Some([separator, parts]) => {
                    let parts = self.resolve(parts)?;
                    let parts = parts.as_array().context("!Join takes a list")?;
                    Ok(Some(Json::String(join(parts, separator.as_str().unwrap_or_default()))))
                }
                _ => bail!("!Join takes a separator and a list"),
            },
            "If" => match argument.as_sequence().map(Vec::as_slice) {
                Some([condition, then, otherwise]) => {
                    let name = condition.as_str().context("!If takes the name of a condition")?;
                    self.optional(if self.condition(name)? { then } else { otherwise })
                }
                _ => bail!("!If takes a condition and two values"),
            },
            "Condition" => Ok(Some(Json::Bool(self.condition(argument.as_str().context("!Condition takes a name")?)?))),
            "Equals" | "Not" | "And" | "Or" => {
                let values = self.resolve(argument)?;
                let values = values.as_array().context("a condition function takes a list")?;
                let truth = |value: &Json| value.as_bool().unwrap_or(false);
                Ok(Some(Json::Bool(match (function, values.as_slice()) {
                    ("Equals", [left, right]) => text(left) == text(right),
                    ("Not", [value]) => !truth(value),
                    ("And", values) => values.iter().all(truth),
                    ("Or", values) => values.iter().any(truth),
                    _ => bail!("!{function} has a wrong number of values"),
                })))
            }
            _ => bail!("the intrinsic function !{function} has no local value"),
        }
    }

    fn reference(&self, name: &str) -> Result<Option<Json>> {
        Ok(Some(Json::String(match name {
            "AWS::NoValue" => return Ok(None),
            "AWS::Region" => aws::REGION.to_owned(),
            "AWS::AccountId" => aws::ACCOUNT.to_owned(),
            "AWS::Partition" => "aws".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::StackName" => "bundle".to_owned(),
            _ => {
                if let Some(parameter) = at(self.template, &["Parameters"]).get(name) {
                    let default =
                        parameter.get("Default").with_context(|| format!("the parameter {name} has no default"))?;
                    return Ok(Some(serde_json::to_value(default)?));
                }
                if at(self.template, &["Resources"]).get(name).is_none() {
                    bail!("!Ref {name} names nothing");
                }
                self.name_of(name)
            }
        })))
    }

    fn condition(&self, name: &str) -> Result<bool> {
        let condition =
            at(self.template, &["Conditions"]).get(name).with_context(|| format!("there is no condition {name}"))?;
        self.resolve(condition)?.as_bool().with_context(|| format!("the condition {name} is not true or false"))
    }

    fn substitute(&self, argument: &Yaml) -> Result<String> {
        let (pattern, own) = match argument {
            Yaml::Sequence(parts) => (parts.first(), parts.get(1)),
            pattern => (Some(pattern), None),
        };
        let mut rest = pattern.and_then(Yaml::as_str).context("!Sub takes text")?;
        let mut result = String::new();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').context("!Sub has an open ${")?;
            result.push_str(before);
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                result.extend(["${", literal, "}"]);
            } else if let Some(value) = own.and_then(|own| own.get(name)) {
                result.push_str(&text(&self.resolve(value)?));
            } else if name.contains('.') {
                result.push_str(&attribute(name));
            } else {
                result.push_str(&text(&self.reference(name)?.unwrap_or_default()));
            }
        }
        result.push_str(rest);
        Ok(result)
    }
}

/// The value at a path of keys; null where there is none.
pub(super) fn at<'a>(value: &'a Yaml, path: &[&str]) -> &'a Yaml {
    path.iter().fold(value, |value, key| value.get(key).unwrap_or(&Yaml::Null))
}

/// A value as CloudFormation writes it into text.
pub(super) fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn join(parts: &[Json], separator: &str) -> String {
    parts.iter().map(text).collect::<Vec<_>>().join(separator)
}

/// Attributes exist only in the cloud: each gets a stand-in that says what it is.
fn attribute(path: &str) -> String {
    match path.strip_suffix(".Arn") {
        Some(id) => format!("arn:aws:local:{}:{}:{id}", aws::REGION, aws::ACCOUNT),
        None => path.to_owned(),
    }
}

/// `{Ref: x}` and `{Fn::Name: x}`: a function in its long form.
pub(super) fn long_form(map: &serde_yaml_ng::Mapping) -> Option<(&str, &Yaml)> {
    let (key, argument) = map.iter().next().filter(|_| map.len() == 1)?;
    let key = key.as_str()?;
    match key.strip_prefix("Fn::") {
        Some(name) => Some((name, argument)),
        None => (key == "Ref").then_some((key, argument)),
    }
}
