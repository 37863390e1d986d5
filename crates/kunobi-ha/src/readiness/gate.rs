//! What readiness has to do with leading.

/// What `/readyz` says about the election.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[allow(clippy::exhaustive_enums)] // Three answers to one question.
pub enum LeaderGate {
    /// Ready if this replica leads, or could: see [`LeaderState::healthy`]. Standbys are ready, and
    /// a version that can't take part never is, so that its rollout stops by itself.
    ///
    /// [`LeaderState::healthy`]: crate::leader::LeaderState::healthy
    #[default]
    ElectionHealthy,
    /// Ready if this replica leads. A Deployment with such a probe rolls out only if
    /// `maxUnavailable` is at least its number of replicas, or with the strategy `Recreate`:
    /// otherwise the new pods wait for the lease, and the old ones for the new pods.
    LeaderOnly,
    /// Readiness has nothing to do with the election.
    Ignore,
}
