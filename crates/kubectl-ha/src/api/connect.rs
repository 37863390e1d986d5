//! From the options to a cluster.

use std::{io::ErrorKind, path::Path};

use http::HeaderValue;
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig, KubeconfigError},
};

use super::{Cluster, Server, errors::chain};
use crate::{cli::Access, console::Console, failure::Failure};

impl Cluster {
    /// Connects to the cluster that the options name. Nothing is asked of it yet.
    pub(crate) async fn connect(access: &Access, console: &Console) -> Result<Self, Failure> {
        let (client, server) = match &console.client {
            Some(client) => (client.clone(), Server::of_options(access)),
            None => client(access).await?,
        };
        let of_context = Some(client.default_namespace()).filter(|name| !name.is_empty());
        let namespace = given(access.namespace.as_deref()).or(of_context).unwrap_or("default");
        Ok(Self {
            namespace: namespace.into(),
            server,
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

/// An option whose value is empty is not given, as with kubectl: scripts write `-n "$NAMESPACE"`.
fn given(option: Option<&str>) -> Option<&str> {
    option.filter(|text| !text.is_empty())
}

async fn client(access: &Access) -> Result<(Client, Server), Failure> {
    let (mut config, server) = config(access).await?;
    if given(access.user.as_deref()).is_some() {
        // The options say as whom it asks, not the kubeconfig.
        config.auth_info.impersonate = None;
        config.auth_info.impersonate_groups = None;
    }
    // An eviction that a budget refuses (429) is not to be repeated for minutes. What may be is, in `ask`.
    config.default_retry = false;
    match Client::try_from(config) {
        Ok(client) => Ok((client, server)),
        Err(error) => {
            Err(Failure::NoCluster(format!("{server} can't be asked: {}", chain(&error))))
        }
    }
}

/// Returns the names of the contexts of the kubeconfig.
pub(crate) fn contexts(access: &Access) -> Result<Vec<String>, Failure> {
    let kubeconfig = kubeconfig(access).map_err(|error| unread(access, &error))?;
    Ok(kubeconfig.contexts.into_iter().map(|context| context.name).collect())
}

fn kubeconfig(access: &Access) -> Result<Kubeconfig, KubeconfigError> {
    match file(access) {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    }
}

fn file(access: &Access) -> Option<&Path> {
    access.kubeconfig.as_deref().filter(|path| !path.as_os_str().is_empty())
}

fn is_absent(error: &KubeconfigError) -> bool {
    match error {
        KubeconfigError::FindPath => true,
        KubeconfigError::ReadConfig(error, _) => error.kind() == ErrorKind::NotFound,
        _ => false,
    }
}

fn unread(access: &Access, error: &KubeconfigError) -> Failure {
    let words = match error {
        KubeconfigError::ReadConfig(error, path) => format!("{}: {error}", path.display()),
        error => {
            // It does not say where it is wrong.
            let file = file(access).map(|path| format!("{}: ", path.display()));
            format!("{}{}", file.unwrap_or_default(), chain(error))
        }
    };
    Failure::NoCluster(if is_absent(error) {
        format!("there is no kubeconfig: {words}\nName one with `--kubeconfig` or $KUBECONFIG.")
    } else {
        format!(
            "the kubeconfig can't be read: {words}\n\
             Fix the file, or name another one with `--kubeconfig` or $KUBECONFIG."
        )
    })
}

async fn config(access: &Access) -> Result<(Config, Server), Failure> {
    let kubeconfig = match kubeconfig(access) {
        Ok(kubeconfig) => kubeconfig,
        // A file that is there and broken is no reason to ask another cluster.
        Err(error) if file(access).is_some() || !is_absent(&error) => {
            return Err(unread(access, &error));
        }
        Err(error) => {
            let config = Config::incluster().map_err(|_| unread(access, &error))?;
            let server = Server::of_pod(access, &config.cluster_url);
            return Ok((config, server));
        }
    };
    let contexts: Vec<&str> =
        kubeconfig.contexts.iter().map(|context| context.name.as_str()).collect();
    let known = if contexts.is_empty() {
        "It has no context.".into()
    } else {
        format!("Its contexts are: {}.", contexts.join(", "))
    };
    let context = given(access.context.as_deref()).map(String::from);
    let name = context.clone().or_else(|| kubeconfig.current_context.clone()).unwrap_or_default();
    let options = KubeConfigOptions { context, ..KubeConfigOptions::default() };
    match Config::from_custom_kubeconfig(kubeconfig.clone(), &options).await {
        Ok(config) => {
            let server = Server::of_context(access, &config.cluster_url, &name);
            Ok((config, server))
        }
        Err(error) => Err(Failure::NoCluster(format!(
            "the kubeconfig can't be used: {}\n{known}",
            chain(&error)
        ))),
    }
}

fn headers(access: &Access) -> Result<Vec<(&'static str, HeaderValue)>, Failure> {
    let user = given(access.user.as_deref());
    let users = user.iter().map(|user| ("impersonate-user", *user));
    let groups = access.groups.iter().map(|group| ("impersonate-group", group.as_str()));
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
