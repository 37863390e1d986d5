//! What a container of a pod is to run, with everything looked up beforehand.

mod probes;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use k8s_openapi::api::core::v1::{Container, Lifecycle, Pod};

pub(crate) use self::probes::{Action, Check, Probe};
use super::{
    config::Config,
    environment::{Place, environment, expand},
    probe::Kind,
    shutdown::{own_grace, seconds},
};

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) probes: BTreeMap<Kind, Probe>,
    /// For how long the `preStop` hook sleeps.
    pub(crate) hook: Duration,
    /// The grace period of a container that is restarted.
    pub(crate) grace: Duration,
    pub(crate) policy: RestartPolicy,
    /// Whether the end of its output is the message of a failure that left none.
    pub(crate) falls_back_to_log: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum RestartPolicy {
    Always,
    OnFailure,
    Never,
}

/// Why a container never runs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) reason: &'static str,
    pub(crate) message: String,
}

impl Plan {
    pub(crate) fn new(
        config: &Config,
        pod: &Pod,
        container: &Container,
        place: &Place,
    ) -> Result<Self, Refusal> {
        let spec = pod.spec.as_ref();
        if spec.and_then(|spec| spec.init_containers.as_ref()).is_some_and(|all| !all.is_empty()) {
            return Err(Refusal::unsupported("init containers are not supported"));
        }
        let image = container.image.as_deref().unwrap_or_default();
        let program = config.images.get(image).cloned().ok_or_else(|| Refusal {
            reason: "ErrImagePull",
            message: format!("no program stands for the image {image}"),
        })?;
        let environment =
            environment(base(config, pod), pod, container, place).map_err(Refusal::unsupported)?;
        // The first word of the command is a path within the image, and the image is the program.
        let words =
            container.command.iter().flatten().skip(1).chain(container.args.iter().flatten());
        let arguments = words.map(|word| expand(word, &environment)).collect();
        Ok(Self {
            program,
            arguments,
            environment,
            probes: probes::of(container, place).map_err(Refusal::unsupported)?,
            hook: hook(container.lifecycle.as_ref()).map_err(Refusal::unsupported)?,
            grace: seconds(own_grace(pod)),
            policy: RestartPolicy::of(pod),
            falls_back_to_log: container.termination_message_policy.as_deref()
                == Some("FallbackToLogsOnError"),
        })
    }
}

impl RestartPolicy {
    pub(crate) fn of(pod: &Pod) -> Self {
        match pod.spec.as_ref().and_then(|spec| spec.restart_policy.as_deref()) {
            Some("Never") => Self::Never,
            Some("OnFailure") => Self::OnFailure,
            Some(_) | None => Self::Always,
        }
    }

    pub(crate) fn restarts(self, code: i32) -> bool {
        match self {
            Self::Always => true,
            Self::OnFailure => code != 0,
            Self::Never => false,
        }
    }
}

impl Refusal {
    fn unsupported(message: impl Into<String>) -> Self {
        Self { reason: "CreateContainerConfigError", message: message.into() }
    }
}

/// The environment before the container adds to it.
fn base(config: &Config, pod: &Pod) -> BTreeMap<String, String> {
    let mut base: BTreeMap<String, String> = config.environment.iter().cloned().collect();
    if let Ok(path) = std::env::var("PATH") {
        base.entry("PATH".into()).or_insert(path);
    }
    let host = pod.spec.as_ref().and_then(|spec| spec.hostname.clone());
    if let Some(host) = host.or_else(|| pod.metadata.name.clone()) {
        base.insert("HOSTNAME".into(), host);
    }
    let account = pod.spec.as_ref().and_then(|spec| spec.service_account_name.as_deref());
    let account = account.unwrap_or("default");
    let qualified = format!("{}/{account}", pod.metadata.namespace.as_deref().unwrap_or_default());
    let file = config.kubeconfigs.get(&qualified).or_else(|| config.kubeconfigs.get(account));
    if let Some(file) = file {
        base.insert("KUBECONFIG".into(), file.display().to_string());
    }
    base
}

fn hook(lifecycle: Option<&Lifecycle>) -> Result<Duration, String> {
    let Some(lifecycle) = lifecycle else {
        return Ok(Duration::ZERO);
    };
    if lifecycle.post_start.is_some() {
        return Err("postStart is not supported".into());
    }
    let Some(hook) = &lifecycle.pre_stop else {
        return Ok(Duration::ZERO);
    };
    let sleep = hook.sleep.as_ref().ok_or("of preStop only sleep is supported")?;
    Ok(seconds(sleep.seconds))
}

#[cfg(test)]
mod tests;
