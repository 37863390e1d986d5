//! When a container that ended is started again.

use std::time::Duration;

/// Kubelet's back-off: the first restart is at once, the next after `base`, each further one after
/// twice as long, up to `most`. A container that ran for longer than twice `most` starts from the beginning.
///
/// Times are counted from any fixed moment.
#[derive(Debug)]
pub(crate) struct Backoff {
    base: Duration,
    most: Duration,
    /// When the last restart was, and how long the next one is to wait.
    last: Option<(Duration, Duration)>,
}

impl Backoff {
    pub(crate) fn new(base: Duration, most: Duration) -> Self {
        Self { base: base.min(most), most, last: None }
    }

    /// Returns for how long a container that ended at this time is left alone.
    pub(crate) fn pause(&mut self, ended: Duration) -> Duration {
        let fresh = |&(at, _): &(Duration, Duration)| ended.saturating_sub(at) <= self.most * 2;
        match self.last.filter(fresh) {
            None => {
                self.last = Some((ended, self.base));
                Duration::ZERO
            }
            Some((_, pause)) => {
                self.last = Some((ended + pause, (pause * 2).min(self.most)));
                pause
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_from_the_second_restart_on_up_to_the_longest() {
        let mut backoff = Backoff::new(Duration::from_secs(10), Duration::from_secs(300));
        let mut now = Duration::ZERO;
        let mut pauses = Vec::new();
        for _ in 0..8 {
            let pause = backoff.pause(now);
            pauses.push(pause.as_secs());
            now += pause + Duration::from_secs(1);
        }
        assert_eq!(pauses, [0, 10, 20, 40, 80, 160, 300, 300]);
    }

    #[test]
    fn a_long_run_is_forgiven() {
        let mut backoff = Backoff::new(Duration::from_secs(10), Duration::from_secs(300));
        backoff.pause(Duration::ZERO);
        assert_eq!(backoff.pause(Duration::from_secs(600)), Duration::from_secs(10));
        assert_eq!(backoff.pause(Duration::from_secs(610 + 601)), Duration::ZERO);
    }
}
