//! The line that ends each request: what it did and what it cost, in CloudWatch's embedded metric format.
//!
//! CloudWatch makes metrics of the fields that `_aws` names. The line is written here and not by `tracing`, whose JSON has no
//! objects in it. Its dimensions are names of ours alone: nothing that a client sends becomes one.

use std::{
    io::{Write, stdout},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use customers::Usage;
use serde_json::{Map, Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tracing::Level;

/// Who measures: the same in all lines of a process.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The deployed stack. `STACK_NAME`.
    pub stack: String,
    /// `AWS_LAMBDA_FUNCTION_NAME`.
    pub function: String,
    /// `AWS_LAMBDA_FUNCTION_VERSION`.
    pub version: String,
}

/// What a request came to.
pub(crate) struct Record<'a> {
    pub(crate) request_id: &'a str,
    /// The template's route.
    pub(crate) route: Option<&'a str>,
    pub(crate) status: u16,
    pub(crate) took: Duration,
    pub(crate) response_bytes: usize,
    pub(crate) usage: Usage,
    /// The first request of its process.
    pub(crate) cold_start: bool,
    /// The caller was not let in.
    pub(crate) authentication_failed: bool,
}

/// Where CloudWatch keeps the metrics of all stacks.
const NAMESPACE: &str = "CustomerDirectory";

/// What CloudWatch tells the metrics of an operation apart by.
const BY_OPERATION: &[&str] = &["stack", "dialect", "operation"];
/// The fields that become metrics of an operation, and their units. A zero is left out: CloudWatch bills a metric for each
/// hour in which it has a value.
const OF_OPERATION: &[(&str, &str)] = &[
    ("http.duration_ms", "Milliseconds"),
    ("http.response_bytes", "Bytes"),
    ("dynamodb.read_units", "Count"),
    ("dynamodb.write_units", "Count"),
    ("list.rows", "Count"),
    ("list.page", "Count"),
    ("index.tail_rows", "Count"),
    ("index.mismatches", "Count"),
    ("index.reloads", "Count"),
    ("cold_starts", "Count"),
    ("authentication_failures", "Count"),
    ("faults", "Count"),
];
/// Those that are watched for all operations of a stack together.
const BY_STACK: &[&str] = &["stack"];
const OF_STACK: &[(&str, &str)] =
    &[("http.duration_ms", "Milliseconds"), ("index.mismatches", "Count"), ("authentication_failures", "Count")];
/// Those that a new version is rolled back by.
const BY_VERSION: &[&str] = &["function", "version"];
const OF_VERSION: &[(&str, &str)] = &[("faults", "Count")];

/// Writes the line of a request, if the log is to have any at level INFO.
pub(crate) fn log_request(origin: &Origin, name: &str, record: &Record<'_>) {
    if tracing::enabled!(Level::INFO) {
        let mut line = line(origin, name, record, SystemTime::now()).to_string();
        line.push('\n');
        // A log that nobody reads stops no request.
        let _ = stdout().lock().write_all(line.as_bytes());
    }
}

fn line(origin: &Origin, name: &str, record: &Record<'_>, now: SystemTime) -> Value {
    let (dialect, operation) = name.split_once('-').unwrap_or((name, ""));
    let values = values(record);
    let groups: Vec<_> = [(BY_OPERATION, OF_OPERATION), (BY_STACK, OF_STACK), (BY_VERSION, OF_VERSION)]
        .into_iter()
        .filter_map(|(dimensions, metrics)| group(dimensions, metrics, &values))
        .collect();
    let since_epoch = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let mut line = json!({
        "timestamp": OffsetDateTime::from(now).format(&Rfc3339).unwrap_or_default(),
        "level": "INFO",
        "message": "request",
        "requestId": record.request_id,
        "http.route": record.route,
        "http.status": record.status,
        "stack": origin.stack,
        "dialect": dialect,
        "operation": operation,
        "function": origin.function,
        "version": origin.version,
        "_aws": { "Timestamp": u64::try_from(since_epoch).unwrap_or(u64::MAX), "CloudWatchMetrics": groups },
    });
    if let Value::Object(fields) = &mut line {
        fields.extend(values);
    }
    line
}

/// Those of `metrics` that are not zero; none if all are.
fn group(dimensions: &[&str], metrics: &[(&str, &str)], values: &Map<String, Value>) -> Option<Value> {
    let counts = |name: &str| values.get(name).and_then(Value::as_f64).is_some_and(|value| value > 0.0);
    let told = metrics.iter().filter(|(name, _)| counts(name));
    let told: Vec<_> = told.map(|(name, unit)| json!({ "Name": name, "Unit": unit })).collect();
    (!told.is_empty()).then(|| json!({ "Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": told }))
}

fn values(record: &Record<'_>) -> Map<String, Value> {
    let usage = &record.usage;
    [
        ("http.duration_ms", json!((record.took.as_secs_f64() * 1e6).round() / 1e3)),
        ("http.response_bytes", json!(record.response_bytes)),
        ("dynamodb.calls", json!(usage.calls)),
        ("dynamodb.round_trips", json!(usage.round_trips)),
        ("dynamodb.read_units", json!(usage.read_units)),
        ("dynamodb.write_units", json!(usage.write_units)),
        ("list.rows", json!(usage.listed)),
        ("list.page", json!(usage.returned)),
        ("index.tail_rows", json!(usage.rows)),
        ("index.mismatches", json!(usage.mismatches)),
        ("index.reloads", json!(usage.reloads)),
        ("cold_starts", json!(u8::from(record.cold_start))),
        ("authentication_failures", json!(u8::from(record.authentication_failed))),
        ("faults", json!(u8::from(record.status >= 500))),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        Origin { stack: "stack".to_owned(), function: "stack-Smpi".to_owned(), version: "7".to_owned() }
    }

    fn record(status: u16, usage: Usage) -> Record<'static> {
        Record {
            request_id: "id",
            route: Some("ANY /a"),
            status,
            took: Duration::from_micros(1_500),
            response_bytes: 12,
            usage,
            cold_start: false,
            authentication_failed: false,
        }
    }

    /// The names of the metrics that are told by these dimensions.
    fn told<'a>(line: &'a Value, dimensions: &[&str]) -> Vec<&'a str> {
        let groups = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
        let group = groups.iter().find(|group| group["Dimensions"] == json!([dimensions]));
        let metrics = group.and_then(|group| group["Metrics"].as_array());
        metrics.into_iter().flatten().map(|metric| metric["Name"].as_str().unwrap()).collect()
    }

    fn names<'a>(metrics: &[(&'a str, &str)]) -> Vec<&'a str> {
        metrics.iter().map(|(name, _)| *name).collect()
    }

    #[test]
    fn a_request_is_measured_by_what_it_is() {
        let usage = Usage { read_units: 4.5, listed: 30, returned: 10, ..Usage::default() };
        let line = line(&origin(), "smpi-list", &record(200, usage), UNIX_EPOCH + Duration::from_secs(1));
        for (name, value) in [("stack", "stack"), ("dialect", "smpi"), ("operation", "list"), ("requestId", "id")] {
            assert_eq!(line[name], value);
        }
        assert_eq!(line["timestamp"], "1970-01-01T00:00:01Z");
        assert_eq!(line["_aws"]["Timestamp"], 1000);
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Namespace"], NAMESPACE);
        assert_eq!((&line["http.duration_ms"], &line["dynamodb.read_units"]), (&json!(1.5), &json!(4.5)));
        let happened = ["http.duration_ms", "http.response_bytes", "dynamodb.read_units", "list.rows", "list.page"];
        assert_eq!(told(&line, BY_OPERATION), happened);
        assert_eq!(told(&line, BY_STACK), ["http.duration_ms"]);
    }

    #[test]
    fn a_fault_is_counted_by_function_and_version_too() {
        for (status, faults) in [(200, 0), (404, 0), (499, 0), (500, 1), (503, 1)] {
            let line = line(&origin(), "smpi-list", &record(status, Usage::default()), UNIX_EPOCH);
            assert_eq!(line["faults"], faults, "{status}");
            assert_eq!(told(&line, BY_OPERATION).contains(&"faults"), faults == 1, "{status}");
            assert_eq!(told(&line, BY_VERSION).contains(&"faults"), faults == 1, "{status}");
            assert_eq!((&line["function"], &line["version"]), (&json!("stack-Smpi"), &json!("7")));
        }
    }

    #[test]
    fn all_that_can_be_measured_is_told_when_it_happens() {
        let usage = Usage {
            calls: 1,
            round_trips: 1,
            read_units: 1.0,
            write_units: 1.0,
            rows: 1,
            mismatches: 1,
            reloads: 1,
            listed: 1,
            returned: 1,
        };
        let record = Record { cold_start: true, authentication_failed: true, ..record(500, usage) };
        let line = line(&origin(), "smpi-list", &record, UNIX_EPOCH);
        for (dimensions, metrics) in [(BY_OPERATION, OF_OPERATION), (BY_STACK, OF_STACK), (BY_VERSION, OF_VERSION)] {
            assert_eq!(told(&line, dimensions), names(metrics));
            assert!(dimensions.iter().all(|name| line[name].is_string()));
        }
    }
}
