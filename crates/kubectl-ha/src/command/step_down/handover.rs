//! How a handover ends.

use tokio::time::Instant;

use crate::{
    cli::StepDownOptions,
    console::{Console, Line},
    exit::{Exit, Signal},
    failure::Failure,
    lease::Lease,
    say,
    track::{Gap, What},
};

/// A handover that is waited for.
pub(super) struct Handover {
    name: String,
    former: String,
    successor: Option<String>,
    asked: Instant,
    released: bool,
}

/// What became of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum End {
    /// Another one leads.
    Done {
        leader: String,
        gap: Option<Gap>,
    },
    /// The former leader leads again.
    Again,
    Deleted,
    /// It did not happen in time.
    Late,
    /// At the end nobody could look.
    Unseen,
    /// A signal has ended the command.
    Stopped(Signal),
}

impl End {
    /// Whether the wish has had its effect.
    pub(super) const fn is_over(&self) -> bool {
        match self {
            Self::Done { .. } | Self::Again | Self::Deleted => true,
            Self::Late | Self::Unseen | Self::Stopped(_) => false,
        }
    }
}

impl Handover {
    pub(super) fn of(lease: &Lease, successor: Option<&str>, asked: Instant) -> Self {
        Self {
            name: lease.name.clone(),
            former: lease.holder.clone().unwrap_or_default(),
            successor: successor.map(Into::into),
            asked,
            released: false,
        }
    }

    /// Says what happened on the way.
    pub(super) fn line(&self, what: &What, now: Instant) -> Option<Line> {
        if what.is_renewal() || matches!(what, What::Wished { .. }) {
            return None;
        }
        let (word, style) = say::word(what);
        let after = say::time(now.saturating_duration_since(self.asked));
        Some(Line::default().with(style, format!("  +{after}  {word} {}", say::sentence(what))))
    }

    /// Takes what happened, and returns how it ended, if that ends it.
    pub(super) fn take(&mut self, what: &What) -> Option<End> {
        match what {
            What::HandedOver { holder, .. } | What::TakenOver { holder, .. }
                if *holder == self.former =>
            {
                Some(End::Again)
            }
            What::HandedOver { holder, gap, .. } => {
                Some(End::Done { leader: holder.clone(), gap: Some(*gap) })
            }
            What::TakenOver { holder, gap, .. } => {
                Some(End::Done { leader: holder.clone(), gap: *gap })
            }
            What::Deleted { .. } => Some(End::Deleted),
            What::Released { .. } => {
                self.released = true;
                None
            }
            What::Found { .. }
            | What::Renewed { .. }
            | What::Slow { .. }
            | What::Missed { .. }
            | What::Created { .. }
            | What::Wished { .. }
            | What::Withdrawn { .. }
            | What::Changed { .. } => None,
        }
    }

    /// Says how it ended.
    pub(super) fn tell(
        &self,
        end: &End,
        options: &StepDownOptions,
        console: &mut Console,
    ) -> Result<Exit, Failure> {
        let Self { name, former, .. } = self;
        let failed = |console: &mut Console, words: &str| {
            words.lines().for_each(|line| console.note(line));
            Ok(Exit::Failed)
        };
        match end {
            End::Done { leader, gap } => {
                let gap = gap.map(|gap| format!(": {}", say::without(gap))).unwrap_or_default();
                console.line(format!(
                    "lease.coordination.k8s.io/{name} handed over from {former} to {leader}{gap}"
                ))?;
                match (&options.to, &self.successor) {
                    (Some(to), _) if to != leader => {
                        let words = format!(
                            "error: {leader} leads, not {to}, which did not take the Lease in time: is it a candidate, and well?"
                        );
                        failed(console, &words)
                    }
                    (None, Some(successor)) if successor != leader => {
                        console.note(format!(
                            "{leader} leads, not {successor}, which did not take the Lease in time"
                        ));
                        Ok(Exit::Fine)
                    }
                    _ => Ok(Exit::Fine),
                }
            }
            End::Again => failed(
                console,
                &format!(
                    "error: {former} gave the Lease back and leads again, because nobody else took it: no other candidate is running, or none is well"
                ),
            ),
            End::Deleted => failed(console, "error: the Lease was deleted meanwhile"),
            End::Late => failed(console, &self.late(options)),
            End::Unseen => failed(
                console,
                &format!(
                    "error: the API server does not answer, so it is not known whether {former} has handed over"
                ),
            ),
            End::Stopped(signal) => {
                let why = match signal {
                    Signal::HangUp => "the terminal was closed (SIGHUP)",
                    Signal::Interrupt => "interrupted",
                    Signal::Terminate => "terminated (SIGTERM)",
                };
                console.note(format!("error: {why}; a handover that has begun goes on"));
                Ok(Exit::Ended(*signal))
            }
        }
    }

    fn late(&self, options: &StepDownOptions) -> String {
        let Self { former, released, successor, .. } = self;
        let within = say::time(options.timeout);
        if *released {
            return format!(
                "error: {former} gave the Lease back, and nobody took it within {within}: no other candidate is running, or none may write the Lease"
            );
        }
        if successor.is_none() {
            return format!(
                "error: {former} did not give the Lease back within {within}. Its pod may take its whole grace period, and then others wait until the Lease has run out"
            );
        }
        format!(
            "error: {former} did not hand over within {within}\n\
             What to look for in its log, at the level INFO:\n\
             - \"not handing over\": it ignores wishes (OnWish::Ignore), or has work that ends only with the program;\n\
             - \"handing over to\": its work takes longer to end than this command waited (--timeout);\n\
             - \"is wished for as the leader\" alone: the program has no Operator, and does nothing with guard.wished();\n\
             - none of these: it obeyed a wish in this term already, or it is older than wishes."
        )
    }
}
