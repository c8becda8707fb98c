//! A customer as a list shows it.

use customers::{Customer, Settings, Timestamp};
use serde::Serialize;
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::guid;

/// A row of a list: all keys are always there, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    license_period: u64,
    auto_renewal: u8,
    name: String,
    time_zone: String,
    seat_count: u64,
    expire: String,
    sp_subscription: String,
    license_type: &'static str,
    id: String,
    eid: String,
}

impl Row {
    /// The row of `customer`, whose tenant has these settings. One without a licence shows an empty trial without end.
    pub(crate) fn new(customer: &Customer, settings: &Settings) -> Self {
        let licence = customer.profile.licence.as_ref();
        let time_zone = licence.and_then(|licence| licence.time_zone.as_deref()).or(settings.time_zone.as_deref());
        Self {
            license_period: licence.map_or(0, |licence| licence.period_months),
            auto_renewal: licence.is_some_and(|licence| licence.auto_renewal).into(),
            name: customer.profile.identity.name.clone(),
            time_zone: time_zone.unwrap_or("UTC").to_owned(),
            seat_count: licence.map_or(0, |licence| licence.seats),
            expire: licence.map_or_else(|| NEVER.to_owned(), |licence| moment(licence.expires_at)),
            sp_subscription: licence.map_or_else(String::new, |licence| licence.plan.clone()),
            license_type: if licence.is_some_and(|licence| licence.full) { "1" } else { "0" },
            id: guid::render(customer.guid),
            eid: guid::render(customer.eid),
        }
    }
}

const NEVER: &str = "9999-12-31T23:59:59Z";

/// `YYYY-MM-DDThh:mm:ssZ`.
fn moment(timestamp: Timestamp) -> String {
    const MOMENT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    OffsetDateTime::from(timestamp).format(MOMENT).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests {
    use customers::{Identity, Licence, Lifecycle, Profile};
    use time::macros::datetime;
    use uuid::uuid;

    use super::*;

    /// The customer of the dialect's sample row.
    pub(crate) fn alpha() -> Customer {
        let created_at = datetime!(2022-01-10 9:00 UTC).into();
        Customer {
            id: 11.into(),
            guid: uuid!("ad38f82d-51a1-46fd-b167-e0d0ff31be83"),
            eid: uuid!("640fe47f-5118-4d79-8221-a35d0de2ee2c"),
            profile: Profile {
                identity: Identity { name: "Trend Alpha".to_owned(), ..Identity::default() },
                licence: Some(Licence {
                    period_months: 1,
                    auto_renewal: false,
                    full: true,
                    seats: 30,
                    plan: "monthly".to_owned(),
                    time_zone: Some("Asia/Taipei".to_owned()),
                    expires_at: datetime!(2030-06-01 15:59:59 UTC).into(),
                }),
                ..Profile::default()
            },
            lifecycle: Lifecycle {
                created_at,
                updated_at: created_at,
                created_by: "operator".to_owned(),
                updated_by: "operator".to_owned(),
                deleted_at: None,
            },
        }
    }

    fn rendered(customer: &Customer, settings: &Settings) -> String {
        serde_json::to_string(&Row::new(customer, settings)).unwrap()
    }

    fn in_berlin() -> Settings {
        Settings { time_zone: Some("Europe/Berlin".to_owned()), ..Settings::default() }
    }

    #[test]
    fn a_row_byte_for_byte() {
        assert_eq!(
            rendered(&alpha(), &in_berlin()),
            concat!(
                r#"{"license_period":1,"auto_renewal":0,"name":"Trend Alpha","time_zone":"Asia/Taipei","seat_count":30,"#,
                r#""expire":"2030-06-01T15:59:59Z","sp_subscription":"monthly","license_type":"1","#,
                r#""id":"AD38F82D-51A1-46FD-B167-E0D0FF31BE83","eid":"640FE47F-5118-4D79-8221-A35D0DE2EE2C"}"#,
            )
        );
    }

    #[test]
    fn a_customer_without_a_licence_has_all_keys_too() {
        let mut customer = alpha();
        customer.profile.licence = None;
        assert_eq!(
            rendered(&customer, &in_berlin()),
            concat!(
                r#"{"license_period":0,"auto_renewal":0,"name":"Trend Alpha","time_zone":"Europe/Berlin","seat_count":0,"#,
                r#""expire":"9999-12-31T23:59:59Z","sp_subscription":"","license_type":"0","#,
                r#""id":"AD38F82D-51A1-46FD-B167-E0D0FF31BE83","eid":"640FE47F-5118-4D79-8221-A35D0DE2EE2C"}"#,
            )
        );
    }

    #[test]
    fn the_time_zone_is_the_customers_else_the_tenants_else_utc() {
        let mut customer = alpha();
        let own = Row::new(&customer, &in_berlin()).time_zone;
        if let Some(licence) = &mut customer.profile.licence {
            licence.time_zone = None;
        }
        let tenants = Row::new(&customer, &in_berlin()).time_zone;
        let fallback = Row::new(&customer, &Settings::default()).time_zone;
        assert_eq!([own, tenants, fallback], ["Asia/Taipei", "Europe/Berlin", "UTC"]);
    }

    #[test]
    fn trials_and_renewals() {
        for (full, auto_renewal, license_type, renewal) in [(true, true, "1", 1), (false, false, "0", 0)] {
            let mut customer = alpha();
            if let Some(licence) = &mut customer.profile.licence {
                (licence.full, licence.auto_renewal) = (full, auto_renewal);
            }
            let row = Row::new(&customer, &Settings::default());
            assert_eq!((row.license_type, row.auto_renewal), (license_type, renewal));
        }
    }
}
