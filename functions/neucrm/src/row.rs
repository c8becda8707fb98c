//! A customer as a list shows it.

use customers::{Customer, CustomerKind};
use serde::Serialize;

use crate::local_time::{LocalTime, date};

/// A row of a list: every value is text, unset ones are empty, keys in the documented order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    id: String,
    ispid: String,
    resellerid: String,
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    surname: String,
    dob: String,
    mobile: String,
    email: String,
    uniqueid: String,
    zipcode: String,
    state: String,
    city: String,
    street: String,
    notes: String,
    created_at: String,
    updated_at: String,
    created_by: String,
    updated_by: String,
}

impl Row {
    /// The row of `customer`, with its times by the tenant's clock.
    pub(crate) fn new(customer: &Customer, clock: LocalTime) -> Self {
        let Customer { id, profile, lifecycle, .. } = customer;
        Self {
            id: id.to_string(),
            ispid: text(profile.hierarchy.isp.as_ref()),
            resellerid: text(profile.hierarchy.reseller.as_ref()),
            kind: profile.identity.kind.map_or("", kind_name),
            name: profile.identity.name.clone(),
            surname: text(profile.identity.surname.as_ref()),
            dob: profile.identity.birth_date.map_or_else(String::new, date),
            mobile: text(profile.contact.mobile.as_ref()),
            email: text(profile.contact.email.as_ref()),
            uniqueid: text(profile.identity.unique_id.as_ref()),
            zipcode: text(profile.address.postal_code.as_ref()),
            state: text(profile.address.state.as_ref()),
            city: text(profile.address.city.as_ref()),
            street: text(profile.address.street.as_ref()),
            notes: text(profile.notes.as_ref()),
            created_at: clock.moment(lifecycle.created_at),
            updated_at: clock.moment(lifecycle.updated_at),
            created_by: lifecycle.created_by.clone(),
            updated_by: lifecycle.updated_by.clone(),
        }
    }
}

/// The names of the kinds of customers.
pub(crate) const KINDS: [(&str, CustomerKind); 2] =
    [("Individual", CustomerKind::Individual), ("Organisation", CustomerKind::Organisation)];

fn kind_name(kind: CustomerKind) -> &'static str {
    match kind {
        CustomerKind::Individual => "Individual",
        CustomerKind::Organisation => "Organisation",
    }
}

fn text(value: Option<&impl ToString>) -> String {
    value.map_or_else(String::new, ToString::to_string)
}

#[cfg(test)]
pub(crate) mod tests {
    use customers::{Hierarchy, Identity, Lifecycle, Profile};
    use time::macros::{date, datetime};

    use super::*;
    use crate::local_time::tests::UTC;

    /// A customer of ISP 2 and reseller 5 with little more than a name.
    pub(crate) fn anil() -> Customer {
        let created_at = datetime!(2022-01-10 9:00 UTC).into();
        Customer {
            id: 11.into(),
            guid: Default::default(),
            eid: Default::default(),
            profile: Profile {
                identity: Identity {
                    kind: Some(CustomerKind::Individual),
                    name: "Anil".to_owned(),
                    ..Identity::default()
                },
                hierarchy: Hierarchy { isp: Some(2.into()), reseller: Some(5.into()), ..Hierarchy::default() },
                ..Profile::default()
            },
            lifecycle: Lifecycle {
                created_at,
                updated_at: created_at,
                created_by: "isp2".to_owned(),
                updated_by: "isp2".to_owned(),
                deleted_at: None,
            },
        }
    }

    fn rendered(customer: &Customer) -> String {
        serde_json::to_string(&Row::new(customer, UTC)).unwrap()
    }

    #[test]
    fn every_value_is_text_and_keys_keep_their_order() {
        let mut customer = anil();
        customer.profile.contact.email = Some("a@x.in".to_owned());
        assert_eq!(
            rendered(&customer),
            concat!(
                r#"{"id":"11","ispid":"2","resellerid":"5","type":"Individual","name":"Anil","surname":"","dob":"","#,
                r#""mobile":"","email":"a@x.in","uniqueid":"","zipcode":"","state":"","city":"","street":"","notes":"","#,
                r#""created_at":"2022-01-10 09:00:00","updated_at":"2022-01-10 09:00:00","#,
                r#""created_by":"isp2","updated_by":"isp2"}"#,
            )
        );
    }

    #[test]
    fn a_customer_of_another_dialect_has_empty_texts_where_this_one_has_fields() {
        let mut customer = anil();
        customer.profile.identity.kind = None;
        customer.profile.hierarchy = Hierarchy::default();
        assert!(rendered(&customer).starts_with(r#"{"id":"11","ispid":"","resellerid":"","type":"","name":"Anil""#));
    }

    #[test]
    fn a_full_row() {
        let mut customer = anil();
        let profile = &mut customer.profile;
        profile.identity.kind = Some(CustomerKind::Organisation);
        profile.identity.surname = Some("Ågren \"&\" \u{1F600}\n".to_owned());
        profile.identity.birth_date = Some(date!(1990 - 02 - 01));
        profile.identity.unique_id = Some("U-1".to_owned());
        profile.contact.mobile = Some("+91 12-34".to_owned());
        profile.address.street = Some("3rd street".to_owned());
        profile.address.city = Some("Panaji".to_owned());
        profile.address.state = Some("Goa".to_owned());
        profile.address.postal_code = Some("12345".to_owned());
        profile.notes = Some("a\\b".to_owned());
        profile.portal.password_renewal = true;
        assert_eq!(
            rendered(&customer),
            concat!(
                r#"{"id":"11","ispid":"2","resellerid":"5","type":"Organisation","name":"Anil","#,
                "\"surname\":\"Ågren \\\"&\\\" \u{1F600}\\n\",",
                r#""dob":"1990-02-01","mobile":"+91 12-34","email":"","uniqueid":"U-1","zipcode":"12345","state":"Goa","#,
                r#""city":"Panaji","street":"3rd street","notes":"a\\b","#,
                r#""created_at":"2022-01-10 09:00:00","updated_at":"2022-01-10 09:00:00","#,
                r#""created_by":"isp2","updated_by":"isp2"}"#,
            )
        );
    }
}
