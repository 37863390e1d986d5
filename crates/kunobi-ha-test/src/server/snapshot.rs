//! Copies of the store, also as text.

use super::TestServer;
use crate::{SnapshotError, store::Store};

/// A copy of everything that was stored at some time: all objects as they are, with uid, `resourceVersion` and managed
/// fields, and the version counter. Faults, logs, users and issued tokens are no part of it.
///
/// A server [goes back](TestServer::restore) to it, or [begins](super::TestServerBuilder::with_snapshot) with it. As
/// JSON it can be kept in a file: a state that took long to build, for the tests that begin with it.
///
/// ```
/// use kunobi_ha_test::{Snapshot, TestServer};
///
/// let yaml = "{ apiVersion: v1, kind: ConfigMap, metadata: { name: a }, data: { sky: blue } }";
/// let server = TestServer::builder().with_objects(yaml).build();
/// let text = server.snapshot().to_json();
///
/// let snapshot = Snapshot::from_json(&text)?;
/// let later = TestServer::builder().with_snapshot(snapshot).build();
/// assert_eq!(later.get("configmaps default/a"), server.get("configmaps default/a"));
/// assert_eq!(later.resource_version(), server.resource_version());
/// # Ok::<(), kunobi_ha_test::SnapshotError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Snapshot(pub(super) Store);

impl Snapshot {
    /// Returns it as JSON, an object a line. Changes from before are no part of that: on a server that
    /// begins with what [`from_json`](Self::from_json) makes of it, a watch from an older version is a 410, as after a
    /// compaction of etcd.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.0.to_text()
    }

    /// Reads what [`to_json`](Self::to_json) has returned, in this version of the crate or an earlier one that writes the
    /// same format. Objects are taken as they are, unchecked; what definitions define is served.
    ///
    /// # Errors
    ///
    /// The text is something else, or was damaged; or an object that a test has injected is nested deeper than 256 levels.
    pub fn from_json(text: &str) -> Result<Self, SnapshotError> {
        Store::from_text(text).map(Self)
    }
}

impl TestServer {
    /// Returns a copy of all objects and of the version counter.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(self.state().store.clone())
    }

    /// Goes back to a copy, with its version counter, as a restore of etcd from a backup does. Watches go on with
    /// what is written from then on. Controllers forget what they knew, and know of an object what its status says. The history
    /// tells nothing of it.
    pub fn restore(&self, snapshot: Snapshot) {
        let mut state = self.state();
        let settings = state.store.settings;
        state.store = snapshot.0;
        state.store.settings = settings;
        state.restores += 1;
        state.restored_at = state.store.revision();
        drop(state);
        self.notify();
    }

    /// Returns the version counter: the `resourceVersion` of the latest write, and of a list now.
    #[must_use]
    pub fn resource_version(&self) -> u64 {
        self.state().store.revision()
    }
}
