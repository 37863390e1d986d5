use super::controller::{ReplicaSet, Rollout};

/// Which pods become ready.
#[derive(Clone, Copy, Debug)]
pub(super) enum Readiness {
    /// All of them.
    Standbys,
    /// The leader: one of the old pods while there is any.
    LeaderOnly,
    /// All old pods; the new version can't take part in the election.
    OldStandbysOnly,
}

/// The results over all orders of the passes of the controller and of pods that become ready.
#[derive(Debug)]
pub(super) struct Explored {
    pub(super) endings: Vec<Ending>,
    pub(super) fewest_available: i32,
    pub(super) most_pods: i32,
}

/// A state in which nothing moves any more.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) old: i32,
    pub(super) new: i32,
    pub(super) available: i32,
    pub(super) enough_available: bool,
    pub(super) rolled: bool,
    pub(super) complete: bool,
}

impl Readiness {
    /// How many old and new pods are ready once all that can be are.
    fn limits(self, rollout: Rollout) -> (i32, i32) {
        let (old, new) = (rollout.old.pods, rollout.new.pods);
        match self {
            Self::Standbys => (old, new),
            Self::LeaderOnly if old > 0 => (1, 0),
            Self::LeaderOnly => (0, new.min(1)),
            Self::OldStandbysOnly => (old, 0),
        }
    }

    fn next_ready(self, rollout: Rollout) -> impl Iterator<Item = Rollout> {
        let (old, new) = self.limits(rollout);
        let one_more = |set: ReplicaSet, limit| {
            let available = set.available + 1;
            (available <= limit).then_some(ReplicaSet { available, ..set })
        };
        let older = one_more(rollout.old, old).map(|old| rollout.with_old(old));
        let newer = one_more(rollout.new, new).map(|new| rollout.with_new(new));
        older.into_iter().chain(newer)
    }
}

pub(super) fn explore(mut start: Rollout, readiness: Readiness) -> Explored {
    while let Some(next) = readiness.next_ready(start).next() {
        start = next;
    }
    let mut seen = vec![start];
    let mut endings = Vec::new();
    let mut i = 0;
    while let Some(&rollout) = seen.get(i) {
        let next: Vec<_> =
            rollout.sync().into_iter().chain(readiness.next_ready(rollout)).collect();
        if next.is_empty() {
            endings.push(Ending::from(rollout));
        }
        for state in next {
            if !seen.contains(&state) {
                seen.push(state);
            }
        }
        i += 1;
    }
    assert!(!endings.is_empty(), "pods come and go for ever");
    Explored {
        endings,
        fewest_available: seen.iter().map(Rollout::available).min().unwrap(),
        most_pods: seen.iter().map(Rollout::pods).max().unwrap(),
    }
}

impl From<Rollout> for Ending {
    fn from(rollout: Rollout) -> Self {
        Self {
            old: rollout.old.pods,
            new: rollout.new.pods,
            available: rollout.available(),
            enough_available: rollout.enough_available(),
            rolled: rollout.rolled(),
            complete: rollout.complete(),
        }
    }
}
