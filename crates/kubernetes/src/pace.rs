//! A rate limit on requests.

use std::time::{Duration, Instant};

/// When the next request may start.
#[derive(Debug)]
pub struct Pace {
    every: Duration,
    next: Option<Instant>,
}

impl Pace {
    /// A limit of this many requests per second. An invalid number means one per second.
    pub fn new(requests_per_second: f64) -> Self {
        let valid = requests_per_second.is_finite() && requests_per_second > 0.001;
        Self { every: Duration::from_secs_f64(if valid { 1.0 / requests_per_second } else { 1.0 }), next: None }
    }

    /// How long to wait before the next request, which counts as started then.
    pub fn wait(&mut self, now: Instant) -> Duration {
        let begin = self.next.map_or(now, |next| next.max(now));
        self.next = Some(begin + self.every);
        begin - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_keep_their_distance() {
        let mut pace = Pace::new(5.0);
        let now = Instant::now();
        let waits: Vec<u128> = (0..3).map(|_| pace.wait(now).as_millis()).collect();
        assert_eq!(waits, [0, 200, 400]);
        assert_eq!(pace.wait(now + Duration::from_secs(9)), Duration::ZERO, "time that went by is not saved up");
        assert_eq!(pace.wait(now + Duration::from_secs(9)).as_millis(), 200);
        for odd in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Pace::new(odd).every, Duration::from_secs(1));
        }
    }
}
