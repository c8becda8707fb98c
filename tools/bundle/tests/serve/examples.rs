//! The printed calls.

use bundle::{project, template::Template};
use serde_json::{Value, json};

use crate::{bundle_process::Bundle, shell::Shell};

const LOG_IN: &str = "Valomnia: log in, then list customers";
const SIGN: &str = "SMPI: list customers (in the project's folder)";

/// What is expected of an answer.
type Holds = fn(&Value) -> bool;

#[test]
fn every_printed_call_works() {
    let data = tempfile::tempdir().unwrap();
    let bundle = Bundle::start(data.path());
    let mut answers = Vec::new();
    let mut shell = Shell::default();
    for (what, commands) in bundle.examples() {
        for command in commands {
            let (status, body) = shell.run(command);
            assert_eq!(status, 200, "{command}: {body}");
            answers.push((what, body));
        }
    }
    #[rustfmt::skip]
    let table: [(&str, Holds); 8] = [
        ("NeuCRM: list customers",    |body| rows("result", body) == Some(3) && body["error"].is_null()),
        ("NeuCRM: create a customer", |body| *body == json!({"result": 1500, "error": null})),
        ("NeuCRM: update a customer", |body| *body == json!({"result": "done", "error": null})),
        ("NeuCRM: delete a customer", |body| *body == json!({"result": "done", "error": null})),
        ("Enswitch: list customers",  |body| body["responses"][0]["code"] == "200" && rows("data", body) == Some(3)),
        (LOG_IN,                      |body| body["success"] == true && body["user"]["email"] == "demo@entity1.example"),
        (LOG_IN,                      |body| body["paging"]["next"].is_string() && rows("data", body) == Some(3)),
        (SIGN,                        |body| body["paging"]["limit"] == 3 && rows("customers", body) == Some(3)),
    ];
    for ((what, holds), (printed, body)) in table.iter().zip(&answers) {
        assert_eq!(what, printed);
        assert!(holds(body), "{what}: {body}");
    }
    let template = Template::read(&project::root().unwrap().join(project::TEMPLATE)).unwrap();
    assert_eq!(answers.len(), table.len());
    assert_eq!(answers.len(), template.functions.len(), "one call for each operation");
}

/// How many rows the answer has under `name`.
fn rows(name: &str, body: &Value) -> Option<usize> {
    Some(body[name].as_array()?.len())
}
