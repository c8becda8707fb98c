//! `docs/costs.md` against what requests consume, and its sums against its own prices.

use std::collections::BTreeMap;

use bundle::StackOptions;
use serde_json::Value;
use tokio::sync::mpsc::unbounded_channel;

use crate::{
    clients::{
        NEUCRM_KEY, PASSWORD, SMPI_SECRET, TIME, VALOMNIA_EMAIL, enswitch, neucrm, smpi, valomnia, valomnia_cookie,
        valomnia_login,
    },
    harness::Site,
    http::Call,
    log::requests,
};

/// The lines of the table below a heading, without its head; cells as they stand.
fn table(heading: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(bundle::project::root().unwrap().join("docs/costs.md")).unwrap();
    let (_, section) = text.split_once(&format!("## {heading}\n")).unwrap_or_else(|| panic!("no {heading}"));
    let section = section.split("\n## ").next().unwrap();
    let lines = section.lines().filter(|line| line.starts_with('|')).skip(2);
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    lines.map(cells).collect()
}

/// A table's numbers by the first cell of their line.
fn numbers(heading: &str) -> BTreeMap<String, Vec<f64>> {
    let number = |cell: &String| cell.replace(',', "").parse().ok();
    table(heading).iter().map(|cells| (cells[0].clone(), cells[1..].iter().filter_map(number).collect())).collect()
}

/// Two requests of each operation: the first of its process, and one like it afterwards, for another page or customer.
async fn calls(site: &Site) -> Vec<[Call; 2]> {
    let token = valomnia_cookie(site).await;
    let pages = [0, 10];
    let create = |name: &str| {
        let rest = "mobile=5550100&email=a@example.org&zipcode=1&state=Goa&city=Panaji&street=S&resellerid=1";
        neucrm("/api/customer/create", NEUCRM_KEY, &format!("type=Individual&name={name}&{rest}"))
    };
    let change = |path: &str, fields: &str| neucrm(path, NEUCRM_KEY, fields);
    vec![
        pages.map(|at| enswitch("/api/json/customers/list", PASSWORD, &format!("deleted=0;limit=10;offset={at}"))),
        pages.map(|at| change("/api/customer/list", &format!("rows_limit=10&rows_offset={at}"))),
        ["Abebe Bikila", "Derartu Tulu"].map(create),
        ["S", "T"].map(|street| change("/api/customer/update", &format!("customerid=1243&street={street}"))),
        [1500, 1501].map(|id| change("/api/customer/delete", &format!("customerid={id}"))),
        [1, 2].map(|page| smpi(&format!("/SMPI/v2.6/service/wfbss/api/customers?limit=10&page={page}"), SMPI_SECRET)),
        [0, 200].map(|at| valomnia(&format!("/api/v1.0/customers?max=10&offset={at}"), &token)),
        [PASSWORD; 2].map(|password| valomnia_login(VALOMNIA_EMAIL, password)),
    ]
}

/// The lines that end requests, by operation, in their order.
async fn run() -> BTreeMap<String, Vec<Value>> {
    let (log_lines, mut logged) = unbounded_channel();
    let environment = vec![("TEST_CLOCK".to_owned(), TIME.unix_seconds().to_string())];
    let options = StackOptions { environment, log_lines: Some(log_lines), ..StackOptions::default() };
    let site = Site::start_with(options, bundle::demo::tenant().unwrap()).await;
    for call in calls(&site).await.iter().flatten() {
        assert!(site.call(call).await.status < 400);
    }
    site.stack.stop().await;
    let mut lines = Vec::new();
    while let Some(line) = logged.recv().await {
        lines.push(line.text);
    }
    let mut by_operation: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in requests(&lines) {
        let name = format!("{}-{}", line["dialect"].as_str().unwrap(), line["operation"].as_str().unwrap());
        by_operation.entry(name).or_default().push(line);
    }
    by_operation
}

#[tokio::test]
async fn recorded_units_are_what_requests_consume() {
    let requests = run().await;
    let number = |line: &Value, name: &str| line[name].as_f64().unwrap();
    let warm = |lines: &Vec<Value>| {
        let line = lines.last().unwrap();
        ["read_units", "write_units", "round_trips"].map(|name| number(line, &format!("dynamodb.{name}"))).to_vec()
    };
    let consumed: BTreeMap<_, _> = requests.iter().map(|(name, lines)| (name.clone(), warm(lines))).collect();
    assert_eq!(numbers("Recorded"), consumed);

    for (operation, lines) in requests.iter().filter(|(operation, _)| operation.ends_with("-list")) {
        assert_eq!(number(lines.last().unwrap(), "list.page"), 10.0, "{operation}");
    }
    let lists = &requests["neucrm-list"];
    let cold = number(&lists[0], "dynamodb.read_units") - number(&lists[1], "dynamodb.read_units");
    let recorded = numbers("Assumed")["Read units to load the index, for 1,000 customers"][0];
    let at_thousand = cold * 1_000.0 / 500.0;
    assert!((at_thousand / recorded - 1.0).abs() < 0.2, "{at_thousand} units, not about {recorded}");
    for line in requests.values().flatten() {
        let bytes = line.to_string().len();
        assert!(bytes < 1_500, "a request's line has {bytes} bytes");
    }
}

#[test]
fn every_cost_is_the_sum_of_its_parts() {
    let price = |name: &str| numbers("Prices")[name][0];
    let assumed = numbers("Assumed");
    let assume = |name: &str| assumed.get(name).unwrap_or_else(|| panic!("no {name}"))[0];
    let processor = numbers("Processor time");
    let mut costs = Vec::new();
    for (operation, units) in numbers("Recorded") {
        let [reads, writes, round_trips] = units.as_slice() else { panic!("{operation} has {units:?}") };
        let is_list = operation.ends_with("-list");
        let kind = if is_list {
            "a list"
        } else if operation.ends_with("-login") {
            "a login"
        } else {
            "a change"
        };
        let mut line = vec![operation.clone()];
        for (size, customers) in [1e3, 1e4, 1e5, 1e6].into_iter().enumerate() {
            let slowdown = assume("Memory of a whole core, MB") / assume("Memory, MB");
            let gigabyte_seconds = |ms: f64| ms / 1e3 * assume("Memory, MB") / 1024.0;
            let ms = processor[kind][size] * slowdown + round_trips * assume("Round trip, ms");
            let mut usd = price("API Gateway, million requests") + price("Lambda, million requests");
            usd += gigabyte_seconds(ms) * price("Lambda, million GB-s");
            usd += reads * price("DynamoDB, million read units") + writes * price("DynamoDB, million write units");
            usd += assume("Log bytes of a request") / 1e3 * price("CloudWatch Logs, GB");
            if is_list {
                let load = assume("Read units to load the index, for 1,000 customers") * customers / 1e3;
                let of_load = load * price("DynamoDB, million read units")
                    + gigabyte_seconds(processor["loading the index"][size] * slowdown) * price("Lambda, million GB-s");
                usd += of_load / assume("Requests for each cold start");
            }
            line.push(format!("{usd:.2}"));
        }
        costs.push(line);
    }
    let expected: String = costs.iter().map(|line| format!("| {} |\n", line.join(" | "))).collect();
    assert_eq!(table("USD for a million requests"), costs, "it should be\n{expected}");
}
