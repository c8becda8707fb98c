//! Every dialect's list against a naive model of its rules, on random customers: the dialect's own code, the repository
//! and an embedded DynamoDB on one side, a filter and a sort over whole customers on the other.

mod enswitch;
mod neucrm;
mod smpi;
mod valomnia;

use std::future::Future;

use customers::{
    Address, BillType, Contact, Credential, Customer, CustomerId, CustomerKind, Dialect, Hierarchy, Identity, Link,
    Login, LoginEntry, NewTenant, Profile, Repository, Sales, Scope, Service, Settings, Telephony, TenantId, Timestamp,
    load_tenant,
};
use proptest::{prelude::*, test_runner::TestRunner};
use runtime::{Request, Response};
use serde_json::Value;
use uuid::Uuid;

use crate::harness::{self, Site};

/// Random tenants per dialect.
const TENANTS: u32 = 12;
/// Random lists per tenant.
const LISTS: usize = 25;
/// The moment of every request.
const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);
/// Days that customers are created on.
const FIRST_DAY: i64 = 1_600_000_000 - 1_600_000_000 % 86_400;
const DAY: i64 = 86_400;

/// Short texts of few characters, so that filters hit and orders tie.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!['a', 'A', 'b', 'é', 'É', '_']), 1..4)
        .prop_map(|characters| characters.into_iter().collect())
}

/// One of a few texts, or none.
fn perhaps<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = Option<T>> + use<T> {
    prop::option::of(prop::sample::select(values.to_vec()))
}

prop_compose! {
    fn profile(below: u64)(
        name in text(),
        kind in perhaps(&[CustomerKind::Individual, CustomerKind::Organisation]),
        (account, description, city) in (prop::option::of(text()), prop::option::of(text()), prop::option::of(text())),
        usernames in prop::collection::vec(text(), 0..3),
        parent in prop::option::of(1..below.max(2)),
        (organisation, partner) in (perhaps(&["one".to_owned(), "two".to_owned()]), perhaps(&["p1".to_owned(), "p2".to_owned()])),
        isp in perhaps(&[(2, 5), (2, 6), (3, 7)]),
        bill_type in perhaps(&[BillType::Prepaid, BillType::Postpaid, BillType::None]),
        (directory, inactive) in (any::<bool>(), any::<bool>()),
        category in perhaps(&["home".to_owned(), "jewelry".to_owned()]),
    ) -> Profile {
        Profile {
            identity: Identity { kind, name, account, description, ..Identity::default() },
            contact: Contact::default(),
            address: Address { city, ..Address::default() },
            hierarchy: Hierarchy {
                isp: isp.map(|(isp, _)| isp.into()),
                reseller: isp.map(|(_, reseller)| reseller.into()),
                parent: parent.filter(|_| below > 1).map(Into::into),
                organisation,
                partner,
            },
            telephony: Telephony { bill_type, directory, ..Telephony::default() },
            sales: Sales {
                inactive,
                category: category.map(|reference| Link { id: 1, name: reference.clone(), reference }),
                ..Sales::default()
            },
            services: (1..)
                .zip(usernames)
                .map(|(id, username)| Service { id: u64::into(id), username: Some(username), active: false })
                .collect(),
            ..Profile::default()
        }
    }
}

prop_compose! {
    fn customer(id: u64)(
        profile in profile(id),
        (created, updated) in (0i64..4, 0i64..4),
        seconds in prop::sample::select(vec![0, 1, DAY - 1]),
        deleted in prop::bool::weighted(0.2),
    ) -> Customer {
        let created_at = Timestamp::from_unix_seconds(FIRST_DAY + created * DAY + seconds);
        let mut customer = harness::customer(id, profile, created_at);
        customer.guid = Uuid::from_u128(u128::from(id) * 0x0123_4567_89ab_cdef);
        customer.lifecycle.updated_at = created_at.plus_seconds(updated * DAY);
        customer.lifecycle.deleted_at = (deleted && id > 1).then_some(NOW);
        customer
    }
}

/// Customers 1 to 24; 1 is the root, and each other one's parent has a smaller id.
fn customers() -> impl Strategy<Value = Vec<Customer>> {
    (1..25).map(customer).collect::<Vec<_>>()
}

/// The parent of a customer, the root's for those that were given none.
fn parent_of(customer: &Customer) -> Option<CustomerId> {
    customer.profile.hierarchy.parent.or((customer.id != ROOT.into()).then(|| ROOT.into()))
}

const ROOT: u64 = 1;

fn tenant(id: TenantId, customers: Vec<Customer>, login: LoginEntry) -> NewTenant {
    let settings = Settings {
        isps: [2.into(), 3.into()].into(),
        resellers: [(5.into(), 2.into()), (6.into(), 2.into()), (7.into(), 3.into())].into(),
        root_customer: Some(ROOT.into()),
        default_organisation: Some("one".to_owned()),
        default_partner: Some("p1".to_owned()),
        ..Settings::default()
    };
    NewTenant { id, settings, shards: 2, customers, logins: vec![login] }
}

fn login(dialect: Dialect, identity: &str, scope: Scope, role: &str, credential: Credential) -> LoginEntry {
    let login = Login { roles: [role.to_owned()].into(), ..harness::login("model", scope, credential) };
    LoginEntry { dialect, identity: identity.to_owned(), login }
}

/// The body of an answer.
fn json(response: impl Into<Response>) -> Value {
    serde_json::from_slice(&response.into().body).unwrap()
}

/// Draws a value.
fn draw<T: std::fmt::Debug>(runner: &mut TestRunner, strategy: impl Strategy<Value = T>) -> T {
    use proptest::strategy::ValueTree;
    strategy.new_tree(runner).unwrap().current()
}

/// Loads random tenants and draws random lists of each; `check` sends one and compares.
async fn compare<Q, S, F>(
    logins: impl Fn() -> LoginEntry,
    query: impl Fn() -> S,
    check: impl Fn(Repository, TenantId, Vec<Customer>, Vec<Q>) -> F,
) where
    Q: std::fmt::Debug,
    S: Strategy<Value = Q>,
    F: Future<Output = ()>,
{
    let site = Site::empty().await;
    let mut runner = TestRunner::deterministic();
    for number in 0..TENANTS {
        let id: TenantId = format!("model-{number}").parse().unwrap();
        let customers = draw(&mut runner, customers());
        load_tenant(&*site.operator_store(), &tenant(id.clone(), customers.clone(), logins())).await.unwrap();
        let queries = (0..LISTS).map(|_| draw(&mut runner, query())).collect();
        check(Repository::new(site.store()), id, customers, queries).await;
    }
    site.stack.stop().await;
}

/// A request at the models' moment.
fn request(method: runtime::Method, path: &str, query: &str) -> Request {
    Request { query: query.to_owned(), received_at: NOW, ..Request::new(method, path) }
}

/// Whether `text` fits `pattern`, in which `any` stands for any run of characters; both in lower case.
fn fits(pattern: &str, any: char, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some(first) if first == any => {
            let rest = &pattern[any.len_utf8()..];
            (0..=text.len()).filter(|start| text.is_char_boundary(*start)).any(|start| fits(rest, any, &text[start..]))
        }
        Some(first) => text.strip_prefix(first).is_some_and(|rest| fits(&pattern[first.len_utf8()..], any, rest)),
    }
}

/// A text with a wildcard or two.
fn pattern(any: char) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!['a', 'B', 'É', '_', any, any]), 1..4)
        .prop_map(|characters| characters.into_iter().collect())
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
