//! Slowing down those who guess passwords, without slowing down anyone else: failures are counted by login and source.

use aws_sdk_dynamodb::types::AttributeValue;

use super::write_alone;
use crate::{
    directory::Directory,
    domain::{Dialect, Timestamp},
    fault::Fault,
    protocol::{keys, number},
    store::{Action, Condition, Item, Key, Write},
};

/// Failures that cost nothing but the check.
const FAILURES_FREE: u64 = 10;
/// Seconds after which failures are forgotten.
const WINDOW: i64 = 900;
/// Seconds between attempts after too many failures.
const PAUSE: i64 = 5;

/// What is known of the attempts of one source at one login.
pub(super) struct Attempts<'d> {
    directory: &'d Directory<'d>,
    key: Key,
    state: State,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// Version of the item; 0 if there is none.
    version: u64,
    failures: u64,
    /// UNIX seconds of the first of them.
    since: u64,
    /// UNIX seconds of the last attempt that was let through.
    last: u64,
}

impl<'d> Attempts<'d> {
    pub(super) async fn read(
        directory: &'d Directory<'_>,
        dialect: Dialect,
        identity: &str,
        source: &str,
    ) -> Result<Attempts<'d>, Fault> {
        let key = keys::attempts(directory.tenancy.id(), dialect, identity, source);
        let state = directory.store.get(&key).await?.map(|item| State::read(&item)).unwrap_or_default();
        Ok(Attempts { directory, key, state })
    }

    /// Whether an attempt at `at` may be made; if attempts are slowed down, this is then the one of its five seconds.
    pub(super) async fn claim(&mut self, at: Timestamp) -> Result<bool, Fault> {
        let now = seconds(at);
        let state = self.state;
        if state.failures < FAILURES_FREE || state.is_over(now) {
            return Ok(true);
        }
        if now < state.last.saturating_add(PAUSE.unsigned_abs()) {
            return Ok(false);
        }
        self.write(State { last: now, ..state }).await
    }

    /// Counts an attempt that failed at `at`. If others fail at the same moment, one of them is counted.
    pub(super) async fn record_failure(&mut self, at: Timestamp) -> Result<(), Fault> {
        let now = seconds(at);
        let State { failures, since, .. } = self.state;
        let (failures, since) = if self.state.is_over(now) { (0, now) } else { (failures, since) };
        self.write(State { failures: failures + 1, since, last: now, ..self.state }).await.map(drop)
    }

    /// Writes `state` unless the item was changed since it was read.
    async fn write(&mut self, state: State) -> Result<bool, Fault> {
        let condition = match self.state.version {
            0 => Condition::Absent,
            version => Condition::Sequence(version),
        };
        let state = State { version: self.state.version + 1, ..state };
        let write = Write { key: self.key.clone(), action: Action::Put(state.attributes()), condition };
        let is_written = write_alone(self.directory.store, write).await?;
        if is_written {
            self.state = state;
        }
        Ok(is_written)
    }
}

impl State {
    fn read(item: &Item) -> Self {
        let number = |name: &str| number(item, name).unwrap_or_default();
        Self { version: number("q"), failures: number("failures"), since: number("since"), last: number("last") }
    }

    fn attributes(self) -> Item {
        let ttl = self.since.max(self.last).saturating_add(WINDOW.unsigned_abs());
        [
            ("q", self.version),
            ("failures", self.failures),
            ("since", self.since),
            ("last", self.last),
            (keys::TIME_TO_LIVE, ttl),
        ]
        .map(|(name, value)| (name.to_owned(), AttributeValue::N(value.to_string())))
        .into()
    }

    /// Whether the failures are forgotten at `now`. No failure at all is as good.
    fn is_over(self, now: u64) -> bool {
        now >= self.since.saturating_add(WINDOW.unsigned_abs())
    }
}

fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.unix_seconds()).unwrap_or_default()
}
