//! Lists in the order of each kind of key.

use super::{
    LIST,
    fixture::{EMAIL, site},
    get, ids, session,
};

#[tokio::test]
async fn lists_are_ordered_by_what_their_rows_show_with_null_first_and_ties_by_id() {
    let site = site().await;
    let cookie = session(&site, EMAIL).await;
    for (sort, ascending, descending) in [
        ("id", [1, 2, 3], [3, 2, 1]),
        ("name", [1, 2, 3], [3, 2, 1]),
        ("reference", [1, 2, 3], [3, 2, 1]),
        ("dateCreated", [1, 2, 3], [3, 2, 1]),
        ("lastUpdated", [1, 2, 3], [3, 2, 1]),
        ("categoryReference", [2, 1, 3], [1, 3, 2]),
        ("isActive", [3, 1, 2], [1, 2, 3]),
        ("onHold", [1, 2, 3], [3, 1, 2]),
        ("isSubCustomer", [1, 2, 3], [2, 3, 1]),
        ("billWithParent", [2, 1, 3], [1, 3, 2]),
        ("isSameAddress", [2, 1, 3], [1, 3, 2]),
        ("billingCity", [1, 3, 2], [2, 1, 3]),
        ("creditLimit", [2, 3, 1], [1, 3, 2]),
        ("email", [1, 2, 3], [1, 2, 3]),
        ("organization", [1, 2, 3], [1, 2, 3]),
        ("pocTenus", [1, 2, 3], [1, 2, 3]),
    ] {
        for (order, expected) in [("asc", ascending), ("DESC", descending)] {
            let reply = site.call(&get(&format!("{LIST}?sort={sort}&order={order}"), &cookie)).await;
            assert_eq!(ids(&reply), expected, "{sort} {order}");
        }
    }
}

#[tokio::test]
async fn every_scalar_of_a_row_is_a_key_and_no_other() {
    let site = site().await;
    let cookie = session(&site, EMAIL).await;
    let body = site.call(&get(&format!("{LIST}?reference=NC-2"), &cookie)).await.json();
    let compound = ["customerCategory", "parentCustomer", "customerSegmentation", "createdBy", "region"];
    for (key, value) in body["data"][0].as_object().unwrap() {
        let is_scalar = !value.is_array() && !compound.contains(&key.as_str());
        let reply = site.call(&get(&format!("{LIST}?sort={key}"), &cookie)).await;
        assert_eq!(reply.status, if is_scalar { 200 } else { 400 }, "{key}: {}", reply.text());
    }
}
