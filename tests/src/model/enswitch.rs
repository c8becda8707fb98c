use customers::{BillType, Credential, Customer, CustomerId, Dialect, Repository, Scope, TenantId};
use proptest::prelude::*;
use runtime::Method;
use serde_json::json;

use super::{ROOT, compare, encoded, json, login, parent_of, perhaps, request, text};

/// Whose subtree the caller sees.
const TOP: u64 = 2;

#[derive(Debug, Clone)]
struct Query {
    parent: Option<u64>,
    recursive: Option<bool>,
    deleted: Option<i64>,
    directory: Option<i64>,
    bill_type: Option<&'static str>,
    name: Option<String>,
    sort: Option<&'static str>,
    descending: bool,
    offset: usize,
    limit: usize,
    count: bool,
}

prop_compose! {
    fn query()(
        parent in prop::option::weighted(0.3, 1u64..26),
        recursive in perhaps(&[true, false]),
        deleted in perhaps(&[-1, 0, 1]),
        directory in perhaps(&[-1, 0, 1]),
        bill_type in prop::option::weighted(0.2, prop::sample::select(vec!["prepaid", "postpaid", "none", "external"])),
        name in prop::option::weighted(0.3, text()),
        sort in perhaps(&["account", "description", "name"]),
        descending in any::<bool>(),
        offset in 0usize..6,
        limit in 0usize..8,
        count in prop::bool::weighted(0.2),
    ) -> Query {
        Query { parent, recursive, deleted, directory, bill_type, name, sort, descending, offset, limit, count }
    }
}

impl Query {
    fn text(&self) -> String {
        let number = |name: &str, value: Option<i64>| value.map(|value| format!(";{name}={value}")).unwrap_or_default();
        let word = |name: &str, value: Option<&str>| {
            value.map(|value| format!(";{name}={}", encoded(value))).unwrap_or_default()
        };
        [
            "auth_username=user;auth_password=password".to_owned(),
            number("parent", self.parent.map(|id| id.try_into().unwrap())),
            number("recursive", self.recursive.map(i64::from)),
            number("deleted", self.deleted),
            number("directory", self.directory),
            word("bill_type", self.bill_type),
            word("name", self.name.as_deref()),
            word("sort", self.sort),
            format!(";descending={};offset={};limit={}", u8::from(self.descending), self.offset, self.limit),
            number("count", self.count.then_some(1)),
        ]
        .concat()
    }

    /// The ids that the rules give, before paging; none where the parent is not the caller's to ask for.
    fn expected(&self, customers: &[Customer]) -> Option<Vec<CustomerId>> {
        let path_to_root = |id: CustomerId| {
            std::iter::successors(Some(id), |id| parent_of(customers.iter().find(|customer| customer.id == *id)?))
        };
        let is_at_or_below = |id: CustomerId, top: u64| path_to_root(id).any(|ancestor| ancestor == top.into());
        let parent = self.parent.unwrap_or(TOP);
        if !customers.iter().any(|customer| customer.id == parent.into()) || !is_at_or_below(parent.into(), TOP) {
            return None;
        }
        let recursive = self.recursive == Some(true) && !self.count;
        let mut found: Vec<&Customer> = customers
            .iter()
            .filter(|customer| match parent_of(customer) {
                Some(above) if recursive => is_at_or_below(above, parent),
                above => above == Some(parent.into()),
            })
            .filter(|customer| match self.deleted.unwrap_or(0) {
                -1 => true,
                deleted => customer.is_deleted() == (deleted == 1),
            })
            .filter(|customer| match self.directory.unwrap_or(0) {
                -1 => true,
                directory => customer.profile.telephony.directory == (directory == 1),
            })
            .filter(|customer| {
                self.bill_type.is_none_or(|bill_type| word(customer.profile.telephony.bill_type) == bill_type)
            })
            .filter(|customer| {
                let name = customer.profile.identity.name.to_lowercase();
                self.name.as_deref().is_none_or(|part| name.contains(&part.to_lowercase()))
            })
            .collect();
        let key = |customer: &Customer| {
            let identity = &customer.profile.identity;
            let text = match self.sort {
                Some("account") => identity.account.clone(),
                Some("description") => identity.description.clone(),
                _ => Some(identity.name.clone()),
            };
            text.unwrap_or_default().to_lowercase()
        };
        found.sort_by(|left, right| {
            let order = key(left).cmp(&key(right));
            let order = if self.descending { order.reverse() } else { order };
            order.then(left.id.cmp(&right.id))
        });
        Some(found.iter().map(|customer| customer.id).collect())
    }
}

fn word(bill_type: Option<BillType>) -> &'static str {
    match bill_type {
        Some(BillType::Prepaid) => "prepaid",
        Some(BillType::Postpaid) => "postpaid",
        Some(BillType::None) => "none",
        _ => "",
    }
}

async fn check(repository: Repository, tenant: TenantId, customers: Vec<Customer>, queries: Vec<Query>) {
    assert_ne!(TOP, ROOT);
    for query in queries {
        let request = request(Method::GET, "/api/json/customers/list/", &query.text());
        let directory = repository.directory(&tenant, "model");
        let answer = match enswitch::list(&directory, &request).await {
            Ok(answer) => json(answer),
            Err(refusal) => json(refusal),
        };
        let code = answer["responses"][0]["code"].as_str().unwrap();
        let Some(expected) = query.expected(&customers) else {
            assert_eq!((code, &answer["responses"][0]["key"]), ("400", &json!("parent")), "{query:?}");
            continue;
        };
        assert_eq!(code, "200", "{query:?}: {answer}");
        if query.count {
            assert_eq!(answer["data"], json!({ "count": expected.len() }), "{query:?}");
            continue;
        }
        let limit = if query.limit == 0 { usize::MAX } else { query.limit };
        let page: Vec<u64> = expected.iter().skip(query.offset).take(limit).map(|id| id.get()).collect();
        let shown: Vec<u64> =
            answer["data"].as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect();
        assert_eq!(shown, page, "{query:?}");
    }
}

#[tokio::test]
async fn a_list_follows_the_rules() {
    let password = || Credential::password("password").unwrap();
    let caller = || login(Dialect::Enswitch, "user", Scope::Subtree(TOP.into()), "commerce", password());
    compare(caller, query, check).await;
}
