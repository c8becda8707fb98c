//! What functions may and must print.

use std::collections::{BTreeMap, BTreeSet};

use customers::{Contact, Customer, NewTenant, Profile};
use serde_json::{Value, json};

/// The lines that end requests. Every line of a function is JSON.
pub(crate) fn requests(lines: &[String]) -> Vec<Value> {
    let lines = lines.iter().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")));
    lines.filter(|line: &Value| line["message"] == "request").collect()
}

/// Asserts that CloudWatch finds in each line what it needs, under names of ours alone, and that the run's numbers come out.
pub(crate) fn assert_measured(requests: &[Value], demo: &NewTenant) {
    let mut sums: BTreeMap<(&str, &str), BTreeMap<&str, f64>> = BTreeMap::new();
    for line in requests {
        assert!(line["_aws"]["Timestamp"].as_u64().unwrap() > 1_700_000_000_000);
        let text = |name: &str| line[name].as_str().unwrap_or_else(|| panic!("no {name} in {line}"));
        assert_eq!(text("level"), "INFO");
        assert_eq!(text("requestId").len(), 36);
        let groups = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
        assert_eq!(groups[0]["Dimensions"], json!([["stack", "dialect", "operation"]]));
        for group in groups {
            assert_eq!(group["Namespace"], "CustomerDirectory");
            let dimensions = group["Dimensions"][0].as_array().unwrap();
            for name in dimensions {
                text(name.as_str().unwrap());
            }
            for metric in group["Metrics"].as_array().unwrap() {
                let name = metric["Name"].as_str().unwrap();
                assert!(["Count", "Milliseconds", "Bytes"].contains(&metric["Unit"].as_str().unwrap()));
                let value = line[name].as_f64().unwrap_or_else(|| panic!("no {name} in {line}"));
                if dimensions.len() == 3 {
                    *sums.entry((text("dialect"), text("operation"))).or_default().entry(name).or_default() += value;
                }
            }
        }
        let names = [text("stack"), text("function"), text("version")].join(" ");
        assert_eq!(names, format!("bundle {}-{} $LATEST", text("dialect"), text("operation")));
    }

    let sum = |dialect, operation, name| sums[&(dialect, operation)].get(name).copied().unwrap_or_default();
    assert_eq!(sums.len(), 8, "{:?}", sums.keys());
    for (dialect, operation) in sums.keys().copied() {
        assert!(sum(dialect, operation, "http.duration_ms") > 0.0, "{dialect}-{operation}");
        assert!(sum(dialect, operation, "dynamodb.read_units") > 0.0, "{dialect}-{operation}");
        assert!(sum(dialect, operation, "cold_starts") >= 1.0, "{dialect}-{operation}");
        assert!(sum(dialect, operation, "authentication_failures") >= 1.0, "{dialect}-{operation}");
        assert_eq!(sum(dialect, operation, "faults").to_bits(), 0, "{dialect}-{operation}");
        let is_list = operation == "list";
        assert_eq!(sum(dialect, operation, "list.rows") > sum(dialect, operation, "list.page"), is_list);
        assert_eq!(sum(dialect, operation, "list.page") > 0.0, is_list);
        #[expect(clippy::cast_precision_loss, reason = "hundreds")]
        let all = demo.customers.len() as f64;
        assert_eq!(sum(dialect, operation, "index.tail_rows") >= all, is_list, "the whole index is read once");
    }
    for operation in ["create", "update", "delete"] {
        assert!(sum("neucrm", operation, "dynamodb.write_units") >= 6.0, "{operation}");
    }
}

/// What a tenant knows of people and organisations: their names, when they were born, where they live and how to reach
/// them. Postal codes are left out: most are numbers as they may well stand in any line.
pub(crate) fn personal_data_of(tenant: &NewTenant) -> Vec<String> {
    let customers = tenant.customers.iter().flat_map(|Customer { profile, .. }| {
        let Profile { identity, contact, address, billing_address, .. } = profile;
        let Contact { mobile, email, phone, fax, website } = contact;
        let addresses = [address].into_iter().chain(billing_address);
        [&identity.surname, mobile, email, phone, fax, website]
            .into_iter()
            .chain(addresses.flat_map(|address| [&address.street, &address.city]))
            .flatten()
            .cloned()
            .chain([identity.name.clone()])
            .chain(identity.birth_date.map(|date| date.to_string()))
    });
    let logins = tenant.logins.iter().flat_map(|entry| {
        let person = &entry.login.person;
        [&entry.identity, &person.first_name, &person.last_name].map(Clone::clone)
    });
    customers.chain(logins).collect()
}

/// Asserts that no line has one of these words, but for short ones, which may well stand in any line; in whatever case.
pub(crate) fn assert_silent(lines: &[String], private: &[String]) {
    const SHORTEST: usize = 5;
    /// Names of parameters and headers, which only come with what a client sends.
    const NAMES: [&str; 6] = ["auth_username", "userid", "rows_limit", "cids", "x-signature", "JSESSIONID"];
    let private = private.iter().map(|word| word.trim()).filter(|word| word.chars().count() >= SHORTEST);
    let private: BTreeSet<String> = private.chain(NAMES).map(str::to_lowercase).collect();
    assert!(private.len() > 500, "only {} words", private.len());
    for line in lines {
        let line = line.to_lowercase();
        let found: Vec<_> = private.iter().filter(|word| line.contains(word.as_str())).collect();
        assert!(found.is_empty(), "{found:?} in the log: {line}");
    }
}
