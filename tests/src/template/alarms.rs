//! Alarms: that all that can go wrong has one, and that a version that faults is rolled back.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{functions::functions, reference, resources, template};

/// The alarms that each function has: of our own metric, and of two that Lambda writes.
const OF_A_FUNCTION: [&str; 3] = ["Faults", "Errors", "Throttles"];

fn alarm(id: &str) -> Value {
    let alarm = &template()["Resources"][id];
    assert_eq!(alarm["Type"], "AWS::CloudWatch::Alarm", "{id}");
    alarm["Properties"].clone()
}

#[test]
fn a_version_that_faults_is_rolled_back() {
    for function in functions() {
        let [faults, errors] = ["Faults", "Errors"].map(|kind| format!("{}{kind}", function.id));
        let alarms = json!({ "Alarms": [reference(&faults), reference(&errors)] });
        assert_eq!(function.property("DeploymentPreference"), &alarms, "{}", function.id);
        let alarm = alarm(&faults);
        assert_eq!((&alarm["Namespace"], &alarm["MetricName"]), (&json!("CustomerDirectory"), &json!("faults")));
        let version = json!({ "Fn::GetAtt": [function.id, "Version.Version"] });
        let dimensions = json!([
            { "Name": "function", "Value": reference(&function.id) },
            { "Name": "version", "Value": version },
        ]);
        assert_eq!(alarm["Dimensions"], dimensions, "{faults}");
    }
}

#[test]
fn errors_and_throttles_of_every_function_are_watched() {
    for function in functions() {
        for kind in OF_A_FUNCTION {
            let id = format!("{}{kind}", function.id);
            let alarm = alarm(&id);
            let text = alarm["AlarmDescription"]["Fn::Sub"].as_str().unwrap();
            assert!(text.contains(&function.id), "{id} does not say whose it is");
            assert_eq!((&alarm["Statistic"], &alarm["Threshold"]), (&json!("Sum"), &json!(1)), "{id}");
            assert_eq!((&alarm["Period"], &alarm["EvaluationPeriods"]), (&json!(60), &json!(1)), "{id}");
            if kind != "Faults" {
                assert_eq!((&alarm["Namespace"], &alarm["MetricName"]), (&json!("AWS/Lambda"), &json!(kind)), "{id}");
                let dimension = json!({ "Name": "FunctionName", "Value": reference(&function.id) });
                assert_eq!(alarm["Dimensions"], json!([dimension]), "{id}");
            }
        }
    }
}

/// What docs/observe.md calls an alarm: those of the functions go by their kind.
fn explained_as(id: &str) -> String {
    let functions = functions();
    let is_of_one = |kind: &&str| functions.iter().any(|function| format!("{}{kind}", function.id) == id);
    let kind = OF_A_FUNCTION.into_iter().find(is_of_one);
    kind.map_or_else(|| id.to_owned(), |kind| format!("…{kind}"))
}

#[test]
fn every_alarm_tells_somebody_or_rolls_back() {
    let explained = std::fs::read_to_string(bundle::project::root().unwrap().join("docs/observe.md")).unwrap();
    for (id, alarm) in resources(&template(), "AWS::CloudWatch::Alarm") {
        let alarm = &alarm["Properties"];
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{id}: no traffic is no fault");
        let name = explained_as(&id);
        assert!(explained.contains(&format!("`{name}`")), "docs/observe.md says nothing of {name}");
        let told = if name == "…Faults" { Value::Null } else { json!([reference("Alarms")]) };
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
