//! What a reader makes of rows and heads that do not belong together.

use crate::{
    domain::{Columns, CustomerId},
    fault::Fault,
    protocol::{
        Head, PackedRow, keys,
        refresh::{Replica, Stop},
        safeguard::Safeguard,
        term,
        testing::{SimulatedTable, customer, tenant},
    },
    store::Store,
};

/// Three rows whose terms add up to the term of a fourth.
const COLLIDING: [(u64, u64); 3] = [(1_756_217, 1), (1_660_039, 2), (2_269_759, 3)];
const COLLIDES_WITH: (u64, u64) = (12_805, 4);

fn put_row(table: &SimulatedTable, id: u64, sequence: u64) {
    let row = PackedRow::of(&customer(id.into())).unwrap().attributes().unwrap();
    table.put(keys::row(&partition(), sequence), row);
}

fn put_head(table: &SimulatedTable, head: Head) {
    table.put(keys::head(&partition()), head.attributes());
}

fn partition() -> String {
    keys::shard(&tenant().id, 1, 0)
}

/// A table that shows three rows under the head of another one.
fn colliding_table() -> SimulatedTable {
    let table = SimulatedTable::new();
    for (id, sequence) in COLLIDING {
        put_row(&table, id, sequence);
    }
    let (id, sequence) = COLLIDES_WITH;
    let head = Head { sequence, count: 1, hash: term(CustomerId::from(id), sequence), closed: false };
    let sum = COLLIDING.iter().fold(0, |sum: u64, (id, sequence)| sum.wrapping_add(term((*id).into(), *sequence)));
    assert_eq!(sum, head.hash);
    put_head(&table, head);
    table
}

#[tokio::test]
async fn rows_whose_hash_collides_are_told_apart_by_their_number() {
    let outcome = Replica::new(&tenant(), Columns::ALL).refresh(&colliding_table(), &tenant(), &|_| Ok(())).await;
    assert!(matches!(outcome, Err(Stop::Fault(Fault::Unverified))));
}

#[tokio::test]
async fn without_the_count_a_wrong_state_is_accepted() {
    Safeguard::Count.switch_off();
    let mut replica = Replica::new(&tenant(), Columns::ALL);
    assert!(replica.refresh(&colliding_table(), &tenant(), &|_| Ok(())).await.is_ok());
    assert_eq!(replica.index.rows().count(), 3, "the head speaks of one row");
}

#[tokio::test]
async fn a_lost_row_is_never_passed_over_and_found_again_once_it_is_back() {
    let table = SimulatedTable::new();
    let head = (1..=5).fold(Head::default(), |head, id| {
        put_row(&table, id, head.sequence + 1);
        head.advanced(CustomerId::from(id), None)
    });
    put_head(&table, head);
    let lost = keys::row(&partition(), 3);
    table.remove(&lost);
    let mut replica = Replica::new(&tenant(), Columns::ALL).with_page_rows(2);
    assert!(matches!(replica.refresh(&table, &tenant(), &|_| Ok(())).await, Err(Stop::Fault(Fault::Unverified))));
    assert!(table.meter().usage().reloads > 0, "after some misses it reads from the beginning");
    put_row(&table, 3, 3);
    assert!(replica.refresh(&table, &tenant(), &|_| Ok(())).await.is_ok());
    assert_eq!(replica.index.rows().count(), 5);
}

#[tokio::test]
async fn a_load_that_breaks_off_goes_on_where_it_was() {
    let table = SimulatedTable::new();
    let mut head = Head::default();
    let mut add_rows = |ids: std::ops::Range<u64>| {
        for id in ids {
            put_row(&table, id, head.sequence + 1);
            head = head.advanced(id.into(), None);
        }
        put_head(&table, head);
    };
    let mut replica = Replica::new(&tenant(), Columns::ALL).with_page_rows(2);
    for (what, rows, read) in [("a first load", 1..10, 9), ("a load of much that changed", 10..19, 18)] {
        add_rows(rows);
        *table.queries_until_failure.lock().unwrap() = Some(2);
        assert!(
            matches!(replica.refresh(&table, &tenant(), &|_| Ok(())).await, Err(Stop::Fault(Fault::Unavailable(_)))),
            "{what}"
        );
        assert!(replica.refresh(&table, &tenant(), &|_| Ok(())).await.is_ok(), "{what}");
        assert_eq!(table.meter().usage().rows, read, "{what} reads no row twice");
    }
}

#[tokio::test]
async fn a_tombstone_removes_its_customer() {
    let table = SimulatedTable::new();
    put_row(&table, 1, 1);
    put_row(&table, 2, 2);
    let head = Head::default().advanced(1.into(), None).advanced(2.into(), None);
    put_head(&table, head);
    let mut replica = Replica::new(&tenant(), Columns::ALL);
    assert!(replica.refresh(&table, &tenant(), &|_| Ok(())).await.is_ok());
    table.remove(&keys::row(&partition(), 1));
    let tombstone = PackedRow::Tombstone { id: 1.into() };
    table.put(keys::row(&partition(), 3), tombstone.attributes().unwrap());
    put_head(&table, Head { sequence: 3, count: 1, hash: head.hash.wrapping_sub(term(1.into(), 1)), closed: false });
    assert!(replica.refresh(&table, &tenant(), &|_| Ok(())).await.is_ok());
    assert_eq!(replica.index.rows().collect::<Vec<_>>(), [(CustomerId::from(2), 2)]);
}

#[tokio::test]
async fn a_closed_head_sends_the_reader_back_to_the_tenant() {
    let table = SimulatedTable::new();
    let mut closed = Head::default().advanced(1.into(), None).attributes();
    closed.insert("closed".to_owned(), aws_sdk_dynamodb::types::AttributeValue::Bool(true));
    table.put(keys::head(&partition()), closed);
    assert!(matches!(
        Replica::new(&tenant(), Columns::ALL).refresh(&table, &tenant(), &|_| Ok(())).await,
        Err(Stop::Closed)
    ));
}

#[tokio::test]
async fn a_row_of_an_unknown_format_is_refused() {
    let table = SimulatedTable::new();
    let row = aws_sdk_dynamodb::types::AttributeValue::B(aws_sdk_dynamodb::primitives::Blob::new([250, 0, 1]));
    table.put(keys::row(&partition(), 1), [("p".to_owned(), row)].into());
    put_head(&table, Head::default().advanced(1.into(), None));
    let outcome = Replica::new(&tenant(), Columns::ALL).refresh(&table, &tenant(), &|_| Ok(())).await;
    assert!(matches!(outcome, Err(Stop::Fault(Fault::UnknownFormat(250)))));
}

#[tokio::test]
async fn an_unchanged_shard_costs_one_query_and_a_replica_reads_only_what_changed() {
    let table = SimulatedTable::new();
    let mut head = Head::default();
    for id in 1..=50 {
        put_row(&table, id, head.sequence + 1);
        head = head.advanced(id.into(), None);
    }
    put_head(&table, head);
    let mut replica = Replica::new(&tenant(), Columns::ALL);
    assert!(replica.refresh(&table, &tenant(), &|_| Ok(())).await.is_ok());
    let loaded = table.meter().usage();
    assert_eq!(loaded.rows, 50);
    assert!(replica.refresh(&table, &tenant(), &|_| Ok(())).await.is_ok());
    assert_eq!(table.meter().usage().rows, 50);
    put_row(&table, 51, 51);
    put_head(&table, head.advanced(51.into(), None));
    assert!(replica.refresh(&table, &tenant(), &|_| Ok(())).await.is_ok());
    assert_eq!(table.meter().usage().rows, 51);
}

#[tokio::test]
async fn a_shard_that_never_had_a_row_costs_no_query() {
    let table = SimulatedTable::new();
    put_head(&table, Head::default());
    *table.queries_until_failure.lock().unwrap() = Some(0);
    let mut replica = Replica::new(&tenant(), Columns::ALL);
    assert!(replica.refresh(&table, &tenant(), &|_| Ok(())).await.is_ok());
    *table.queries_until_failure.lock().unwrap() = None;
    put_row(&table, 1, 1);
    put_head(&table, Head::default().advanced(1.into(), None));
    assert!(replica.refresh(&table, &tenant(), &|_| Ok(())).await.is_ok());
    assert_eq!(replica.index.rows().count(), 1);
}
