//! Where ids stand in their hash table.

/// Ids that lie side by side.
const NEIGHBOURS: u64 = 64;

/// A hash of an id that leaves neighbours near each other, as rows come: they share some lines of the processor's cache.
/// Ids are handed out by this program or its operator, so that nobody else can choose them to collide.
pub(super) fn hash(id: u64) -> u64 {
    // Of the lowest bits hashbrown 0.17 makes the place, with the highest seven it tells those apart that share one.
    const TAG: u64 = !(u64::MAX >> 7);
    let (family, within) = (id / NEIGHBOURS, id % NEIGHBOURS);
    let place = (family + 1).wrapping_mul(0x7cb1_01b2_6ffc_9949).rotate_left(32) & !(NEIGHBOURS - 1) | within;
    place & !TAG | id.wrapping_mul(0x9e37_79b9_7f4a_7c15) & TAG
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Places that hashbrown looks at together.
    const GROUP: usize = 16;

    /// How many groups are looked at, on average, until each of `ids` has found a free one of so many places, as hashbrown
    /// goes through them.
    fn groups_per_id(places: usize, ids: impl Iterator<Item = u64>) -> f64 {
        let mut is_taken = vec![false; places];
        let (mut groups, mut count) = (0_u32, 0_u32);
        for id in ids {
            let mut begin = usize::try_from(hash(id) % (places as u64)).unwrap();
            let mut stride = 0;
            let place = loop {
                groups += 1;
                let mut group = (begin..begin + GROUP).map(|place| place % places);
                match group.find(|place| !is_taken[*place]) {
                    Some(place) => break place,
                    None => stride += GROUP,
                }
                begin += stride;
            };
            is_taken[place] = true;
            count += 1;
        }
        f64::from(groups) / f64::from(count)
    }

    #[test]
    fn ids_find_room_in_tables_of_every_size() {
        for size in 11..20 {
            // A table never gets fuller than seven eighths.
            let (places, ids) = (1 << size, 1..(7 << size) / 8);
            for before in [0, 5_000_000, 123_456_789] {
                let groups = groups_per_id(places, ids.clone().map(|id| before + id));
                assert!(groups < 1.5, "2^{size} places, ids from {before} on: {groups}");
            }
            for step in [2, 3, 16, 64, 100, 128, 1000, 1024, 4096, 65536] {
                let groups = groups_per_id(places, ids.clone().map(|id| id * step));
                assert!(groups < 3.0, "2^{size} places, every {step}th id: {groups}");
            }
        }
    }

    #[test]
    fn neighbours_stand_side_by_side_and_differ_in_their_tags() {
        let family = || NEIGHBOURS..2 * NEIGHBOURS;
        let first = hash(NEIGHBOURS) << 7;
        assert!(family().all(|id| hash(id) << 7 == first + ((id % NEIGHBOURS) << 7)));
        let tags: HashSet<_> = family().map(|id| hash(id) >> 57).collect();
        assert!(tags.len() > 32, "{}", tags.len());
    }
}
