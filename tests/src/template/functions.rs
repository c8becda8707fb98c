//! Functions: their binaries, routes, policies, logs and versions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{reference, references, resources, template};

/// Longest description that Lambda takes.
const LONGEST_DESCRIPTION: usize = 256;
/// Seconds that API Gateway waits for a function, less one in which the answer finds its way back.
const GATEWAY_WAITS: u64 = 29;
/// Properties that a version does not take from its function, and the description that follows from the others.
const NOT_OF_A_VERSION: [&str; 4] = ["Policies", "Events", "VersionDescription", "DeploymentPreference"];

/// A function of the template.
pub(crate) struct Function {
    pub(crate) id: String,
    pub(crate) resource: Value,
}

impl Function {
    pub(crate) fn binary(&self) -> &str {
        self.resource["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap()
    }

    pub(super) fn property(&self, name: &str) -> &Value {
        &self.resource["Properties"][name]
    }

    /// The binary, and the actions on the table that it may take. Nothing else is allowed, but for the use of the key.
    pub(crate) fn table_actions(&self) -> (String, BTreeSet<String>) {
        let policies = self.property("Policies");
        let actions = &policies[0]["Statement"][0]["Action"];
        let table = json!({ "Fn::GetAtt": "CustomerTable.Arn" });
        let on_table = json!({ "Effect": "Allow", "Resource": table, "Action": actions });
        assert_eq!(policies, &json!([{ "Statement": [on_table] }]), "{}", self.id);
        let actions = actions.as_array().unwrap().iter().map(|action| action.as_str().unwrap().to_owned());
        (self.binary().to_owned(), actions.collect())
    }
}

pub(crate) fn functions() -> Vec<Function> {
    let functions = resources(&template(), "AWS::Serverless::Function").into_iter();
    functions.map(|(id, resource)| Function { id, resource }).collect()
}

#[test]
fn each_binary_has_a_function_and_each_function_its_binary() {
    let root = bundle::project::root().unwrap();
    let mut binaries = BTreeSet::new();
    for package in std::fs::read_dir(root.join("functions")).unwrap() {
        let package = package.unwrap();
        for source in std::fs::read_dir(package.path().join("src/bin")).unwrap() {
            let name = source.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
            binaries.insert((format!("functions/{}", package.file_name().to_str().unwrap()), name));
        }
    }
    let functions = functions();
    assert_eq!(functions.len(), binaries.len());
    let of_function = |function: &Function| {
        assert_eq!(function.resource["Metadata"]["BuildMethod"], "rust-cargolambda", "{}", function.id);
        (function.property("CodeUri").as_str().unwrap().to_owned(), function.binary().to_owned())
    };
    assert_eq!(functions.iter().map(of_function).collect::<BTreeSet<_>>(), binaries);
}

#[test]
fn each_function_may_use_the_key_that_encrypts_the_table() {
    let statement = json!({ "Effect": "Allow", "Resource": reference("KmsKeyArn"), "Action": "kms:Decrypt" });
    let document = json!({ "Version": "2012-10-17", "Statement": [statement] });
    let expected = functions().into_iter().map(|Function { id, .. }| {
        let role = reference(&format!("{id}Role")); // as SAM names it
        let properties = json!({ "RoleName": role, "PolicyName": "key", "PolicyDocument": document });
        let policy = json!({ "Type": "AWS::IAM::RolePolicy", "Condition": "HasKey", "Properties": properties });
        (format!("{id}KeyUse"), policy)
    });
    let expected: BTreeMap<_, _> = expected.collect();
    assert_eq!(resources(&template(), "AWS::IAM::RolePolicy"), expected);
}

#[test]
fn what_all_functions_share_is_right() {
    const SHARED: [&str; 7] =
        ["Runtime", "Handler", "Architectures", "MemorySize", "Timeout", "Tracing", "AutoPublishAlias"];
    let globals = &template()["Globals"]["Function"];
    assert_eq!(globals["Runtime"], "provided.al2023");
    assert_eq!(globals["Handler"], "bootstrap");
    assert_eq!(globals["Architectures"], json!([reference("Arch")]));
    assert_eq!(globals["MemorySize"], reference("MemorySize"));
    assert_eq!(globals["Timeout"], 28);
    assert!(globals["Timeout"].as_u64().unwrap() < GATEWAY_WAITS);
    assert_eq!(globals["Tracing"], reference("Tracing"));
    assert_eq!(globals["LoggingConfig"]["LogFormat"], "JSON");
    assert_eq!(globals["AutoPublishAlias"], "live");
    assert_eq!(globals["DeploymentPreference"], json!({ "Type": reference("Deployment") }));
    for function in functions() {
        for shared in SHARED {
            assert_eq!(function.property(shared), &Value::Null, "{} has its own {shared}", function.id);
        }
    }
}

/// SAM's cache knows a function by what is below its `CodeUri`. Where that is not the whole workspace, it would ship
/// the binary of before when `shared/` changed.
#[test]
fn sam_caches_no_build_whose_sources_it_does_not_see() {
    let settings = std::fs::read_to_string(bundle::project::root().unwrap().join("samconfig.toml")).unwrap();
    let without_comments = settings.lines().map(|line| line.split('#').next().unwrap());
    let settings = without_comments.filter_map(|line| line.split_once('='));
    let cached: Vec<_> = settings.filter(|(name, _)| name.trim() == "cached").map(|(_, value)| value.trim()).collect();
    let sees_all = functions().iter().all(|function| function.property("CodeUri") == ".");
    assert!(!cached.is_empty());
    assert!(sees_all || cached.iter().all(|value| *value == "false"), "{cached:?}");
}

#[test]
fn each_function_has_routes_that_sam_makes() {
    for function in functions() {
        let events = function.property("Events").as_object().unwrap();
        assert!(!events.is_empty(), "{}", function.id);
        for (name, event) in events {
            assert_eq!(event["Type"], "HttpApi", "{} {name}", function.id);
            assert_eq!(event["Properties"]["ApiId"], reference("Api"), "{} {name}", function.id);
            let path = event["Properties"]["Path"].as_str().unwrap();
            // SAM makes no route of a path that ends in a slash.
            assert!(path.starts_with('/') && !path.ends_with('/'), "{} {path}", function.id);
        }
    }
}

#[test]
fn each_function_logs_to_a_group_that_forgets() {
    let template = template();
    let groups = resources(&template, "AWS::Logs::LogGroup");
    for (id, group) in &groups {
        assert_eq!(group["Properties"]["RetentionInDays"], reference("LogRetentionDays"), "{id}");
    }
    for function in functions() {
        let group = format!("{}Log", function.id);
        assert_eq!(function.property("LoggingConfig")["LogGroup"], reference(&group));
        assert!(groups.contains_key(&group), "{group}");
    }
}

/// A version that is described otherwise is another version to CloudFormation. What it is described by must be all
/// parameters that a function has, and no others: a version of the same function cannot be published twice.
#[test]
fn a_change_of_a_parameter_alone_publishes_a_version() {
    let template = template();
    let parameters = template["Parameters"].as_object().unwrap();
    let globals = template["Globals"]["Function"].as_object().unwrap();
    for function in functions() {
        let own = function.resource["Properties"].as_object().unwrap();
        let of_version = globals.iter().chain(own).filter(|(name, _)| !NOT_OF_A_VERSION.contains(&name.as_str()));
        let needed = of_version.flat_map(|(_, value)| references(value)).filter(|name| parameters.contains_key(name));
        let needed: BTreeSet<_> = needed.collect();
        assert!(needed.len() >= 6, "{}: {needed:?}", function.id);
        assert_eq!(function.property("AutoPublishAliasAllProperties"), true, "{}", function.id);
        let description = function.property("VersionDescription");
        assert_eq!(references(description), needed, "{}", function.id);
        let pattern = description["Fn::Sub"].as_str().unwrap();
        let longest = needed.iter().fold(pattern.to_owned(), |text, name| {
            text.replace(&format!("${{{name}}}"), &"x".repeat(longest(&parameters[name])))
        });
        assert!(longest.len() <= LONGEST_DESCRIPTION, "{} may have {} letters", function.id, longest.len());
    }
}

/// How many letters the value of a parameter has at most.
fn longest(parameter: &Value) -> usize {
    let values = parameter["AllowedValues"].as_array();
    let length = |value: &Value| value.as_str().map_or_else(|| value.to_string().len(), str::len);
    let of_values = values.and_then(|values| values.iter().map(length).max());
    let of_text = parameter["MaxLength"].as_u64().and_then(|length| usize::try_from(length).ok());
    let of_number = parameter["MaxValue"].as_u64().map(|number| number.to_string().len());
    of_values.or(of_text).or(of_number).unwrap_or_else(|| panic!("no longest value of {parameter}"))
}
