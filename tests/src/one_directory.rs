//! What one dialect changes, the others show at their next request.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use customers::{audit_tenant, rebuild_tenant};
use futures_util::future::join_all;
use serde_json::Value;

use crate::{
    clients::{NEUCRM_KEY, PASSWORD, SMPI_SECRET, enswitch, neucrm, smpi, valomnia, valomnia_cookie},
    harness::{Site, tenant},
};

/// Clients that create customers at the same time, and the most customers of each: a page shows them all.
const CLIENTS: usize = 3;
const CREATES_MAXIMUM: usize = 20;

/// What each dialect shows of customers whose name begins with `Zzyzx`: ids and names, of SMPI the names.
#[derive(Debug, PartialEq)]
struct Shown {
    enswitch: Vec<(u64, String)>,
    deleted_in_enswitch: Vec<(u64, String)>,
    valomnia: Vec<(u64, String)>,
    smpi: Vec<String>,
}

fn rows(rows: &Value) -> Vec<(u64, String)> {
    let row = |row: &Value| (row["id"].as_u64().unwrap(), row["name"].as_str().unwrap().to_owned());
    rows.as_array().unwrap().iter().map(row).collect()
}

async fn look(site: &Site, cookie: &str) -> Shown {
    let list = |parameters: &str| {
        enswitch("/api/json/customers/list/", PASSWORD, &format!("recursive=1;name=zzyzx;limit=100;{parameters}"))
    };
    let (live, deleted) = (site.call(&list("deleted=0")).await, site.call(&list("deleted=1")).await);
    let sales = site.call(&valomnia("/api/v1.0/customers?name=zzyzx*&max=100", cookie)).await;
    let licences =
        site.call(&smpi("/SMPI/v2.6/service/wfbss/api/customers?q=zzyzx&limit=100", SMPI_SECRET)).await.json();
    let names = licences["customers"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned());
    Shown {
        enswitch: rows(&live.json()["data"]),
        deleted_in_enswitch: rows(&deleted.json()["data"]),
        valomnia: rows(&sales.json()["data"]),
        smpi: names.collect(),
    }
}

#[tokio::test]
async fn a_customer_of_one_dialect_is_a_customer_of_all() {
    let site = Site::start_demo().await;
    let cookie = valomnia_cookie(&site).await;
    let nothing =
        Shown { enswitch: Vec::new(), deleted_in_enswitch: Vec::new(), valomnia: Vec::new(), smpi: Vec::new() };
    assert_eq!(look(&site, &cookie).await, nothing);

    let new = "resellerid=1&type=Individual&name=Zzyzx&mobile=1&email=z@x.in&zipcode=1&state=Goa&city=Panaji&street=S";
    let created = site.call(&neucrm("/api/customer/create", NEUCRM_KEY, new)).await.json();
    let id = created["result"].as_u64().unwrap_or_else(|| panic!("{created}"));
    let everywhere = |name: &str| Shown {
        enswitch: vec![(id, name.to_owned())],
        deleted_in_enswitch: Vec::new(),
        valomnia: vec![(id, name.to_owned())],
        smpi: vec![name.to_owned()],
    };
    assert_eq!(look(&site, &cookie).await, everywhere("Zzyzx"));

    let rename = format!("customerid={id}&name=Zzyzx Ωmega");
    assert_eq!(site.call(&neucrm("/api/customer/update", NEUCRM_KEY, &rename)).await.json()["result"], "done");
    assert_eq!(look(&site, &cookie).await, everywhere("Zzyzx Ωmega"));

    let delete = format!("customerid={id}");
    assert_eq!(site.call(&neucrm("/api/customer/delete", NEUCRM_KEY, &delete)).await.json()["result"], "done");
    let hidden = Shown { deleted_in_enswitch: vec![(id, "Zzyzx Ωmega".to_owned())], ..nothing };
    assert_eq!(look(&site, &cookie).await, hidden);
}

/// Creates customers in NeuCRM, one after the other, as long as `goes_on`; returns their names and ids.
async fn create_customers(site: &Site, client: usize, goes_on: &AtomicBool) -> Vec<(u64, String)> {
    let mut created = Vec::new();
    for number in 0..CREATES_MAXIMUM {
        if !goes_on.load(Relaxed) {
            break;
        }
        let name = format!("Zzyzx {client} {number}");
        let new = format!(
            "resellerid=1&type=Individual&name={name}&mobile=1&email=z@x.in&zipcode=1&state=Goa&city=Panaji&street=S"
        );
        let answer = site.call(&neucrm("/api/customer/create", NEUCRM_KEY, &new)).await.json();
        created.push((answer["result"].as_u64().unwrap_or_else(|| panic!("{answer}")), name));
    }
    created
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_created_while_the_index_is_rebuilt_is_a_customer_of_all() {
    let site = Site::start_demo().await;
    let cookie = valomnia_cookie(&site).await;
    look(&site, &cookie).await;
    let goes_on = AtomicBool::new(true);
    let rebuilds = async {
        let store = site.operator_store();
        for shards in [None, Some(8), None] {
            rebuild_tenant(&*store, &tenant(), shards).await.unwrap();
        }
        goes_on.store(false, Relaxed);
    };
    let clients = join_all((0..CLIENTS).map(|client| create_customers(&site, client, &goes_on)));
    let ((), created) = tokio::join!(rebuilds, clients);

    let mut created = created.concat();
    created.extend(create_customers(&site, CLIENTS, &AtomicBool::new(true)).await);
    created.sort();
    let shown = look(&site, &cookie).await;
    let (mut in_enswitch, mut in_valomnia, mut in_smpi) = (shown.enswitch, shown.valomnia, shown.smpi);
    in_enswitch.sort();
    in_valomnia.sort();
    in_smpi.sort();
    let mut names: Vec<_> = created.iter().map(|(_, name)| name.clone()).collect();
    names.sort();
    assert_eq!(in_enswitch, created);
    assert_eq!(in_valomnia, created);
    assert_eq!(in_smpi, names);
    let count = site.call(&neucrm("/api/customer/list", NEUCRM_KEY, "name=zzyzx%&show_count=1")).await.json();
    assert_eq!(count["result"], created.len());
    let audit = audit_tenant(&*site.operator_store(), &tenant()).await.unwrap();
    assert_eq!((audit.shards, audit.damage), (8, Vec::new()));
}
