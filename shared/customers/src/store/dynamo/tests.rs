//! The store against answers that DynamoDB gives and no emulator does.

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region},
};
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use aws_smithy_types::body::SdkBody;

use super::*;
use crate::protocol::{Head, PackedRow};

/// A store that gets `answers` one after the other.
fn store(answers: &[&str]) -> (DynamoStore, StaticReplayClient) {
    let event = |answer: &&str| {
        let response = http::Response::builder().status(200).body(SdkBody::from(*answer)).unwrap();
        ReplayEvent::new(http::Request::new(SdkBody::empty()), response)
    };
    let replay = StaticReplayClient::new(answers.iter().map(event).collect());
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
        .http_client(replay.clone());
    (DynamoStore::new(Client::from_conf(config.build()), "t".to_owned()), replay)
}

fn key(partition: &str) -> Key {
    Key { partition: partition.to_owned(), sort: "D".to_owned() }
}

fn partitions(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item["PK"].as_s().unwrap().as_str()).collect()
}

const BOTH_LEFT: &str = r#"{"Responses":{"t":[]},"UnprocessedKeys":{"t":{"ConsistentRead":true,
    "Keys":[{"PK":{"S":"a"},"SK":{"S":"D"}},{"PK":{"S":"b"},"SK":{"S":"D"}}]}}}"#;

#[tokio::test(start_paused = true)]
async fn keys_that_a_batch_did_not_get_to_are_asked_for_again() {
    let (store, replay) = store(&[
        r#"{"ConsumedCapacity":[{"TableName":"t","CapacityUnits":1.0}],
            "Responses":{"t":[{"PK":{"S":"a"},"SK":{"S":"D"}}]},
            "UnprocessedKeys":{"t":{"ConsistentRead":true,"Keys":[{"PK":{"S":"b"},"SK":{"S":"D"}}]}}}"#,
        r#"{"ConsumedCapacity":[{"TableName":"t","CapacityUnits":1.5}],
            "Responses":{"t":[{"PK":{"S":"b"},"SK":{"S":"D"}}]},"UnprocessedKeys":{}}"#,
    ]);
    let found = store.get_many(&[key("a"), key("b")]).await.unwrap();
    assert_eq!(partitions(&found), ["a", "b"]);
    let asked: Vec<serde_json::Value> = replay
        .actual_requests()
        .map(|request| serde_json::from_slice(request.body().bytes().unwrap()).unwrap())
        .collect();
    let keys = |request: &serde_json::Value| request["RequestItems"]["t"]["Keys"].clone();
    assert_eq!(keys(&asked[1]), serde_json::json!([{ "PK": { "S": "b" }, "SK": { "S": "D" } }]));
    assert!(asked.iter().all(|request| request["RequestItems"]["t"]["ConsistentRead"] == true));
    let usage = store.meter().usage();
    assert_eq!((asked.len(), usage.calls, usage.read_units), (2, 2, 2.5));
}

#[tokio::test(start_paused = true)]
async fn keys_that_no_batch_gets_to_are_given_up_in_the_end() {
    let attempts = usize::try_from(BATCH_ATTEMPTS).unwrap();
    let (store, replay) = store(&vec![BOTH_LEFT; attempts + 1]);
    let found = store.get_many(&[key("a"), key("b")]).await;
    assert!(matches!(found, Err(StoreError::Unavailable(_))));
    assert_eq!(replay.actual_requests().count(), attempts);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_read_is_no_answer() {
    let (store, _) = store(&[r#"{"Responses":{"t":[{"PK":{"S":"Some Name"}"#; 3]);
    let Err(StoreError::Unavailable(cause)) = store.get_many(&[key("a")]).await else { panic!("it was read") };
    let told = format!("{cause:?}");
    assert!(!told.contains("Some Name"), "{told}");
}

#[test]
fn a_list_index_is_read_with_all_its_attributes() {
    let head = Head { sequence: 1, count: 1, hash: 1, closed: true }.attributes();
    let row = PackedRow::Tombstone { id: 1.into() }.attributes().unwrap();
    let read: Vec<_> = LIST_INDEX.split(", ").collect();
    for name in head.keys().chain(row.keys()).map(String::as_str).chain([SORT]) {
        assert!(read.contains(&name), "{name}");
    }
}
