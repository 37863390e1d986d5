//! What to do when leadership is lost.

use std::{any::Any, sync::Arc, time::Duration};

use tokio::{runtime::Handle as Runtime, time::timeout};

use crate::{
    leader::StepDownReason,
    user_code::{self, Ours, Ran, UserOwned},
};

/// What to do when leadership is lost, once leader work has ended.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a third choice would be a silent one")]
pub enum OnLost {
    /// Ends the process with exit code 4, so that it is started again.
    #[default]
    Exit,
    /// Contends again in the same process. `always` work goes on, and so do other elections.
    ///
    /// A replica that loses several terms in a row within a lease duration each waits 1, 2, 4 … 60
    /// s, if that is longer than `backoff`.
    Recontend {
        /// How long to wait at least.
        backoff: Duration,
    },
}

/// Chooses what to do for each loss: an [`OnLost`], or a function of the reason.
///
/// It is called on the runtime on which [`Operator::run`](super::Operator::run) was called, after
/// leader work has ended, and should return at once. If it panics, or does not return within a
/// second (because its runtime is blocked, for example), the program ends with code 1.
///
/// It is not called for a loss during the shutdown, nor when the task of the election is gone: both
/// end the program.
///
/// ```
/// use std::time::Duration;
///
/// use kunobi_ha::{
///     leader::{LeaderElection, StepDownReason},
///     operator::{LossPolicy, OnLost, Operator},
/// };
///
/// /// An outage is waited out. After anything else, a new process is better.
/// fn policy(reason: StepDownReason) -> OnLost {
///     match reason {
///         StepDownReason::RenewDeadlineExceeded => {
///             OnLost::Recontend { backoff: Duration::from_secs(1) }
///         }
///         _ => OnLost::Exit,
///     }
/// }
///
/// assert_eq!(policy.choose(StepDownReason::HolderChanged), OnLost::Exit);
/// let operator = Operator::new(LeaderElection::standalone()).on_lost(policy);
/// # drop(operator);
/// ```
pub trait LossPolicy: Send + Sync + 'static {
    /// Chooses for this loss.
    fn choose(&self, reason: StepDownReason) -> OnLost;
}

/// A policy, held where nothing of the user's may run.
#[derive(Clone, Debug)]
pub(super) enum Policy {
    /// The user's code chooses.
    Asked(UserOwned<Arc<dyn LossPolicy>>),
    Fixed(OnLost),
}

impl Policy {
    /// Takes an [`OnLost`] for what it is: a choice that is fixed needs no runtime that answers.
    pub(super) fn of(policy: impl LossPolicy) -> Self {
        match (&policy as &dyn Any).downcast_ref() {
            Some(choice) => Self::Fixed(*choice),
            None => Self::Asked(UserOwned::new(Arc::new(policy))),
        }
    }

    /// Chooses for this loss, on the user's runtime if the user's code chooses; fails with the
    /// reason why it did not.
    pub(super) async fn choose(
        &self,
        reason: StepDownReason,
        user: &Runtime,
    ) -> Result<OnLost, String> {
        let policy = match self {
            Self::Fixed(choice) => return Ok(*choice),
            Self::Asked(policy) => policy.clone(),
        };
        let asking = user_code::spawn(user, async move { policy.take().choose(reason) });
        match timeout(TIME_TO_CHOOSE, asking).await {
            Ok(Ran::Done(choice)) => Ok(choice),
            Ok(Ran::Panicked(message)) => Err(format!("panicked: {message}")),
            Ok(Ran::Cancelled) => Err("was not asked: its runtime is gone".into()),
            Err(_) => Err(format!("did not choose within {TIME_TO_CHOOSE:?}")),
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::Fixed(OnLost::default())
    }
}

impl LossPolicy for OnLost {
    fn choose(&self, _: StepDownReason) -> OnLost {
        *self
    }
}

impl<F> LossPolicy for F
where
    F: Fn(StepDownReason) -> OnLost + Send + Sync + 'static,
{
    fn choose(&self, reason: StepDownReason) -> OnLost {
        self(reason)
    }
}

impl Ours for OnLost {}

/// How long a policy may take. Nobody contends here meanwhile.
const TIME_TO_CHOOSE: Duration = Duration::from_secs(1);
