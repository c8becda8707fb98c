//! A stack on a free port with a memory database, and a client of it.

use std::{collections::BTreeSet, sync::Arc};

use bundle::{Stack, StackOptions};
use customers::{
    Address, Contact, Credential, Customer, CustomerKind, Dialect, DynamoStore, Hierarchy, Identity, Lifecycle, Login,
    LoginEntry, NewTenant, Person, Profile, Scope, Service, Settings, TenantId, Timestamp, load_tenant,
    table::{OperatorStore, Store},
};
use reqwest::{Client, Method, StatusCode};
use runtime::{ClientOptions, dynamodb_client};
use serde_json::Value;
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

use crate::http::{Call, Reply};

/// Keys of the logins 1, 5, 9 and 14.
pub(crate) const K1: &str = "11111111111111111111111111111111111111111111111111";
pub(crate) const K5: &str = "55555555555555555555555555555555555555555555555555";
pub(crate) const K9: &str = "99999999999999999999999999999999999999999999999999";
pub(crate) const K14: &str = "14141414141414141414141414141414141414141414141414";

/// The tenant that requests without a known host belong to.
pub(crate) fn tenant() -> TenantId {
    "demo".parse().unwrap()
}

/// A running stack and a client of it.
pub(crate) struct Site {
    pub(crate) stack: Stack,
    client: Client,
}

/// Status and JSON body of an answer.
pub(crate) type Answer = (StatusCode, Value);

impl Site {
    /// A stack whose table holds the fixture.
    pub(crate) async fn start() -> Self {
        Self::start_with(StackOptions::default(), fixture()).await
    }

    /// A stack with an empty table.
    pub(crate) async fn empty() -> Self {
        Self::resume(StackOptions::default()).await
    }

    /// A stack whose table holds `tenant`.
    pub(crate) async fn start_with(options: StackOptions, tenant: NewTenant) -> Self {
        let site = Self { stack: Stack::start(options).await.unwrap(), client: Client::new() };
        load_tenant(&*site.operator_store(), &tenant).await.unwrap();
        site
    }

    /// A stack whose table holds the demo tenant, at the moment of the vendors' signature samples.
    pub(crate) async fn start_demo() -> Self {
        let environment = vec![("TEST_CLOCK".to_owned(), crate::clients::TIME.unix_seconds().to_string())];
        Self::start_with(StackOptions { environment, ..StackOptions::default() }, bundle::demo::tenant().unwrap()).await
    }

    /// Sends a request byte for byte.
    pub(crate) async fn call(&self, call: &Call) -> Reply {
        call.send(self.stack.base_url()).await
    }

    /// A stack on a table as it is.
    pub(crate) async fn resume(options: StackOptions) -> Self {
        Self { stack: Stack::start(options).await.unwrap(), client: Client::new() }
    }

    /// Another process's way to the same table.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        self.operator_store()
    }

    /// The same for the table's operator.
    pub(crate) fn operator_store(&self) -> Arc<dyn OperatorStore> {
        let client = dynamodb_client(&ClientOptions::local(self.stack.dynamodb_endpoint()));
        Arc::new(DynamoStore::new(client, self.stack.table_name().to_owned()))
    }

    /// Posts a form to `/api/customer/PATH`.
    pub(crate) async fn neucrm(&self, path: &str, (userid, key): (u64, &str), fields: &str) -> Answer {
        let form = format!("userid={userid}&api_key={key}&{fields}");
        self.post(&format!("/api/customer/{path}"), "application/x-www-form-urlencoded", form.into_bytes()).await
    }

    /// Posts `body` to `path`.
    pub(crate) async fn post(&self, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        self.send(Method::POST, path, content_type, body).await
    }

    /// Sends a request and reads a JSON answer.
    pub(crate) async fn send(&self, method: Method, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        let url = format!("{}{path}", self.stack.base_url());
        let request = self.client.request(method, url).header("content-type", content_type).body(body);
        let response = request.send().await.unwrap();
        let status = response.status();
        let body = response.bytes().await.unwrap();
        let json = serde_json::from_slice(&body);
        (status, json.unwrap_or_else(|_| panic!("{status} with {}", String::from_utf8_lossy(&body))))
    }

    /// The body of an answer to a NeuCRM form, as it came.
    pub(crate) async fn neucrm_text(&self, path: &str, (userid, key): (u64, &str), fields: &str) -> String {
        let url = format!("{}/api/customer/{path}", self.stack.base_url());
        let form = format!("userid={userid}&api_key={key}&{fields}");
        let request = self.client.post(url).header("content-type", "application/x-www-form-urlencoded").body(form);
        request.send().await.unwrap().text().await.unwrap()
    }
}

/// The ids of a NeuCRM list.
pub(crate) fn ids(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.0, StatusCode::OK);
    assert!(answer.1["error"].is_null(), "{}", answer.1);
    answer.1["result"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

/// The logins and customers of the worked examples: ISP 2 with resellers 5 and 6, ISP 3 with reseller 7.
pub(crate) fn fixture() -> NewTenant {
    let login = |identity: &str, name: &str, scope: Scope, key: &str| LoginEntry {
        dialect: Dialect::NeuCrm,
        identity: identity.to_owned(),
        login: login(name, scope, Credential::api_key(key).unwrap()),
    };
    NewTenant {
        id: tenant(),
        settings: Settings {
            isps: [2.into(), 3.into()].into(),
            resellers: [(5.into(), 2.into()), (6.into(), 2.into()), (7.into(), 3.into())].into(),
            ..Settings::default()
        },
        shards: 4,
        customers: vec![
            subscriber(11, (2, 5), "Anil", "a@x.in", datetime!(2022-01-10 09:00 UTC), &["xyz_a"]),
            subscriber(12, (2, 5), "Bharat Net", "b@x.in", datetime!(2022-02-10 09:00 UTC), &["xyz_b", "xyz_c"]),
            subscriber(13, (2, 6), "anita", "c@x.in", datetime!(2022-02-10 23:59:59 UTC), &["xyzA"]),
            subscriber(14, (3, 7), "Carl", "d@x.in", datetime!(2022-03-01 00:00 UTC), &[]),
        ],
        logins: vec![
            login("1", "operator", Scope::Everything, K1),
            login("5", "isp2", Scope::Isp(2.into()), K5),
            login("9", "isp3", Scope::Isp(3.into()), K9),
            login("14", "reseller5", Scope::Reseller(5.into()), K14),
        ],
    }
}

/// A login without a role.
pub(crate) fn login(name: &str, scope: Scope, credential: Credential) -> Login {
    Login {
        name: name.to_owned(),
        person: Person::default(),
        suspended: false,
        scope,
        roles: BTreeSet::new(),
        credential,
    }
}

/// A customer of the worked examples. Its services have ended, so that it can be deleted.
pub(crate) fn subscriber(
    id: u64,
    (isp, reseller): (u64, u64),
    name: &str,
    email: &str,
    created_at: OffsetDateTime,
    usernames: &[&str],
) -> Customer {
    let kind = if id == 12 { CustomerKind::Organisation } else { CustomerKind::Individual };
    let services = (id * 10..).zip(usernames).map(|(id, username)| Service {
        id: id.into(),
        username: Some((*username).to_owned()),
        active: false,
    });
    let profile = Profile {
        identity: Identity { kind: Some(kind), name: name.to_owned(), ..Identity::default() },
        contact: Contact { mobile: Some(format!("98765000{id}")), email: Some(email.to_owned()), ..Contact::default() },
        address: Address {
            street: Some("1st street".to_owned()),
            city: Some("Panaji".to_owned()),
            state: Some("Goa".to_owned()),
            postal_code: Some("403001".to_owned()),
            ..Address::default()
        },
        hierarchy: Hierarchy { isp: Some(isp.into()), reseller: Some(reseller.into()), ..Hierarchy::default() },
        services: services.collect(),
        ..Profile::default()
    };
    let mut customer = customer(id, profile, created_at);
    customer.lifecycle.created_by = format!("isp{isp}");
    customer.lifecycle.updated_by = format!("isp{isp}");
    customer
}

/// A customer that was never changed, with GUIDs made of its id.
pub(crate) fn customer(id: u64, profile: Profile, created_at: impl Into<Timestamp>) -> Customer {
    let created_at = created_at.into();
    Customer {
        id: id.into(),
        guid: Uuid::from_u128(u128::from(id)),
        eid: Uuid::from_u128(u128::from(id) << 64),
        profile,
        lifecycle: Lifecycle {
            created_at,
            updated_at: created_at,
            created_by: "test".to_owned(),
            updated_by: "test".to_owned(),
            deleted_at: None,
        },
    }
}
