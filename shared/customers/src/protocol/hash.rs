//! The set hash of a shard and the assignment of customers to shards. Identical in every deployed version.

use crate::domain::CustomerId;

/// The mixing function of the generator of the same name (Steele, Lea and Flood, 2014).
fn splitmix64(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// What the live row (`id`, `sequence`) adds to its shard's hash, modulo 2^64.
pub(crate) fn term(id: CustomerId, sequence: u64) -> u64 {
    splitmix64(splitmix64(id.get()) ^ sequence)
}

/// The shard, out of `shards`, that keeps the rows of `id`.
pub(crate) fn shard_of(id: CustomerId, shards: u32) -> u32 {
    let shard = splitmix64(id.get()) % u64::from(shards.max(1));
    u32::try_from(shard).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mixing_function_gives_the_published_sequence() {
        assert_eq!(splitmix64(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(splitmix64(0x9e37_79b9_7f4a_7c15), 0x6e78_9e6a_a1b9_65f4);
        assert_eq!(splitmix64(0x3c6e_f372_fe94_f82a), 0x06c4_5d18_8009_454f);
    }

    #[test]
    fn terms_and_shards_never_change() {
        let terms: Vec<u64> = [(1, 1), (1, 2), (2, 1), (1000, 7), (u64::MAX, u64::MAX)]
            .map(|(id, sequence)| term(CustomerId::from(id), sequence))
            .to_vec();
        assert_eq!(terms, GOLDEN_TERMS);
        let shards: Vec<u32> = (0..8).map(|id| shard_of(CustomerId::from(id), 4)).collect();
        assert_eq!(shards, GOLDEN_SHARDS);
    }

    const GOLDEN_TERMS: [u64; 5] = [
        0xe9fd_6049_d65a_f21e,
        0xbcd9_dbb4_9673_066b,
        0xe06d_d043_328b_d285,
        0x0b2a_8523_49f3_2fea,
        0x6309_143e_67a4_7936,
    ];
    const GOLDEN_SHARDS: [u32; 8] = [3, 1, 2, 1, 2, 2, 0, 3];
}
