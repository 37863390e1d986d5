//! A namespace of a real API server.

mod watched;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use k8s_openapi::api::{coordination::v1::Lease, core::v1::Namespace};
use kube::{
    Api, Client, Config,
    api::{DeleteParams, ObjectMeta, PostParams},
};

use self::watched::Watched;
use super::{LEASE, proxy::Proxy};
use crate::fault::Disturbance;

/// A namespace of its own, and a proxy for each client. The namespace is left behind.
#[derive(Debug)]
pub struct RealApi {
    config: Arc<Config>,
    namespace: String,
    leases: Api<Lease>,
    watched: Watched,
    proxies: Mutex<BTreeMap<&'static str, Proxy>>,
}

impl RealApi {
    pub(super) async fn start(config: Arc<Config>, needs_lease: bool) -> Result<Self, String> {
        Self::try_start(config, needs_lease).await.map_err(|why| why.to_string())
    }

    async fn try_start(config: Arc<Config>, needs_lease: bool) -> Result<Self, kube::Error> {
        let client = Client::try_from(Config::clone(&config))?;
        let namespace = make_namespace(&client).await?;
        let leases = Api::<Lease>::namespaced(client, &namespace);
        if needs_lease {
            let metadata = ObjectMeta { name: Some(LEASE.to_owned()), ..ObjectMeta::default() };
            let empty = Lease { metadata, ..Lease::default() };
            leases.create(&PostParams::default(), &empty).await?;
        }
        let watched = Watched::start(leases.clone()).await?;
        Ok(Self { config, namespace, leases, watched, proxies: Mutex::default() })
    }

    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    pub(super) fn kubeconfig(&self, client: &'static str) -> Result<String, String> {
        let address = match self.proxies().entry(client) {
            Entry::Occupied(proxy) => proxy.get().address(),
            Entry::Vacant(place) => place.insert(Proxy::open(&self.config)?).address(),
        };
        Ok(kunobi_ha_test::kubeconfig(address, client))
    }

    pub(super) fn disturb(&self, client: &str, disturbance: Disturbance) -> Result<(), String> {
        let proxies = self.proxies();
        let proxy = proxies.get(client).ok_or_else(|| format!("{client} has no kubeconfig yet"))?;
        proxy.disturb(disturbance);
        Ok(())
    }

    pub(super) async fn delete_lease(&self) -> Result<(), String> {
        let deleted = self.leases.delete(LEASE, &DeleteParams::default()).await;
        deleted.map(|_| ()).map_err(|why| format!("the Lease can't be deleted: {why}"))
    }

    pub(super) async fn holders(&self) -> Result<Vec<Option<String>>, String> {
        self.watched.holders().await
    }

    pub(super) fn requests(&self, client: &str) -> usize {
        self.proxies().get(client).map_or(0, Proxy::asked)
    }

    fn proxies(&self) -> MutexGuard<'_, BTreeMap<&'static str, Proxy>> {
        self.proxies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn make_namespace(client: &Client) -> Result<String, kube::Error> {
    let metadata =
        ObjectMeta { generate_name: Some("compare-".to_owned()), ..ObjectMeta::default() };
    let namespace = Namespace { metadata, ..Namespace::default() };
    let made = Api::all(client.clone()).create(&PostParams::default(), &namespace).await?;
    Ok(made.metadata.name.unwrap_or_default())
}
