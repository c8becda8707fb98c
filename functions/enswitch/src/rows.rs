//! Customers as a list shows them.

use std::sync::Arc;

use customers::Customer;
use runtime::ANSWER_LIMIT;
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::column::{COLUMNS, Column, Surroundings, Value};

/// Bytes that a row takes at least in the JSON that Lambda carries, in which a quote takes two: those of a customer that
/// has nothing but an id, rounded down.
const ROW_BYTES_MINIMUM: usize = 660;
/// Rows that a function with 512 MB holds at a time beside the index of a million customers, which takes 220 MB: each
/// takes 6 KB, as measured, while it is fetched, rendered and gzipped.
const ROWS_HELD: usize = 40_000;

/// The rows of a list, rendered only when they are written.
pub struct Rows {
    customers: Vec<Arc<Customer>>,
    shown: Shown,
    surroundings: Surroundings,
}

/// Which columns rows have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// All documented ones, and those met by an import.
    All,
    /// These, in this order.
    Only(&'static [&'static str]),
}

impl Rows {
    pub(crate) fn new(customers: Vec<Arc<Customer>>, shown: Shown, surroundings: Surroundings) -> Self {
        Self { customers, shown, surroundings }
    }
}

impl Shown {
    /// The most rows that a list may answer with. More cannot fit into what Lambda carries, or not into the memory of
    /// a function.
    pub(crate) fn most_rows(self, is_gzipped: bool) -> usize {
        match self {
            Self::All if !is_gzipped => ANSWER_LIMIT / ROW_BYTES_MINIMUM,
            _ => ROWS_HELD,
        }
    }
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { shown, surroundings, .. } = *self;
        serializer.collect_seq(self.customers.iter().map(|customer| Row { customer, shown, surroundings }))
    }
}

struct Row<'a> {
    customer: &'a Customer,
    shown: Shown,
    surroundings: Surroundings,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_map(None)?;
        match self.shown {
            Shown::All => {
                self.write(&mut row, COLUMNS.iter())?;
                let extra = self.customer.profile.extra.iter();
                extra
                    .filter(|(name, _)| may_be_shown(name))
                    .try_for_each(|(name, text)| row.serialize_entry(name, text))?;
            }
            Shown::Only(names) => self.write(&mut row, names.iter().filter_map(|name| documented(name)))?,
        }
        row.end()
    }
}

impl Row<'_> {
    fn write<M: SerializeMap>(
        &self,
        row: &mut M,
        mut columns: impl Iterator<Item = &'static Column>,
    ) -> Result<(), M::Error> {
        columns.try_for_each(|Column { name, value }| match value(self.customer, self.surroundings) {
            Value::Absent => Ok(()),
            value => row.serialize_entry(name, &value),
        })
    }
}

fn documented(name: &str) -> Option<&'static Column> {
    COLUMNS.iter().find(|column| column.name == name)
}

/// Whether a column met by an import may be shown: it does not stand in for a documented one, and is no secret, which
/// the vendor never returns.
fn may_be_shown(name: &str) -> bool {
    let folded = name.to_lowercase();
    documented(name).is_none() && !["password", "secret"].iter().any(|secret| folded.contains(secret))
}

#[cfg(test)]
pub(crate) mod tests {
    use customers::{
        Address, Affiliate, AffiliateKind, BankAccount, BillType, Contact, Decimal, Hierarchy, Identity, Profile,
        Telephony,
    };

    use super::*;
    use crate::column::{self, tests::below_1};

    /// Full rows of customers of a tenant whose root customer is 1.
    pub(crate) fn all_of(customers: Vec<Arc<Customer>>) -> Rows {
        Rows::new(customers, Shown::All, below_1())
    }

    /// The same customers in a page selector.
    pub(crate) fn choices_of(customers: Vec<Arc<Customer>>) -> Rows {
        Rows::new(customers, Shown::Only(&["id", "account", "name"]), below_1())
    }

    fn customer(id: u64, profile: Profile) -> Arc<Customer> {
        Arc::new(column::tests::customer(id, profile))
    }

    fn rendered(rows: &Rows) -> String {
        serde_json::to_string(rows).unwrap()
    }

    #[test]
    fn a_customer_without_anything_has_the_documented_defaults() {
        assert_eq!(
            rendered(&all_of(vec![customer(3, Profile::default())])),
            concat!(
                r#"[{"id":3,"name":"","account":"","description":"","parent":1,"deleted":0,"directory":0,"bill_type":"","#,
                r#""plan":0,"email":"","address1":"","address2":"","address3":"","address_city":"","address_code":"","#,
                r#""address_other":"","address_state":"","affiliate_customer":0,"affiliate_percentage":0,"#,
                r#""affiliate_type":"","auto_topup":0.0,"balance":0.0,"bank_account_name":"","bank_account_number":"","#,
                r#""bank_code":"","bank_name":"","bill_ref":"","bulk_calls":-2,"call_maximum":-2.0,"callerid":"","#,
                r#""callerid_in_external":0,"email_low_balance":0,"created":"2022-02-10 23:59:59"}]"#,
            )
        );
    }

    #[test]
    fn a_full_row() {
        let some = |text: &str| Some(text.to_owned());
        let profile = Profile {
            identity: Identity {
                name: "alpha \"&\" \u{1F600}\n".to_owned(),
                account: some("A-3"),
                description: some("first"),
                ..Identity::default()
            },
            contact: Contact { email: some("a@x.in"), ..Contact::default() },
            address: Address {
                street: some("3rd street"),
                line2: some("2nd line"),
                line3: some("3rd line"),
                city: some("Panaji"),
                state: some("Goa"),
                postal_code: some("403001"),
                other: some("back door"),
                ..Address::default()
            },
            hierarchy: Hierarchy { parent: Some(2.into()), ..Hierarchy::default() },
            telephony: Telephony {
                bill_type: Some(BillType::PrepaidCalls),
                plan: Some(7),
                directory: true,
                bill_reference: some("B-3"),
                affiliate: Some(Affiliate { customer: 9.into(), percentage: 10, kind: Some(AffiliateKind::Revenue) }),
                auto_topup: Some(5.into()),
                balance: Some(Decimal::from_ten_thousandths(-123_450)),
                bank: Some(BankAccount {
                    account_name: "Alpha".to_owned(),
                    account_number: "1234".to_owned(),
                    bank_code: "BC".to_owned(),
                    bank_name: "Bank".to_owned(),
                }),
                bulk_calls: Some(-1),
                call_maximum: Some(Decimal::from_ten_thousandths(15_000)),
                caller_id: some("+91832"),
                caller_id_in_external: true,
                email_low_balance: true,
                currency: some("INR"),
                time_zone: some("Asia/Kolkata"),
            },
            ..Profile::default()
        };
        assert_eq!(
            rendered(&all_of(vec![customer(3, profile)])),
            concat!(
                "[{\"id\":3,\"name\":\"alpha \\\"&\\\" \u{1F600}\\n\",",
                r#""account":"A-3","description":"first","parent":2,"deleted":0,"directory":1,"#,
                r#""bill_type":"prepaid_calls","plan":7,"email":"a@x.in","address1":"3rd street","address2":"2nd line","#,
                r#""address3":"3rd line","address_city":"Panaji","address_code":"403001","address_other":"back door","#,
                r#""address_state":"Goa","affiliate_customer":9,"affiliate_percentage":10,"affiliate_type":"revenue","#,
                r#""auto_topup":5.0,"balance":-12.345,"bank_account_name":"Alpha","bank_account_number":"1234","#,
                r#""bank_code":"BC","bank_name":"Bank","bill_ref":"B-3","bulk_calls":-1,"call_maximum":1.5,"#,
                r#""callerid":"+91832","callerid_in_external":1,"email_low_balance":1,"currency":"INR","#,
                r#""timezone":"Asia/Kolkata","created":"2022-02-10 23:59:59"}]"#,
            )
        );
    }

    #[test]
    fn columns_met_by_an_import_follow_unless_they_are_documented_or_secret() {
        let extra = ["region", "tax_ref", "id", "created", "web_password", "PasswordHash", "sip_secret", "Currency"];
        let extra = extra.map(|name| (name.to_owned(), "x".to_owned())).into();
        let text = rendered(&all_of(vec![customer(3, Profile { extra, ..Profile::default() })]));
        let (_, shown) = text.split_once(r#""created":"2022-02-10 23:59:59""#).unwrap();
        assert_eq!(shown, r#","Currency":"x","region":"x","tax_ref":"x"}]"#);
        assert!(text.starts_with(r#"[{"id":3,"#));
    }

    #[test]
    fn a_page_selector_has_its_columns_only() {
        let extra = [("region".to_owned(), "x".to_owned())].into();
        let identity = Identity { name: "Beta".to_owned(), account: Some("A-4".to_owned()), ..Identity::default() };
        let rows =
            vec![customer(3, Profile::default()), customer(4, Profile { identity, extra, ..Profile::default() })];
        assert_eq!(
            rendered(&choices_of(rows)),
            r#"[{"id":3,"account":"","name":""},{"id":4,"account":"A-4","name":"Beta"}]"#
        );
    }

    #[test]
    fn no_row_takes_less_than_is_reckoned_with() {
        let row = rendered(&all_of(vec![customer(1, Profile::default())])).replace(['[', ']'], ",");
        let carried = serde_json::to_string(&row).unwrap();
        let bytes = carried.len() - r#"",""#.len();
        assert!((ROW_BYTES_MINIMUM..ROW_BYTES_MINIMUM + 10).contains(&bytes), "{bytes}");
    }

    #[test]
    fn a_list_has_no_more_rows_than_can_be_carried_and_held() {
        const CHOICES: Shown = Shown::Only(&["id", "name"]);
        for (shown, is_gzipped, expected) in
            [(Shown::All, false, 9_532), (Shown::All, true, 40_000), (CHOICES, false, 40_000), (CHOICES, true, 40_000)]
        {
            assert_eq!(shown.most_rows(is_gzipped), expected, "{shown:?} {is_gzipped}");
        }
    }
}
