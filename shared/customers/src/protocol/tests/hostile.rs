//! Random writers and readers on a hostile table: every accepted state is a snapshot that holds all that was
//! acknowledged before, and each safeguard is needed for that. (That the count is, takes rows whose hashes collide, which
//! no random run meets: see the tests of the certificate.)

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{Arc, Mutex},
};

use futures_util::future::join_all;
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::{
    Repository,
    domain::{Columns, CustomerId, Identity, Profile, TextField, Timestamp},
    edit::Decision,
    index::Index,
    protocol::{
        Head, keys,
        refresh::Replica,
        safeguard::Safeguard,
        term,
        testing::{Fault, LiveRows, SimulatedTable, tenant},
    },
    store::Store,
};

const WORLDS: u64 = 60;
/// How many worlds a missing safeguard may take to do harm. Most do it in the first ones.
const WORLDS_MAXIMUM: u64 = 1_200;
/// How many of them are tried at a time.
const WORLDS_AT_A_TIME: usize = 20;
const WRITERS: u64 = 4;
const READERS: u64 = 3;
const CHANGES: usize = 10;
const LISTS: usize = 8;
const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

/// What clients were told: customer → the last version acknowledged.
pub(super) type Acknowledged = Arc<Mutex<BTreeMap<CustomerId, u64>>>;

/// What went wrong in a world.
#[derive(Debug, Default)]
struct Verdict {
    accepted: usize,
    violations: Vec<String>,
}

#[tokio::test]
async fn every_accepted_state_is_a_snapshot_with_all_acknowledged_writes() {
    let verdict = worlds(0..WORLDS, Fault::None).await;
    assert_eq!(verdict.violations, Vec::<String>::new());
    let expected = WORLDS * READERS * u64::try_from(LISTS).unwrap();
    assert!(verdict.accepted as u64 >= expected / 2, "most lists are answered: {} of {expected}", verdict.accepted);
}

#[tokio::test]
async fn without_the_hash_a_wrong_state_is_accepted() {
    Safeguard::Hash.switch_off();
    assert!(does_harm(Fault::None).await);
}

#[tokio::test]
async fn without_the_condition_on_the_head_a_wrong_state_is_accepted() {
    assert!(does_harm(Fault::NoHeadCondition).await);
}

#[tokio::test]
async fn with_the_cursor_at_the_highest_row_seen_rows_are_missed() {
    assert!(does_harm(Fault::CursorAtMaximumSeen).await);
}

/// Whether some world sees a violation.
async fn does_harm(fault: Fault) -> bool {
    for first in (0..WORLDS_MAXIMUM).step_by(WORLDS_AT_A_TIME) {
        let seeds = first..first + u64::try_from(WORLDS_AT_A_TIME).unwrap();
        if !worlds(seeds, fault).await.violations.is_empty() {
            return true;
        }
    }
    false
}

async fn worlds(seeds: Range<u64>, fault: Fault) -> Verdict {
    let verdicts = join_all(seeds.map(|seed| world(seed, fault))).await;
    verdicts.into_iter().fold(Verdict::default(), |mut all, verdict| {
        all.accepted += verdict.accepted;
        all.violations.extend(verdict.violations);
        all
    })
}

async fn world(seed: u64, fault: Fault) -> Verdict {
    let table = SimulatedTable::new();
    let acknowledged = Acknowledged::default();
    let writers =
        (0..WRITERS).map(|writer| write(table.for_process(seed * 100 + writer, fault), &acknowledged, seed + writer));
    let readers = (0..READERS).map(|reader| {
        let process = table.for_process(seed * 100 + 50 + reader, fault);
        read(&table, process, &acknowledged, reader == 0)
    });
    let (_, verdicts) = tokio::join!(join_all(writers), join_all(readers));
    let mut all = Verdict::default();
    for (mut reader, verdict) in verdicts {
        all.accepted += verdict.accepted;
        all.violations.extend(verdict.violations);
        // Now that all is quiet, one look must do.
        let before = reader.process.meter().usage();
        let refreshed = reader.replica.refresh(&*reader.process, &tenant(), &|_| Ok(())).await.is_ok();
        let mismatches = reader.process.meter().usage().since(&before).mismatches;
        if !refreshed || mismatches > 0 {
            all.violations.push(format!("world {seed}: {mismatches} mismatches on a quiet table"));
        } else {
            reader.check(&table, &acknowledged.lock().unwrap().clone(), &mut all.violations);
        }
    }
    all
}

/// Creates a few customers and changes all that there are, each time to the next version of its name.
async fn write(process: Arc<SimulatedTable>, acknowledged: &Acknowledged, seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let repository = Repository::new(process);
    for _ in 0..CHANGES {
        change(&repository, acknowledged, &mut random).await;
    }
}

/// Creates a customer or changes one to its next version.
pub(super) async fn change(repository: &Repository, acknowledged: &Acknowledged, random: &mut StdRng) {
    let tenant = tenant().id;
    let directory = repository.directory(&tenant, "simulation");
    let known: Vec<CustomerId> = acknowledged.lock().unwrap().keys().copied().collect();
    if known.len() < 3 || random.random_range(0..8) == 0 {
        let Ok(creation) = directory.begin_create().await else { return };
        if let Ok(id) = creation.commit(version(0), "writer", NOW).await {
            acknowledge(acknowledged, id, 0);
        }
        return;
    }
    let id = known[random.random_range(0..known.len())];
    let Ok(edit) = directory.begin_edit(id).await else { return };
    let written = Mutex::new(0);
    let result = edit
        .apply("writer", NOW, |customer| {
            let next = customer.profile.identity.name.parse::<u64>().unwrap() + 1;
            *written.lock().unwrap() = next;
            Ok::<_, ()>(Decision::Replace(version(next)))
        })
        .await;
    if result.is_ok() {
        acknowledge(acknowledged, id, *written.lock().unwrap());
    }
}

fn version(number: u64) -> Profile {
    Profile { identity: Identity { name: number.to_string(), ..Identity::default() }, ..Profile::default() }
}

fn acknowledge(acknowledged: &Acknowledged, id: CustomerId, version: u64) {
    let mut acknowledged = acknowledged.lock().unwrap();
    let last = acknowledged.entry(id).or_insert(version);
    *last = version.max(*last);
}

struct Reader {
    process: Arc<SimulatedTable>,
    replica: Replica,
}

async fn read(
    table: &SimulatedTable,
    process: Arc<SimulatedTable>,
    acknowledged: &Acknowledged,
    always_cold: bool,
) -> (Reader, Verdict) {
    let mut verdict = Verdict::default();
    let mut reader = Reader { process, replica: Replica::new(&tenant(), Columns::ALL).with_page_rows(3) };
    for _ in 0..LISTS {
        if always_cold {
            reader.replica = Replica::new(&tenant(), Columns::ALL).with_page_rows(3);
        }
        let acknowledged_before = acknowledged.lock().unwrap().clone();
        if reader.replica.refresh(&*reader.process, &tenant(), &|_| Ok(())).await.is_ok() {
            verdict.accepted += 1;
            reader.check(table, &acknowledged_before, &mut verdict.violations);
        }
    }
    (reader, verdict)
}

impl Reader {
    fn check(&self, table: &SimulatedTable, acknowledged: &BTreeMap<CustomerId, u64>, violations: &mut Vec<String>) {
        let index = &self.replica.index;
        let Head { sequence: cursor, count, hash, .. } = self.replica.accepted_head();
        let held: LiveRows = index.rows().collect();
        let recomputed = held.iter().fold(0, |sum: u64, (id, sequence)| sum.wrapping_add(term(*id, *sequence)));
        if (held.len() as u64, recomputed) != (count, hash) {
            violations.push(format!("count and hash at {cursor} are not those of the rows"));
        }
        if held != table.live_rows(&keys::shard(&tenant().id, 1, 0), cursor) {
            violations.push(format!("the state accepted at {cursor} is not the snapshot"));
        }
        violations.extend(missed(index, acknowledged));
    }
}

/// What was acknowledged and is not in `index`.
pub(super) fn missed(index: &Index, acknowledged: &BTreeMap<CustomerId, u64>) -> Vec<String> {
    let missed = acknowledged.iter().filter_map(|(id, version)| {
        let shown = index.text_of(*id, TextField::Name).and_then(|name| name.parse::<u64>().ok());
        let is_shown = shown.is_some_and(|shown| shown >= *version);
        (!is_shown).then(|| format!("customer {id} was acknowledged at version {version} and is shown at {shown:?}"))
    });
    missed.collect()
}
