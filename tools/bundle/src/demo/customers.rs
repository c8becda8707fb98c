//! The demo tenant's customers, from a fixed seed.

use customers::{
    Address, Contact, Customer, CustomerKind, Hierarchy, Identity, Lifecycle, Portal, Profile, ResellerId, Service,
    Timestamp,
};
use rand::{
    Rng, SeedableRng,
    seq::{IndexedRandom, SliceRandom},
};
use rand_chacha::ChaCha8Rng;
use time::{Date, Duration, OffsetDateTime, macros::datetime};

use super::{
    commerce::{self, Shares},
    names,
    region::{Region, Town},
    tree,
};

/// Resellers, each with its ISP.
pub(super) const RESELLERS: [(u64, u64); 4] = [(1, 1), (2, 1), (3, 1), (4, 2)];
/// The ids of the customers.
const IDS: std::ops::Range<u64> = 1000..1500;
/// Customers that the vendor's example calls update and delete: of ISP 1, without a running service.
const VENDORS_EXAMPLES: [u64; 2] = [1243, 1423];
/// The demo shows every dialect something of its own.
const OF_ALL_DIALECTS: Shares = Shares { telephony: 0.6, sales: 0.6, licence: 0.4 };
/// Most of a million customers were met by one dialect only: here the internet provider's.
const OF_ONE_DIALECT: Shares = Shares { telephony: 0.1, sales: 0.1, licence: 0.1 };
/// Changes at will, and with it every customer.
const SEED: u64 = 1243;
/// When the first customer signed up, and how long it took until the last one did.
const FIRST_SIGN_UP: OffsetDateTime = datetime!(2019-04-01 04:30 UTC);
const SIGN_UP_INTERVAL: Duration = Duration::minutes(6050);

/// All customers, by ascending id.
pub(super) fn all() -> Vec<Customer> {
    let mut customers = subscribers();
    tree::grow(&mut customers);
    for customer in &mut customers {
        let reseller = customer.profile.hierarchy.reseller.map_or(0, ResellerId::get);
        commerce::equip(customer, region(reseller), &OF_ALL_DIALECTS);
    }
    customers
}

/// `count` customers in the manner of the demo tenant's, with full names, one by one. Most are subscribers and no more.
pub(super) fn crowd(count: u64) -> impl Iterator<Item = Customer> {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    (IDS.start..IDS.start.saturating_add(count)).map(move |id| {
        let reseller = *pick(&RESELLERS, &mut random);
        let mut customer = customer(id, reseller, &mut random);
        let identity = &mut customer.profile.identity;
        if let Some(surname) = &identity.surname {
            let initial = char::from(random.random_range(b'A'..=b'Z'));
            identity.name = format!("{} {initial}. {surname}", identity.name);
        }
        tree::place(&mut customer, &mut random);
        commerce::equip(&mut customer, region(reseller.0), &OF_ONE_DIALECT);
        customer
    })
}

/// The customers as the internet provider knows them. What the other dialects add draws from seeds of its own, so that it
/// changes nothing here.
fn subscribers() -> Vec<Customer> {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    // Equal in number and shuffled, so that every page of a list has customers of several resellers.
    let mut resellers: Vec<_> = IDS.clone().zip(RESELLERS.iter().cycle()).map(|(_, reseller)| *reseller).collect();
    resellers.shuffle(&mut random);
    IDS.zip(resellers).map(|(id, reseller)| customer(id, reseller, &mut random)).collect()
}

fn customer(id: u64, (reseller, isp): (u64, u64), random: &mut ChaCha8Rng) -> Customer {
    let is_example = VENDORS_EXAMPLES.contains(&id);
    let (reseller, isp) = if is_example { (1, 1) } else { (reseller, isp) };
    let region = region(reseller);
    let identity = identity(id, region, random);
    let handle = handle(&identity, id);
    let services = if is_example { Vec::new() } else { services(id, &handle, random) };
    let address = address(pick(region.towns, random), random);
    let mobile = format!("{}{:05}", region.mobile_prefix, random.random_range(0..100_000));
    let profile = Profile {
        contact: Contact {
            mobile: Some(mobile),
            email: Some(format!("{handle}@{}", region.mail_domain)),
            ..Contact::default()
        },
        hierarchy: Hierarchy { isp: Some(isp.into()), reseller: Some(reseller.into()), ..Hierarchy::default() },
        notes: random.random_bool(0.15).then(|| (*pick(&names::NOTES, random)).to_owned()),
        portal: Portal::default(),
        identity,
        address,
        services,
        ..Profile::default()
    };
    let uuid = |random: &mut ChaCha8Rng| uuid::Builder::from_random_bytes(random.random()).into_uuid();
    Customer {
        id: id.into(),
        guid: uuid(random),
        eid: uuid(random),
        profile,
        lifecycle: lifecycle(id, reseller, isp, random),
    }
}

fn region(reseller: u64) -> &'static Region {
    match reseller {
        1 => &names::GOA,
        2 => &names::MAHARASHTRA,
        3 => &names::SOUTH,
        _ => &names::EUROPE,
    }
}

fn identity(id: u64, region: &Region, random: &mut ChaCha8Rng) -> Identity {
    let unique_id = random.random_bool(0.6).then(|| format!("KYC-{id}"));
    let date = |years: std::ops::Range<i32>, random: &mut ChaCha8Rng| {
        random
            .random_bool(0.7)
            .then(|| Date::from_ordinal_date(random.random_range(years), random.random_range(1..=365)))?
            .ok()
    };
    if random.random_bool(0.15) {
        let name = format!("{} {}", pick(region.organisations, random), pick(region.towns, random).name);
        let birth_date = date(1985..2019, random);
        return Identity { kind: Some(CustomerKind::Organisation), name, birth_date, unique_id, ..Identity::default() };
    }
    Identity {
        kind: Some(CustomerKind::Individual),
        name: (*pick(region.first_names, random)).to_owned(),
        surname: Some((*pick(region.surnames, random)).to_owned()),
        birth_date: date(1950..2001, random),
        unique_id,
        ..Identity::default()
    }
}

/// The name, if it can stand in a mail address as it is, and the id: good for addresses and user names.
fn handle(identity: &Identity, id: u64) -> String {
    if !identity.name.is_ascii() {
        return format!("customer{id}");
    }
    let letters = identity.name.chars().filter(char::is_ascii_alphabetic).take(10).collect::<String>();
    format!("{}{id}", letters.to_ascii_lowercase())
}

fn address(town: &Town, random: &mut ChaCha8Rng) -> Address {
    Address {
        street: Some(format!("{}, {}", random.random_range(1..180), pick(&town.streets, random))),
        city: Some(town.name.to_owned()),
        state: Some(town.state.to_owned()),
        postal_code: Some(format!("{}{:02}", town.postal_prefix, random.random_range(1..40))),
        ..Address::default()
    }
}

/// None, one or two services, most of them running.
fn services(customer: u64, handle: &str, random: &mut ChaCha8Rng) -> Vec<Service> {
    let count = *pick(&[0, 1, 1, 1, 1, 1, 2], random);
    let plan = *pick(&["ftth", "home", "biz"], random);
    let service = |number: u64| Service {
        id: (customer * 10 + number).into(),
        username: Some(if number == 0 { format!("{plan}_{handle}") } else { format!("{plan}_{handle}_{number}") }),
        active: random.random_bool(0.85),
    };
    (0..count).map(service).collect()
}

fn lifecycle(id: u64, reseller: u64, isp: u64, random: &mut ChaCha8Rng) -> Lifecycle {
    // Those of a crowd sign up in the same years.
    let position = i32::try_from((id - IDS.start) % (IDS.end - IDS.start)).unwrap_or_default();
    let created = FIRST_SIGN_UP + SIGN_UP_INTERVAL * position + Duration::seconds(random.random_range(0..20_000));
    let later = if random.random_bool(0.4) { random.random_range(1..60_000) } else { 0 };
    let updated = created + Duration::minutes(later);
    let created_by = if random.random_bool(0.5) { format!("isp{isp}") } else { format!("reseller{reseller}") };
    let updated_by = if updated == created { created_by.clone() } else { format!("isp{isp}") };
    Lifecycle {
        created_at: Timestamp::from(created),
        updated_at: Timestamp::from(updated),
        created_by,
        updated_by,
        deleted_at: None,
    }
}

/// One of a table of words, none of which is empty.
pub(super) fn pick<'a, T>(values: &'a [T], random: &mut ChaCha8Rng) -> &'a T {
    #[expect(clippy::expect_used, reason = "every table of this module has entries")]
    values.choose(random).expect("an entry")
}
