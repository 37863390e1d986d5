//! One experiment, with candidates of one library or of both.

use std::{path::PathBuf, time::Duration};

use control_plane::{Plane, program};
use e2e::{
    candidate::{Candidate, CandidateOptions, Maker},
    history::{History, Recorder, Report, Witness},
    proxy::Proxy,
};
use kube::Client;
use tokio::time::sleep;

use crate::{NAMESPACE, Outcome, network::Network};

pub(crate) struct Experiment {
    name: String,
    network: Network,
    leader: Maker,
    others: Maker,
    /// Whether the others watch.
    watch: bool,
    limit: Option<u64>,
}

/// The result of an experiment.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) network: Network,
    pub(crate) leader: Maker,
    pub(crate) others: Maker,
    /// How long two of our candidates may lead at once because of client-go, in nanoseconds.
    pub(crate) limit: Option<u64>,
    pub(crate) report: Report,
}

const TIMING: [Duration; 3] =
    [Duration::from_secs(15), Duration::from_secs(10), Duration::from_secs(2)];

impl Experiment {
    pub(crate) fn alike(network: Network, maker: Maker, round: usize) -> Self {
        let name = format!("{network:?}-{maker}-{round}").to_lowercase();
        Self { name, network, leader: maker, others: maker, watch: false, limit: None }
    }

    /// H3 with a candidate of client-go that is cut off, and our candidates as all others.
    pub(crate) fn beside(watch: bool, round: usize) -> Self {
        let (kind, limit) =
            if watch { ("watching", 1_000_000_000) } else { ("polling", 3_000_000_000) };
        Self {
            name: format!("beside-{kind}-{round}"),
            network: Network::H3,
            leader: Maker::ClientGo,
            others: Maker::Kunobi,
            watch,
            limit: Some(limit),
        }
    }

    pub(crate) async fn run(&self, plane: &Plane, client: &Client) -> Outcome<Row> {
        let recorder = Recorder::start(client.clone(), NAMESPACE, &self.name).await?;
        let proxy = Proxy::start(&plane.servers()[0]).await?;
        let through = proxy.kubeconfig(plane, &self.name)?;
        let mut candidates = vec![self.start(self.leader, "a", through, &[])?];
        let begun = candidates[0].leads(0, Duration::from_secs(30)).await?;
        let watch: &[&str] = if self.watch { &["--watch"] } else { &[] };
        for identity in ["b", "c", "d", "e"] {
            let direct = plane.kubeconfig("admin")?.to_owned();
            candidates.push(self.start(self.others, identity, direct, watch)?);
        }
        for candidate in &candidates {
            candidate.wait_for(Duration::from_secs(30), is_candidate).await?;
        }
        self.network
            .strike(&proxy, &recorder)
            .await
            .map_err(|error| format!("{}, of which a led from {begun} on: {error}", self.name))?;
        // Waits for all that client-go may still do: more than twice its renew deadline.
        sleep(Duration::from_secs(26)).await;
        let witnesses: Vec<_> = candidates.iter().map(Witness::of).collect();
        let report = History::new(recorder.versions(), &witnesses, TIMING[1]).check();
        Ok(Row {
            name: self.name.clone(),
            network: self.network,
            leader: self.leader,
            others: self.others,
            limit: self.limit,
            report,
        })
    }

    fn start(
        &self,
        maker: Maker,
        identity: &str,
        kubeconfig: PathBuf,
        more: &[&str],
    ) -> Outcome<Candidate> {
        let arguments = self.network.arguments(maker).iter().chain(more);
        Ok(Candidate::start(CandidateOptions {
            maker,
            program: match maker {
                Maker::ClientGo => program("candidate")?,
                Maker::Kunobi => env!("CARGO_BIN_EXE_rust-candidate").into(),
            },
            kubeconfig,
            namespace: NAMESPACE.into(),
            lease: self.name.clone(),
            identity: identity.into(),
            timing: TIMING,
            arguments: arguments.map(|text| (*text).into()).collect(),
        })?)
    }
}

impl Row {
    /// Tells whether this is that experiment with candidates of one maker.
    pub(crate) fn is(&self, network: Network, maker: Maker) -> bool {
        self.network == network && self.leader == maker && self.others == maker
    }

    /// Returns the longest time in which two candidates of the library `others` led, in nanoseconds.
    pub(crate) fn overlap(&self) -> u64 {
        let of = self
            .report
            .overlaps
            .iter()
            .filter(|overlap| overlap.pair == (self.others, self.others));
        of.map(|overlap| overlap.length).max().unwrap_or(0)
    }
}

fn is_candidate(line: &e2e::candidate::Line) -> Option<()> {
    (line.event == "candidate").then_some(())
}
