//! What one dialect changes, the others show at their next request.

use serde_json::Value;

use crate::{
    clients::{NEUCRM_KEY, PASSWORD, SMPI_SECRET, enswitch, neucrm, smpi, valomnia, valomnia_cookie},
    harness::Site,
};

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
        enswitch("/api/json/customers/list/", PASSWORD, &format!("recursive=1;name=zzyzx;{parameters}"))
    };
    let (live, deleted) = (site.call(&list("deleted=0")).await, site.call(&list("deleted=1")).await);
    let sales = site.call(&valomnia("/api/v1.0/customers?name=zzyzx*", cookie)).await;
    let licences = site.call(&smpi("/SMPI/v2.6/service/wfbss/api/customers?q=zzyzx", SMPI_SECRET)).await.json();
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
