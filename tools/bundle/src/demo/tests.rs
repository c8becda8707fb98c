use std::collections::{BTreeMap, BTreeSet};

use ::customers::{BillType, Customer, CustomerId, CustomerKind, Dialect, Profile, Sales};
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
    let references: Vec<_> = all.iter().map(|customer| customer.reference()).collect();
    assert_eq!(references.iter().collect::<BTreeSet<_>>().len(), references.len());
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
    for login in LOGINS.iter().filter(|login| login.dialect == Dialect::NeuCrm) {
        let is_hex = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        assert!(login.secret.len() == 50 && login.secret.bytes().all(is_hex), "{}", login.identity);
    }
}

#[test]
fn what_the_other_dialects_add_changes_nothing_for_neucrm() {
    #[rustfmt::skip]
    let table = [
        // id, name and surname, mobile, e-mail, postal code, services
        (1001, "Nandini Kutty",   "+91 9002260465", "nandini1001@south.example.in", "682024", 1),
        (1243, "Ashwini Pereira", "+91 9000068325", "ashwini1243@goa.example.in",  "403609", 0),
        (1423, "Sunita Prabhu",   "+91 9000094929", "sunita1423@goa.example.in",   "403005", 0),
        (1499, "Vijay Shetty",    "+91 9002279474", "vijay1499@south.example.in",  "605013", 1),
    ];
    for (id, name, mobile, email, postal_code, services) in table {
        let Profile { identity, contact, address, services: has, .. } = customer(id).profile;
        assert_eq!(format!("{} {}", identity.name, identity.surname.unwrap()), name);
        assert_eq!((contact.mobile.as_deref(), contact.email.as_deref()), (Some(mobile), Some(email)), "{id}");
        assert_eq!((address.postal_code.as_deref(), has.len()), (Some(postal_code), services), "{id}");
    }
}

#[test]
fn the_customers_form_a_tree_of_three_levels() {
    let parent = |id| customer(id).profile.hierarchy.parent.map(CustomerId::get);
    assert_eq!(parent(tree::ROOT), None);
    let mut children = BTreeMap::new();
    for customer in customers::all() {
        *children.entry(customer.profile.hierarchy.parent.map(CustomerId::get)).or_insert(0) += 1;
    }
    for (reseller, branches) in tree::BRANCHES {
        for id in branches {
            let Profile { identity, hierarchy, .. } = customer(id).profile;
            assert_eq!(identity.kind, Some(CustomerKind::Organisation), "{id}");
            assert_eq!(hierarchy.reseller, Some(reseller.into()), "{id}");
            assert_eq!(hierarchy.parent, Some(tree::ROOT.into()), "{id}");
            assert!(children.remove(&Some(id)).unwrap() >= 10, "{id}");
        }
    }
    assert_eq!(children.remove(&Some(tree::ROOT)), Some(12));
    assert!(children.remove(&None).unwrap() >= 100);
    assert!(children.is_empty(), "below what is no branch: {children:?}");
}

#[test]
fn each_dialect_has_something_of_everything() {
    let all = customers::all();
    let count = |holds: &dyn Fn(&Profile) -> bool| all.iter().filter(|customer| holds(&customer.profile)).count();
    let bill_types: BTreeMap<_, _> = [
        BillType::Callshop,
        BillType::External,
        BillType::None,
        BillType::Postpaid,
        BillType::Prepaid,
        BillType::PrepaidCalls,
        BillType::PrepaidInvoices,
    ]
    .map(|wanted| (format!("{wanted:?}"), count(&|profile| profile.telephony.bill_type == Some(wanted))))
    .into();
    assert!(bill_types.values().all(|count| *count >= 10), "{bill_types:?}");
    let billed = bill_types.values().sum::<usize>();
    assert!((270..330).contains(&billed), "{billed}");
    let [_, organisation] = tree::ORGANISATIONS;
    let [_, partner] = tree::PARTNERS;
    #[rustfmt::skip]
    let table = [
        ("listed in the directory",   count(&|profile| profile.telephony.directory),                 60..120),
        ("in debt",                   count(&|profile| profile.telephony.balance.is_some_and(|balance| balance < 0.into())), 100..200),
        ("with terms of sale",        count(&|profile| profile.sales != Sales::default()),           270..330),
        ("inactive",                  count(&|profile| profile.sales.inactive),                      20..80),
        ("on hold",                   count(&|profile| profile.sales.on_hold),                       15..60),
        ("with credit",               count(&|profile| profile.sales.credit_limit.is_some()),        80..160),
        ("on the map",                count(&|profile| profile.address.latitude.is_some()),          270..330),
        ("billed elsewhere",          count(&|profile| profile.billing_address.is_some()),           40..110),
        ("licensed",                  count(&|profile| profile.licence.is_some()),                   150..250),
        ("on trial",                  count(&|profile| profile.licence.as_ref().is_some_and(|licence| !licence.full)), 20..80),
        ("the second organisation's", count(&|profile| profile.hierarchy.organisation.as_deref() == Some(organisation)), 15..60),
        ("the second partner's",      count(&|profile| profile.hierarchy.partner.as_deref() == Some(partner)), 15..60),
    ];
    for (what, count, expected) in table {
        assert!(expected.contains(&count), "{count} {what}");
    }
}
