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
const WINDOW: u64 = 900;
/// Seconds between attempts after too many failures.
const PAUSE: u64 = 5;

/// What is known of the attempts of one source at one login.
pub(super) struct Attempts<'d> {
    directory: &'d Directory<'d>,
    key: Key,
    state: State,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// Raised by each beginning of a window and each claim, but not by a failure; 0 if there is no item.
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
    pub(super) async fn claim(&self, at: Timestamp) -> Result<bool, Fault> {
        let (now, state) = (seconds(at), self.state);
        if state.failures < FAILURES_FREE || state.is_over(now) {
            return Ok(true);
        }
        if now < state.last + PAUSE {
            return Ok(false);
        }
        let claimed = attributes([("q", state.version + 1), ("last", now), (keys::TIME_TO_LIVE, now + WINDOW)]);
        self.write(Action::Set(claimed)).await
    }

    /// Counts an attempt that failed at `at`, however many others fail at the same moment.
    pub(super) async fn record_failure(&self, at: Timestamp) -> Result<(), Fault> {
        let now = seconds(at);
        let traces = [("last", now), (keys::TIME_TO_LIVE, now + WINDOW)];
        if self.state.is_over(now) {
            let mut first = attributes([("q", self.state.version + 1), ("n", 1), ("since", now)]);
            first.extend(attributes(traces));
            if self.write(Action::Put(first)).await? {
                return Ok(());
            }
        }
        self.directory.store.add(&self.key, 1, attributes(traces)).await?;
        Ok(())
    }

    /// Writes the item unless another window or claim began since it was read.
    async fn write(&self, action: Action) -> Result<bool, Fault> {
        let condition = match self.state.version {
            0 => Condition::Absent,
            version => Condition::Sequence(version),
        };
        write_alone(self.directory.store, Write { key: self.key.clone(), action, condition }).await
    }
}

impl State {
    fn read(item: &Item) -> Self {
        let number = |name: &str| number(item, name).unwrap_or_default();
        Self { version: number("q"), failures: number("n"), since: number("since"), last: number("last") }
    }

    /// Whether the failures are forgotten at `now`. No failure at all is as good.
    fn is_over(self, now: u64) -> bool {
        now >= self.since + WINDOW
    }
}

fn attributes<const N: usize>(numbers: [(&str, u64); N]) -> Item {
    numbers.into_iter().map(|(name, number)| (name.to_owned(), AttributeValue::N(number.to_string()))).collect()
}

fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.unix_seconds()).unwrap_or_default()
}
