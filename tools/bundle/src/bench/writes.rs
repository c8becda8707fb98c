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

/// Customers whose changes are measured.
pub(super) const CUSTOMERS: u64 = 1_000;
pub(super) const QUICK_CUSTOMERS: u64 = 200;
const WRITERS: u64 = 16;
const LATENCY: Latency = Latency { read: Duration::from_millis(5), transaction: Duration::from_millis(12) };
/// Shards, and the goal for them.
const TENANTS: [(u32, &str); 2] = [(4, "≥ 180 /s"), (16, "≥ 380 /s")];
/// The demo tenant's first customer.
const FIRST_ID: u64 = 1_000;

/// Changes per second of random customers, by writers that know nothing of each other.
pub(super) async fn measure(place: &Place) -> Result<Found> {
    let mut found = Found::default();
    let group = "Sixteen writers, reads 5 ms and transactions 12 ms away";
    for (shards, goal) in TENANTS {
        let (tenant, crowd) = demo::crowd(place.customers)?;
        let tenant = NewTenant { id: format!("writes-{shards}").parse()?, shards, logins: Vec::new(), ..tenant };
        load_tenant_from(&*place.operator_store(), &tenant, crowd).await?;

        let time = Duration::from_secs(if place.quick { 1 } else { 10 });
        let began = Instant::now();
        let writers = (0..WRITERS).map(|seed| write_until(place, &tenant, began + time, seed));
        let outcomes: Vec<Outcome> = join_all(writers).await;
        let seconds = began.elapsed().as_secs_f64();
        let latencies: Vec<f64> = outcomes.iter().flat_map(|outcome| outcome.latencies_ms.iter().copied()).collect();
        let failures: u32 = outcomes.iter().map(|outcome| outcome.failures).sum();
        let figure = |what: &str, value, unit| Figure::new(group, &format!("{shards} shards: {what}"), value, unit);
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        found.figures.push(figure("changes", latencies.len() as f64 / seconds, "/s").goal(goal));
        found.figures.push(figure("time of a change, p50", percentile(&latencies, 0.5), "ms"));
        found.figures.push(figure("time of a change, p99", percentile(&latencies, 0.99), "ms"));
        found.figures.push(figure("changes given up", f64::from(failures), ""));
    }
    Ok(found)
}

#[derive(Default)]
struct Outcome {
    latencies_ms: Vec<f64>,
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
            Ok(()) => outcome.latencies_ms.push(ms(began.elapsed())),
            Err(_) => outcome.failures += 1,
        }
    }
    outcome
}
