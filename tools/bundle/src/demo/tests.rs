use std::collections::{BTreeMap, BTreeSet};

use ::customers::{Customer, CustomerKind};
use runtime::ClientOptions;

use super::*;
use crate::{emulator::Emulator, project, table, template::Template};

fn customer(id: u64) -> Customer {
    customers::all().into_iter().find(|customer| customer.id == id.into()).unwrap()
}

#[test]
fn the_customers_are_the_same_each_time() {
    assert_eq!(customers::all(), customers::all());
    let ids: Vec<_> = customers::all().iter().map(|customer| customer.id.get()).collect();
    assert_eq!(ids, (1000..1500).collect::<Vec<_>>());
}

#[test]
fn every_reseller_has_customers_and_belongs_to_its_isp() {
    let tenant = tenant().unwrap();
    let mut counts = BTreeMap::new();
    for customer in &tenant.customers {
        let hierarchy = &customer.profile.hierarchy;
        let (isp, reseller) = (hierarchy.isp.unwrap(), hierarchy.reseller.unwrap());
        assert_eq!(tenant.settings.resellers.get(&reseller), Some(&isp));
        *counts.entry((isp.get(), reseller.get())).or_insert(0) += 1;
    }
    assert_eq!(counts.keys().copied().collect::<Vec<_>>(), [(1, 1), (1, 2), (1, 3), (2, 4)]);
    assert!(counts.values().all(|count| *count >= 120), "{counts:?}");
}

#[test]
fn the_vendors_examples_meet_customers_of_isp_1_that_can_be_deleted() {
    for id in [1243, 1423] {
        let profile = customer(id).profile;
        assert_eq!(profile.hierarchy.isp, Some(1.into()), "{id}");
        assert!(profile.services.iter().all(|service| !service.active), "{id}");
    }
}

#[test]
fn the_customers_are_as_various_as_real_ones() {
    let all = customers::all();
    let count = |holds: fn(&Customer) -> bool| all.iter().filter(|customer| holds(customer)).count();
    assert!(count(|customer| !customer.profile.identity.name.is_ascii()) >= 50);
    assert!(count(|customer| customer.profile.identity.kind == Some(CustomerKind::Organisation)) >= 40);
    assert!(count(|customer| customer.profile.services.is_empty()) >= 40);
    assert!(count(|customer| customer.profile.services.len() == 2) >= 40);
    assert!(count(|customer| customer.profile.notes.is_some()) >= 40);
    assert!(count(|customer| customer.lifecycle.updated_at > customer.lifecycle.created_at) >= 40);
}

#[test]
fn what_must_be_unique_is() {
    let all = customers::all();
    let services = || all.iter().flat_map(|customer| &customer.profile.services);
    assert_eq!(services().map(|service| service.id).collect::<BTreeSet<_>>().len(), services().count());
    assert_eq!(
        services().filter_map(|service| service.username.clone()).collect::<BTreeSet<_>>().len(),
        services().count()
    );
    let unique_ids: Vec<_> = all.iter().filter_map(|customer| customer.profile.identity.unique_id.clone()).collect();
    assert_eq!(unique_ids.iter().collect::<BTreeSet<_>>().len(), unique_ids.len());
}

#[tokio::test]
async fn the_tenant_is_loaded_once() {
    let emulator = Emulator::start(None).await.unwrap();
    let client = runtime::dynamodb_client(&ClientOptions::local(&emulator.endpoint()));
    let template = Template::read(&project::root().unwrap().join(project::TEMPLATE)).unwrap();
    for first in [true, false] {
        table::create_if_absent(&client, &template.table).await.unwrap();
        assert_eq!(load(&client, &template.table.name).await.unwrap(), first);
    }
    emulator.stop().await;
}

#[test]
fn keys_look_like_the_vendors() {
    for login in LOGINS {
        assert!(login.key.len() == 50 && login.key.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
    }
}
