//! What the program is told.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    net::{SocketAddr, ToSocketAddrs},
    path::PathBuf,
};

use kunobi_ha_test::Faults;
use lexopt::{
    Arg::{Long, Short},
    Parser, ValueExt,
};

use crate::{clients, failure::Failure, faults};

#[derive(Debug)]
pub(crate) enum Command {
    Serve(Box<Options>),
    Help,
    Version,
}

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) listen: SocketAddr,
    pub(crate) clients: Vec<String>,
    pub(crate) kubeconfig: Option<PathBuf>,
    pub(crate) kubeconfigs: Option<PathBuf>,
    pub(crate) rbac: bool,
    pub(crate) tls: bool,
    pub(crate) controllers: bool,
    pub(crate) crds: Vec<PathBuf>,
    pub(crate) objects: Vec<PathBuf>,
    pub(crate) namespaces: Vec<String>,
    pub(crate) state: Option<PathBuf>,
    pub(crate) faults: BTreeMap<String, Faults>,
    pub(crate) log_capacity: usize,
}

/// What was given, each option with its value.
#[derive(Debug, Default)]
struct Given {
    listen: Option<OsString>,
    clients: Option<OsString>,
    kubeconfig: Option<OsString>,
    kubeconfigs: Option<OsString>,
    rbac: bool,
    tls: bool,
    controllers: bool,
    crds: Vec<PathBuf>,
    objects: Vec<PathBuf>,
    namespaces: Option<OsString>,
    state: Option<OsString>,
    faults: Vec<OsString>,
    log: Option<OsString>,
}

pub(crate) fn parse(mut parser: Parser) -> Result<Command, Failure> {
    let mut given = Given::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Command::Help),
            Short('V') | Long("version") => return Ok(Command::Version),
            Long("listen") => once(&mut given.listen, "--listen", &mut parser)?,
            Long("clients") => once(&mut given.clients, "--clients", &mut parser)?,
            Long("kubeconfig") => once(&mut given.kubeconfig, "--kubeconfig", &mut parser)?,
            Long("kubeconfigs") => once(&mut given.kubeconfigs, "--kubeconfigs", &mut parser)?,
            Long("namespaces") => once(&mut given.namespaces, "--namespaces", &mut parser)?,
            Long("state") => once(&mut given.state, "--state", &mut parser)?,
            Long("log") => once(&mut given.log, "--log", &mut parser)?,
            Long("rbac") => given.rbac = true,
            Long("tls") => given.tls = true,
            Long("controllers") => given.controllers = true,
            Long("crds") => given.crds.push(parser.value()?.into()),
            Long("objects") => given.objects.push(parser.value()?.into()),
            Long("fault") => given.faults.push(parser.value()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let options = given.read().map_err(Failure::Usage)?;
    Ok(Command::Serve(Box::new(options)))
}

/// Of two values one would be ignored.
fn once(value: &mut Option<OsString>, option: &str, parser: &mut Parser) -> Result<(), Failure> {
    match value.replace(parser.value()?) {
        None => Ok(()),
        Some(_) => Err(Failure::Usage(format!("{option} is given twice: give it once"))),
    }
}

impl Given {
    fn read(self) -> Result<Options, String> {
        if self.tls && cfg!(not(feature = "tls")) {
            let how = "cargo install kunobi-ha-test --features tls";
            return Err(format!("--tls: this program was built without its feature tls; {how}"));
        }
        let log = self.log.map(|log| number(&log)).transpose()?;
        Ok(Options {
            listen: address(&self.listen.unwrap_or_else(|| DEFAULT_ADDRESS.into()))?,
            clients: names(self.clients.unwrap_or_else(|| DEFAULT_CLIENTS.into()))?,
            kubeconfig: self.kubeconfig.map(PathBuf::from),
            kubeconfigs: self.kubeconfigs.map(PathBuf::from),
            rbac: self.rbac,
            tls: self.tls,
            controllers: self.controllers,
            crds: self.crds,
            objects: self.objects,
            namespaces: self.namespaces.map_or(Ok(Vec::new()), |all| list("--namespaces", all))?,
            state: self.state.map(PathBuf::from),
            faults: all_faults(self.faults)?,
            log_capacity: log.unwrap_or(DEFAULT_LOG),
        })
    }
}

fn address(value: &OsString) -> Result<SocketAddr, String> {
    let value = value.to_string_lossy();
    let refused = |why: String| {
        format!("--listen takes an address and a port, as in {DEFAULT_ADDRESS}, not {value}: {why}")
    };
    let mut found = value.to_socket_addrs().map_err(|error| refused(error.to_string()))?;
    found.next().ok_or_else(|| refused("it has no address".to_owned()))
}

fn names(value: OsString) -> Result<Vec<String>, String> {
    let clients = list("--clients", value)?;
    for (index, client) in clients.iter().enumerate() {
        clients::check(client).map_err(|why| format!("--clients: {why}"))?;
        if clients[..index].contains(client) {
            return Err(format!("--clients names {client} twice: name each client once"));
        }
    }
    Ok(clients)
}

fn all_faults(given: Vec<OsString>) -> Result<BTreeMap<String, Faults>, String> {
    let mut all = BTreeMap::new();
    for value in given {
        let (client, faults) = faults::parse(&text("--fault", value)?)?;
        if all.insert(client.clone(), faults).is_some() {
            return Err(format!("--fault is given twice for {client}: put all into one"));
        }
    }
    Ok(all)
}

fn number(value: &OsString) -> Result<usize, String> {
    let value = value.to_string_lossy();
    value.parse().map_err(|_| format!("--log takes a number, not {value}"))
}

fn list(option: &str, value: OsString) -> Result<Vec<String>, String> {
    Ok(text(option, value)?.split(',').map(ToOwned::to_owned).collect())
}

fn text(option: &str, value: OsString) -> Result<String, String> {
    value.string().map_err(|error| format!("{option}: {error}"))
}

const DEFAULT_ADDRESS: &str = "127.0.0.1:8001";
const DEFAULT_CLIENTS: &str = "a,b,c";
const DEFAULT_LOG: usize = 100_000;
