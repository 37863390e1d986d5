//! The API server of an election: `kunobi-ha-test`, or a real one.

mod proxy;
mod real;
mod test_server;

use std::sync::Arc;

pub use self::{real::RealApi, test_server::TestApi};
use crate::fault::Disturbance;

/// On which API server elections run.
#[derive(Clone, Debug)]
pub enum Server {
    /// `kunobi-ha-test`: each election has one of its own.
    Test,
    /// One for all elections, which an administrator reaches by this configuration. Each election has a namespace of its
    /// own.
    Real(Arc<kube::Config>),
}

/// The API server as one election sees it. When this is dropped, kunobi-ha-test ends; on a real one the proxies end, and the
/// namespace stays.
#[derive(Debug)]
pub enum Api {
    /// `kunobi-ha-test`
    Test(TestApi),
    /// A real one, with a proxy for each client.
    Real(Box<RealApi>),
}

impl Api {
    /// Makes room for an election: with an empty Lease only if it is wanted.
    pub async fn start(server: &Server, needs_lease: bool) -> Result<Self, String> {
        Ok(match server {
            Server::Test => Self::Test(TestApi::start(needs_lease).await?),
            Server::Real(config) => {
                Self::Real(Box::new(RealApi::start(config.clone(), needs_lease).await?))
            }
        })
    }

    /// The namespace of the Lease.
    #[must_use]
    pub fn namespace(&self) -> &str {
        match self {
            Self::Test(_) => test_server::NAMESPACE,
            Self::Real(api) => api.namespace(),
        }
    }

    /// A kubeconfig with which a client of this name connects, over plain HTTP.
    pub fn kubeconfig(&self, client: &'static str) -> Result<String, String> {
        match self {
            Self::Test(api) => Ok(api.kubeconfig(client)),
            Self::Real(api) => api.kubeconfig(client),
        }
    }

    /// Lets this happen to the requests of a client that has a kubeconfig, and nothing else any more.
    pub fn disturb(&self, client: &str, disturbance: Disturbance) -> Result<(), String> {
        match self {
            Self::Test(api) => {
                api.disturb(client, disturbance);
                Ok(())
            }
            Self::Real(api) => api.disturb(client, disturbance),
        }
    }

    /// Deletes the Lease.
    pub async fn delete_lease(&self) -> Result<(), String> {
        match self {
            Self::Test(api) => {
                api.delete_lease();
                Ok(())
            }
            Self::Real(api) => api.delete_lease().await,
        }
    }

    /// Who held the Lease after each write so far; none stands for nobody, and for a Lease that is gone.
    pub async fn holders(&self) -> Result<Vec<Option<String>>, String> {
        match self {
            Self::Test(api) => Ok(api.holders()),
            Self::Real(api) => api.holders().await,
        }
    }

    /// How much a client has asked so far. A watch is one request.
    #[must_use]
    pub fn requests(&self, client: &str) -> usize {
        match self {
            Self::Test(api) => api.requests(client),
            Self::Real(api) => api.requests(client),
        }
    }
}

/// The name of the Lease.
pub(crate) const LEASE: &str = "compare";
