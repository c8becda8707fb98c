//! Rebuilds beside random writers and readers on a hostile table: nothing that was acknowledged is ever missed, and the
//! safeguards of the switch are needed for that.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use futures_util::future::join_all;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::hostile::{Acknowledged, change, missed};
use crate::{
    Repository,
    domain::Columns,
    fault::Fault,
    protocol::{
        audit_tenant, keys, rebuild_tenant,
        safeguard::Safeguard,
        testing::{SimulatedTable, tenant},
    },
    store::Store,
};

const WORLDS: u64 = 40;
/// How many worlds a missing safeguard may take to do harm.
const WORLDS_MAXIMUM: u64 = 800;
const WRITERS: u64 = 3;
const READERS: u64 = 2;
/// Into how many shards the rebuilds split the index, one after the other.
const REBUILDS: [Option<u32>; 4] = [None, Some(2), Some(4), None];
/// The longest rest of a writer between two changes, in milliseconds.
const REST: u64 = 60;
/// How often a reader looks before it rests.
const LOOKS_IN_A_ROW: usize = 4;

#[tokio::test(start_paused = true)]
async fn no_acknowledged_write_is_missed_while_the_index_is_rebuilt() {
    assert_eq!(worlds(0..WORLDS).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn with_the_old_heads_left_open_a_late_write_is_lost() {
    assert!(does_harm(Safeguard::ClosedHeads).await);
}

#[tokio::test(start_paused = true)]
async fn without_heads_before_the_switch_a_full_shard_looks_empty() {
    assert!(does_harm(Safeguard::StandingHeads).await);
}

async fn does_harm(safeguard: Safeguard) -> bool {
    safeguard.switch_off();
    for first in (0..WORLDS_MAXIMUM).step_by(usize::try_from(WORLDS).unwrap()) {
        if !worlds(first..first + WORLDS).await.is_empty() {
            return true;
        }
    }
    false
}

/// What went wrong.
async fn worlds(seeds: Range<u64>) -> Vec<String> {
    join_all(seeds.map(world)).await.concat()
}

async fn world(seed: u64) -> Vec<String> {
    let table = SimulatedTable::new();
    let acknowledged = Acknowledged::default();
    let is_over = AtomicBool::new(false);
    let process = |number: u64| table.with_small_pages(seed * 100 + number);
    let writers = (0..WRITERS).map(|writer| write(process(writer), &acknowledged, &is_over, seed + writer));
    let readers = (0..READERS).map(|reader| read(process(50 + reader), &acknowledged, &is_over, reader == 0));
    let rebuilds = async {
        let mut failures = Vec::new();
        for (number, shards) in (0..).zip(REBUILDS) {
            let result = rebuild_tenant(&*process(90 + number), &tenant().id, shards).await;
            failures.extend(result.err().map(|fault| format!("rebuild {number}: {fault}")));
        }
        is_over.store(true, Relaxed);
        failures
    };
    let (failures, _, missed_by_readers) = tokio::join!(rebuilds, join_all(writers), join_all(readers));
    let mut violations = [failures, missed_by_readers.concat()].concat();

    // Now that all is quiet, all is in order.
    let last = look(&Repository::new(process(99)), &acknowledged).await;
    violations.extend(last.unwrap_or_else(|fault| vec![format!("the last list: {fault}")]));
    let audit = audit_tenant(&*process(98), &tenant().id).await.unwrap();
    violations.extend(audit.damage.iter().map(ToString::to_string));
    let rows = table.items(|key| key.partition.starts_with("T#sim#L#") && key.sort != keys::HEAD).len() as u64;
    if (rows, audit.shards) != (audit.customers, 4) {
        violations.push(format!("{rows} rows of {} customers are left", audit.customers));
    }
    violations.into_iter().map(|violation| format!("world {seed}: {violation}")).collect()
}

async fn write(process: Arc<SimulatedTable>, acknowledged: &Acknowledged, is_over: &AtomicBool, seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let repository = Repository::new(process);
    while !is_over.load(Relaxed) {
        tokio::time::sleep(Duration::from_millis(random.random_range(0..REST))).await;
        change(&repository, acknowledged, &mut random).await;
    }
}

async fn read(
    process: Arc<SimulatedTable>,
    acknowledged: &Acknowledged,
    is_over: &AtomicBool,
    always_cold: bool,
) -> Vec<String> {
    let mut repository = Repository::new(Arc::clone(&process) as Arc<dyn Store>);
    let mut violations = Vec::new();
    while !is_over.load(Relaxed) {
        for _ in 0..LOOKS_IN_A_ROW {
            if always_cold {
                repository = Repository::new(Arc::clone(&process) as Arc<dyn Store>);
            }
            // A list that cannot be verified for now is refused.
            violations.extend(look(&repository, acknowledged).await.unwrap_or_default());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    violations
}

/// What a list misses of all that was acknowledged before it.
async fn look(repository: &Repository, acknowledged: &Acknowledged) -> Result<Vec<String>, Fault> {
    let before = acknowledged.lock().unwrap().clone();
    let directory = repository.directory(&tenant().id, "reader");
    let view = directory.view(Columns::ALL).await?;
    Ok(missed(view.index().unwrap(), &before))
}
