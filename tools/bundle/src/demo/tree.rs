//! Who stands below whom: a root, the branches below it, customers below those; and whose customers they are.

use customers::{Customer, CustomerKind, ResellerId};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::customers::pick;

/// The customer above all others.
pub(super) const ROOT: u64 = 1000;
/// The branches right below the root, by their NeuCRM reseller: organisations, which have customers of their own.
pub(super) const BRANCHES: [(u64, [u64; 3]); 4] =
    [(1, [1040, 1046, 1058]), (2, [1015, 1082, 1096]), (3, [1035, 1051, 1104]), (4, [1022, 1039, 1110])];
/// The organisations that sell, and the partners that resell licences; the first ones are the tenant's defaults.
pub(super) const ORGANISATIONS: [&str; 2] = ["entity1", "entity2"];
pub(super) const PARTNERS: [&str; 2] = ["Mandovi IT", "Nordlicht IT"];

/// The reseller some of whose customers are the second organisation's or the second partner's.
const SHARED_RESELLER: u64 = 4;
const SEED: u64 = 1040;

/// Puts the customers into their places. Some name no parent: they stand below the root all the same.
pub(super) fn grow(customers: &mut [Customer]) {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    for customer in customers {
        place(customer, &mut random);
    }
}

/// Puts one customer into its place.
pub(super) fn place(customer: &mut Customer, random: &mut ChaCha8Rng) {
    let reseller = customer.profile.hierarchy.reseller.map_or(0, ResellerId::get);
    if customer.id.get() == ROOT {
        crown(customer);
    } else {
        let hierarchy = &mut customer.profile.hierarchy;
        hierarchy.parent = parent(customer.id.get(), reseller, random).map(Into::into);
    }
    if reseller == SHARED_RESELLER {
        let [_, organisation] = ORGANISATIONS;
        let [_, partner] = PARTNERS;
        let hierarchy = &mut customer.profile.hierarchy;
        hierarchy.organisation = random.random_bool(0.3).then(|| organisation.to_owned());
        hierarchy.partner = random.random_bool(0.3).then(|| partner.to_owned());
    }
}

/// The root is no person.
fn crown(customer: &mut Customer) {
    let identity = &mut customer.profile.identity;
    identity.kind = Some(CustomerKind::Organisation);
    identity.name = "Deccan Broadband".to_owned();
    identity.surname = None;
}

fn parent(id: u64, reseller: u64, random: &mut ChaCha8Rng) -> Option<u64> {
    let (_, branches) = BRANCHES.iter().find(|(of, _)| *of == reseller)?;
    if branches.contains(&id) {
        return Some(ROOT);
    }
    random.random_bool(0.6).then(|| *pick(branches, random))
}
