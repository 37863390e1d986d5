//! Controllers that a test may add: what they report of an object, and when. No clock, no I/O.

mod conditions;
mod daemon_set;
mod deployment;
mod job;
mod memory;
mod pods;
mod share;
mod stateful_set;

use std::{any, fmt, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use self::{daemon_set::Nodes, memory::Memory};

/// A controller that a test adds to its server with
/// [`with_controllers`](crate::TestServerBuilder::with_controllers): objects of its type get the status that they would have if
/// their pods ran.
///
/// It counts pods, at most 10,000 of an object, and creates neither Pods nor `ReplicaSets`. A pod counts as ready (one of a Job: as
/// ended) after a second, or after the time of [`after`](Self::after), on tokio's clock, which jumps if it is paused.
/// [`never_if`](Self::never_if) and [`fails_if`](Self::fails_if) say which pods don't get there.
///
/// It goes through the states of the real one, with its reasons and texts, and writes as the client that the real one
/// is, `system:serviceaccount:kube-system:deployment-controller` for example. So faults, webhooks and roles apply to it, and its
/// writes are in the history.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// use std::time::Duration;
///
/// use k8s_openapi::api::{apps::v1::Deployment, batch::v1::Job};
/// use kunobi_ha_test::{Controller, TestServer};
///
/// let hour = Duration::from_secs(3600);
/// let server = TestServer::builder()
///     .with_controllers([Controller::deployments(), Controller::jobs().after(hour)])
///     .with_objects(
///         "
/// apiVersion: batch/v1
/// kind: Job
/// metadata: { name: backup }
/// spec:
///   template:
///     spec:
///       restartPolicy: Never
///       containers: [{ name: a, image: a }]
/// ",
///     )
///     .build();
/// let is_done = |job: &Job| job.status.as_ref().is_some_and(|status| status.succeeded == Some(1));
/// let job = server.until_object("jobs default/backup", "is done", is_done).within(2 * hour).await;
/// let status = job.status.unwrap();
/// let took = status.completion_time.unwrap().0 - status.start_time.unwrap().0;
/// assert_eq!(took.get_seconds(), 3600);
/// # }
/// ```
///
/// # What differs from the real ones
///
/// - No events are written, and no annotation `deployment.kubernetes.io/revision`. The replica sets and revisions that a
///   status names are made up, and equal for equal templates.
/// - A pod that goes is gone at once: `terminatingReplicas` is 0. The pods of a Job are never `ready`.
/// - A Deployment that is scaled during a rollout goes on with the rollout; the real one first shares the new number among
///   old and new pods. While it is paused in the middle of one, scaling waits.
#[derive(Clone, Debug)]
#[must_use = "a controller does nothing before it is handed to `with_controllers`"]
pub struct Controller {
    kind: Kind,
    pace: Pace,
}

/// What a controller is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    DaemonSets,
    Deployments,
    Jobs,
    StatefulSets,
}

/// How pods get on.
#[derive(Clone, Debug)]
struct Pace {
    after: SignedDuration,
    never: Vec<Predicate>,
    fails: Vec<Predicate>,
}

/// A condition on an object.
#[derive(Clone)]
struct Predicate(Arc<dyn Fn(&Value) -> bool + Send + Sync>);

/// What a controller does next.
#[derive(Debug)]
#[must_use = "nothing is done yet"]
pub(crate) struct Step {
    pub(crate) act: Option<Act>,
    /// What is to be remembered once that is done.
    pub(crate) memory: Memory,
    /// When to look again, even if nothing is written before.
    pub(crate) again: Option<Timestamp>,
}

/// A request of a controller.
#[derive(Debug)]
pub(crate) enum Act {
    /// A PUT of the object with this status.
    Report(Value),
    /// A deletion, which is due.
    Delete,
}

impl Controller {
    /// The controller of Deployments: it rolls out a new template as the strategy says, and reports when
    /// `progressDeadlineSeconds` have passed.
    pub const fn deployments() -> Self {
        Self::new(Kind::Deployments)
    }

    /// The controller of Jobs: it runs, ends and suspends them, repeats what has failed (after 10 s, then 20 s, and so on), ends
    /// them after `activeDeadlineSeconds`, and deletes them `ttlSecondsAfterFinished` after their end.
    ///
    /// A Job that is managed by somebody else (`managedBy`) is left alone, and so is one with a
    /// `podFailurePolicy`, a `successPolicy` or a `backoffLimitPerIndex`, which depend on what happens in pods.
    pub const fn jobs() -> Self {
        Self::new(Kind::Jobs)
    }

    /// The controller of `StatefulSets`: pods are made, updated and removed in their order, or in parallel, down to the `partition`.
    pub const fn stateful_sets() -> Self {
        Self::new(Kind::StatefulSets)
    }

    /// The controller of `DaemonSets`: one pod on each Node that is stored, and that has the labels of the `nodeSelector`; affinity and taints are not
    /// looked at. Without Nodes, none is wanted. A `maxSurge` counts as a `maxUnavailable`.
    pub const fn daemon_sets() -> Self {
        Self::new(Kind::DaemonSets)
    }

    const fn new(kind: Kind) -> Self {
        let pace =
            Pace { after: SignedDuration::from_secs(1), never: Vec::new(), fails: Vec::new() };
        Self { kind, pace }
    }

    /// How long it takes a pod to be ready, or that of a Job to end.
    pub fn after(mut self, time: Duration) -> Self {
        self.pace.after = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
        self
    }

    /// If an object satisfies this condition, those of its pods that are not ready yet never become ready: a rollout hangs, a Job
    /// runs for ever. The condition is evaluated again when the object has changed, so that another image, or a label, may end it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use k8s_openapi::api::apps::v1::Deployment;
    /// use kunobi_ha_test::{Controller, TestServer};
    /// use std::time::Duration;
    ///
    /// let is_broken = |deployment: &Deployment| {
    ///     let pod = deployment.spec.template.spec.as_ref();
    ///     pod.is_some_and(|pod| pod.containers[0].image.as_deref() == Some("broken"))
    /// };
    /// let server = TestServer::builder()
    ///     .with_controllers([Controller::deployments().never_if(is_broken)])
    ///     .with_objects(
    ///         "
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: { name: web }
    /// spec:
    ///   selector: { matchLabels: { app: web } }
    ///   template:
    ///     metadata: { labels: { app: web } }
    ///     spec: { containers: [{ name: web, image: broken }] }
    /// ",
    ///     )
    ///     .build();
    /// let is_late = |deployment: &Deployment| {
    ///     let conditions = deployment.status.iter().flat_map(|status| status.conditions.iter().flatten());
    ///     conditions.into_iter().any(|condition| {
    ///         condition.reason.as_deref() == Some("ProgressDeadlineExceeded")
    ///     })
    /// };
    /// let ten_minutes = Duration::from_secs(602);
    /// server.until_object("deployments default/web", "is late", is_late).within(ten_minutes).await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Not here: if an object is not a `T`, the task of the controller panics later. It then reports nothing more, so waits of
    /// the test time out.
    pub fn never_if<T: DeserializeOwned>(
        mut self,
        condition: impl Fn(&T) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.pace.never.push(Predicate::new(condition));
        self
    }

    /// The pods of objects that satisfy this fail: a Job ends in failure when it has tried often enough. Pods of other
    /// types then never become ready, as with [`never_if`](Self::never_if).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// use k8s_openapi::api::batch::v1::Job;
    /// use kunobi_ha_test::{Controller, TestServer};
    ///
    /// let is_bad = |job: &Job| job.metadata.name.as_deref() == Some("bad");
    /// let server = TestServer::builder()
    ///     .with_controllers([Controller::jobs().fails_if(is_bad)])
    ///     .with_objects(
    ///         "
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata: { name: bad }
    /// spec:
    ///   backoffLimit: 1
    ///   template: { spec: { restartPolicy: Never, containers: [{ name: a, image: a }] } }
    /// ",
    ///     )
    ///     .build();
    /// let has_failed = |job: &Job| {
    ///     let status = job.status.clone().unwrap_or_default();
    ///     let mut conditions = status.conditions.into_iter().flatten();
    ///     conditions.any(|condition| condition.type_ == "Failed")
    /// };
    /// let job = server.until_object("jobs default/bad", "has failed", has_failed).await;
    /// assert_eq!(job.status.unwrap().failed, Some(2));
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Not here: if an object is not a `T`, the task of the controller panics later. It then reports nothing more, so waits of
    /// the test time out.
    pub fn fails_if<T: DeserializeOwned>(
        mut self,
        condition: impl Fn(&T) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.pace.fails.push(Predicate::new(condition));
        self
    }

    pub(crate) const fn kind(&self) -> Kind {
        self.kind
    }

    /// Decides what to do about an object.
    pub(crate) fn step(
        &self,
        object: &Value,
        memory: &Memory,
        now: Timestamp,
        nodes: &Nodes,
    ) -> Step {
        let (memory, pace) = (memory.clone(), &self.pace);
        match self.kind {
            Kind::DaemonSets => daemon_set::step(object, memory, pace, (now, nodes)),
            Kind::Deployments => deployment::step(object, memory, pace, now),
            Kind::Jobs => job::step(object, memory, pace, now),
            Kind::StatefulSets => stateful_set::step(object, memory, pace, now),
        }
    }
}

impl Kind {
    /// The group and the plural name of the type.
    pub(crate) const fn resource(self) -> (&'static str, &'static str) {
        match self {
            Self::DaemonSets => ("apps", "daemonsets"),
            Self::Deployments => ("apps", "deployments"),
            Self::Jobs => ("batch", "jobs"),
            Self::StatefulSets => ("apps", "statefulsets"),
        }
    }

    /// Whether it depends on the Nodes.
    pub(crate) const fn needs_nodes(self) -> bool {
        match self {
            Self::DaemonSets => true,
            Self::Deployments | Self::Jobs | Self::StatefulSets => false,
        }
    }

    /// The client that does this.
    pub(crate) const fn client(self, act: &Act) -> &'static str {
        match (self, act) {
            (
                Self::DaemonSets | Self::Deployments | Self::Jobs | Self::StatefulSets,
                Act::Delete,
            ) => "system:serviceaccount:kube-system:ttl-after-finished-controller",
            (Self::DaemonSets, Act::Report(_)) => {
                "system:serviceaccount:kube-system:daemon-set-controller"
            }
            (Self::Deployments, Act::Report(_)) => {
                "system:serviceaccount:kube-system:deployment-controller"
            }
            (Self::Jobs, Act::Report(_)) => "system:serviceaccount:kube-system:job-controller",
            (Self::StatefulSets, Act::Report(_)) => {
                "system:serviceaccount:kube-system:statefulset-controller"
            }
        }
    }
}

impl Pace {
    fn is_never(&self, object: &Value) -> bool {
        self.never.iter().any(|condition| (condition.0)(object))
    }

    fn is_failure(&self, object: &Value) -> bool {
        self.fails.iter().any(|condition| (condition.0)(object))
    }
}

impl Predicate {
    fn new<T: DeserializeOwned>(condition: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |object| match T::deserialize(object) {
            Ok(object) => condition(&object),
            Err(error) => {
                let wanted = any::type_name::<T>();
                panic!("a condition of a controller takes no {wanted}: {error}; it is {object}")
            }
        }))
    }
}

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Predicate")
    }
}

impl Step {
    /// Reports a status if it differs.
    fn report(object: &Value, status: Value, memory: Memory, again: Option<Timestamp>) -> Self {
        let is_new = object.get("status") != Some(&status);
        Self { act: is_new.then_some(Act::Report(status)), memory, again }
    }

    fn rest(memory: Memory) -> Self {
        Self { act: None, memory, again: None }
    }
}

fn later(at: Timestamp, time: SignedDuration) -> Timestamp {
    at.checked_add(time).unwrap_or(Timestamp::MAX)
}

/// A number of an object, which nobody may have checked: one that the field can't have is the nearest that it can.
fn number(value: &Value) -> Option<i64> {
    Some(value.as_i64()?.clamp(0, i32::MAX.into()))
}

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

/// Stands for a template, as the hash in the names of replica sets does.
fn revision(template: &Value) -> String {
    let text = template.to_string();
    let hash = text
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    // The alphabet of Kubernetes: no vowels, so no words.
    let digits = hash.to_string();
    let letter = |digit: char| LETTERS.get(digit.to_digit(10).map_or(0, |digit| digit as usize));
    digits.chars().filter_map(letter).map(|letter| char::from(*letter)).collect()
}

const LETTERS: &[u8; 10] = b"45678bcdfg";

#[cfg(test)]
mod tests;
