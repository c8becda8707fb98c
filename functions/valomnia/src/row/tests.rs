//! Rows of customers with everything, and with nothing.

use customers::{Contact, CustomerId, Decimal, Hierarchy, Identity, Profile, Sales};
use runtime::{Method, Request};
use time::macros::datetime;

use super::*;
use crate::{route::tests::V1_0, testing::bare};

/// A customer of which everything is set that a row shows; its parent is customer 7.
pub(crate) fn full() -> Customer {
    let text = |text: &str| Some(text.to_owned());
    let target =
        |id, reference: &str, name: &str| Target { id, reference: reference.to_owned(), name: name.to_owned() };
    let whole = |number: i32| Some(Decimal::from(number));
    let mut customer = bare(1, "Acme", datetime!(2016-01-01 0:00 UTC));
    customer.lifecycle.updated_at = datetime!(2016-08-15 10:20:30 UTC).into();
    customer.profile = Profile {
        identity: Identity {
            reference: text("NC-1"),
            second_reference: text("OLD-1"),
            barcode: text("4006381333931"),
            logo: text("a logo.png"),
            tax_number: text("T-1"),
            company_registration_number: text("R-1"),
            ..customer.profile.identity
        },
        contact: Contact {
            email: text("a@acme.example"),
            phone: text("1"),
            mobile: text("2"),
            fax: text("3"),
            website: text("acme.example"),
        },
        address: Address {
            street: text("1 Main St"),
            city: text("Tunis"),
            postal_code: text("1000"),
            country: text("Tunisia"),
            latitude: Some(36.8065),
            longitude: Some(10.0),
            ..Address::default()
        },
        billing_address: Some(Address {
            street: text("2 Side St"),
            city: text("Sfax"),
            postal_code: text("3000"),
            country: text("Tunisia"),
            latitude: Some(34.0),
            longitude: Some(-10.76),
            ..Address::default()
        }),
        hierarchy: Hierarchy { parent: Some(7.into()), ..Hierarchy::default() },
        sales: Sales {
            category: Some(target(3, "jewelry", "Jewelry")),
            segmentation: Some(target(4, "gold", "Gold")),
            region: Some(target(5, "north", "North")),
            created_by: Some(target(6, "demo", "Demo")),
            payment_types: vec![target(8, "cash", "Cash")],
            inactive: true,
            on_hold: true,
            on_hold_reason: text("late"),
            billed_apart: true,
            is_credit: Some(true),
            credit_limit: Some(Decimal::from_ten_thousandths(12_345_678)),
            balance: whole(-20),
            max_cheque_period: whole(30),
            max_cheque_value: whole(500),
            applied_cash_back_output: Some(Decimal::from_ten_thousandths(5_000)),
            return_discount: whole(0),
            invoices_per_route: whole(2),
            payment_term: text("30 days"),
            due_date_number: whole(15),
            due_date_type: text("daysAfterInvoiceDate"),
            currency: text("TND"),
        },
        notes: text("a \"note\""),
        ..Profile::default()
    };
    customer
}

fn parent() -> Superior {
    let (name, reference) = ("Parent".to_owned(), "C-7".to_owned());
    Superior { id: CustomerId::from(7), name, reference, organisation: None, is_deleted: false }
}

fn settings() -> Settings {
    Settings { default_organisation: Some("entity1".to_owned()), ..Settings::default() }
}

fn rendered_with(customer: &Customer, superior: Option<&Superior>, settings: &Settings) -> String {
    let mut request = Request::new(Method::GET, "/");
    request.host = Some("entity1.example".to_owned());
    let rows = Rows {
        version: V1_0,
        origin: &Origin::of(&request),
        organisation: "entity1",
        settings,
        superior: &|below| superior.cloned().filter(|superior| below.profile.hierarchy.parent == Some(superior.id)),
    };
    serde_json::to_string(&rows.row(customer)).unwrap()
}

/// The row of `customer` as a caller in its organisation sees it.
pub(crate) fn rendered(customer: &Customer) -> String {
    rendered_with(customer, Some(&parent()), &settings())
}

#[test]
fn a_full_row() {
    assert_eq!(
        rendered(&full()),
        concat!(
            r#"{"id":1,"reference":"NC-1","reference2":"OLD-1","name":"Acme","categoryReference":"jewelry","#,
            r#""customerCategory":{"id":3,"reference":"jewelry","name":"Jewelry","href":"/api/v1.0/customerCategories/3"},"#,
            r#""isSubCustomer":true,"#,
            r#""parentCustomer":{"id":7,"reference":"C-7","name":"Parent","href":"/api/v1.0/customers/7"},"#,
            r#""billWithParent":false,"customerSegmentationReference":"gold","#,
            r#""customerSegmentation":{"id":4,"reference":"gold","name":"Gold","href":"/api/v1.0/customerSegmentations/4"},"#,
            r#""pocTenus":null,"email":"a@acme.example","#,
            r#""logo":"https://entity1.example/entity1/photoCustomer/a%20logo.png","#,
            r#""phone":"1","mobile":"2","fax":"3","comment":"a \"note\"","barcode":"4006381333931","#,
            r#""isSameAddress":false,"billingCountry":"Tunisia","billingCity":"Sfax","billingPostalCode":"3000","#,
            r#""billingAddress":"2 Side St","billingLat":34,"billingLng":-10.76,"#,
            r#""country":"Tunisia","city":"Tunis","postalCode":"1000","address":"1 Main St","#,
            r#""latitude":36.8065,"longitude":10,"#,
            r#""isCredit":true,"creditLimit":1234.5678,"balance":-20,"maxChequePeriod":30,"maxChequeValue":500,"#,
            r#""appliedCashBackOutput":0.5,"returnDiscount":0,"invoicesPerRoute":2,"#,
            r#""isActive":false,"onHold":true,"onHoldReason":"late","paymentTerm":"30 days","#,
            r#""createdBy":{"userId":6,"reference":"demo","href":"/api/v1.0/users/6"},"#,
            r#""dueDateConfigNumber":15,"dueDateConfigType":"daysAfterInvoiceDate","#,
            r#""paymentTypes":[{"id":8,"reference":"cash","name":"Cash","href":"/api/v1.0/paymentTypes/8"}],"#,
            r#""website":"acme.example","taxNumber":"T-1","companyRegistrationNumber":"R-1","contacts":[],"#,
            r#""currency":"TND","organization":"entity1","#,
            r#""dateCreated":"2016-01-01T00:00:00Z","lastUpdated":"2016-08-15T10:20:30Z","#,
            r#""region":{"id":5,"reference":"north","name":"North","href":"/api/v1.0/regions/5"}}"#,
        )
    );
}

#[test]
fn a_customer_of_another_dialect_has_all_keys_too() {
    assert_eq!(
        rendered(&bare(11, "Anil", datetime!(2022-01-10 9:00 UTC))),
        concat!(
            r#"{"id":11,"reference":"C-11","reference2":null,"name":"Anil","categoryReference":null,"#,
            r#""customerCategory":null,"isSubCustomer":false,"parentCustomer":null,"billWithParent":true,"#,
            r#""customerSegmentationReference":null,"customerSegmentation":null,"pocTenus":null,"email":null,"#,
            r#""logo":null,"phone":null,"mobile":null,"fax":null,"comment":null,"barcode":null,"#,
            r#""isSameAddress":true,"billingCountry":null,"billingCity":null,"billingPostalCode":null,"#,
            r#""billingAddress":null,"billingLat":null,"billingLng":null,"country":null,"city":null,"#,
            r#""postalCode":null,"address":null,"latitude":null,"longitude":null,"isCredit":null,"#,
            r#""creditLimit":null,"balance":null,"maxChequePeriod":null,"maxChequeValue":null,"#,
            r#""appliedCashBackOutput":null,"returnDiscount":null,"invoicesPerRoute":null,"isActive":true,"#,
            r#""onHold":false,"onHoldReason":null,"paymentTerm":null,"createdBy":null,"#,
            r#""dueDateConfigNumber":null,"dueDateConfigType":null,"paymentTypes":[],"website":null,"#,
            r#""taxNumber":null,"companyRegistrationNumber":null,"contacts":[],"currency":"USD","#,
            r#""organization":"entity1","dateCreated":"2022-01-10T09:00:00Z","#,
            r#""lastUpdated":"2022-01-10T09:00:00Z","region":null}"#,
        )
    );
}

#[test]
fn a_parent_out_of_sight_has_no_link() {
    let of = |organisation: &str| Superior { organisation: Some(organisation.to_owned()), ..parent() };
    for (superior, is_linked) in [
        (Some(parent()), true),
        (Some(of("entity1")), true),
        (Some(of("entity2")), false),
        (Some(Superior { is_deleted: true, ..parent() }), false),
        (None, false),
    ] {
        let row = rendered_with(&full(), superior.as_ref(), &settings());
        assert_eq!(row.contains(r#""isSubCustomer":true,"parentCustomer":null"#), !is_linked, "{row}");
    }
    let no_default = Settings::default();
    assert!(rendered_with(&full(), Some(&parent()), &no_default).contains(r#""parentCustomer":null"#));
}

#[test]
fn the_tenant_has_a_currency_and_regions_or_not() {
    let settings = Settings { currency: Some("EUR".to_owned()), regions: false, ..settings() };
    let mut customer = full();
    customer.profile.sales.currency = None;
    let row = rendered_with(&customer, None, &settings);
    assert!(row.contains(r#""currency":"EUR""#) && !row.contains("region\""), "{row}");
}
