//! What one election of a program leads.

use std::{fmt, pin::Pin, sync::Arc};

use super::{
    context::LeaderContext,
    on_lost::{LossPolicy, Policy},
    on_wish::OnWish,
};
use crate::error::BoxError;

/// The work of one election, and what happens when that election is lost: what
/// [`Operator::election`](super::Operator::election) hands to its closure.
#[derive(Default)]
#[must_use = "return it from the closure of `Operator::election`"]
pub struct LeaderWork {
    pub(super) leads: Vec<(Arc<str>, Lead)>,
    /// The operator's, unless set.
    pub(super) on_lost: Option<Policy>,
    /// The operator's, unless set.
    pub(super) on_wish: Option<OnWish>,
    pub(super) exits_on_timeout: bool,
}

pub(super) type Lead = Arc<dyn Fn(LeaderContext) -> Work + Send + Sync>;
pub(super) type Work = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

impl LeaderWork {
    /// Adds work of the leader of this election. It is called once for each term.
    ///
    /// Its name in logs, in the report and in failures is `<election>/<name>`.
    pub fn lead<F, W>(mut self, name: impl Into<Arc<str>>, work: F) -> Self
    where
        F: Fn(LeaderContext) -> W + Send + Sync + 'static,
        W: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.leads.push((name.into(), Arc::new(move |context| Box::pin(work(context)))));
        self
    }

    /// Sets what to do when this election is lost. Default: what
    /// [`Operator::on_lost`](super::Operator::on_lost) says.
    ///
    /// [`OnLost::Exit`](super::OnLost::Exit) ends the whole program, and so all other elections of
    /// it. Under [`OnLost::Recontend`](super::OnLost::Recontend) the others go on untouched.
    pub fn on_lost(mut self, policy: impl LossPolicy) -> Self {
        self.on_lost = Some(Policy::of(policy));
        self
    }

    /// Sets what to do when somebody wishes that another replica leads. Default: what
    /// [`Operator::on_wish`](super::Operator::on_wish) says.
    pub const fn on_wish(mut self, on_wish: OnWish) -> Self {
        self.on_wish = Some(on_wish);
        self
    }

    /// Ends the program, with exit code 1, when no request of this election has made progress for
    /// its [`observe_timeout`](crate::leader::LeaderElectionBuilder::observe_timeout). Default:
    /// what the operator does
    /// ([`Operator::exit_on_observe_timeout`](super::Operator::exit_on_observe_timeout)).
    pub const fn exit_on_observe_timeout(mut self) -> Self {
        self.exits_on_timeout = true;
        self
    }

    /// Returns the names of the work.
    pub(super) fn names(&self) -> Vec<&Arc<str>> {
        self.leads.iter().map(|(name, _)| name).collect()
    }
}

impl fmt::Debug for LeaderWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeaderWork").field("lead", &self.names()).finish_non_exhaustive()
    }
}
