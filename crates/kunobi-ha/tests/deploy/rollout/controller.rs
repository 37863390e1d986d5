use super::strategy::{Limits, Strategy};

/// A Deployment between two versions, as its controller counts: terminating pods are gone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Rollout {
    strategy: Strategy,
    replicas: i32,
    pub(super) old: ReplicaSet,
    pub(super) new: ReplicaSet,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct ReplicaSet {
    pub(super) pods: i32,
    pub(super) available: i32,
}

impl ReplicaSet {
    /// Scales up by unready pods, and down by unready pods first.
    fn scaled(self, pods: i32) -> Self {
        Self { pods, available: self.available.min(pods) }
    }

    fn unavailable(self) -> i32 {
        self.pods - self.available
    }
}

impl Rollout {
    /// The state at the upgrade. No old pod counts as ready before its readiness says so.
    pub(super) fn new(strategy: Strategy, replicas: i32) -> Self {
        let old = ReplicaSet { pods: replicas, available: 0 };
        Self { strategy, replicas, old, new: ReplicaSet::default() }
    }

    pub(super) fn pods(&self) -> i32 {
        self.old.pods + self.new.pods
    }

    pub(super) fn available(&self) -> i32 {
        self.old.available + self.new.available
    }

    /// Whether all pods are of the new version.
    pub(super) fn rolled(&self) -> bool {
        (self.old.pods, self.new.pods) == (0, self.replicas)
    }

    /// What `kubectl rollout status` and `helm --wait` wait for.
    pub(super) fn complete(&self) -> bool {
        self.rolled() && self.available() == self.replicas
    }

    /// The condition `Available`.
    pub(super) fn enough_available(&self) -> bool {
        self.available() >= self.replicas - self.limits().unavailable
    }

    /// One pass of the controller: what it scales, if anything. New pods come first.
    pub(super) fn sync(self) -> Option<Self> {
        let next = match self.strategy {
            Strategy::Recreate if self.old.pods > 0 => self.with_old(self.old.scaled(0)),
            Strategy::Recreate => self.with_new(self.new.scaled(self.replicas)),
            Strategy::RollingUpdate { .. } => {
                let up = self.scale_up();
                if up == self { self.scale_down() } else { up }
            }
        };
        (next != self).then_some(next)
    }

    fn scale_up(self) -> Self {
        let room = self.replicas + self.limits().surge - self.pods();
        let missing = self.replicas - self.new.pods;
        self.with_new(self.new.scaled(self.new.pods + room.min(missing).max(0)))
    }

    fn scale_down(self) -> Self {
        let least = self.replicas - self.limits().unavailable;
        // New pods that aren't up yet may not cost an old one.
        let spare = self.pods() - least - self.new.unavailable();
        if spare <= 0 {
            return self;
        }
        let unhealthy = spare.min(self.old.unavailable());
        let cleaned = self.with_old(self.old.scaled(self.old.pods - unhealthy));
        let surplus = (cleaned.available() - least).clamp(0, cleaned.old.pods);
        cleaned.with_old(cleaned.old.scaled(cleaned.old.pods - surplus))
    }

    fn limits(&self) -> Limits {
        match self.strategy {
            Strategy::Recreate => Limits { unavailable: 0, surge: 0 },
            Strategy::RollingUpdate { max_unavailable, max_surge } => {
                Limits::new(max_unavailable, max_surge, self.replicas)
            }
        }
    }

    pub(super) fn with_old(self, old: ReplicaSet) -> Self {
        Self { old, ..self }
    }

    pub(super) fn with_new(self, new: ReplicaSet) -> Self {
        Self { new, ..self }
    }
}

#[test]
fn new_pods_that_never_come_up_stop_a_rollout_where_the_controllers_own_notes_say() {
    // Ten replicas, two may be missing, three more may be there: 8 old and 5 new.
    use super::strategy::Amount::Count;

    let strategy = Strategy::RollingUpdate { max_unavailable: Count(2), max_surge: Count(3) };
    let mut rollout = Rollout::new(strategy, 10);
    rollout.old.available = 10;
    let mut seen = Vec::new();
    while let Some(next) = rollout.sync() {
        rollout = next;
        seen.push((rollout.old.pods, rollout.new.pods));
    }
    assert_eq!(seen, [(10, 3), (8, 3), (8, 5)]);
}
