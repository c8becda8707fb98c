//! The columns of a customer's row.

use std::borrow::Cow;

use customers::{AffiliateKind, BankAccount, BillType, Customer, CustomerId, Decimal, Telephony, Tenant, Timestamp};
use serde::Serialize;
use time::{OffsetDateTime, UtcOffset, format_description::BorrowedFormatItem, macros::format_description};

/// A column: its name, and what a customer has in it.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) value: for<'a> fn(&'a Customer, Surroundings) -> Value<'a>,
}

/// What a customer's columns need to know of its tenant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings {
    /// The customer above all that were given no parent.
    root: Option<CustomerId>,
    /// The clock by which clients read times.
    clock: UtcOffset,
}

/// A value as JSON shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Value<'a> {
    Natural(u64),
    Integer(i64),
    Decimal(f64),
    Text(Cow<'a, str>),
    /// The row lacks the column.
    Absent,
}
use Value::{Absent, Integer, Natural, Text};

/// The ways of billing.
pub(crate) const BILL_TYPES: [(&str, BillType); 7] = [
    ("callshop", BillType::Callshop),
    ("external", BillType::External),
    ("none", BillType::None),
    ("postpaid", BillType::Postpaid),
    ("prepaid", BillType::Prepaid),
    ("prepaid_calls", BillType::PrepaidCalls),
    ("prepaid_invoices", BillType::PrepaidInvoices),
];

/// The limit of a customer that has the one of its rate plan.
const OF_THE_PLAN: i32 = -2;

/// The documented columns, in their order. What a customer lacks has the value that the vendor's `customers/create` would
/// give it; a bill type, which would be the system's own default there, is empty.
#[rustfmt::skip]
pub(crate) const COLUMNS: [Column; 35] = [
    column("id", |customer, _| Natural(customer.id.get())),
    column("name", |customer, _| Text(Cow::Borrowed(&customer.profile.identity.name))),
    column("account", |customer, _| text(customer.profile.identity.account.as_ref())),
    column("description", |customer, _| text(customer.profile.identity.description.as_ref())),
    column("parent", |customer, surroundings| Natural(surroundings.parent_of(customer))),
    column("deleted", |customer, _| flag(customer.is_deleted())),
    column("directory", |customer, _| flag(telephony(customer).directory)),
    column("bill_type", |customer, _| word(telephony(customer).bill_type.map(bill_type))),
    column("plan", |customer, _| Natural(telephony(customer).plan.unwrap_or_default())),
    column("email", |customer, _| text(customer.profile.contact.email.as_ref())),
    column("address1", |customer, _| text(customer.profile.address.street.as_ref())),
    column("address2", |customer, _| text(customer.profile.address.line2.as_ref())),
    column("address3", |customer, _| text(customer.profile.address.line3.as_ref())),
    column("address_city", |customer, _| text(customer.profile.address.city.as_ref())),
    column("address_code", |customer, _| text(customer.profile.address.postal_code.as_ref())),
    column("address_other", |customer, _| text(customer.profile.address.other.as_ref())),
    column("address_state", |customer, _| text(customer.profile.address.state.as_ref())),
    column("affiliate_customer", |customer, _| {
        Natural(telephony(customer).affiliate.as_ref().map_or(0, |affiliate| affiliate.customer.get()))
    }),
    column("affiliate_percentage", |customer, _| {
        Natural(telephony(customer).affiliate.as_ref().map_or(0, |affiliate| affiliate.percentage))
    }),
    column("affiliate_type", |customer, _| {
        word(telephony(customer).affiliate.as_ref().and_then(|affiliate| affiliate.kind).map(affiliate_type))
    }),
    column("auto_topup", |customer, _| decimal(telephony(customer).auto_topup.unwrap_or_default())),
    column("balance", |customer, _| decimal(telephony(customer).balance.unwrap_or_default())),
    column("bank_account_name", |customer, _| text(bank(customer).map(|bank| &bank.account_name))),
    column("bank_account_number", |customer, _| text(bank(customer).map(|bank| &bank.account_number))),
    column("bank_code", |customer, _| text(bank(customer).map(|bank| &bank.bank_code))),
    column("bank_name", |customer, _| text(bank(customer).map(|bank| &bank.bank_name))),
    column("bill_ref", |customer, _| text(telephony(customer).bill_reference.as_ref())),
    column("bulk_calls", |customer, _| Integer(telephony(customer).bulk_calls.unwrap_or(OF_THE_PLAN.into()))),
    column("call_maximum", |customer, _| {
        decimal(telephony(customer).call_maximum.unwrap_or_else(|| OF_THE_PLAN.into()))
    }),
    column("callerid", |customer, _| text(telephony(customer).caller_id.as_ref())),
    column("callerid_in_external", |customer, _| flag(telephony(customer).caller_id_in_external)),
    column("email_low_balance", |customer, _| flag(telephony(customer).email_low_balance)),
    column("currency", |customer, _| if_set(telephony(customer).currency.as_ref())),
    column("timezone", |customer, _| if_set(telephony(customer).time_zone.as_ref())),
    column("created", |customer, surroundings| Text(surroundings.moment(customer.lifecycle.created_at).into())),
];

const fn column(name: &'static str, value: for<'a> fn(&'a Customer, Surroundings) -> Value<'a>) -> Column {
    Column { name, value }
}

impl Surroundings {
    /// What the customers of `tenant` have in common.
    pub(crate) fn of(tenant: &Tenant) -> Self {
        let seconds = i32::from(tenant.settings.utc_offset_minutes) * 60;
        Self {
            root: tenant.settings.root_customer,
            clock: UtcOffset::from_whole_seconds(seconds).unwrap_or(UtcOffset::UTC),
        }
    }

    /// The number of the customer above `customer`; 0 if there is none.
    fn parent_of(self, customer: &Customer) -> u64 {
        customer.parent(self.root).map_or(0, CustomerId::get)
    }

    /// `YYYY-MM-DD HH:MM:SS`.
    fn moment(self, timestamp: Timestamp) -> String {
        const MOMENT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
        let utc = OffsetDateTime::from(timestamp);
        utc.checked_to_offset(self.clock).unwrap_or(utc).format(MOMENT).unwrap_or_default()
    }
}

fn telephony(customer: &Customer) -> &Telephony {
    &customer.profile.telephony
}

fn bank(customer: &Customer) -> Option<&BankAccount> {
    telephony(customer).bank.as_ref()
}

fn bill_type(bill_type: BillType) -> &'static str {
    match bill_type {
        BillType::Callshop => "callshop",
        BillType::External => "external",
        BillType::None => "none",
        BillType::Postpaid => "postpaid",
        BillType::Prepaid => "prepaid",
        BillType::PrepaidCalls => "prepaid_calls",
        BillType::PrepaidInvoices => "prepaid_invoices",
    }
}

fn affiliate_type(kind: AffiliateKind) -> &'static str {
    match kind {
        AffiliateKind::Revenue => "revenue",
        AffiliateKind::Profit => "profit",
    }
}

fn text(text: Option<&String>) -> Value<'_> {
    word(text.map(String::as_str))
}

fn word(word: Option<&str>) -> Value<'_> {
    Text(Cow::Borrowed(word.unwrap_or_default()))
}

fn if_set(text: Option<&String>) -> Value<'_> {
    text.map_or(Absent, |text| Text(Cow::Borrowed(text)))
}

fn flag(flag: bool) -> Value<'static> {
    Natural(flag.into())
}

fn decimal(decimal: Decimal) -> Value<'static> {
    Value::Decimal(decimal.to_f64())
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::HashSet;

    use customers::{Hierarchy, Lifecycle, Profile};

    use super::*;

    /// What the customers of a tenant have in common whose root customer is 1.
    pub(crate) fn below_1() -> Surroundings {
        Surroundings { root: Some(1.into()), clock: UtcOffset::UTC }
    }

    /// A customer created on 2022-02-10 at 23:59:59 UTC.
    pub(crate) fn customer(id: u64, profile: Profile) -> Customer {
        let created_at = Timestamp::from_unix_seconds(1_644_537_599);
        Customer {
            id: id.into(),
            guid: Default::default(),
            eid: Default::default(),
            profile,
            lifecycle: Lifecycle {
                created_at,
                updated_at: created_at,
                created_by: String::new(),
                updated_by: String::new(),
                deleted_at: None,
            },
        }
    }

    fn value_of(name: &str, customer: &Customer, surroundings: Surroundings) -> Value<'static> {
        let column = COLUMNS.iter().find(|column| column.name == name).unwrap();
        match (column.value)(customer, surroundings) {
            Natural(number) => Natural(number),
            Text(text) => Text(text.into_owned().into()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn no_two_columns_have_the_same_name() {
        let names: HashSet<_> = COLUMNS.iter().map(|column| column.name).collect();
        assert_eq!(names.len(), COLUMNS.len());
    }

    #[test]
    fn bill_types_are_shown_as_they_are_read() {
        for (word, meaning) in BILL_TYPES {
            assert_eq!(bill_type(meaning), word);
        }
    }

    #[test]
    fn all_but_the_root_have_a_parent() {
        let without_root = Surroundings { root: None, clock: UtcOffset::UTC };
        for (id, parent, surroundings, expected) in [
            (3, Some(2), below_1(), 2),
            (3, None, below_1(), 1),
            (1, None, below_1(), 0),
            (1, Some(2), below_1(), 2),
            (3, None, without_root, 0),
        ] {
            let hierarchy = Hierarchy { parent: parent.map(CustomerId::from), ..Hierarchy::default() };
            let customer = customer(id, Profile { hierarchy, ..Profile::default() });
            assert_eq!(value_of("parent", &customer, surroundings), Natural(expected), "{id} {parent:?}");
        }
    }

    #[test]
    fn a_deleted_customer_says_so() {
        let mut customer = customer(3, Profile::default());
        assert_eq!(value_of("deleted", &customer, below_1()), Natural(0));
        customer.lifecycle.deleted_at = Some(customer.lifecycle.created_at);
        assert_eq!(value_of("deleted", &customer, below_1()), Natural(1));
    }

    #[test]
    fn times_are_shown_by_the_tenants_clock() {
        let india = Surroundings { clock: UtcOffset::from_hms(5, 30, 0).unwrap(), ..below_1() };
        for (surroundings, expected) in [(below_1(), "2022-02-10 23:59:59"), (india, "2022-02-11 05:29:59")] {
            let created = value_of("created", &customer(3, Profile::default()), surroundings);
            assert_eq!(created, Text(expected.into()));
        }
    }
}
