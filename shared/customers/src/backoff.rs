//! Waiting between attempts, longer each time, never in step with others.

use std::time::Duration;

/// First wait, before jitter.
const FIRST: Duration = Duration::from_millis(10);
/// Longest wait, before jitter.
const LONGEST: Duration = Duration::from_millis(400);

/// Doubling waits with full jitter.
#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

impl Backoff {
    /// Waits for a random part of the next step.
    pub(crate) async fn sleep(&mut self) {
        let wait = self.next.mul_f64(rand::random_range(0.5..=1.0));
        self.next = (self.next * 2).min(LONGEST);
        tokio::time::sleep(wait).await;
    }
}
