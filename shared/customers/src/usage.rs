//! What operations cost: counters that metrics, logs and tests read.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Totals since the process began.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// Requests sent to DynamoDB, those answered with an error included.
    pub calls: u64,
    /// Times that a request was sent while none was under way. For calls in lockstep, as lists and creates make them, the
    /// number of times that their caller waited.
    pub round_trips: u64,
    /// Read units consumed.
    pub read_units: f64,
    /// Write units consumed.
    pub write_units: f64,
    /// Rows read from list indexes.
    pub rows: u64,
    /// Times that a shard disagreed with its certificate and was read again.
    pub mismatches: u64,
    /// Times that a shard was read anew from its beginning because of that.
    pub reloads: u64,
    /// Customers that lists found, on their page and all others.
    pub listed: u64,
    /// Customers that lists returned.
    pub returned: u64,
}

impl Usage {
    /// What was consumed since `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            calls: self.calls - earlier.calls,
            round_trips: self.round_trips - earlier.round_trips,
            read_units: self.read_units - earlier.read_units,
            write_units: self.write_units - earlier.write_units,
            rows: self.rows - earlier.rows,
            mismatches: self.mismatches - earlier.mismatches,
            reloads: self.reloads - earlier.reloads,
            listed: self.listed - earlier.listed,
            returned: self.returned - earlier.returned,
        }
    }
}

/// Counts what a store and its readers do.
#[derive(Debug, Default)]
pub struct Meter {
    calls: AtomicU64,
    under_way: AtomicU64,
    round_trips: AtomicU64,
    /// DynamoDB bills reads in halves.
    half_read_units: AtomicU64,
    half_write_units: AtomicU64,
    pub(crate) rows: AtomicU64,
    pub(crate) mismatches: AtomicU64,
    pub(crate) reloads: AtomicU64,
    listed: AtomicU64,
    returned: AtomicU64,
}

impl Meter {
    /// Counts a request until the returned guard is dropped.
    pub fn begin_call(&self) -> CallGuard<'_> {
        self.calls.fetch_add(1, Relaxed);
        if self.under_way.fetch_add(1, Relaxed) == 0 {
            self.round_trips.fetch_add(1, Relaxed);
        }
        CallGuard(self)
    }

    /// Adds consumed units as DynamoDB reports them.
    pub fn consume(&self, read_units: f64, write_units: f64) {
        self.half_read_units.fetch_add(halves(read_units), Relaxed);
        self.half_write_units.fetch_add(halves(write_units), Relaxed);
    }

    /// Counts a list that found `total` customers and returns `page` of them.
    pub(crate) fn list(&self, total: usize, page: usize) {
        self.listed.fetch_add(total as u64, Relaxed);
        self.returned.fetch_add(page as u64, Relaxed);
    }

    /// The totals so far.
    pub fn usage(&self) -> Usage {
        Usage {
            calls: self.calls.load(Relaxed),
            round_trips: self.round_trips.load(Relaxed),
            read_units: units(self.half_read_units.load(Relaxed)),
            write_units: units(self.half_write_units.load(Relaxed)),
            rows: self.rows.load(Relaxed),
            mismatches: self.mismatches.load(Relaxed),
            reloads: self.reloads.load(Relaxed),
            listed: self.listed.load(Relaxed),
            returned: self.returned.load(Relaxed),
        }
    }
}

/// A request under way.
#[derive(Debug)]
pub struct CallGuard<'a>(&'a Meter);

impl Drop for CallGuard<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Relaxed);
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "units are small and never negative")]
fn halves(units: f64) -> u64 {
    (units * 2.0).round() as u64
}

#[expect(clippy::cast_precision_loss, reason = "totals stay far below 2^52")]
fn units(halves: u64) -> f64 {
    halves as f64 / 2.0
}
