//! Damage is found by the one and mended by the other, in a database that is served and in one that is not.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use bundle::{demo, project, template::Template};
use runtime::{ClientOptions, dynamodb_client};

fn bundle(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bundle"));
    for name in ["TABLE_NAME", "DYNAMODB_ENDPOINT", "DEFAULT_TENANT"] {
        command.env_remove(name);
    }
    command.args(arguments);
    command
}

/// The exit code, the standard output and the standard error of `bundle`.
fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = bundle(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A `bundle dynamodb`, and its URL.
fn serve(data: &Path) -> (Child, String) {
    let mut command = bundle(&["dynamodb", "--port", "0", "--until-input-ends", "--data"]);
    let mut child = command.arg(data).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let url = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    (child, url)
}

/// Removes a row of shard 0.
async fn drop_a_row(client: &Client, table: &str) {
    let shard = AttributeValue::S(format!("T#{}#L#1#0", demo::TENANT));
    let query = client.query().table_name(table).key_condition_expression("PK = :shard").limit(1);
    let row = query.expression_attribute_values(":shard", shard).send().await.unwrap().items().first().unwrap().clone();
    let delete = client.delete_item().table_name(table).key("PK", row["PK"].clone());
    delete.key("SK", row["SK"].clone()).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_found_and_mended() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().to_str().unwrap();
    let table = Template::read(&project::root().unwrap().join(project::TEMPLATE)).unwrap().table.name;
    let (mut server, url) = serve(directory.path());
    let client = dynamodb_client(&ClientOptions::local(&url));
    demo::load(&client, &table).await.unwrap();
    let in_order = |shards: u32| format!("demo: 500 customers in {shards} shards, all in order\n");
    assert_eq!(run(&["audit", "--endpoint", &url]), (Some(0), in_order(4), String::new()));

    drop_a_row(&client, &table).await;
    let (code, found, error) = run(&["audit", "--endpoint", &url]);
    assert!(code == Some(1) && found.starts_with("demo: shard 0: customer ") && found.ends_with(" has no row\n"));
    assert_eq!(error, "error: demo is damaged; `bundle rebuild` mends a list index\n");

    let (code, _, error) = run(&["rebuild", "--endpoint", &url, "--shards", "6"]);
    assert_eq!(code, Some(1));
    let refused = "a list index of 4 shards can be split into 4 times a whole number, 92 at most, not 6";
    assert_eq!(error, format!("error: {refused}\n"));
    let (code, rebuilt, _) = run(&["rebuild", "--endpoint", &url, "--shards", "8"]);
    assert_eq!(code, Some(0));
    assert!(rebuilt.starts_with("demo: 500 customers in 8 shards, epoch 2, row format "), "{rebuilt}");
    assert!(rebuilt.ends_with("\ndemo: the epoch before was damaged\n"), "{rebuilt}");

    let (code, _, error) = run(&["audit", "--data", data]);
    assert!(code == Some(1) && error.starts_with("error: another bundle uses "), "{error}");
    drop(server.stdin.take());
    server.wait().unwrap();
    assert_eq!(run(&["audit", "--data", data]), (Some(0), in_order(8), String::new()));
    assert_eq!(run(&["rebuild", "--data", data]).0, Some(0));
    let (code, _, error) = run(&["audit", "--data", data, "--tenant", "another"]);
    assert_eq!((code, error.as_str()), (Some(1), "error: the table holds no tenant another\n"));
    let (code, _, error) = run(&["audit", "--data", "no/such/directory"]);
    assert_eq!((code, error.as_str()), (Some(1), "error: there is no database in no/such/directory\n"));
}
