//! What an operation takes in the template: a block of a dozen lines, its name in the loop, and a line in Outputs.

use std::collections::BTreeSet;

use super::{functions::functions, text};

/// Lines of a function with one route; each further route is a line more.
const LINES: usize = 12;

/// The lines of a resource, up to the empty one behind it.
fn block<'a>(text: &'a str, id: &str) -> Vec<&'a str> {
    let start = format!("  {id}:");
    text.lines().skip_while(|line| *line != start).take_while(|line| !line.is_empty()).collect()
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

#[test]
fn a_function_is_a_block_of_a_dozen_lines() {
    let text = text();
    for function in functions() {
        let lines = block(&text, &function.id).into_iter().filter(|line| !is_comment(line)).count();
        let routes = function.property("Events").as_object().unwrap().len();
        assert!((1..LINES + routes).contains(&lines), "{} takes {lines} lines for {routes} routes", function.id);
    }
}

#[test]
fn the_loop_goes_over_all_functions() {
    let yaml: serde_yaml_ng::Value = serde_yaml_ng::from_str(&text()).unwrap();
    let names = yaml["Resources"]["Fn::ForEach::Operations"][1].as_sequence().unwrap();
    let functions = functions();
    assert_eq!(names.len(), functions.len());
    let names: BTreeSet<_> = names.iter().map(|name| name.as_str().unwrap()).collect();
    let ids: BTreeSet<_> = functions.iter().map(|function| function.id.as_str()).collect();
    assert_eq!(names, ids);
}

#[test]
fn sam_reads_the_loop_in_every_environment() {
    let settings = std::fs::read_to_string(bundle::project::root().unwrap().join("samconfig.toml")).unwrap();
    let sections = settings.lines().filter_map(|line| line.strip_prefix('['));
    let environments: BTreeSet<_> = sections.filter_map(|section| section.split('.').next()).collect();
    assert!(environments.contains("default"));
    for environment in environments {
        let (_, shared) = settings.split_once(&format!("[{environment}.global.parameters]\n")).unwrap();
        let shared = shared.split("\n[").next().unwrap();
        assert!(shared.lines().any(|line| line == "language_extensions = true"), "{environment}");
    }
}

#[test]
fn a_function_is_named_outside_of_its_block_in_the_loop_and_in_outputs_alone() {
    let text = text();
    for function in functions() {
        let named = |line: &&str| line.contains(&function.id) && !is_comment(line);
        let inside = block(&text, &function.id).into_iter().filter(named).count();
        let all: Vec<_> = text.lines().filter(named).collect();
        assert_eq!(all.len(), inside + 2, "{}: {all:#?}", function.id);
    }
}
