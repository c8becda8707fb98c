//! What many measurements come to.

use std::time::Duration;

use super::clock::Time;

/// The value below which the share `p` of `values` lies, by nearest rank; 0 of none.
pub(super) fn percentile(values: &[f64], p: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few")]
    let rank = (p.clamp(0.0, 1.0) * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// The middle one of `values`.
pub(super) fn median(values: &[f64]) -> f64 {
    percentile(values, 0.5)
}

/// The middle wall and the middle CPU time, in milliseconds.
pub(super) fn median_ms(times: &[Time]) -> (f64, f64) {
    let middle = |part: fn(&Time) -> Duration| median(&times.iter().map(|time| ms(part(time))).collect::<Vec<_>>());
    (middle(|time| time.wall), middle(|time| time.cpu))
}

/// Milliseconds.
pub(super) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let values = [4.0, 1.0, 3.0, 2.0];
        for (p, value) in [(0.0, 1.0), (0.25, 1.0), (0.5, 2.0), (0.75, 3.0), (0.99, 4.0), (1.0, 4.0)] {
            assert_eq!(percentile(&values, p).to_bits(), f64::to_bits(value), "{p}");
        }
        assert_eq!(median(&[]).to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn wall_and_processor_time_have_middles_of_their_own() {
        let time = |wall, cpu| Time { wall: Duration::from_millis(wall), cpu: Duration::from_millis(cpu) };
        assert_eq!(median_ms(&[time(9, 1), time(1, 2), time(5, 3)]), (5.0, 2.0));
    }
}
