use customers::{Credential, Customer, Dialect, Repository, Scope, TenantId};
use proptest::prelude::*;
use runtime::{HeaderName, HeaderValue, Method};
use serde_json::json;

use super::{NOW, compare, encoded, json, login, request, text};

const PATH: &str = "/SMPI/v2.6/service/wfbss/api/customers";
const TOKEN: &str = "8be8f9e2-c82d-454b-90e3-744a6e74f664";
const SECRET: &str = "c2VjcmV0LWtleS1mb3ItdGVzdHM=";

#[derive(Debug, Clone)]
struct Query {
    name: Option<String>,
    ids: Option<Vec<u64>>,
    page: Option<usize>,
    limit: Option<usize>,
}

prop_compose! {
    fn query()(
        name in prop::option::of(text()),
        ids in prop::option::weighted(0.3, prop::collection::vec(1u64..30, 1..6)),
        page in prop::option::of(1usize..5),
        limit in prop::option::of(1usize..8),
    ) -> Query {
        Query { name, ids, page, limit }
    }
}

fn guid(id: u64) -> String {
    uuid::Uuid::from_u128(u128::from(id) * 0x0123_4567_89ab_cdef).to_string()
}

impl Query {
    fn text(&self) -> String {
        let ids = self.ids.as_ref().map(|ids| ids.iter().map(|id| guid(*id)).collect::<Vec<_>>().join(","));
        let parameters = [
            self.name.as_ref().map(|name| format!("q={}", encoded(name))),
            ids.map(|ids| format!("cids={ids}")),
            self.page.map(|page| format!("page={page}")),
            self.limit.map(|limit| format!("limit={limit}")),
        ];
        parameters.into_iter().flatten().collect::<Vec<_>>().join("&")
    }

    fn expected(&self, customers: &[Customer]) -> Vec<String> {
        let mut found: Vec<&Customer> = customers
            .iter()
            .filter(|customer| !customer.is_deleted())
            .filter(|customer| customer.profile.hierarchy.partner.as_deref().is_none_or(|partner| partner == "p1"))
            .filter(|customer| {
                let name = customer.profile.identity.name.to_lowercase();
                self.name.as_ref().is_none_or(|part| name.contains(&part.to_lowercase()))
            })
            .filter(|customer| self.ids.as_ref().is_none_or(|ids| ids.contains(&customer.id.get())))
            .collect();
        found.sort_by_key(|customer| (customer.profile.identity.name.to_lowercase(), customer.id));
        found.iter().map(|customer| guid(customer.id.get()).to_uppercase()).collect()
    }
}

async fn check(repository: Repository, tenant: TenantId, customers: Vec<Customer>, queries: Vec<Query>) {
    for query in queries {
        let text = query.text();
        let uri = if text.is_empty() { PATH.to_owned() } else { format!("{PATH}?{text}") };
        let time = NOW.unix_seconds().to_string();
        let signature = smpi::sign(&Method::GET, &uri, b"", NOW, SECRET);
        let mut request = request(Method::GET, PATH, &text);
        for (name, value) in
            [("x-access-token", TOKEN), ("x-posix-time", &time), ("x-traceid", "trace"), ("x-signature", &signature)]
        {
            request.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        let directory = repository.directory(&tenant, "model");
        let answer = match smpi::list(&directory, &request).await {
            Ok(answer) => json(answer),
            Err(refusal) => json(refusal),
        };
        let expected = query.expected(&customers);
        let (page, limit) = (query.page.unwrap_or(1), query.limit.unwrap_or(100));
        let paging = json!({ "total": expected.len(), "limit": limit, "page": page });
        assert_eq!(answer["paging"], paging, "{query:?}: {answer}");
        let on_page: Vec<&String> = expected.iter().skip((page - 1) * limit).take(limit).collect();
        let rows = answer["customers"].as_array().unwrap();
        let shown: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(shown, on_page, "{query:?}");
    }
}

#[tokio::test]
async fn a_list_follows_the_rules() {
    let secret = || Credential::signing_secret(SECRET);
    let caller = || login(Dialect::Smpi, TOKEN, Scope::Partner("p1".to_owned()), "partner", secret());
    compare(caller, query, check).await;
}
