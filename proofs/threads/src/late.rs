//! A Lease in memory, behind a network that takes its time.

use std::{sync::Arc, time::Duration};

use http::Request;
use shuttle::rand::{Rng, thread_rng};
use tokio::{sync::oneshot, time::sleep};

use super::{
    builder::LeaderElectionBuilder,
    clock::Clock,
    transport::{Sending, Standalone, Transport},
};
use crate::error::BoxError;

/// A Lease in memory. A request may be applied late, also after it was dropped, and be answered later;
/// or it is lost, or its answer is. Clones are the same Lease.
#[derive(Clone, Debug, Default)]
pub struct LateLease(Arc<Standalone>);

impl LateLease {
    /// Describes a candidate.
    pub fn candidate(&self, identity: &str) -> LeaderElectionBuilder {
        let (namespace, name) = ("default".into(), "threads".into());
        let mut builder = LeaderElectionBuilder::new(Standalone::default(), namespace, name);
        builder.transport = Arc::new(self.clone());
        builder.identity(identity).clock(Clock::tokio())
    }
}

impl Transport for LateLease {
    fn send(&self, request: Request<Vec<u8>>) -> Sending {
        let register = Arc::clone(&self.0);
        let (tell, told) = oneshot::channel();
        // A task of its own: what was sent goes on when the request is dropped.
        tokio::spawn(async move {
            sleep(under_way()).await;
            if lost() {
                return;
            }
            let response = register.send(request).await;
            sleep(under_way()).await;
            if !lost() {
                // The request may be dropped.
                let _ = tell.send(response);
            }
        });
        Box::pin(async move { told.await.map_err(BoxError::from)? })
    }
}

fn under_way() -> Duration {
    let times = [0, 0, 0, 1, 300, 2_500, 7_000];
    Duration::from_millis(times[thread_rng().gen_range(0..times.len())])
}

fn lost() -> bool {
    thread_rng().gen_range(0..10) == 0
}
