//! A whole run of `bundle bench`, small.

use std::process::Command;

use serde_json::Value;

#[test]
fn a_quick_run_measures_every_way_to_a_list_and_finds_the_same_customers() {
    let directory = tempfile::tempdir().unwrap();
    let (markdown, json) = (directory.path().join("bench.md"), directory.path().join("bench.json"));
    let output = Command::new(env!("CARGO_BIN_EXE_bundle"))
        .args(["bench", "--quick", "--without-http", "--customers", "200", "--markdown"])
        .arg(&markdown)
        .arg("--json")
        .arg(&json)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(std::fs::read(markdown).unwrap(), output.stdout);

    let report: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    let lines = report["lists"].as_array().unwrap();
    let ways: Vec<_> = lines.iter().map(|line| line["what"].as_str().unwrap().get(..1).unwrap()).collect();
    assert_eq!(ways, ["A", "B", "C", "C", "C", "C"]);
    let again = lines.last().unwrap();
    assert_eq!((again["calls"].as_f64(), again["read_units"].as_f64()), (Some(5.0), Some(5.0)));
    let groups: std::collections::BTreeSet<_> =
        report["figures"].as_array().unwrap().iter().map(|figure| figure["group"].as_str().unwrap()).collect();
    assert_eq!(groups.len(), 4, "goals, the index, changes and writers: {groups:?}");
}
