//! When a container that ended is started again.

use std::time::Duration;

/// Kubelet's back-off: the first restart is at once, the next not before `base` after the end, each
/// further one not before twice as long, up to `most`. A container that ended more than ten minutes
/// after its start begins from the beginning.
///
/// Kubernetes 1.37, below `pkg/kubelet`: `kuberuntime/kuberuntime_manager.go`, `doBackOff`; `kubelet.go`,
/// `newCrashLoopBackOff`, and the `HasExpiredFunc` of `crashLoopBackOff`. The entry is client-go's
/// `util/flowcontrol/backoff.go`.
///
/// Times are counted from any fixed moment.
#[derive(Debug)]
pub(crate) struct Backoff {
    base: Duration,
    most: Duration,
    entry: Option<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    pause: Duration,
    /// When the last restart was.
    restarted: Duration,
}

impl Backoff {
    pub(crate) fn new(base: Duration, most: Duration) -> Self {
        Self { base: base.min(most), most, entry: None }
    }

    /// Returns for how long a container that ended at this time is still left alone.
    pub(crate) fn pause(&self, ended: Duration, now: Duration) -> Duration {
        let entry = self.entry.filter(|entry| entry.counts(ended));
        entry.map_or(Duration::ZERO, |entry| (ended + entry.pause).saturating_sub(now))
    }

    /// Counts the restart of a container that ended at this time.
    pub(crate) fn restarted(&mut self, ended: Duration, now: Duration) {
        let entry = self.entry.filter(|entry| entry.counts(ended));
        let pause = entry.map_or(self.base, |entry| (entry.pause * 2).min(self.most));
        self.entry = Some(Entry { pause, restarted: now });
    }

    /// Returns the whole pause that is under way.
    pub(crate) fn current(&self) -> Duration {
        self.entry.map_or(Duration::ZERO, |entry| entry.pause)
    }
}

impl Entry {
    fn counts(&self, ended: Duration) -> bool {
        ended.saturating_sub(self.restarted) <= FORGOTTEN
    }
}

/// Writes a duration as Go does, to the millisecond.
pub(crate) fn text_of(duration: Duration) -> String {
    let millis = duration.as_millis();
    let (minutes, millis) = (millis / 60_000, millis % 60_000);
    let seconds = Duration::from_millis(u64::try_from(millis).unwrap_or(0)).as_secs_f64();
    match (minutes, millis) {
        (0, 1..1000) => format!("{millis}ms"),
        (0, _) => format!("{seconds}s"),
        (minutes, _) => format!("{minutes}m{seconds}s"),
    }
}

const FORGOTTEN: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Ends at this time, is seen a second later, and is restarted when it may be.
    fn pause(backoff: &mut Backoff, ended: Duration) -> Duration {
        let seen = ended + s(1);
        let pause = backoff.pause(ended, seen);
        backoff.restarted(ended, seen + pause);
        pause
    }

    #[test]
    fn pauses_double_from_the_second_restart_on_and_count_from_the_end() {
        let mut backoff = Backoff::new(s(10), s(300));
        let mut now = Duration::ZERO;
        let mut pauses = Vec::new();
        for _ in 0..8 {
            let pause = pause(&mut backoff, now);
            pauses.push(pause.as_secs());
            now += pause + s(2);
        }
        assert_eq!(pauses, [0, 9, 19, 39, 79, 159, 299, 299]);
    }

    #[test]
    fn a_long_run_is_forgiven() {
        let mut backoff = Backoff::new(s(10), s(300));
        assert_eq!(pause(&mut backoff, s(0)), s(0));
        assert_eq!(pause(&mut backoff, s(600)), s(9));
        assert_eq!(pause(&mut backoff, s(610 + 600)), s(19));
        assert_eq!(pause(&mut backoff, s(1230 + 601)), s(0));
        assert_eq!(pause(&mut backoff, s(1840)), s(9));
    }

    #[test]
    fn durations_read_as_in_go() {
        let texts = [300, 600, 1_000, 2_500, 10_000, 60_000, 80_000, 300_000]
            .map(|millis| text_of(Duration::from_millis(millis)));
        assert_eq!(texts, ["300ms", "600ms", "1s", "2.5s", "10s", "1m0s", "1m20s", "5m0s"]);
    }
}
