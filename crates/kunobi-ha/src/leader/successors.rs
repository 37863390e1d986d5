//! Whom a leader names as its successor (rule P1).

mod choice;
mod chooser;
mod pods;

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

pub(super) use self::chooser::Chooser;

/// How a leader finds the replica that is to lead next: given to
/// [`LeaderElectionBuilder::successor`](super::LeaderElectionBuilder::successor).
///
/// A rolling update ends the old Pods one by one. A Lease that is released goes to whoever asks first:
/// often to a Pod that is ended next, so that leadership moves several times. A leader that names
/// its successor as it releases hands over once.
///
/// # Who is chosen
///
/// While leader work drains, the Pods of the namespace are listed, once. Those count that have the
/// controller of this Pod, or one of the same Deployment. Of these, one is chosen that is ready, does
/// not end, and does not use the network of its node:
///
/// 1. If the youngest Pod, ready or not, has another template than this one, then a rollout is under
///    way, or an undo, and a Pod of that template goes first.
/// 2. Then a Pod on another node than this one, which may be drained.
/// 3. Then the one that has been ready for the longest time, for a Deployment that is scaled down loses
///    its youngest Pods first. Then the one with the fewest restarts.
///
/// # What is guaranteed
///
/// - Nothing of the election's safety depends on it. The others wait for the one that was named,
///   for 1.5 `retry_period`; then all are equal. A choice that turns out wrong costs that time.
/// - The release waits for the list for [`renew_request_timeout`] at most, and for a third of
///   [`release_timeout`] at most. As a rule the list is there before work has ended.
/// - If nobody fits, or the Pods can't be listed, nobody is named, and the Lease goes to whoever asks
///   first. The log says why; that the right is missing, it says once.
///
/// # What is not
///
/// - A replica of another implementation, client-go for example, does not wait.
/// - A namespace with more than 8 MiB of Pods, about a thousand, is not read to its end, and nobody is
///   named. Pods have no common labels that would stay the same in a rollout.
///
/// # What it needs
///
/// The right to `list` Pods, in that namespace, without `resourceNames`.
///
/// ```
/// use kunobi_ha::leader::{LeaderElection, Successors};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// # let server = kunobi_ha_test::TestServer::new();
/// # let config = kube::Client::new(server.service("me"), "default");
/// let election = LeaderElection::builder(config, "my-ns", "my-operator")
///     .successor(Successors::new())
///     .build();
/// # }
/// ```
///
/// [`renew_request_timeout`]: super::LeaderElectionBuilder::renew_request_timeout
/// [`release_timeout`]: super::LeaderElectionBuilder::release_timeout
#[derive(Clone, Default)]
#[must_use = "give it to `LeaderElectionBuilder::successor`"]
pub struct Successors {
    /// That of the Lease, unless set.
    pub(super) namespace: Option<String>,
    identities: Identities,
}

/// Under which identity the process of a Pod contends. By default it is the name of the Pod.
#[derive(Clone, Default)]
struct Identities(Option<Arc<IdentityOf>>);

type IdentityOf = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Successors {
    /// Chooses among the Pods of the namespace of the Lease, whose names are their identities.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the namespace of the Pods. Default: that of the Lease.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Sets under which [`identity`](super::LeaderElectionBuilder::identity) the process of a Pod
    /// contends, by the name of the Pod; `None` for a Pod that is never named. Default: its name.
    ///
    /// It has to be right for this process too: its own Pod is found by it.
    pub fn identity_of<F>(mut self, identity_of: F) -> Self
    where
        F: Fn(&str) -> Option<String> + Send + Sync + 'static,
    {
        self.identities = Identities(Some(Arc::new(identity_of)));
        self
    }
}

impl Identities {
    fn of(&self, pod: &str) -> Option<String> {
        match &self.0 {
            None => Some(pod.to_owned()),
            // A panic of the user's must not end the term without a release.
            Some(identity_of) => catch_unwind(AssertUnwindSafe(|| identity_of(pod))).ok().flatten(),
        }
    }
}

impl fmt::Debug for Successors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Successors").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
