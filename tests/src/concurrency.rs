//! Many clients at once.

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{K1, K5, Site, ids};

const NEW: &str = "resellerid=5&type=Individual&name=N&mobile=1&email=a@b&zipcode=1&state=G&city=P&street=S";

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_creates_with_one_uniqueid_exactly_one_succeeds() {
    let site = Site::start().await;
    let fields = format!("{NEW}&uniqueid=PAN-7");
    let answers = join_all((0..100).map(|_| site.neucrm("create", (5, K5), &fields))).await;
    let created = answers.iter().filter(|(_, body)| body["result"].is_number()).count();
    let taken = answers.iter().filter(|(_, body)| body["error"] == "uniqueid already exists").count();
    assert_eq!((created, taken), (1, 99));
    let (_, count) = site.neucrm("list", (5, K5), "show_count=1").await;
    assert_eq!(count["result"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_updates_of_one_customer_all_take_effect() {
    let site = Site::start().await;
    for round in 0..10 {
        let (street, city) =
            (format!("customerid=11&street=street {round}"), format!("customerid=11&city=city {round}"));
        let answers = tokio::join!(site.neucrm("update", (5, K5), &street), site.neucrm("update", (1, K1), &city));
        assert_eq!((&answers.0.1["result"], &answers.1.1["result"]), (&json!("done"), &json!("done")));
        let (_, rows) = site.neucrm("list", (5, K5), "customerid=11").await;
        let row = &rows["result"][0];
        assert_eq!(
            (&row["street"], &row["city"]),
            (&json!(format!("street {round}")), &json!(format!("city {round}")))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_shows_what_was_acknowledged_before_it() {
    let site = Site::start().await;
    let client = |client: u32| {
        let site = &site;
        async move {
            for round in 0..8 {
                let fields = format!("{NEW}&surname=c{client}r{round}");
                let (_, created) = site.neucrm("create", (5, K5), &fields).await;
                let id = created["result"].as_u64().unwrap().to_string();
                let shown = site.neucrm("list", (1, K1), &format!("customerid={id}")).await;
                assert_eq!(ids(&shown), [id]);
            }
        }
    };
    join_all((0..6).map(client)).await;
    let (_, count) = site.neucrm("list", (1, K1), "show_count=1").await;
    assert_eq!(count["result"], 4 + 6 * 8);
}
