//! Certificates of death: how a follower learns within a second or two that the leader's process has
//! ended.

mod certificate;
mod pod;

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::Arc,
};

use kunobi_ha_core::InvalidConfig;

pub(super) use self::{
    certificate::Certificate,
    pod::{Ends, Evidence, Verdict},
};
use super::names::{self, check_namespace};
use crate::termination_log::TerminationLog;

/// Lets a follower take over as soon as the kubelet says that the leader's process has ended, instead
/// of waiting until the Lease has run out. Turned on with
/// [`LeaderElectionBuilder::death_certificates`](super::LeaderElectionBuilder::death_certificates).
///
/// Before a replica can lead, it writes into the termination message of its container which term it is
/// about to begin. The kubelet puts that message into the status of the Pod once the container has
/// ended, and never before. A follower watches the Pod of the leader, and takes the Lease when it
/// reads there the very term that the Lease names.
///
/// # What is guaranteed
///
/// - A leader whose Lease is renewed is never overthrown: a follower also waits until the Lease has not
///   changed for 1.5 retry periods.
/// - A follower waits one lease duration from its first sight of a term before it takes that term's
///   Lease early. So work that crashes every replica can't crash all of them within seconds.
/// - Where there is no certificate, no Pod or no right, the Lease is waited out as usual. A file that
///   can't be written delays a takeover by a quarter of a retry period at most.
///
/// With a retry period of 2 s and [`watch`](super::LeaderElectionBuilder::watch), the next replica leads
/// about 2 s after a crash, a kill or a panic, instead of 13 to 15 s. Nothing is gained where the kubelet
/// can't tell: a lost node, a cut network, a stopped or hung process, a Pod that is deleted by force.
///
/// # What has to hold
///
/// "At most one leader" depends on these in addition, once this is on:
///
/// - The container has its own PID namespace, and its own file for the termination message. A Pod with
///   `shareProcessNamespace` or `hostPID`, with `os: windows`, or with something mounted at the
///   `terminationMessagePath` of this container is not believed.
/// - [`container`](Self::container) is the container in which this process runs.
/// - The container runtime does not report a container as ended that it has lost. (Exit code 255 and the
///   reasons `Unknown` and `ContainerStatusUnknown` are not believed; the 137 that some runtimes make up for a
///   container that they have lost looks like that of a SIGKILL.)
/// - Nobody but kubelets may write `pods/status`.
/// - No other implementation of the election shares this identity.
///
/// A request that the dead process had sent may still be on its way, in a proxy for example, when its
/// successor has begun. So send [`Term::fence`](super::Term::fence) with writes to other systems.
///
/// # What it needs
///
/// `get` and `watch` on `pods` in the namespace of the Pods. The identity of each replica is the name of
/// its Pod ([`Identity::PodNameOrUuid`](super::Identity::PodNameOrUuid) is, unless the Pod uses
/// `hostNetwork`), or [`pod_name`](Self::pod_name) maps one to the other. Linux writes certificates; other
/// systems only read them.
///
/// What the program itself writes into the termination message stays, after the certificates. With a
/// certificate in it, the kubelet does not show the end of the log there
/// (`terminationMessagePolicy: FallbackToLogsOnError`). The runner, `kunobi_ha::operator`, writes the
/// reason of a failed end instead.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> kunobi_ha::Result<()> {
/// # let server = kunobi_ha_test::TestServer::new();
/// # let config = kube::Client::new(server.service("me"), "default");
/// use kunobi_ha::leader::{DeathCertificates, LeaderElection};
///
/// let certificates = DeathCertificates::new().container("manager");
/// let election = LeaderElection::builder(config, "my-ns", "my-operator")
///     .watch(true)
///     .death_certificates(certificates)
///     .build();
/// assert!(election.bounds().is_ok());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "an election has it from `LeaderElectionBuilder::death_certificates`"]
pub struct DeathCertificates {
    container: String,
    path: PathBuf,
    namespace: Option<String>,
    pod_name: Option<PodName>,
}

/// What an election needs to write certificates, and to read those of others.
#[derive(Clone)]
pub(super) struct Certificates {
    /// Where this process writes its own.
    pub(super) log: Arc<TerminationLog>,
    pub(super) container: Arc<str>,
    /// That of the Pods.
    pub(super) namespace: Arc<str>,
    pod_name: Option<PodName>,
}

type PodName = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

impl DeathCertificates {
    /// Describes certificates in the usual termination message. The
    /// [`container`](Self::container) has still to be named.
    pub fn new() -> Self {
        Self {
            container: String::new(),
            path: DEFAULT_PATH.into(),
            namespace: None,
            pod_name: None,
        }
    }

    /// Names the container in which the replicas run, as the Pod's spec does. It has no default: another
    /// container of the Pod can end while this one runs.
    pub fn container(mut self, name: impl Into<String>) -> Self {
        self.container = name.into();
        self
    }

    /// Sets the file of the termination message, the `terminationMessagePath` of the container. Default:
    /// `/dev/termination-log`, as Kubernetes has it.
    pub fn path(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = path.into();
        self
    }

    /// Sets the namespace of the Pods. Default: that of the Lease.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Sets how the name of a Pod follows from the identity of its replica; `None` if it does not: then
    /// that replica's Lease is waited out. Default: the identity itself, if a Pod can have such a name.
    pub fn pod_name(
        mut self,
        map: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.pod_name = Some(Arc::new(map));
        self
    }

    /// Parses what was described for a Lease in this namespace.
    pub(super) fn parse(self, lease_namespace: &str) -> Result<Certificates, InvalidConfig> {
        let Self { container, path, namespace, pod_name } = self;
        names::check_container(&container)?;
        if !path.is_absolute() {
            let path = path.to_string_lossy().into_owned();
            return Err(InvalidConfig::TerminationMessagePathInvalid { path });
        }
        let namespace = namespace.as_deref().unwrap_or(lease_namespace);
        check_namespace(namespace)?;
        Ok(Certificates {
            log: TerminationLog::at(&path),
            container: container.into(),
            namespace: namespace.into(),
            pod_name,
        })
    }
}

impl Default for DeathCertificates {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for DeathCertificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { container, path, namespace, pod_name: _ } = self;
        f.debug_struct("DeathCertificates")
            .field("container", container)
            .field("path", path)
            .field("namespace", namespace)
            .finish_non_exhaustive()
    }
}

impl Certificates {
    /// Returns the name of the Pod in which the replica with this identity runs.
    pub(super) fn pod_of(&self, identity: &str) -> Option<String> {
        let name = match &self.pod_name {
            None => Some(identity.to_owned()),
            // A panic of the user's must not end the election.
            Some(map) => catch_unwind(AssertUnwindSafe(|| map(identity))).ok().flatten(),
        };
        name.filter(|name| names::is_subdomain(name))
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { log, container, namespace, pod_name: _ } = self;
        f.debug_struct("Certificates")
            .field("log", log)
            .field("container", container)
            .field("namespace", namespace)
            .finish_non_exhaustive()
    }
}

/// Where Kubernetes expects a termination message, unless the container says otherwise.
const DEFAULT_PATH: &str = "/dev/termination-log";

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn what_can_not_work_is_refused_with_what_to_do() {
        let named = || DeathCertificates::new().container("manager");
        let wrong = [
            (DeathCertificates::new(), "name the container"),
            (DeathCertificates::new().container("My container"), "at most 63 lower case letters"),
            (named().path("termination-log"), "must be absolute"),
            (named().path(""), "must be absolute"),
            (named().namespace("a.b"), "namespace \"a.b\" cannot exist"),
        ];
        for (certificates, said) in wrong {
            let error = certificates.clone().parse("ns").unwrap_err().to_string();
            assert!(error.contains(said), "{certificates:?}: {error}");
        }
        let parsed = named().path("/tmp/m").parse("ns").unwrap();
        assert_eq!((&*parsed.namespace, parsed.log.path()), ("ns", Path::new("/tmp/m")));
        assert_eq!(&*named().namespace("pods").parse("ns").unwrap().namespace, "pods");
    }

    #[test]
    fn only_a_name_that_a_pod_can_have_is_one() {
        let plain = DeathCertificates::new().container("c").parse("ns").unwrap();
        assert_eq!(plain.pod_of("pod-1").as_deref(), Some("pod-1"));
        for identity in ["pod_1", "Pod", "", "a b", "pod-1_0d9c"] {
            assert_eq!(plain.pod_of(identity), None, "{identity}");
        }
        let mapped = DeathCertificates::new().container("c").pod_name(|identity| {
            assert_ne!(identity, "poison");
            Some(identity.split_once('_')?.0.to_owned())
        });
        let mapped = mapped.parse("ns").unwrap();
        assert_eq!(mapped.pod_of("pod-1_0d9c").as_deref(), Some("pod-1"));
        for identity in ["pod-1", "Pod_1", "poison"] {
            assert_eq!(mapped.pod_of(identity), None, "{identity}");
        }
    }
}
