//! The index against a naive filter and sort over whole customers.

mod strategies;

use std::cmp::Ordering;

use proptest::prelude::*;

pub(crate) use strategies::customer;

use super::{Index, Superior};
use crate::{
    domain::{
        Column, Columns, Condition, Customer, CustomerId, Direction, Filter, Identity, ListQuery, Page, Parents,
        Pattern, Profile, Service, Sort, SortKey, TextField, effective_parent, fold,
    },
    protocol::PackedRow,
};
use strategies::{Change, change, changes, condition, page, sort};

fn currency(customer: &Customer) -> String {
    fold(customer.profile.sales.currency.as_deref().unwrap_or("INR"))
}

/// Whether the parents of `id`, who is one of `customers`, lead to `top`.
fn is_in_subtree(customers: &[Customer], id: CustomerId, top: CustomerId, root: Option<CustomerId>) -> bool {
    let find = |id: CustomerId| customers.iter().find(|customer| customer.id == id);
    let above = |id: &CustomerId| effective_parent(*id, find(*id)?.profile.hierarchy.parent, root);
    let mut path = std::iter::successors(Some(id), above).take(customers.len() + 1);
    find(id).is_some() && path.any(|ancestor| ancestor == top)
}

/// What a list is by definition.
fn naive(customers: &[Customer], query: &ListQuery) -> (usize, Vec<CustomerId>) {
    let ListQuery { filter, sort, page } = query;
    let reaches = |parents: &Parents, id: CustomerId| {
        id == parents.top || parents.deep && is_in_subtree(customers, id, parents.top, parents.root)
    };
    let mut fitting: Vec<&Customer> = customers.iter().filter(|customer| filter.admits(customer, reaches)).collect();
    let text = |customer: &Customer, field: TextField| field.values(customer).next().map(|text| fold(&text));
    let by_key = |left: &Customer, right: &Customer| match sort.key {
        SortKey::Id => left.id.cmp(&right.id),
        SortKey::Text(field) => text(left, field).cmp(&text(right, field)),
        SortKey::Created => left.lifecycle.created_at.cmp(&right.lifecycle.created_at),
        SortKey::Updated => left.lifecycle.updated_at.cmp(&right.lifecycle.updated_at),
        SortKey::Active => right.profile.sales.inactive.cmp(&left.profile.sales.inactive),
        SortKey::HasParent => left.profile.hierarchy.parent.is_some().cmp(&right.profile.hierarchy.parent.is_some()),
        SortKey::Currency => currency(left).cmp(&currency(right)),
        SortKey::Rare(field) => field.value(left).cmp(&field.value(right)),
    };
    let directed = |order: Ordering| if sort.direction == Direction::Descending { order.reverse() } else { order };
    fitting.sort_by(|left, right| directed(by_key(left, right)).then(left.id.cmp(&right.id)));
    let ids = fitting.iter().map(|customer| customer.id);
    let shown = ids.skip(page.offset).take(page.limit.unwrap_or(usize::MAX)).collect();
    (fitting.len(), shown)
}

fn put(index: &mut Index, customer: &Customer, sequence: u64) {
    let item = PackedRow::of(customer).unwrap().attributes().unwrap();
    let packed = item["p"].as_b().unwrap().as_ref();
    let PackedRow::Live { id, flags, projection } = PackedRow::read(packed).unwrap() else { panic!("a tombstone") };
    index.upsert(id, sequence, flags, &projection).unwrap();
}

/// The index, and the customers it should hold.
struct World {
    index: Index,
    customers: Vec<Customer>,
    sequence: u64,
}

impl World {
    /// Nobody yet, in an index of these columns.
    fn new(columns: Columns) -> Self {
        Self { index: Index::new(columns), customers: Vec::new(), sequence: 0 }
    }

    fn apply(&mut self, changes: Vec<Change>) {
        for change in changes {
            self.sequence += 1;
            let (Change::Put(Customer { id, .. }) | Change::Remove(id)) = &change;
            self.customers.retain(|customer| customer.id != *id);
            match change {
                Change::Put(customer) => {
                    put(&mut self.index, &customer, self.sequence);
                    self.customers.push(customer);
                }
                Change::Remove(id) => drop(self.index.remove(id, self.sequence).unwrap()),
            }
        }
    }

    fn list(&mut self, query: &ListQuery) -> (usize, Vec<CustomerId>) {
        self.index.set_default_currency("INR");
        let selection = self.index.select(&query.filter);
        let shown = self.index.page(&selection, query.sort, query.page);
        (selection.total(), shown.into_iter().map(|(id, _)| id).collect())
    }
}

proptest! {
    #[test]
    fn a_list_equals_a_naive_filter_and_sort(
        changes in changes(),
        conditions in prop::collection::vec(condition(), 0..3),
        sort in sort(),
        page in page(),
        holds_all: bool,
    ) {
        let query = ListQuery { filter: Filter(conditions), sort, page };
        let needed: Vec<Column> = query.columns().collect();
        let mut world = World::new(if holds_all { Columns::ALL } else { Columns::of(&needed) });
        world.apply(changes);
        prop_assert_eq!(world.list(&query), naive(&world.customers, &query));
    }

    #[test]
    fn kept_orders_and_tables_follow_all_changes(
        first in changes(),
        sorts in prop::collection::vec(sort(), 1..7),
        conditions in prop::collection::vec(condition(), 1..4),
        rounds in prop::collection::vec((prop::collection::vec(change(), 0..6), 0usize..7, 0usize..5, page()), 1..40),
    ) {
        let mut world = World::new(Columns::ALL);
        world.apply(first);
        for (round, (changes, sort, condition, page)) in rounds.into_iter().enumerate() {
            world.apply(changes);
            if round % 10 == 9 {
                world.index.give_up_extras();
                prop_assert!(!world.index.give_up_extras());
            }
            let sort = sorts[sort % sorts.len()];
            let filter = Filter(conditions.get(condition).into_iter().cloned().collect());
            let query = ListQuery { filter, sort, page };
            prop_assert_eq!(world.list(&query), naive(&world.customers, &query));
        }
    }

    #[test]
    fn a_subtree_is_what_parents_lead_to(changes in changes(), top in 1u64..25, root in prop::option::of(1u64..25)) {
        let mut world = World::new(Columns::ALL);
        world.apply(changes);
        let (top, root) = (CustomerId::from(top), root.map(CustomerId::from));
        for id in (1..25).map(CustomerId::from) {
            let expected = is_in_subtree(&world.customers, id, top, root);
            prop_assert_eq!(world.index.is_in_subtree(id, top, root), expected);
        }
    }

    #[test]
    fn a_superior_is_shown_as_it_was_written(changes in changes()) {
        let mut world = World::new(Columns::ALL);
        world.apply(changes);
        for customer in &world.customers {
            let expected = Superior {
                id: customer.id,
                name: customer.profile.identity.name.clone(),
                reference: customer.reference().into_owned(),
                organisation: customer.profile.hierarchy.organisation.clone(),
                is_deleted: customer.is_deleted(),
            };
            prop_assert_eq!(world.index.superior(customer.id), Some(expected));
        }
    }
}

/// Customer `id` after so many changes.
fn customer_at(id: u64, round: u64) -> Customer {
    let profile = Profile {
        identity: Identity { name: format!("Customer {id} of round {round}"), ..Identity::default() },
        services: ["One", "Two"]
            .map(|name| Service { id: 1.into(), username: Some(name.to_owned()), active: true })
            .to_vec(),
        ..Profile::default()
    };
    Customer { profile, ..crate::protocol::testing::customer(id.into()) }
}

#[test]
fn an_arena_is_compacted_and_keeps_its_values() {
    let mut index = Index::new(Columns::ALL);
    for round in 0..200 {
        for id in 1..=20 {
            put(&mut index, &customer_at(id, round), round * 20 + id);
        }
    }
    assert!(index.column(TextField::Name).memory() < 2_000, "old names are let go");
    let filter = Filter(vec![
        Condition::Text(TextField::Name, Pattern::wildcard("customer 7 %199", '%')),
        Condition::Text(TextField::ServiceUsername, Pattern::exact("two")),
    ]);
    let sort = Sort { key: SortKey::Text(TextField::Name), direction: Direction::Ascending };
    let selection = index.select(&filter);
    let page = index.page(&selection, sort, Page { offset: 0, limit: None });
    assert_eq!(page, [(7.into(), 199 * 20 + 7)]);
}

#[test]
fn a_kept_order_takes_four_bytes_for_each_row_and_forgets_changes_that_nobody_asks_for() {
    const ROWS: u64 = 500;
    let mut index = Index::new(Columns::ALL);
    for id in 1..=ROWS {
        put(&mut index, &customer_at(id, 0), id);
    }
    let sort = Sort { key: SortKey::Created, direction: Direction::Ascending };
    let before = index.memory();
    for _ in 0..2 {
        let selection = index.select(&Filter::default());
        index.page(&selection, sort, Page { offset: 0, limit: None });
    }
    assert_eq!(index.memory() - before, usize::try_from(ROWS).unwrap() * 4);
    for sequence in ROWS..ROWS * 3 {
        put(&mut index, &customer_at(1, 0), sequence);
    }
    assert!(index.memory() <= before + usize::try_from(ROWS).unwrap() * 4, "the order and its changes are let go");
}
