//! Alarms: that all that can go wrong has one, and that a version that faults is rolled back.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{functions::functions, reference, resources, template};

/// What CloudWatch takes in one alarm.
const METRICS_IN_AN_ALARM: usize = 10;

fn alarm(id: &str) -> Value {
    let alarm = &template()["Resources"][id];
    assert_eq!(alarm["Type"], "AWS::CloudWatch::Alarm", "{id}");
    alarm["Properties"].clone()
}

#[test]
fn a_version_that_faults_is_rolled_back() {
    let shared = &template()["Globals"]["Function"]["DeploymentPreference"]["Alarms"];
    assert_eq!(shared, &json!([reference("FunctionErrors")]));
    for function in functions() {
        let id = format!("{}Faults", function.id);
        assert_eq!(function.property("DeploymentPreference"), &json!({ "Alarms": [reference(&id)] }));
        let alarm = alarm(&id);
        assert_eq!((&alarm["Namespace"], &alarm["MetricName"]), (&json!("CustomerDirectory"), &json!("faults")));
        let version = json!({ "Fn::GetAtt": format!("{}.Version.Version", function.id) });
        let dimensions = json!([
            { "Name": "function", "Value": reference(&function.id) },
            { "Name": "version", "Value": version },
        ]);
        assert_eq!(alarm["Dimensions"], dimensions, "{id}");
        assert!(alarm["AlarmDescription"]["Fn::Sub"].as_str().unwrap().contains(function.binary()), "{id}");
    }
}

#[test]
fn errors_and_throttles_of_every_function_are_watched() {
    let expected: BTreeSet<_> = functions().into_iter().map(|function| function.id).collect();
    for (id, metric) in [("FunctionErrors", "Errors"), ("FunctionThrottles", "Throttles")] {
        let alarm = alarm(id);
        let metrics: Vec<_> = alarm["Metrics"].as_array().unwrap().iter().skip(1).collect();
        assert!(metrics.len() <= METRICS_IN_AN_ALARM, "{id} is full: it wants a second one beside it");
        let function = |query: &&Value| {
            assert_eq!(query["MetricStat"]["Metric"]["MetricName"], metric);
            let dimension = &query["MetricStat"]["Metric"]["Dimensions"][0];
            assert_eq!(dimension["Name"], "FunctionName");
            dimension["Value"]["Ref"].as_str().unwrap().to_owned()
        };
        assert_eq!(metrics.iter().map(function).collect::<BTreeSet<_>>(), expected, "{id}");
    }
}

#[test]
fn every_alarm_tells_somebody_or_rolls_back() {
    let explained = std::fs::read_to_string(bundle::project::root().unwrap().join("docs/observe.md")).unwrap();
    for (id, alarm) in resources(&template(), "AWS::CloudWatch::Alarm") {
        let alarm = &alarm["Properties"];
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{id}: no traffic is no fault");
        let is_of_version = alarm["Dimensions"][1]["Name"] == "version";
        let name = if is_of_version { "…Faults" } else { &id };
        assert!(explained.contains(&format!("`{name}`")), "docs/observe.md says nothing of {name}");
        let told = if is_of_version { Value::Null } else { json!([reference("Alarms")]) };
        assert_eq!(alarm["AlarmActions"], told, "{id}");
    }
    let template = template();
    let subscription = &template["Resources"]["AlarmSubscription"];
    assert_eq!(subscription["Condition"], "HasEmail");
    assert_eq!(subscription["Properties"]["Endpoint"], reference("AlarmEmail"));
}

#[test]
fn alarms_watch_metrics_that_functions_write() {
    const WRITTEN_BY_STACK: [&str; 3] = ["http.duration_ms", "index.mismatches", "authentication_failures"];
    let of_stack = json!([{ "Name": "stack", "Value": reference("AWS::StackName") }]);
    let mut watched = BTreeSet::new();
    for (id, alarm) in resources(&template(), "AWS::CloudWatch::Alarm") {
        let alarm = &alarm["Properties"];
        if alarm["Namespace"] == "CustomerDirectory" && alarm["MetricName"] != "faults" {
            assert_eq!(alarm["Dimensions"], of_stack, "{id}");
            watched.insert(alarm["MetricName"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(watched, WRITTEN_BY_STACK.map(str::to_owned).into());
}
