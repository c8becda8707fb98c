use customers::{Credential, Customer, CustomerId, CustomerKind, Dialect, Repository, Scope, TenantId};
use proptest::prelude::*;
use runtime::Method;
use serde_json::json;

use super::{DAY, FIRST_DAY, compare, encoded, fits, json, login, pattern, perhaps, request, text};
use crate::harness::K5;

/// Whose customers the caller sees.
const ISP: u64 = 2;

#[derive(Debug, Clone)]
struct Query {
    reseller: Option<u64>,
    kind: Option<&'static str>,
    name: Option<String>,
    username: Option<String>,
    city: Option<String>,
    from: Option<i64>,
    upto: Option<i64>,
    sort: Option<&'static str>,
    descending: bool,
    offset: usize,
    limit: usize,
    count: bool,
}

prop_compose! {
    fn query()(
        reseller in perhaps(&[5, 6, 7]),
        kind in perhaps(&["Individual", "Organisation"]),
        (name, username) in (prop::option::weighted(0.4, pattern('%')), prop::option::weighted(0.3, pattern('%'))),
        city in prop::option::weighted(0.2, text()),
        (from, upto) in (prop::option::weighted(0.3, 0i64..4), prop::option::weighted(0.3, 0i64..4)),
        sort in perhaps(&["id", "name", "mobile"]),
        descending in any::<bool>(),
        offset in 0usize..6,
        limit in 1usize..8,
        count in prop::bool::weighted(0.2),
    ) -> Query {
        Query { reseller, kind, name, username, city, from, upto, sort, descending, offset, limit, count }
    }
}

impl Query {
    fn form(&self) -> String {
        let word = |name: &str, value: Option<&str>| {
            value.map(|value| format!("&{name}={}", encoded(value))).unwrap_or_default()
        };
        let day = |name: &str, day: Option<i64>| {
            let date = |day: i64| time::OffsetDateTime::from_unix_timestamp(FIRST_DAY + day * DAY).unwrap().date();
            day.map(|day| format!("&{name}={}", date(day))).unwrap_or_default()
        };
        [
            format!("userid=5&api_key={K5}&rows_offset={}&rows_limit={}", self.offset, self.limit),
            self.reseller.map(|reseller| format!("&resellerid={reseller}")).unwrap_or_default(),
            word("type", self.kind),
            word("name", self.name.as_deref()),
            word("username", self.username.as_deref()),
            word("city", self.city.as_deref()),
            day("created_from", self.from),
            day("created_upto", self.upto),
            word("sort_field", self.sort),
            word("sort_order", self.descending.then_some("desc")),
            word("show_count", self.count.then_some("1")),
        ]
        .concat()
    }

    fn expected(&self, customers: &[Customer]) -> Vec<CustomerId> {
        let is_like = |pattern: &Option<String>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| fits(&pattern.to_lowercase(), '%', &text.to_lowercase()))
        };
        let day = |customer: &Customer| (customer.lifecycle.created_at.unix_seconds() - FIRST_DAY).div_euclid(DAY);
        let mut found: Vec<&Customer> = customers
            .iter()
            .filter(|customer| !customer.is_deleted() && customer.profile.hierarchy.isp == Some(ISP.into()))
            .filter(|customer| {
                self.reseller.is_none_or(|reseller| customer.profile.hierarchy.reseller == Some(reseller.into()))
            })
            .filter(|customer| {
                self.kind.is_none_or(|kind| match customer.profile.identity.kind {
                    Some(CustomerKind::Individual) => kind == "Individual",
                    Some(CustomerKind::Organisation) => kind == "Organisation",
                    None => false,
                })
            })
            .filter(|customer| is_like(&self.name, &customer.profile.identity.name))
            .filter(|customer| {
                let usernames = customer.profile.services.iter().filter_map(|service| service.username.as_deref());
                self.username.is_none() || usernames.into_iter().any(|username| is_like(&self.username, username))
            })
            .filter(|customer| {
                let city = customer.profile.address.city.as_deref().map(str::to_lowercase);
                self.city.as_ref().is_none_or(|wanted| city == Some(wanted.to_lowercase()))
            })
            .filter(|customer| self.from.is_none_or(|from| day(customer) >= from))
            .filter(|customer| self.upto.is_none_or(|upto| day(customer) <= upto))
            .collect();
        found.sort_by(|left, right| {
            let order = match self.sort {
                Some("name") => {
                    left.profile.identity.name.to_lowercase().cmp(&right.profile.identity.name.to_lowercase())
                }
                // No customer of the model has a mobile number.
                Some("mobile") => std::cmp::Ordering::Equal,
                _ if self.descending => return right.id.cmp(&left.id),
                _ => return left.id.cmp(&right.id),
            };
            let order = if self.descending { order.reverse() } else { order };
            order.then(left.id.cmp(&right.id))
        });
        found.iter().map(|customer| customer.id).collect()
    }
}

async fn check(repository: Repository, tenant: TenantId, customers: Vec<Customer>, queries: Vec<Query>) {
    for query in queries {
        let request = request(Method::POST, "/api/customer/list", "")
            .with_body("application/x-www-form-urlencoded", query.form());
        let directory = repository.directory(&tenant, "model");
        let answer = match neucrm::list(&directory, &request).await {
            Ok(answer) => json(answer),
            Err(refusal) => json(refusal),
        };
        assert!(answer["error"].is_null(), "{query:?}: {answer}");
        let expected = query.expected(&customers);
        if query.count {
            assert_eq!(answer["result"], json!(expected.len()), "{query:?}");
            continue;
        }
        let page: Vec<String> = expected.iter().skip(query.offset).take(query.limit).map(ToString::to_string).collect();
        let rows = answer["result"].as_array().unwrap();
        let shown: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(shown, page, "{query:?}");
    }
}

#[tokio::test]
async fn a_list_follows_the_rules() {
    let key = || Credential::api_key(K5).unwrap();
    let caller = || login(Dialect::NeuCrm, "5", Scope::Isp(ISP.into()), "ISP", key());
    compare(caller, query, check).await;
}
