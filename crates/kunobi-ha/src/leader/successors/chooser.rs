//! Lists the Pods, and chooses among them.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::{Request, StatusCode, header::ACCEPT};
use http_body_util::{BodyExt, Limited};
use kunobi_ha_core::TimingConfig;
use serde_json::Value;
use tokio::time::timeout;

use super::{Identities, Successors, choice::choose, pods};
use crate::{
    error::BoxError,
    journal::{debug, warn},
    leader::{driver::LeaseName, transport::Transport, words::Words},
};

/// Chooses the successor of this process.
pub(in crate::leader) struct Chooser {
    transport: Arc<dyn Transport>,
    lease: String,
    /// Where the Pods are.
    namespace: String,
    own: String,
    identities: Identities,
    limit: Duration,
    /// Whether it was said that the configuration can't work.
    told: AtomicBool,
}

/// Why nobody is named.
enum Nobody {
    Failed(BoxError),
    /// That changes with the configuration only.
    Misconfigured(String),
    Unfit,
}

impl Chooser {
    pub(in crate::leader) fn new(
        successors: Successors,
        transport: Arc<dyn Transport>,
        lease: &LeaseName,
        own: &str,
        timing: &TimingConfig,
    ) -> Self {
        let Successors { namespace, identities } = successors;
        let LeaseName { namespace: of_lease, name, .. } = lease;
        Self {
            transport,
            lease: format!("{of_lease}/{name}"),
            namespace: namespace.unwrap_or_else(|| of_lease.clone()),
            own: own.to_owned(),
            identities,
            limit: time_to_choose(timing),
            told: AtomicBool::new(false),
        }
    }

    /// Returns where the Pods are.
    pub(in crate::leader) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Returns how long a choice takes at most.
    #[cfg(feature = "operator")]
    pub(in crate::leader) const fn limit(&self) -> Duration {
        self.limit
    }

    /// Returns the identity of the one who is to lead next; `None` if nobody is to be named.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub(in crate::leader) async fn choose(&self) -> Option<String> {
        let chosen = timeout(self.limit, self.choose_from_list()).await;
        let late = || Err(Nobody::Failed(format!("no list within {:?}", self.limit).into()));
        match chosen.unwrap_or_else(|_| late()) {
            Ok(identity) => Some(identity),
            Err(nobody) => {
                self.tell(nobody);
                None
            }
        }
    }

    async fn choose_from_list(&self) -> Result<String, Nobody> {
        let list = self.list().await?;
        let pods = pods::read(&list).map_err(|error| format!("the answer is no list: {error}"))?;
        let identified =
            pods.into_iter().filter_map(|pod| Some((self.identities.of(&pod.name)?, pod)));
        let (identities, pods): (Vec<_>, Vec<_>) = identified.unzip();
        let own = identities.iter().position(|identity| *identity == self.own);
        let Some(own) = own.and_then(|own| pods.get(own)) else {
            let Self { own, namespace, .. } = self;
            return Err(Nobody::Misconfigured(format!(
                "no Pod with a controller has the identity {own:?} in namespace {namespace}: let the \
                 identity be the name of the Pod, or say which it is"
            )));
        };
        let chosen = choose(&pods, own).ok_or(Nobody::Unfit)?;
        self.identities.of(&chosen.name).ok_or(Nobody::Unfit)
    }

    async fn list(&self) -> Result<Vec<u8>, Nobody> {
        // From the cache of the server: a list that is somewhat old costs a worse choice, and one
        // that is read from etcd costs the cluster more than the choice is worth.
        let uri = format!("/api/v1/namespaces/{}/pods?resourceVersion=0", self.namespace);
        let request = Request::get(uri).header(ACCEPT, "application/json").body(Vec::new());
        let answer = self.transport.send(request.map_err(BoxError::from)?).await?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LARGEST_LIST).collect().await?.to_bytes();
        if status.is_success() {
            return Ok(body.into());
        }
        let said: Value = serde_json::from_slice(&body).unwrap_or_default();
        let said = said["message"].as_str().unwrap_or("no reason was given");
        let why = format!("the list of Pods was answered with {}: {said}", status.as_u16());
        Err(match status {
            StatusCode::FORBIDDEN => Nobody::Misconfigured(format!(
                "{why}; grant the verb list on pods in namespace {}",
                self.namespace
            )),
            _ => Nobody::Failed(why.into()),
        })
    }

    fn tell(&self, nobody: Nobody) {
        let lease = &self.lease;
        match nobody {
            Nobody::Unfit => debug!(%lease, "nobody fits as successor"),
            Nobody::Failed(error) => {
                let said = Words::of_error(&*error);
                warn!(%lease, "nobody is named as successor: {said}");
            }
            Nobody::Misconfigured(why) => {
                if !self.told.swap(true, Ordering::Relaxed) {
                    let said = Words::of(&why);
                    warn!(%lease, "nobody is named as successor: {said}");
                }
            }
        }
    }
}

/// A list that hangs must leave time for the release.
fn time_to_choose(timing: &TimingConfig) -> Duration {
    // rule 10: T, as long as nothing was slow.
    let request = timing.renew_request_timeout.unwrap_or(timing.renew_deadline / 4);
    request.min(timing.release_timeout / 3)
}

impl<E: Into<BoxError>> From<E> for Nobody {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl fmt::Debug for Chooser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chooser").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

const LARGEST_LIST: usize = 8 << 20;
