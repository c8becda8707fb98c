//! Sixteen writers at once, at the distance of a real DynamoDB.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use customers::{NewTenant, Repository, load_tenant_from, table::Store};
use futures_util::future::join_all;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    changes::rename,
    instrumented::{Instrumented, Latency},
    report::Figure,
    statistics::{ms, percentile},
    worker::{Found, Place},
};
use crate::demo;

const GROUP: &str = "Sixteen writers, reads 5 ms and transactions 12 ms away";
/// Customers whose changes are measured.
pub(super) const CUSTOMERS: u64 = 1_000;
pub(super) const QUICK_CUSTOMERS: u64 = 200;
const WRITERS: u64 = 16;
const LATENCY: Latency = Latency { read: Duration::from_millis(5), transaction: Duration::from_millis(12) };
/// Long enough for about a thousand changes. The embedded database goes through the tokens of all earlier transactions at each
/// one, which takes a tenth of its time after two thousand of them.
const TIME: Duration = Duration::from_secs(5);
pub(super) const FEW_SHARDS: Case = Case { shards: 4, goal: "≥ 180 /s" };
pub(super) const MANY_SHARDS: Case = Case { shards: 16, goal: "≥ 380 /s" };
/// The demo tenant's first customer.
const FIRST_ID: u64 = 1_000;

/// A number of shards, and how many changes a second they shall take.
pub(super) struct Case {
    shards: u32,
    goal: &'static str,
}

/// Changes per second of random customers, by writers that know nothing of each other.
pub(super) async fn measure(place: &Place, Case { shards, goal }: &Case) -> Result<Found> {
    let (tenant, crowd) = demo::crowd(place.customers)?;
    let tenant = NewTenant { shards: *shards, logins: Vec::new(), ..tenant };
    load_tenant_from(&*place.operator_store(), &tenant, crowd).await?;

    let time = if place.quick { TIME / 5 } else { TIME };
    let end = Instant::now() + time;
    let outcomes: Vec<Outcome> = join_all((0..WRITERS).map(|seed| write_until(place, &tenant, end, seed))).await;
    let latencies: Vec<f64> = outcomes.iter().flat_map(|outcome| outcome.latencies_ms.iter().copied()).collect();
    let sum = |count: fn(&Outcome) -> u32| f64::from(outcomes.iter().map(count).sum::<u32>());
    let figure = |what: &str, value, unit| Figure::new(GROUP, &format!("{shards} shards: {what}"), value, unit);
    let figures = vec![
        figure("changes", sum(|outcome| outcome.in_time) / time.as_secs_f64(), "/s").goal(goal),
        figure("time of a change, p50", percentile(&latencies, 0.5), "ms"),
        figure("time of a change, p99", percentile(&latencies, 0.99), "ms"),
        figure("changes given up", sum(|outcome| outcome.failures), ""),
    ];
    Ok(Found { figures, ..Found::default() })
}

#[derive(Default)]
struct Outcome {
    latencies_ms: Vec<f64>,
    /// Changes made before the end: the last ones take longer, with fewer writers at work.
    in_time: u32,
    failures: u32,
}

async fn write_until(place: &Place, tenant: &NewTenant, end: Instant, seed: u64) -> Outcome {
    let store: Arc<dyn Store> = Arc::new(Instrumented::new(place.store(), LATENCY));
    let repository = Repository::new(store);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut outcome = Outcome::default();
    while Instant::now() < end {
        let directory = repository.directory(&tenant.id, "bench");
        let id = FIRST_ID + random.random_range(0..place.customers);
        let began = Instant::now();
        match rename(&directory, id, random.random()).await {
            Ok(()) => {
                outcome.latencies_ms.push(ms(began.elapsed()));
                outcome.in_time += u32::from(Instant::now() <= end);
            }
            Err(_) => outcome.failures += 1,
        }
    }
    outcome
}
