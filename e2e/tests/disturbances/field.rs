//! Candidates of one election, each with a client of its own.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use e2e::lock;
use kube::Client;
use kunobi_ha::leader::{LeaderElection, LeaderElectionBuilder, LeaderState, StepDownReason, Term};
use tokio::{sync::mpsc, task::JoinHandle, time};

use crate::{
    DEADLINE, LEASE, PATIENCE, RETRY,
    cluster::{Cluster, poll},
    judge::Judge,
};

pub(crate) struct Field<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) judge: Judge,
    pub(crate) lease: String,
    pub(crate) began: Instant,
    candidates: Vec<Candidate>,
    terms: Terms,
}

type Terms = Arc<Mutex<Vec<HeldTerm>>>;
pub(crate) type Configure = fn(LeaderElectionBuilder) -> LeaderElectionBuilder;

struct Candidate {
    name: String,
    state: LeaderState,
    orders: mpsc::Sender<()>,
    task: JoinHandle<()>,
}

/// One term of a candidate.
#[derive(Clone, Debug)]
pub(crate) struct HeldTerm {
    pub(crate) who: usize,
    pub(crate) term: Term,
    pub(crate) ended: Option<(Instant, StepDownReason)>,
}

impl<'a> Field<'a> {
    pub(crate) fn new(cluster: &'a Cluster, lease: &str) -> Self {
        Self {
            cluster,
            judge: Judge::new(),
            lease: lease.into(),
            began: Instant::now(),
            candidates: Vec::new(),
            terms: Arc::default(),
        }
    }

    /// Makes a field of these candidates. Waits until the first one leads and the others follow it.
    pub(crate) async fn led(
        cluster: &'a Cluster,
        lease: &str,
        names: &[&str],
        configure: Configure,
    ) -> Self {
        let mut field = Self::new(cluster, lease);
        for name in names {
            field.enter(name, configure).await;
            field.leader().await;
        }
        for follower in 1..names.len() {
            let seen = field.state(follower).clone();
            let name = field.candidates[0].name.clone();
            poll("a follower", || seen.leader_identity().filter(|leader| *leader == name)).await;
        }
        field.began = Instant::now();
        field
    }

    /// Lets a candidate take part, `a` or, at the second server, `a@1`; returns its number.
    pub(crate) async fn enter(&mut self, name: &str, configure: Configure) -> usize {
        let client = self.cluster.client(name).await;
        self.enter_with(name, client, configure)
    }

    pub(crate) fn enter_with(&mut self, name: &str, client: Client, configure: Configure) -> usize {
        let builder = LeaderElection::builder(client, &self.cluster.namespace, &self.lease)
            .identity(name)
            .lease_duration(LEASE)
            .renew_deadline(DEADLINE)
            .retry_period(RETRY);
        let election = configure(builder).build();
        let who = self.candidates.len();
        let state = election.state();
        self.judge.observe(state.clone());
        let (orders, ordered) = mpsc::channel(1);
        let task = tokio::spawn(contend(who, election, ordered, Arc::clone(&self.terms)));
        self.candidates.push(Candidate { name: name.into(), state, orders, task });
        who
    }

    pub(crate) fn state(&self, who: usize) -> &LeaderState {
        &self.candidates[who].state
    }

    pub(crate) fn name(&self, who: usize) -> &str {
        &self.candidates[who].name
    }

    /// Waits until a candidate leads.
    pub(crate) async fn leader(&self) -> usize {
        self.leader_but(usize::MAX).await
    }

    /// Waits until another candidate leads.
    pub(crate) async fn leader_but(&self, not: usize) -> usize {
        poll("a leader", || {
            let mut candidates = self.candidates.iter().enumerate();
            let leads = |(who, it): &(usize, &Candidate)| *who != not && it.state.is_leader();
            candidates.find(leads).map(|(who, _)| who)
        })
        .await
    }

    pub(crate) async fn step_down(&self, who: usize) {
        self.candidates[who].orders.send(()).await.expect("it runs");
    }

    /// Ends a candidate without a word; returns when.
    pub(crate) fn kill(&mut self, who: usize) -> Instant {
        self.candidates[who].task.abort();
        Instant::now()
    }

    pub(crate) fn terms(&self) -> Vec<HeldTerm> {
        lock(&self.terms).clone()
    }

    /// Waits until a term of that leader ends after this instant, and returns how it ended.
    pub(crate) async fn end_of(&self, who: usize, since: Instant) -> (Duration, StepDownReason) {
        poll("an end", || {
            let terms = self.terms();
            let ends = terms.iter().rev().filter(|term| term.who == who);
            let mut ends = ends.filter_map(|term| term.ended);
            ends.find(|(at, _)| *at > since).map(|(at, reason)| (at - since, reason))
        })
        .await
    }

    /// Waits until there was a leader for that long without a break.
    pub(crate) async fn calm(&self, calm: Duration) {
        let end = Instant::now() + PATIENCE;
        loop {
            let from = Instant::now();
            time::sleep(calm).await;
            if self.judge.longest_silence(from) < Duration::from_millis(20) {
                return;
            }
            assert!(Instant::now() < end, "no calm: {:#?}", self.terms());
        }
    }

    /// Returns whether each term has a greater token than those before it.
    pub(crate) fn tokens_grow(&self) -> bool {
        self.terms().is_sorted_by(|one, next| one.term.fence() < next.term.fence())
    }
}

impl Drop for Field<'_> {
    fn drop(&mut self) {
        for candidate in &self.candidates {
            candidate.task.abort();
        }
    }
}

async fn contend(
    who: usize,
    election: LeaderElection,
    mut ordered: mpsc::Receiver<()>,
    terms: Terms,
) {
    loop {
        let mut guard = match election.acquire().await {
            Ok(guard) => guard,
            Err(error) => {
                println!("candidate {who}: {error}");
                time::sleep(RETRY).await;
                continue;
            }
        };
        let mine = {
            let mut terms = lock(&terms);
            terms.push(HeldTerm { who, term: guard.term(), ended: None });
            terms.len() - 1
        };
        let reason = tokio::select! {
            reason = guard.lost() => reason,
            order = ordered.recv() => {
                let _ = guard.step_down().await;
                if order.is_none() { return }
                StepDownReason::Cancelled
            }
        };
        lock(&terms)[mine].ended = Some((Instant::now(), reason));
    }
}
