//! The API, the table and what the stack tells of itself.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{functions::functions, reference, resources, template};
use crate::{
    clients::{PASSWORD, VALOMNIA_EMAIL, enswitch, valomnia_login},
    harness::Site,
};

#[test]
fn access_logs_hold_nothing_that_a_client_sends() {
    const FIELDS: [&str; 10] = [
        "requestId",
        "integration.requestId",
        "requestTime",
        "routeKey",
        "status",
        "responseLatency",
        "integrationStatus",
        "integrationLatency",
        "responseLength",
        "error.responseType",
    ];
    let api = &template()["Resources"]["Api"]["Properties"];
    let format = api["AccessLogSettings"]["Format"].as_str().unwrap();
    assert!(serde_json::from_str::<Value>(format).unwrap().is_object());
    let fields = format.split("$context.").skip(1).map(|rest| rest.split('"').next().unwrap());
    assert_eq!(fields.collect::<BTreeSet<_>>(), FIELDS.into());
}

#[test]
fn the_api_is_throttled_and_open_to_no_other_origin() {
    let template = template();
    let api = &template["Resources"]["Api"]["Properties"];
    assert_eq!(api["DefaultRouteSettings"]["ThrottlingRateLimit"], reference("ThrottlingRate"));
    assert_eq!(api["DefaultRouteSettings"]["ThrottlingBurstLimit"], reference("ThrottlingBurst"));
    assert_eq!(api["StageName"], "$default", "no prefix before the paths");
    assert_eq!(api["CorsConfiguration"]["Fn::If"][0], "HasCors");
    assert_eq!(api["CorsConfiguration"]["Fn::If"][2], reference("AWS::NoValue"));
    assert_eq!(template["Parameters"]["CorsOrigins"]["Default"], "");
}

#[test]
fn no_deployment_and_no_mistake_loses_the_table() {
    let template = template();
    let table = &template["Resources"]["CustomerTable"];
    assert_eq!((&table["DeletionPolicy"], &table["UpdateReplacePolicy"]), (&json!("Retain"), &json!("Retain")));
    let properties = &table["Properties"];
    assert_eq!(properties["DeletionProtectionEnabled"], true);
    assert_eq!(properties["PointInTimeRecoverySpecification"], json!({ "PointInTimeRecoveryEnabled": true }));
    assert_eq!(properties["BillingMode"], "PAY_PER_REQUEST");
    let with_key = json!({ "SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": reference("KmsKeyArn") });
    assert_eq!(properties["SSESpecification"], json!({ "Fn::If": ["HasKey", with_key, reference("AWS::NoValue")] }));
}

#[tokio::test]
async fn the_tables_attributes_are_those_of_the_code() {
    let template = template();
    let properties = &template["Resources"]["CustomerTable"]["Properties"];
    let site = Site::start_demo().await;
    site.call(&valomnia_login(VALOMNIA_EMAIL, PASSWORD)).await;
    site.call(&enswitch("/api/json/customers/list", "wrong", "")).await;
    let table = site.stack.client().scan().table_name(site.stack.table_name());
    let items = table.send().await.unwrap().items.unwrap();

    let keys: Vec<_> = properties["KeySchema"].as_array().unwrap().iter().map(|key| &key["AttributeName"]).collect();
    assert_eq!(keys, [&json!("PK"), &json!("SK")]);
    let expires = properties["TimeToLiveSpecification"]["AttributeName"].as_str().unwrap();
    assert_eq!(properties["TimeToLiveSpecification"]["Enabled"], true);
    let mut expiring = BTreeSet::new();
    for item in items {
        let partition = item["PK"].as_s().unwrap();
        assert!(item["SK"].is_s(), "{partition}");
        let kind = partition.split('#').nth(2).unwrap_or_default();
        if item.get(expires).is_some_and(aws_sdk_dynamodb::types::AttributeValue::is_n) {
            expiring.insert(kind.to_owned());
        }
    }
    assert_eq!(expiring, ["F", "S"].map(str::to_owned).into(), "failed passwords and sessions go away by themselves");
}

#[test]
fn parameters_say_what_they_are_and_have_a_default() {
    let template = template();
    for (name, parameter) in template["Parameters"].as_object().unwrap() {
        assert!(parameter["Description"].as_str().unwrap().ends_with('.'), "{name}");
        assert!(!parameter["Default"].is_null(), "{name}");
        let is_bound = ["AllowedValues", "AllowedPattern", "MinValue"].iter().any(|rule| !parameter[rule].is_null());
        assert!(is_bound, "{name} takes anything");
    }
}

#[test]
fn outputs_have_the_address_of_every_operation() {
    let template = template();
    for function in functions() {
        let output = &template["Outputs"][format!("{}Url", function.id)];
        let url = output["Value"]["Fn::Sub"].as_str().unwrap_or_else(|| panic!("no address of {}", function.id));
        let path = url.strip_prefix("${Api.ApiEndpoint}").unwrap();
        let routes = bundle::template::Template::read(&bundle::project::root().unwrap().join("template.yaml")).unwrap();
        assert_eq!(routes.routes.find("POST", path).unwrap().route.function, function.binary(), "{path}");
    }
}

#[test]
fn a_domain_is_made_when_one_is_given() {
    for kind in ["AWS::ApiGatewayV2::DomainName", "AWS::ApiGatewayV2::ApiMapping"] {
        let resources = resources(&template(), kind);
        assert_eq!(resources.len(), 1);
        assert!(resources.values().all(|resource| resource["Condition"] == "HasDomain"));
    }
    let template = template();
    let outputs = &template["Outputs"];
    assert_eq!(outputs["DomainUrl"]["Value"], json!({ "Fn::Sub": "https://${DomainName}" }));
    assert!(["DomainUrl", "DomainTarget"].iter().all(|output| outputs[output]["Condition"] == "HasDomain"));
}

#[test]
fn a_domain_and_its_certificate_are_given_together() {
    let rules = &template()["Rules"];
    let is_given = |name| json!({ "Fn::Not": [{ "Fn::Equals": [reference(name), ""] }] });
    for (rule, given, needed) in [
        ("DomainHasCertificate", "DomainName", "CertificateArn"),
        ("CertificateHasDomain", "CertificateArn", "DomainName"),
    ] {
        assert_eq!(rules[rule]["RuleCondition"], is_given(given), "{rule}");
        assert_eq!(rules[rule]["Assertions"][0]["Assert"], is_given(needed), "{rule}");
    }
}

#[test]
fn the_dashboard_shows_the_metrics_of_every_operation() {
    let template = template();
    let body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"].as_str().unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    let mut shown = BTreeSet::new();
    for widget in body["widgets"].as_array().unwrap() {
        let search = widget["properties"]["metrics"][0][0]["expression"].as_str().unwrap();
        assert!(search.starts_with("SEARCH('{CustomerDirectory,stack,dialect,operation} stack="), "{search}");
        let (_, name) = search.split_once("MetricName=\"").unwrap();
        shown.insert(name.split('"').next().unwrap().to_owned());
    }
    let expected = [
        "http.duration_ms",
        "dynamodb.read_units",
        "dynamodb.write_units",
        "list.rows",
        "list.page",
        "index.tail_rows",
        "index.mismatches",
        "index.reloads",
        "cold_starts",
        "authentication_failures",
        "faults",
    ];
    assert_eq!(shown, expected.map(str::to_owned).into());
}
