//! What telephony, field sales and licensing know of the demo customers: something of most, everything of a few.

use std::ops::Range;

use customers::{Address, BillType, Customer, CustomerKind, Decimal, Licence, Link, Sales, Telephony, Timestamp};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use time::{Duration, OffsetDateTime, macros::datetime};

use super::{
    customers::pick,
    region::{Region, Term, term},
};

const SEED: u64 = 60;

/// Each as often as it stands here.
const BILL_TYPES: [BillType; 12] = [
    BillType::Postpaid,
    BillType::Postpaid,
    BillType::Postpaid,
    BillType::Postpaid,
    BillType::Prepaid,
    BillType::Prepaid,
    BillType::Prepaid,
    BillType::PrepaidCalls,
    BillType::PrepaidInvoices,
    BillType::Callshop,
    BillType::External,
    BillType::None,
];
const DESCRIPTIONS: [&str; 5] =
    ["Fibre and one line", "Two lines, one number", "PBX with 8 extensions", "Fax line", "Café with call booths"];

const CATEGORIES: [Term; 4] = [
    term(1, "home", "Home"),
    term(2, "business", "Business"),
    term(3, "hospitality", "Hotels and cafés"),
    term(4, "public", "Public bodies"),
];
const SEGMENTATIONS: [Term; 3] = [term(1, "A", "Key account"), term(2, "B", "Regular"), term(3, "C", "Occasional")];
const PAYMENT_TYPES: [Term; 4] =
    [term(1, "cash", "Cash"), term(2, "cheque", "Cheque"), term(3, "transfer", "Bank transfer"), term(4, "upi", "UPI")];
const SELLERS: [Term; 2] = [term(1, "U-1", "Asha Naik"), term(2, "U-2", "Jonas Weiß")];
const HOLD_REASONS: [&str; 2] = ["Invoice overdue", "Cheque returned"];

/// Service plans, and for how many months they run.
const TRIAL: (&str, u64) = ("Trial", 1);
const PLANS: [(&str, u64); 3] = [("Standard monthly", 1), ("Standard yearly", 12), ("Advanced, 3 years", 36)];
/// Between these the licences end.
const FIRST_EXPIRY: OffsetDateTime = datetime!(2026-01-31 18:29:59 UTC);
const EXPIRY_DAYS: Range<i64> = 0..1100;

/// How many customers have each: a share of one.
pub(super) struct Shares {
    pub(super) telephony: f64,
    pub(super) sales: f64,
    pub(super) licence: f64,
}

/// Adds billing, terms of sale and a licence, each to some customers.
pub(super) fn equip(customer: &mut Customer, region: &Region, shares: &Shares) {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    // A stream of its own: no customer's draws shift another's.
    random.set_stream(customer.id.get());
    if random.random_bool(shares.telephony) {
        bill_calls(customer, region, &mut random);
    }
    if random.random_bool(shares.sales) {
        sell(customer, region, &mut random);
    }
    if random.random_bool(shares.licence) {
        customer.profile.licence = Some(licence(region, &mut random));
    }
}

fn bill_calls(customer: &mut Customer, region: &Region, random: &mut ChaCha8Rng) {
    let id = customer.id;
    let bill_type = *pick(&BILL_TYPES, random);
    let prepaid = matches!(bill_type, BillType::Prepaid | BillType::PrepaidCalls | BillType::PrepaidInvoices);
    let balance = if prepaid { 0..500_000 } else { -250_000..1 };
    let profile = &mut customer.profile;
    profile.identity.account = Some(format!("48{id}"));
    profile.identity.description = random.random_bool(0.8).then(|| (*pick(&DESCRIPTIONS, random)).to_owned());
    profile.telephony = Telephony {
        bill_type: Some(bill_type),
        plan: Some(random.random_range(1..=6)),
        directory: random.random_bool(0.3),
        bill_reference: random.random_bool(0.5).then(|| format!("B-{id}")),
        auto_topup: (prepaid && random.random_bool(0.4)).then(|| Decimal::from(500)),
        balance: Some(hundredths(balance, random)),
        caller_id: profile.contact.mobile.clone(),
        email_low_balance: prepaid,
        currency: region.abroad.as_ref().map(|abroad| abroad.currency.to_owned()),
        time_zone: region.abroad.as_ref().map(|abroad| abroad.time_zone.to_owned()),
        ..Telephony::default()
    };
}

fn sell(customer: &mut Customer, region: &Region, random: &mut ChaCha8Rng) {
    let id = customer.id;
    let profile = &mut customer.profile;
    let is_organisation = profile.identity.kind == Some(CustomerKind::Organisation);
    profile.identity.reference = Some(format!("NC-{id}"));
    profile.identity.second_reference = random.random_bool(0.2).then(|| format!("OLD-{}", id.get() + 7000));
    profile.identity.tax_number = is_organisation.then(|| format!("TAX{id}Z5"));
    profile.contact.phone = is_organisation.then(|| format!("{} 0{id}", region.mobile_prefix));
    profile.contact.website = is_organisation.then(|| format!("https://customer{id}.example.com"));
    locate(&mut profile.address, region, random);
    profile.billing_address = random.random_bool(0.25).then(|| billing_address(region, random));
    profile.sales = terms(profile.hierarchy.parent.is_some(), region, random);
}

fn terms(has_parent: bool, region: &Region, random: &mut ChaCha8Rng) -> Sales {
    let on_hold = random.random_bool(0.1);
    let is_credit = random.random_bool(0.4);
    Sales {
        category: Some(link(pick(&CATEGORIES, random))),
        segmentation: random.random_bool(0.7).then(|| link(pick(&SEGMENTATIONS, random))),
        region: Some(link(&region.sales_region)),
        created_by: Some(link(pick(&SELLERS, random))),
        payment_types: PAYMENT_TYPES.iter().filter(|_| random.random_bool(0.4)).map(link).collect(),
        inactive: random.random_bool(0.15),
        on_hold,
        on_hold_reason: on_hold.then(|| (*pick(&HOLD_REASONS, random)).to_owned()),
        billed_apart: has_parent && random.random_bool(0.3),
        is_credit: Some(is_credit),
        credit_limit: is_credit.then(|| Decimal::from(random.random_range(1..=20) * 5000)),
        balance: Some(hundredths(0..2_000_000, random)),
        payment_term: is_credit.then(|| "30 days".to_owned()),
        due_date_number: is_credit.then(|| Decimal::from(30)),
        due_date_type: is_credit.then(|| "daysAfterInvoiceDate".to_owned()),
        currency: region.abroad.as_ref().map(|abroad| abroad.currency.to_owned()),
        ..Sales::default()
    }
}

/// Adds the country and a point near the town's centre.
fn locate(address: &mut Address, region: &Region, random: &mut ChaCha8Rng) {
    let Some(town) = region.towns.iter().find(|town| address.city.as_deref() == Some(town.name)) else { return };
    let (latitude, longitude) = town.centre;
    let mut near = |degrees: f64| ((degrees + random.random_range(-0.03..0.03)) * 1e4).round() / 1e4;
    address.country = Some(town.country.to_owned());
    address.latitude = Some(near(latitude));
    address.longitude = Some(near(longitude));
}

fn billing_address(region: &Region, random: &mut ChaCha8Rng) -> Address {
    let town = pick(region.towns, random);
    let mut address = Address {
        street: Some(format!("P.O. Box {}", random.random_range(10..900))),
        city: Some(town.name.to_owned()),
        postal_code: Some(format!("{}01", town.postal_prefix)),
        ..Address::default()
    };
    locate(&mut address, region, random);
    address
}

fn licence(region: &Region, random: &mut ChaCha8Rng) -> Licence {
    let full = random.random_bool(0.75);
    let (plan, period_months) = if full { *pick(&PLANS, random) } else { TRIAL };
    Licence {
        period_months,
        auto_renewal: full && random.random_bool(0.6),
        full,
        seats: *pick(&[5, 10, 25, 30, 50, 100], random),
        plan: plan.to_owned(),
        time_zone: region.abroad.as_ref().map(|abroad| abroad.time_zone.to_owned()),
        expires_at: Timestamp::from(FIRST_EXPIRY + Duration::days(random.random_range(EXPIRY_DAYS))),
    }
}

fn link(term: &Term) -> Link {
    Link { id: term.id, reference: term.reference.to_owned(), name: term.name.to_owned() }
}

/// An amount with two digits behind the point.
fn hundredths(range: Range<i64>, random: &mut ChaCha8Rng) -> Decimal {
    Decimal::from_ten_thousandths(random.random_range(range) * 100)
}
