//! Calls that work when pasted.

use ::customers::Dialect;

use super::logins::{ENSWITCH, NEUCRM, VALOMNIA};

/// An operation, and the commands that call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The dialect.
    pub dialect: Dialect,
    /// What the commands do.
    pub what: &'static str,
    /// Lines for a shell, in their order.
    pub commands: Vec<String>,
}

/// One call per operation of each dialect, ready to paste.
pub fn examples(base_url: &str) -> Vec<Example> {
    let mut examples = neucrm(base_url);
    examples.extend([enswitch(base_url), valomnia(base_url), smpi(base_url)]);
    examples
}

fn neucrm(base_url: &str) -> Vec<Example> {
    let call = |what, operation: &str, fields: &[&str]| {
        let (user, key) = (NEUCRM.identity, NEUCRM.secret);
        let mut command =
            format!("curl -X POST {base_url}/api/customer/{operation} -d userid={user} -d api_key=\"{key}\"");
        for field in fields {
            command.extend([" -d ", field]);
        }
        Example { dialect: Dialect::NeuCrm, what, commands: vec![command] }
    };
    let new = [
        "resellerid=1",
        "type=Individual",
        "name=\"Some Name\"",
        "mobile=12344444",
        "email=\"abc@email.com\"",
        "zipcode=12345",
        "state=Goa",
        "city=Panaji",
        "street=\"3rd street\"",
    ];
    vec![
        call("list customers", "list", &["name=\"a%\"", "rows_limit=3"]),
        call("create a customer", "create", &new),
        call("update a customer", "update", &["customerid=1243", "street=\"2nd street\""]),
        call("delete a customer", "delete", &["customerid=1423"]),
    ]
}

fn enswitch(base_url: &str) -> Example {
    let (user, password) = (ENSWITCH.identity, ENSWITCH.secret);
    let path = "/api/json/customers/list/";
    let command = format!(
        "curl '{base_url}{path}?auth_username={user};auth_password={password};deleted=0;bill_type=postpaid;limit=3'"
    );
    Example { dialect: Dialect::Enswitch, what: "list customers", commands: vec![command] }
}

fn valomnia(base_url: &str) -> Example {
    let (user, password) = (VALOMNIA.identity, VALOMNIA.secret);
    let jar = std::env::temp_dir().join("bundle-cookies.txt");
    let jar = jar.display();
    let commands = vec![
        format!(
            "curl -L -c {jar} -d j_username={user} -d j_password={password} -d ajax=true {base_url}/j_spring_security_check"
        ),
        format!("curl -b {jar} '{base_url}/api/v1.0/customers?max=3&sort=name&reference=NC-*'"),
    ];
    Example { dialect: Dialect::Valomnia, what: "log in, then list customers", commands }
}

fn smpi(base_url: &str) -> Example {
    let url = format!("{base_url}/SMPI/v2.6/service/wfbss/api/customers?q=travels&limit=3");
    let command = format!("cargo run --quiet -- sign '{url}' | curl -K - '{url}'");
    Example { dialect: Dialect::Smpi, what: "list customers (in the project's folder)", commands: vec![command] }
}
