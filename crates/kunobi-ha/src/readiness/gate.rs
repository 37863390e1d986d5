//! What readiness says about an election.

/// What `/readyz` says about the election.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there are three answers to this question")]
pub enum LeaderGate {
    /// Ready if this replica leads or could lead: see [`LeaderState::healthy`]. Standbys are ready. A
    /// version of the program that can't take part is never ready, so that its rollout stops.
    ///
    /// [`LeaderState::healthy`]: crate::leader::LeaderState::healthy
    #[default]
    ElectionHealthy,
    /// Ready if this replica leads. A Deployment with such a probe rolls out only if
    /// `maxUnavailable` is at least its number of replicas, or if its strategy is `Recreate`.
    /// Otherwise the new pods wait for the Lease and the old pods wait for the new ones. A warning in
    /// the log says so.
    LeaderOnly,
    /// Readiness does not depend on the election.
    Ignore,
}
