//! What some dialects know of a customer: how its calls are billed, on which terms it buys, which licence it has.

use serde::{Deserialize, Serialize};

use super::{CustomerId, Decimal, Timestamp};

/// How a customer's calls are billed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Telephony {
    /// Way of billing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bill_type: Option<BillType>,
    /// Number of the rate plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<u64>,
    /// Whether it is listed in the telephone directory.
    #[serde(skip_serializing_if = "is_false")]
    pub directory: bool,
    /// Reference on bills.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bill_reference: Option<String>,
    /// Customer that gets a share of what this one pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affiliate: Option<Affiliate>,
    /// What is added to the balance when it runs low.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_topup: Option<Decimal>,
    /// Credit on the account, negative for debt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Decimal>,
    /// Account that bills are paid from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankAccount>,
    /// Calls at a time: a number, -1 for the default limit, -2 for the plan's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk_calls: Option<i64>,
    /// Most that calls may cost in a day: an amount, -1 for no limit, -2 for the plan's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_maximum: Option<Decimal>,
    /// Number that calls show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller_id: Option<String>,
    /// Whether calls from outside keep the number they show.
    #[serde(skip_serializing_if = "is_false")]
    pub caller_id_in_external: bool,
    /// Whether it is told by e-mail when the balance runs low.
    #[serde(skip_serializing_if = "is_false")]
    pub email_low_balance: bool,
    /// ISO 4217 code of the currency of its amounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// IANA name of its time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// Way of billing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BillType {
    /// By the owner of a call shop.
    Callshop,
    /// By another system.
    External,
    /// Not at all.
    None,
    /// Afterwards.
    Postpaid,
    /// Beforehand, calls and invoices.
    Prepaid,
    /// Beforehand, calls only.
    PrepaidCalls,
    /// Beforehand, invoices only.
    PrepaidInvoices,
}

/// A share in what a customer pays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Affiliate {
    /// Who gets it.
    pub customer: CustomerId,
    /// How much, in percent.
    pub percentage: u64,
    /// Of what.
    pub kind: Option<AffiliateKind>,
}

/// What an affiliate's share is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AffiliateKind {
    /// Of what is paid.
    Revenue,
    /// Of what is earned.
    Profit,
}

/// An account at a bank.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BankAccount {
    /// Holder.
    pub account_name: String,
    /// Number of the account.
    pub account_number: String,
    /// Code of the bank.
    pub bank_code: String,
    /// Name of the bank.
    pub bank_name: String,
}

/// On which terms a customer buys from field sales.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sales {
    /// Category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<Link>,
    /// Segmentation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segmentation: Option<Link>,
    /// Region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Link>,
    /// User who entered it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Link>,
    /// Ways of paying.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub payment_types: Vec<Link>,
    /// Whether it is out of use.
    #[serde(skip_serializing_if = "is_false")]
    pub inactive: bool,
    /// Whether it may not order for now.
    #[serde(skip_serializing_if = "is_false")]
    pub on_hold: bool,
    /// Why it may not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_hold_reason: Option<String>,
    /// Whether it is billed by itself and not with its parent.
    #[serde(skip_serializing_if = "is_false")]
    pub billed_apart: bool,
    /// Whether it may buy on credit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_credit: Option<bool>,
    /// Highest debt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit_limit: Option<Decimal>,
    /// Debt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Decimal>,
    /// Days within which a cheque must fall due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_cheque_period: Option<Decimal>,
    /// Highest sum of a cheque.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_cheque_value: Option<Decimal>,
    /// Cash back on what is delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied_cash_back_output: Option<Decimal>,
    /// Discount on what is returned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_discount: Option<Decimal>,
    /// Invoices on one tour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoices_per_route: Option<Decimal>,
    /// Term of payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_term: Option<String>,
    /// Number of days of the due date's rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date_number: Option<Decimal>,
    /// The due date's rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date_type: Option<String>,
    /// ISO 4217 code of the currency of its amounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// Another record that a customer points at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Number of the record.
    pub id: u64,
    /// Reference of the record.
    pub reference: String,
    /// Name of the record.
    pub name: String,
}

/// A licence of a security service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Licence {
    /// Months that it runs.
    pub period_months: u64,
    /// Whether it renews itself.
    pub auto_renewal: bool,
    /// Whether it is paid; a trial otherwise.
    pub full: bool,
    /// Seats.
    pub seats: u64,
    /// Name of the service plan.
    pub plan: String,
    /// IANA name of the customer's time zone; the tenant's where unset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// When it ends.
    pub expires_at: Timestamp,
}

fn is_false(flag: &bool) -> bool {
    !flag
}
