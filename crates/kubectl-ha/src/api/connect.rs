//! From the options to a cluster.

use http::HeaderValue;
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig, KubeconfigError},
};

use super::{Cluster, errors::chain};
use crate::{cli::Access, console::Console, failure::Failure};

impl Cluster {
    /// Connects to the cluster that the options name. Nothing is asked of it yet.
    pub(crate) async fn connect(access: &Access, console: &Console) -> Result<Self, Failure> {
        let client = match &console.client {
            Some(client) => client.clone(),
            None => client(access).await?,
        };
        let namespace =
            access.namespace.clone().unwrap_or_else(|| client.default_namespace().into());
        Ok(Self {
            namespace,
            headers: headers(access)?,
            timeout: access.request_timeout.and_then(|timeout| timeout.0),
            clock: console.clock,
            client,
        })
    }

    /// Asks as another user, with the right to impersonate.
    pub(crate) fn as_user(&self, user: &str) -> Result<Self, Failure> {
        let access = Access { user: Some(user.into()), ..Access::default() };
        Ok(Self { headers: headers(&access)?, ..self.clone() })
    }
}

async fn client(access: &Access) -> Result<Client, Failure> {
    let mut config = config(access).await?;
    if access.user.is_some() {
        // The options say as whom it asks, not the kubeconfig.
        config.auth_info.impersonate = None;
        config.auth_info.impersonate_groups = None;
    }
    // An eviction that a budget refuses (429) is not to be repeated for minutes. What may be is, in `ask`.
    config.default_retry = false;
    Client::try_from(config).map_err(|error| {
        Failure::NoCluster(format!("this context can't be used: {}", chain(&error)))
    })
}

/// Returns the names of the contexts of the kubeconfig.
pub(crate) fn contexts(access: &Access) -> Result<Vec<String>, Failure> {
    let kubeconfig = kubeconfig(access).map_err(|error| unread(&error))?;
    Ok(kubeconfig.contexts.into_iter().map(|context| context.name).collect())
}

fn kubeconfig(access: &Access) -> Result<Kubeconfig, KubeconfigError> {
    match &access.kubeconfig {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    }
}

fn unread(error: &KubeconfigError) -> Failure {
    let words = chain(error);
    Failure::NoCluster(format!(
        "there is no kubeconfig to read: {words}\nName one with `--kubeconfig` or $KUBECONFIG."
    ))
}

async fn config(access: &Access) -> Result<Config, Failure> {
    let kubeconfig = match kubeconfig(access) {
        Ok(kubeconfig) => kubeconfig,
        Err(error) => {
            let in_pod = if access.kubeconfig.is_none() { Config::incluster().ok() } else { None };
            return in_pod.ok_or_else(|| unread(&error));
        }
    };
    let contexts: Vec<&str> =
        kubeconfig.contexts.iter().map(|context| context.name.as_str()).collect();
    let known = format!("Its contexts are: {}.", contexts.join(", "));
    let options =
        KubeConfigOptions { context: access.context.clone(), ..KubeConfigOptions::default() };
    Config::from_custom_kubeconfig(kubeconfig.clone(), &options).await.map_err(|error| {
        Failure::NoCluster(format!("the kubeconfig can't be used: {}\n{known}", chain(&error)))
    })
}

fn headers(access: &Access) -> Result<Vec<(&'static str, HeaderValue)>, Failure> {
    let users = access.user.iter().map(|user| ("impersonate-user", user));
    let groups = access.groups.iter().map(|group| ("impersonate-group", group));
    users
        .chain(groups)
        .map(|(name, value)| match HeaderValue::from_str(value) {
            Ok(value) => Ok((name, value)),
            Err(_) => {
                Err(Failure::Usage(format!("{value:?} can't be the name of a user or of a group")))
            }
        })
        .collect()
}
