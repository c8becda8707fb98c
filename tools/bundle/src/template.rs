//! What one machine needs of the SAM template: functions, routes and the table, with every reference resolved.

mod for_each;
mod intrinsics;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::Path, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use serde_yaml_ng::Value as Yaml;

use crate::route::{Route, Routes};
use intrinsics::{Scope, at};

/// A SAM template, read for one machine: parameters have their defaults, resources their local names.
#[derive(Debug)]
pub struct Template {
    /// The functions, in the template's order.
    pub functions: Vec<Function>,
    /// The routes of the HTTP API.
    pub routes: Routes,
    /// The one DynamoDB table.
    pub table: Table,
}

/// A function of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its binary's name (`Metadata: BuildProperties: Binary`), which is also its local name.
    pub name: String,
    /// `Timeout`; 3 s where the template has none, as on Lambda.
    pub timeout: Duration,
    /// `MemorySize` in MB; 128 where the template has none, as on Lambda. Not enforced.
    pub memory_mb: u64,
    /// `Environment`, and the log variables that Lambda derives from `LoggingConfig`.
    pub environment: BTreeMap<String, String>,
}

/// The DynamoDB table: its local name and its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// `TableName`, else the resource's logical id.
    pub name: String,
    /// `KeySchema`: attribute name and key type.
    pub keys: Vec<Key>,
    /// `AttributeDefinitions`: attribute name and type.
    pub attributes: Vec<Attribute>,
}

/// An element of a key schema.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Key {
    /// The attribute.
    pub attribute_name: String,
    /// `HASH` or `RANGE`.
    pub key_type: String,
}

/// An attribute definition.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attribute {
    /// The attribute.
    pub attribute_name: String,
    /// `S`, `N` or `B`.
    pub attribute_type: String,
}

impl Template {
    /// Reads the template at `path`.
    ///
    /// # Errors
    /// If it cannot be read, or uses an intrinsic function or a shape that one machine cannot follow; the error names
    /// the place.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("cannot use {}", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let yaml = expand(text)?;
        let scope = Scope::new(&yaml);
        let globals = properties(&scope, at(&yaml, &["Globals", "Function"])).context("in Globals")?;
        let mut functions = Vec::new();
        let mut routes = Vec::new();
        let mut tables = Vec::new();
        for (id, resource) in at(&yaml, &["Resources"]).as_mapping().into_iter().flatten() {
            let id = id.as_str().unwrap_or_default();
            let inside = || format!("in the resource {id}");
            match at(resource, &["Type"]).as_str() {
                Some("AWS::Serverless::Function") => {
                    let (function, own) = read_function(&scope, globals.clone(), resource).with_context(inside)?;
                    functions.push(function);
                    routes.extend(own);
                }
                Some("AWS::DynamoDB::Table") => tables.push(read_table(&scope, id, resource).with_context(inside)?),
                _ => {}
            }
        }
        ensure!(!functions.is_empty(), "it has no AWS::Serverless::Function");
        let Ok([table]) = <[Table; 1]>::try_from(tables) else { bail!("it must have one AWS::DynamoDB::Table") };
        Ok(Self { functions, routes: Routes::new(routes), table })
    }

    /// The names of the binaries to build.
    pub fn binaries(&self) -> impl Iterator<Item = &str> {
        self.functions.iter().map(|function| function.name.as_str())
    }
}

/// The YAML of a template, with its loops (`Fn::ForEach`) written out.
///
/// # Errors
/// If the text is no YAML, or a loop is not a name, a list of texts and a map; the error names the loop.
pub fn expand(text: &str) -> Result<Yaml> {
    for_each::write_out(serde_yaml_ng::from_str(text)?)
}

/// The properties of a function that one machine follows. The others (policies, alarms, …) may use any intrinsic
/// function.
const FUNCTION_PROPERTIES: [&str; 5] = ["Timeout", "MemorySize", "Environment", "LoggingConfig", "Events"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionProperties {
    #[serde(default = "default_timeout")]
    timeout: u64,
    #[serde(default = "default_memory")]
    memory_size: u64,
    #[serde(default)]
    environment: Environment,
    #[serde(default)]
    logging_config: LoggingConfig,
    #[serde(default)]
    events: BTreeMap<String, Event>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Environment {
    variables: BTreeMap<String, Json>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct LoggingConfig {
    log_format: Option<String>,
    application_log_level: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    r#type: String,
    #[serde(default)]
    properties: EventProperties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct EventProperties {
    method: Option<String>,
    path: Option<String>,
}

fn default_timeout() -> u64 {
    3
}

fn default_memory() -> u64 {
    128
}

fn read_function(scope: &Scope<'_>, globals: Json, resource: &Yaml) -> Result<(Function, Vec<Route>)> {
    let Some(name) = at(resource, &["Metadata", "BuildProperties", "Binary"]).as_str() else {
        bail!("Metadata needs BuildProperties with the Binary's name");
    };
    let merged = merge(globals, properties(scope, at(resource, &["Properties"]))?);
    let properties: FunctionProperties = serde_json::from_value(merged)?;
    let mut environment: BTreeMap<_, _> =
        properties.environment.variables.into_iter().map(|(key, value)| (key, intrinsics::text(&value))).collect();
    let LoggingConfig { log_format, application_log_level } = properties.logging_config;
    environment.extend(log_format.map(|format| ("AWS_LAMBDA_LOG_FORMAT".to_owned(), format)));
    environment.extend(application_log_level.map(|level| ("AWS_LAMBDA_LOG_LEVEL".to_owned(), level)));
    let function = Function {
        name: name.to_owned(),
        timeout: Duration::from_secs(properties.timeout),
        memory_mb: properties.memory_size,
        environment,
    };
    let routes = properties
        .events
        .into_values()
        .filter(|event| event.r#type == "HttpApi")
        .map(|event| match (event.properties.method, event.properties.path) {
            (Some(method), Some(path)) => Route::new(&method, &path, name),
            _ => bail!("an HttpApi event needs a Method and a Path"),
        })
        .collect::<Result<_>>()?;
    Ok((function, routes))
}

fn read_table(scope: &Scope<'_>, id: &str, resource: &Yaml) -> Result<Table> {
    let property = |name| scope.resolve(at(resource, &["Properties", name])).context(name);
    Ok(Table {
        name: scope.name_of(id),
        keys: serde_json::from_value(property("KeySchema")?).context("KeySchema")?,
        attributes: serde_json::from_value(property("AttributeDefinitions")?).context("AttributeDefinitions")?,
    })
}

fn properties(scope: &Scope<'_>, properties: &Yaml) -> Result<Json> {
    let mut resolved = Map::new();
    for name in FUNCTION_PROPERTIES {
        if let Some(value) = properties.get(name) {
            resolved.insert(name.to_owned(), scope.resolve(value).context(name)?);
        }
    }
    Ok(Json::Object(resolved))
}

/// SAM's merge of globals with a resource's own properties: maps are merged, anything else is replaced.
fn merge(below: Json, above: Json) -> Json {
    match (below, above) {
        (Json::Object(mut below), Json::Object(above)) => {
            for (key, value) in above {
                let merged = match below.remove(&key) {
                    Some(old) => merge(old, value),
                    None => value,
                };
                below.insert(key, merged);
            }
            Json::Object(below)
        }
        (_, above) => above,
    }
}
