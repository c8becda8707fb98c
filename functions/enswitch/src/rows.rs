//! Customers as a list shows them.

use std::ops::ControlFlow;

use customers::Customer;
use runtime::ANSWER_LIMIT;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::{RawValue, to_raw_value};

use crate::column::{COLUMNS, Column, Surroundings, Value};

/// Bytes that a row of all columns takes at least in the JSON that Lambda carries, in which a quote takes two: those of a
/// customer that has nothing but an id, rounded down.
const ROW_BYTES_MINIMUM: usize = 660;
/// The same before quotes are doubled.
const BARE_ROW_BYTES_MINIMUM: usize = 550;
/// Bytes of JSON that a function with 512 MB takes in for one answer, beside the index of a million customers. Gzipped, more
/// than this does not fit an answer either: rows shrink to about a tenth.
const JSON_BYTES_MAXIMUM: usize = 64 << 20;

/// The rows of a list, as JSON.
#[derive(Debug)]
pub struct Rows {
    rows: Vec<Box<RawValue>>,
    bytes: usize,
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
    pub(crate) fn new(shown: Shown, surroundings: Surroundings) -> Self {
        Self { rows: Vec::new(), bytes: 0, shown, surroundings }
    }

    /// Adds the row of `customer`; breaks off once no answer can carry them all.
    pub(crate) fn push(&mut self, customer: &Customer) -> ControlFlow<()> {
        let Self { shown, surroundings, .. } = *self;
        // Rows have a JSON form, all of them.
        if let Ok(row) = to_raw_value(&Row { customer, shown, surroundings }) {
            self.bytes += row.get().len();
            self.rows.push(row);
        }
        if self.is_too_long() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Whether no answer can carry them.
    pub(crate) fn is_too_long(&self) -> bool {
        self.bytes > JSON_BYTES_MAXIMUM
    }
}

impl Shown {
    /// The most rows that an answer can carry, as far as that is known without looking at them.
    pub(crate) fn most_rows(self, is_gzipped: bool) -> usize {
        match self {
            Self::All if is_gzipped => JSON_BYTES_MAXIMUM / BARE_ROW_BYTES_MINIMUM,
            Self::All => ANSWER_LIMIT / ROW_BYTES_MINIMUM,
            Self::Only(_) => usize::MAX,
        }
    }
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rows.serialize(serializer)
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
    use crate::column::tests::{below_1, customer};

    /// Full rows of customers of a tenant whose root customer is 1.
    pub(crate) fn all_of(customers: &[Customer]) -> Rows {
        rows_of(customers, Shown::All)
    }

    /// The same customers in a page selector.
    pub(crate) fn choices_of(customers: &[Customer]) -> Rows {
        rows_of(customers, Shown::Only(&["id", "account", "name"]))
    }

    fn rows_of(customers: &[Customer], shown: Shown) -> Rows {
        let mut rows = Rows::new(shown, below_1());
        assert!(customers.iter().all(|customer| rows.push(customer).is_continue()));
        rows
    }

    fn rendered(rows: &Rows) -> String {
        serde_json::to_string(rows).unwrap()
    }

    #[test]
    fn a_customer_without_anything_has_the_documented_defaults() {
        assert_eq!(
            rendered(&all_of(&[customer(3, Profile::default())])),
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
            rendered(&all_of(&[customer(3, profile)])),
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
        let text = rendered(&all_of(&[customer(3, Profile { extra, ..Profile::default() })]));
        let (_, shown) = text.split_once(r#""created":"2022-02-10 23:59:59""#).unwrap();
        assert_eq!(shown, r#","Currency":"x","region":"x","tax_ref":"x"}]"#);
        assert!(text.starts_with(r#"[{"id":3,"#));
    }

    #[test]
    fn a_page_selector_has_its_columns_only() {
        let extra = [("region".to_owned(), "x".to_owned())].into();
        let identity = Identity { name: "Beta".to_owned(), account: Some("A-4".to_owned()), ..Identity::default() };
        let rows = [customer(3, Profile::default()), customer(4, Profile { identity, extra, ..Profile::default() })];
        assert_eq!(
            rendered(&choices_of(&rows)),
            r#"[{"id":3,"account":"","name":""},{"id":4,"account":"A-4","name":"Beta"}]"#
        );
    }

    #[test]
    fn no_row_takes_less_than_is_reckoned_with() {
        let row = rendered(&all_of(&[customer(1, Profile::default())])).replace(['[', ']'], ",");
        let bare = row.len() - ",".len();
        let carried = serde_json::to_string(&row).unwrap().len() - r#"",""#.len();
        assert!((BARE_ROW_BYTES_MINIMUM..BARE_ROW_BYTES_MINIMUM + 10).contains(&bare), "{bare}");
        assert!((ROW_BYTES_MINIMUM..ROW_BYTES_MINIMUM + 10).contains(&carried), "{carried}");
    }

    #[test]
    fn a_list_breaks_off_when_no_answer_can_carry_it() {
        const CHOICES: Shown = Shown::Only(&["id", "name"]);
        for (shown, is_gzipped, expected) in
            [(Shown::All, false, 9_532), (Shown::All, true, 122_016), (CHOICES, false, usize::MAX)]
        {
            assert_eq!(shown.most_rows(is_gzipped), expected, "{shown:?} {is_gzipped}");
        }
        let notes = [("notes".to_owned(), "x".repeat(1 << 20))].into();
        let customer = customer(1, Profile { extra: notes, ..Profile::default() });
        let mut rows = Rows::new(Shown::All, below_1());
        let taken = (0..100).take_while(|_| rows.push(&customer).is_continue()).count();
        assert!(taken == 63 && rows.is_too_long(), "{taken} rows");
    }
}
