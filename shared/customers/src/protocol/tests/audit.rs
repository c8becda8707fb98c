//! What an audit finds, and that a rebuild mends the list index.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};

use super::rebuild::{partition, rebuild, rename, repository, rows, table};
use crate::{
    domain::{Columns, Unique},
    protocol::{Damage, audit_tenant, keys, testing::SimulatedTable, testing::tenant},
    store::Key,
};

async fn audit(table: &SimulatedTable) -> Vec<Damage> {
    audit_tenant(table, &tenant().id).await.unwrap().damage
}

fn number(number: &str) -> AttributeValue {
    AttributeValue::N(number.to_owned())
}

/// Changes one attribute behind the protocol's back.
fn set(table: &SimulatedTable, key: &Key, attribute: &str, value: AttributeValue) {
    let mut item = table.items(|other| other == key).remove(0).1;
    item.insert(attribute.to_owned(), value);
    table.put(key.clone(), item);
}

#[tokio::test(start_paused = true)]
async fn each_damage_of_the_index_is_found_and_mended_by_a_rebuild() {
    type Harm = fn(&SimulatedTable);
    const HEAD: Damage = Damage::Head { shard: 0 };
    let document = || keys::document(&tenant().id, 2.into());
    let cases: [(&str, Harm, Vec<Damage>); 8] = [
        ("nothing", |_| {}, vec![]),
        (
            "a dropped row",
            |table| table.remove(&keys::row(&partition(1), 2)),
            vec![Damage::NoRow { shard: 0, id: 2.into() }],
        ),
        ("a corrupted head", |table| set(table, &keys::head(&partition(1)), "h", number("7")), vec![HEAD]),
        ("a lost head", |table| table.remove(&keys::head(&partition(1))), {
            let rows = (1..=3).map(|id: u64| Damage::NoRow { shard: 0, id: id.into() });
            std::iter::once(HEAD).chain(rows).collect()
        }),
        (
            "a document of another number",
            |table| set(table, &keys::document(&tenant().id, 2.into()), "q", number("9")),
            vec![HEAD, Damage::OtherRow { shard: 0, id: 2.into() }],
        ),
        (
            "a document changed outside a transaction",
            |table| {
                let other = table.items(|key| *key == keys::document(&tenant().id, 1.into())).remove(0).1;
                let mut profile = other["profile"].clone();
                if let AttributeValue::M(groups) = &mut profile
                    && let Some(AttributeValue::M(identity)) = groups.get_mut("identity")
                {
                    identity.insert("name".to_owned(), AttributeValue::S("another".to_owned()));
                }
                set(table, &keys::document(&tenant().id, 1.into()), "profile", profile);
            },
            vec![Damage::OtherRow { shard: 0, id: 1.into() }],
        ),
        (
            "a row that was not removed",
            |table| {
                let (_, row) = rows(table, 1).pop().unwrap();
                table.put(keys::row(&partition(1), 1), row);
            },
            vec![Damage::SupersededRow { shard: 0, sequence: 1 }],
        ),
        (
            "a row that cannot be read",
            |table| set(table, &keys::row(&partition(1), 3), "p", AttributeValue::B(Blob::new([9]))),
            vec![
                Damage::NoRow { shard: 0, id: 3.into() },
                Damage::UnreadableRow { shard: 0, sort: "000000000003".to_owned() },
            ],
        ),
    ];
    for (what, harm, expected) in cases {
        let table = table(&["a", "b", "c"]).await;
        rename(&repository(&table), 1, "d").await;
        harm(&table);
        assert_eq!(audit(&table).await, expected, "{what}");
        let rebuilt = rebuild(&table, None).await.unwrap();
        assert_eq!(rebuilt.customers, 3, "{what}");
        assert_eq!(audit(&table).await, [], "{what}, mended");
        let process = repository(&table);
        let directory = process.directory(&tenant().id, "request");
        assert_eq!(directory.view(Columns::ALL).await.unwrap().index().unwrap().rows().count(), 3, "{what}");
    }
    let table = table(&["a", "b", "c"]).await;
    table.remove(&document());
    assert_eq!(audit(&table).await[..2], [HEAD, Damage::NoDocument { shard: 0, id: 2.into() }]);
}

#[tokio::test(start_paused = true)]
async fn a_document_that_cannot_be_read_is_named_and_stops_a_rebuild() {
    let table = table(&["a", "b"]).await;
    set(&table, &keys::document(&tenant().id, 2.into()), "profile", number("1"));
    let damage = audit(&table).await;
    assert!(damage.contains(&Damage::UnreadableDocument { id: 2.into() }), "{damage:?}");
    assert!(rebuild(&table, None).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn guards_belong_to_the_customers_that_have_the_values() {
    let guard = |name: &str| keys::guard(&tenant().id, Unique::UniqueId, &format!("0#id of {name}"));
    let table = table(&["a", "b", "c"]).await;
    assert_eq!(audit(&table).await, []);
    table.remove(&guard("a"));
    set(&table, &guard("b"), "owner", number("3"));
    set(&table, &guard("c"), "owner", number("77"));
    let unguarded = [1, 2, 3].map(|id: u64| Damage::Unguarded { id: id.into() });
    let idle = [3, 77].map(|id: u64| Damage::IdleGuard { id: id.into() });
    let damage = audit(&table).await;
    assert!(unguarded.iter().chain(&idle).all(|expected| damage.contains(expected)), "{damage:?}");
    assert_eq!(damage.len(), 5);
}
