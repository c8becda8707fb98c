use std::cmp::Ordering;

use customers::{Credential, Customer, CustomerId, Dialect, Repository, Scope, TenantId, Timestamp};
use proptest::prelude::*;
use runtime::Method;
use serde_json::json;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{DAY, FIRST_DAY, NOW, compare, encoded, fits, json, login, pattern, perhaps, request};

const EMAIL: &str = "model@one.example";

#[derive(Debug, Clone)]
struct Query {
    name: Option<String>,
    reference: Option<String>,
    category: Option<String>,
    active: Option<bool>,
    created: Option<(&'static str, i64)>,
    updated: Option<(&'static str, i64)>,
    sort: Option<&'static str>,
    descending: bool,
    offset: usize,
    max: Option<usize>,
}

/// A comparison with the beginning of a day.
fn comparison() -> impl Strategy<Value = (&'static str, i64)> {
    (prop::sample::select(vec!["gt", "gte", "lt", "lte"]), 0i64..5)
}

prop_compose! {
    fn query()(
        name in prop::option::weighted(0.3, pattern('*')),
        reference in perhaps(&["C-*", "*-1*", "c-7", "*5", "X*"]),
        category in perhaps(&["jewelry", "HOME", "*e*", "h*"]),
        active in perhaps(&[true, false]),
        created in prop::option::weighted(0.3, comparison()),
        updated in prop::option::weighted(0.3, comparison()),
        sort in perhaps(&["id", "name", "reference", "categoryReference", "city", "isActive", "isSubCustomer", "lastUpdated", "dateCreated"]),
        descending in any::<bool>(),
        offset in 0usize..6,
        max in prop::option::of(1usize..8),
    ) -> Query {
        let (reference, category) = (reference.map(str::to_owned), category.map(str::to_owned));
        let rare = |filter: Option<String>| filter.filter(|_| offset % 2 == 0);
        Query { name, reference: rare(reference), category: rare(category), active, created, updated, sort, descending, offset, max }
    }
}

impl Query {
    fn text(&self) -> String {
        let word =
            |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name}={}", encoded(value)));
        let date = |name: &str, comparison: Option<(&str, i64)>| {
            let moment = |day: i64| OffsetDateTime::from_unix_timestamp(FIRST_DAY + day * DAY).unwrap();
            comparison.map(|(kind, day)| format!("{name}_{kind}={}", moment(day).format(&Rfc3339).unwrap()))
        };
        let parameters = [
            word("name", &self.name),
            word("reference", &self.reference),
            word("categoryReference", &self.category),
            self.active.map(|active| format!("isActive={active}")),
            date("dateCreated", self.created),
            date("lastUpdated", self.updated),
            self.sort.map(|sort| format!("sort={sort}")),
            self.descending.then(|| "order=DESC".to_owned()),
            Some(format!("offset={}", self.offset)),
            self.max.map(|max| format!("max={max}")),
        ];
        parameters.into_iter().flatten().collect::<Vec<_>>().join("&")
    }

    fn expected(&self, customers: &[Customer]) -> Vec<CustomerId> {
        let is_like = |pattern: &Option<String>, text: Option<&str>| {
            pattern
                .as_ref()
                .is_none_or(|pattern| text.is_some_and(|text| fits(&pattern.to_lowercase(), '*', &text.to_lowercase())))
        };
        let compares = |comparison: Option<(&str, i64)>, moment: Timestamp| {
            comparison.is_none_or(|(kind, day)| {
                let order = moment.unix_seconds().cmp(&(FIRST_DAY + day * DAY));
                match kind {
                    "gt" => order == Ordering::Greater,
                    "gte" => order != Ordering::Less,
                    "lt" => order == Ordering::Less,
                    _ => order != Ordering::Greater,
                }
            })
        };
        let mut found: Vec<&Customer> = customers
            .iter()
            .filter(|customer| !customer.is_deleted())
            .filter(|customer| customer.profile.hierarchy.organisation.as_deref().is_none_or(|name| name == "one"))
            .filter(|customer| is_like(&self.name, Some(&customer.profile.identity.name)))
            .filter(|customer| is_like(&self.reference, Some(&format!("C-{}", customer.id))))
            .filter(|customer| is_like(&self.category, category(customer)))
            .filter(|customer| self.active.is_none_or(|active| customer.profile.sales.inactive != active))
            .filter(|customer| compares(self.created, customer.lifecycle.created_at))
            .filter(|customer| compares(self.updated, customer.lifecycle.updated_at))
            .collect();
        found.sort_by(|left, right| {
            let order = self.compare(left, right);
            let order = if self.descending { order.reverse() } else { order };
            order.then(left.id.cmp(&right.id))
        });
        found.iter().map(|customer| customer.id).collect()
    }

    fn compare(&self, left: &Customer, right: &Customer) -> Ordering {
        let folded = |text: Option<&str>| text.map(str::to_lowercase);
        match self.sort {
            Some("id") => left.id.cmp(&right.id),
            Some("name") => left.profile.identity.name.to_lowercase().cmp(&right.profile.identity.name.to_lowercase()),
            Some("reference") => format!("c-{}", left.id).cmp(&format!("c-{}", right.id)),
            Some("categoryReference") => folded(category(left)).cmp(&folded(category(right))),
            Some("city") => {
                folded(left.profile.address.city.as_deref()).cmp(&folded(right.profile.address.city.as_deref()))
            }
            Some("isActive") => right.profile.sales.inactive.cmp(&left.profile.sales.inactive),
            Some("isSubCustomer") => {
                left.profile.hierarchy.parent.is_some().cmp(&right.profile.hierarchy.parent.is_some())
            }
            Some("lastUpdated") => left.lifecycle.updated_at.cmp(&right.lifecycle.updated_at),
            _ => left.lifecycle.created_at.cmp(&right.lifecycle.created_at),
        }
    }
}

fn category(customer: &Customer) -> Option<&str> {
    customer.profile.sales.category.as_ref().map(|category| category.reference.as_str())
}

async fn check(repository: Repository, tenant: TenantId, customers: Vec<Customer>, queries: Vec<Query>) {
    let directory = repository.directory(&tenant, "model");
    let login = directory.login(Dialect::Valomnia, EMAIL).await.unwrap().unwrap();
    let token = directory.open_session(Dialect::Valomnia, EMAIL, &login, NOW).await.unwrap();
    for query in queries {
        let mut request = request(Method::GET, "/api/v1.0/customers", &query.text());
        request.cookies = vec![format!("JSESSIONID={token}")];
        let directory = repository.directory(&tenant, "model");
        let answer = match valomnia::list(&directory, &request).await {
            Ok(answer) => json(answer),
            Err(refusal) => json(refusal),
        };
        let expected = query.expected(&customers);
        assert_eq!(answer["paging"]["total"], json!(expected.len()), "{query:?}: {answer}");
        let page = expected.iter().skip(query.offset).take(query.max.unwrap_or(100));
        let page: Vec<u64> = page.map(|id| id.get()).collect();
        let rows = answer["data"].as_array().unwrap();
        let shown: Vec<u64> = rows.iter().map(|row| row["id"].as_u64().unwrap()).collect();
        assert_eq!(shown, page, "{query:?}");
    }
}

#[tokio::test]
async fn a_list_follows_the_rules() {
    let password = || Credential::password("password").unwrap();
    let caller = || login(Dialect::Valomnia, EMAIL, Scope::Organisation("one".to_owned()), "ROLE_USER", password());
    compare(caller, query, check).await;
}
