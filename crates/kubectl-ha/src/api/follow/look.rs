//! A look at one Lease beside the watch, which can lag behind.

use std::time::Duration;

use tokio::time::timeout;

use super::Follow;
use crate::{
    api::{Kind, Target},
    failure::Failure,
    lease::Lease,
};

/// What a look shows.
#[derive(Debug)]
pub(crate) enum Looked {
    Shows(Box<Lease>),
    /// It may not be read by itself, or is not there: the watch has to tell.
    Nothing,
    /// The server does not answer; it is asked again.
    Away(String),
}

impl Follow {
    /// Looks at one Lease. If the server does not answer, the watch is as dead, and another one is opened.
    pub(crate) async fn look(&mut self, namespace: &str, name: &str) -> Looked {
        let target = Target::get(Kind::LEASES, namespace, name);
        let why = match timeout(LONGEST, self.cluster.get(&target)).await {
            Ok(Ok(answer)) => return Looked::Shows(Box::new(Lease::read(&answer.value))),
            // A right to read single Leases is not needed for a watch.
            Ok(Err(Failure::Denied(_) | Failure::NotFound(_))) => return Looked::Nothing,
            Ok(Err(failure)) => failure.to_string(),
            Err(_) => format!("{} does not answer", self.cluster.server()),
        };
        self.watch = None;
        self.away = true;
        Looked::Away(why)
    }
}

/// How long a look may take.
const LONGEST: Duration = Duration::from_secs(2);
