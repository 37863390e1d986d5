//! The probes of a container, with their defaults filled in.

use std::{collections::BTreeMap, time::Duration};

use k8s_openapi::{
    api::core::v1::{self, Container},
    apimachinery::pkg::util::intstr::IntOrString,
};

use crate::{
    environment::Place,
    probe::{Kind, Rhythm},
    shutdown::seconds,
};

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Probe {
    pub(crate) rhythm: Rhythm,
    pub(crate) check: Check,
    /// What it says of the grace period of the restart.
    pub(crate) grace: Option<Duration>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Check {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) timeout: Duration,
    pub(crate) action: Action,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Action {
    /// A GET whose answer is between 200 and 399.
    Http { path: String, headers: Vec<(String, String)> },
    /// A connection.
    Tcp,
}

pub(super) fn of(container: &Container, place: &Place) -> Result<BTreeMap<Kind, Probe>, String> {
    let all = [
        (Kind::Startup, &container.startup_probe),
        (Kind::Liveness, &container.liveness_probe),
        (Kind::Readiness, &container.readiness_probe),
    ];
    all.into_iter()
        .filter_map(|(kind, probe)| probe.as_ref().map(|probe| (kind, probe)))
        .map(|(kind, probe)| Ok((kind, one(probe, container, place)?)))
        .collect()
}

fn one(probe: &v1::Probe, container: &Container, place: &Place) -> Result<Probe, String> {
    let positive = |number: Option<i32>, default: u32| {
        number
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| *number > 0)
            .unwrap_or(default)
    };
    let rhythm = Rhythm {
        delay: seconds(probe.initial_delay_seconds.unwrap_or(0).into()),
        period: Duration::from_secs(positive(probe.period_seconds, 10).into()),
        failures: positive(probe.failure_threshold, 3),
        successes: positive(probe.success_threshold, 1),
    };
    let timeout = Duration::from_secs(positive(probe.timeout_seconds, 1).into());
    let (host, port, action) = action(probe)?;
    let host = host.filter(|host| !host.is_empty());
    let check = Check {
        host: host.unwrap_or_else(|| place.address.to_string()),
        port: number(port, container)?,
        timeout,
        action,
    };
    Ok(Probe { rhythm, check, grace: probe.termination_grace_period_seconds.map(seconds) })
}

fn action(probe: &v1::Probe) -> Result<(Option<String>, &IntOrString, Action), String> {
    if let Some(get) = &probe.http_get {
        if get.scheme.as_deref().is_some_and(|scheme| scheme != "HTTP") {
            return Err("probes over HTTPS are not supported".into());
        }
        let path = get.path.clone().unwrap_or_default();
        let path = if path.starts_with('/') { path } else { format!("/{path}") };
        let headers = get.http_headers.iter().flatten();
        let headers = headers.map(|header| (header.name.clone(), header.value.clone())).collect();
        return Ok((get.host.clone(), &get.port, Action::Http { path, headers }));
    }
    let tcp = probe.tcp_socket.as_ref().ok_or("only httpGet and tcpSocket probes are supported")?;
    Ok((tcp.host.clone(), &tcp.port, Action::Tcp))
}

fn number(port: &IntOrString, container: &Container) -> Result<u16, String> {
    let number = match port {
        IntOrString::Int(number) => Some(*number),
        IntOrString::String(name) => {
            let mut ports = container.ports.iter().flatten();
            let named = ports.find(|port| port.name.as_ref() == Some(name));
            named.map(|port| port.container_port).or_else(|| name.parse().ok())
        }
    };
    let number = number.and_then(|number| u16::try_from(number).ok()).filter(|port| *port > 0);
    number.ok_or_else(|| format!("a probe names a port that there is not: {port:?}"))
}
