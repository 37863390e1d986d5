//! The command line.

use compare::{
    fault::Fault,
    migrate::Case,
    peer::{self, Peer},
};
use lexopt::{Arg, Parser, ValueExt};

use crate::servers::Kind;

pub(crate) enum Command {
    Run(Options),
    Migrate(Options),
    Check,
    Help,
}

#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) peers: Vec<Peer>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) repetitions: u64,
    pub(crate) jobs: usize,
    pub(crate) seed: u64,
    pub(crate) has_quiet_minute: bool,
    pub(crate) cases: Vec<Case>,
    pub(crate) servers: Vec<Kind>,
}

impl Options {
    /// Only a whole run is worth a page.
    pub(crate) fn writes_page(&self) -> bool {
        self.is_whole() && self.servers == Kind::ALL
    }

    fn is_whole(&self) -> bool {
        self.has_quiet_minute && self.faults.len() == Fault::ALL.len() && self.has_all_peers()
    }

    fn has_all_peers(&self) -> bool {
        self.peers.len() == peer::all(&crate::folder()).len()
    }
}

pub(crate) fn parse(mut parser: Parser) -> Result<Command, String> {
    let mut options = Options {
        peers: peer::all(&crate::folder()),
        faults: Fault::ALL.to_vec(),
        repetitions: 3,
        jobs: 16,
        seed: fastrand::u64(..1_000_000),
        has_quiet_minute: true,
        cases: Case::ALL.to_vec(),
        servers: Vec::new(),
    };
    let mut migrates = false;
    let explain = |why: lexopt::Error| format!("{why}; --help lists the options");
    while let Some(argument) = parser.next().map_err(explain)? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Long("check") => return Ok(Command::Check),
            Arg::Long("migrate") => migrates = true,
            Arg::Long("case") => {
                options.cases = pick(&text(&mut parser)?, &Case::ALL, |case| case.name())?;
            }
            Arg::Long("short") => {
                options.faults = Fault::SHORT.to_vec();
                (options.repetitions, options.jobs) = (1, 21);
                options.has_quiet_minute = false;
            }
            Arg::Long("only") => {
                let all = peer::all(&crate::folder());
                options.peers = pick(&text(&mut parser)?, &all, |peer| peer.folder)?;
            }
            Arg::Long("fault") => {
                options.faults = pick(&text(&mut parser)?, &Fault::ALL, |fault| fault.name())?;
                options.has_quiet_minute = false;
            }
            Arg::Long("server") => {
                let picked = pick(&text(&mut parser)?, &Kind::ALL, |kind| kind.name())?;
                options.servers =
                    Kind::ALL.into_iter().filter(|kind| picked.contains(kind)).collect();
            }
            Arg::Long("repetitions") => options.repetitions = number(&mut parser)?,
            Arg::Long("jobs") => options.jobs = number::<usize>(&mut parser)?.max(1),
            Arg::Long("seed") => options.seed = number(&mut parser)?,
            other => return Err(explain(other.unexpected())),
        }
    }
    if options.servers.is_empty() {
        let is_page = options.is_whole() && !migrates;
        options.servers = if is_page { Kind::ALL.to_vec() } else { vec![Kind::Test] };
    }
    Ok(if migrates { Command::Migrate(options) } else { Command::Run(options) })
}

fn pick<T: Clone>(names: &str, all: &[T], name: fn(&T) -> &'static str) -> Result<Vec<T>, String> {
    let find = |wanted: &str| {
        all.iter().find(|one| name(one) == wanted).cloned().ok_or_else(|| {
            let known: Vec<_> = all.iter().map(name).collect();
            format!("there is no {wanted:?}; there are: {}", known.join(", "))
        })
    };
    names.split(',').map(find).collect()
}

fn text(parser: &mut Parser) -> Result<String, String> {
    parser.value().and_then(ValueExt::string).map_err(|why| why.to_string())
}

fn number<N: std::str::FromStr<Err: Into<Box<dyn std::error::Error + Send + Sync>>>>(
    parser: &mut Parser,
) -> Result<N, String> {
    parser.value().and_then(|value| value.parse()).map_err(|why| why.to_string())
}
