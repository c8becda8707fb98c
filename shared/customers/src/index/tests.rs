//! The index against a naive filter and sort over whole customers.

use std::cmp::Ordering;

use proptest::prelude::*;
use uuid::Uuid;

use super::Index;
use crate::{
    domain::{
        Address, Condition, Contact, Customer, CustomerId, CustomerKind, Direction, Filter, Hierarchy, Identity,
        Lifecycle, Page, Pattern, Profile, Service, ServiceId, Sort, SortKey, TextField, Timestamp, fold,
    },
    protocol::{PackedRow, Projection},
};

/// Short texts of few characters, so that filters hit and orders tie; İ grows when it is lowered.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!['a', 'A', 'b', 'é', 'É', '%', '_', 'İ', 'ß', ' ']), 0..4)
        .prop_map(|characters| characters.into_iter().collect())
}

fn kind() -> impl Strategy<Value = CustomerKind> {
    prop::sample::select(vec![CustomerKind::Individual, CustomerKind::Organisation])
}

prop_compose! {
    fn customer()(
        id in 1u64..25,
        (name, mobile, email) in (text(), prop::option::of(text()), prop::option::of(text())),
        (postal_code, state, city) in (prop::option::of(text()), prop::option::of(text()), prop::option::of(text())),
        isp in prop::option::of(1u64..3),
        reseller in prop::option::of(1u64..4),
        kind in prop::option::of(kind()),
        services in prop::collection::vec((1u64..5, prop::option::of(text())), 0..3),
        created_at in -3i64..4,
        deleted in any::<bool>(),
    ) -> Customer {
        let created_at = Timestamp::from_unix_seconds(created_at);
        Customer {
            id: id.into(),
            guid: Uuid::nil(),
            eid: Uuid::nil(),
            profile: Profile {
                identity: Identity { kind, name, ..Identity::default() },
                contact: Contact { mobile, email },
                address: Address { postal_code, state, city, ..Address::default() },
                hierarchy: Hierarchy { isp: isp.map(Into::into), reseller: reseller.map(Into::into) },
                services: services
                    .into_iter()
                    .map(|(id, username)| Service { id: id.into(), username, active: false })
                    .collect(),
                ..Profile::default()
            },
            lifecycle: Lifecycle {
                created_at,
                updated_at: created_at,
                created_by: String::new(),
                updated_by: String::new(),
                deleted_at: deleted.then_some(created_at),
            },
        }
    }
}

#[derive(Debug, Clone)]
enum Change {
    Put(Customer),
    Remove(CustomerId),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        4 => customer().prop_map(Change::Put),
        1 => (1u64..25).prop_map(|id| Change::Remove(id.into())),
    ];
    prop::collection::vec(change, 0..80)
}

fn condition() -> impl Strategy<Value = Condition> {
    let field = prop::sample::select(TextField::ALL.to_vec());
    let pattern = prop_oneof![
        text().prop_map(|text| Pattern::exact(&text)),
        text().prop_map(|text| Pattern::contains(&text)),
        text().prop_map(|text| Pattern::wildcard(&text, '%')),
    ];
    prop_oneof![
        5 => (field, pattern).prop_map(|(field, pattern)| Condition::Text(field, pattern)),
        1 => (1u64..25).prop_map(|id| Condition::Id(id.into())),
        1 => (1u64..3).prop_map(|id| Condition::Isp(id.into())),
        1 => (1u64..4).prop_map(|id| Condition::Reseller(id.into())),
        1 => (1u64..5).prop_map(|id| Condition::Service(id.into())),
        1 => kind().prop_map(Condition::Kind),
        1 => (-3i64..4).prop_map(|moment| Condition::CreatedFrom(Timestamp::from_unix_seconds(moment))),
        1 => (-3i64..4).prop_map(|moment| Condition::CreatedBefore(Timestamp::from_unix_seconds(moment))),
        1 => any::<bool>().prop_map(Condition::Deleted),
    ]
}

fn sort() -> impl Strategy<Value = Sort> {
    let key = prop::sample::select(vec![SortKey::Id, SortKey::Name, SortKey::Mobile, SortKey::Email]);
    let direction = prop::sample::select(vec![Direction::Ascending, Direction::Descending]);
    (key, direction).prop_map(|(key, direction)| Sort { key, direction })
}

fn page() -> impl Strategy<Value = Page> {
    (0usize..30, prop::option::of(0usize..12)).prop_map(|(offset, limit)| Page { offset, limit })
}

/// What a list is by definition.
fn naive(customers: &[Customer], filter: &Filter, sort: Sort, page: Page) -> (usize, Vec<CustomerId>) {
    let mut fitting: Vec<&Customer> = customers.iter().filter(|customer| filter.admits(customer)).collect();
    let text = |customer: &Customer, field: TextField| field.values(customer).next().map(fold).unwrap_or_default();
    let by_key = |left: &Customer, right: &Customer| match sort.key {
        SortKey::Id => left.id.cmp(&right.id),
        SortKey::Name => text(left, TextField::Name).cmp(&text(right, TextField::Name)),
        SortKey::Mobile => text(left, TextField::Mobile).cmp(&text(right, TextField::Mobile)),
        SortKey::Email => text(left, TextField::Email).cmp(&text(right, TextField::Email)),
    };
    let directed = |order: Ordering| if sort.direction == Direction::Descending { order.reverse() } else { order };
    fitting.sort_by(|left, right| directed(by_key(left, right)).then(left.id.cmp(&right.id)));
    let ids = fitting.iter().map(|customer| customer.id);
    let shown = ids.skip(page.offset).take(page.limit.unwrap_or(usize::MAX)).collect();
    (fitting.len(), shown)
}

proptest! {
    #[test]
    fn a_list_equals_a_naive_filter_and_sort(
        changes in changes(),
        conditions in prop::collection::vec(condition(), 0..3),
        sort in sort(),
        page in page(),
    ) {
        let mut index = Index::default();
        let mut customers: Vec<Customer> = Vec::new();
        for (sequence, change) in (1..).zip(changes) {
            let (Change::Put(Customer { id, .. }) | Change::Remove(id)) = &change;
            customers.retain(|customer| customer.id != *id);
            match change {
                Change::Put(customer) => {
                    let item = PackedRow::of(&customer).attributes().unwrap();
                    let PackedRow::Live { id, deleted, projection } = PackedRow::read(&item).unwrap() else { panic!() };
                    index.upsert(id, sequence, deleted, &projection);
                    customers.push(customer);
                }
                Change::Remove(id) => index.remove(id),
            }
        }
        let filter = Filter(conditions);
        let selection = index.select(&filter);
        let shown: Vec<CustomerId> = selection.page(sort, page).into_iter().map(|(id, _)| id).collect();
        prop_assert_eq!((selection.total(), shown), naive(&customers, &filter, sort, page));
    }
}

#[test]
fn an_arena_is_compacted_and_keeps_its_values() {
    let mut index = Index::default();
    let row = |name: String| Projection {
        guid: [0; 16],
        isp: None,
        reseller: None,
        kind: None,
        created_at: 0,
        name: name.into(),
        mobile: None,
        email: None,
        postal_code: None,
        state: None,
        city: None,
        services: vec![(ServiceId::from(1), Some("one".into())), (ServiceId::from(2), Some("two".into()))],
    };
    for round in 0..200 {
        for id in 1..=20 {
            index.upsert(id.into(), round * 20 + id, false, &row(format!("customer {id} of round {round}")));
        }
    }
    assert!(index.column(TextField::Name).arena_length() < 20_000, "old names are let go");
    let filter = Filter(vec![
        Condition::Text(TextField::Name, Pattern::wildcard("customer 7 %199", '%')),
        Condition::Text(TextField::ServiceUsername, Pattern::exact("two")),
    ]);
    let sort = Sort { key: SortKey::Name, direction: Direction::Ascending };
    let page = index.select(&filter).page(sort, Page { offset: 0, limit: None });
    assert_eq!(page, [(7.into(), 199 * 20 + 7)]);
}
