//! `kubectl ha step-down`.
//!
//! A leader is asked, never overthrown: the Lease is not deleted and its holder is not edited here. Both would let another
//! candidate lead while the former leader still believes in itself, up to its next renewal.

mod act;
mod handover;
mod plan;
mod pods;

use std::{io::BufRead, time::Duration};

use tokio::time::Instant;

use self::{
    act::Wish,
    handover::{End, Handover},
    plan::{Case, Plan},
    pods::Pods,
};
use crate::{
    api::Cluster,
    cli::{Access, StepDownOptions},
    console::Console,
    exit::Exit,
    failure::Failure,
    lease::Lease,
    library::Author,
    say,
    sight::{Seen, Sight},
    track::What,
};

/// Asks the leader to hand over, and waits until it has.
pub(crate) async fn run(
    access: &Access,
    options: &StepDownOptions,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let cluster = Cluster::connect(access, console).await?;
    let (mut sight, lease) = Sight::of(&cluster, &options.lease.0).await?;
    let Some((lease, states)) =
        sign_of_life(&cluster, &mut sight, lease, options.timeout, console).await?
    else {
        return Ok(Exit::Failed);
    };
    let author = Author::of(&states.iter().collect::<Vec<_>>());
    let pods = Pods::list(&cluster).await?;
    let time = sight.time();
    let term = lease.acquired.as_ref().and_then(|it| it.at).map(|at| time.age(at, Instant::now()));
    let plan = match Plan::of(&Case { lease: &lease, author: &author, pods: &pods, term }, options)
    {
        Ok(plan) => plan,
        Err(why) => {
            console.lines(&format!("error: {why}"));
            return Ok(Exit::Failed);
        }
    };
    for line in plan.lines(&lease) {
        console.line(line)?;
    }
    if options.dry_run {
        console.line("Nothing was done (--dry-run).")?;
        return Ok(Exit::Fine);
    }
    if !is_agreed(&plan, options, console)? {
        console.line("Nothing was done.")?;
        return Ok(Exit::Failed);
    }
    carry_out(&cluster, sight, &lease, &plan, options, console).await
}

/// Waits until the leader was seen to renew, at most this long: one that does not can't obey. Returns the states that were
/// seen.
async fn sign_of_life(
    cluster: &Cluster,
    sight: &mut Sight,
    first: Lease,
    limit: Duration,
    console: &mut Console,
) -> Result<Option<(Lease, Vec<Lease>)>, Failure> {
    let mut states = vec![first.clone()];
    let (Some(holder), Some(duration)) = (first.holder.clone(), first.duration) else {
        // The plan says what is wrong.
        return Ok(Some((first, states)));
    };
    if first.is_heartbeat() {
        return Ok(Some((first, states)));
    }
    let bound = duration.min(limit);
    console.note(format!(
        "Looking at {}/{} for a renewal, at most {} …",
        first.namespace,
        first.name,
        say::time(bound)
    ));
    let until = Instant::now() + bound;
    loop {
        match sight.next(until).await? {
            None => {
                console.lines(&silent(cluster, &first, &holder, duration, bound));
                return Ok(None);
            }
            Some(Seen::Happened(happened)) => {
                states.extend(sight.lease().cloned());
                if happened.iter().any(What::is_renewal) {
                    break;
                }
                if sight.lease().is_none_or(|lease| lease.holder.as_ref() != Some(&holder)) {
                    console.note(format!("error: {holder} no longer leads; run the command again"));
                    return Ok(None);
                }
            }
            Some(Seen::Away(why)) => console.note(say::away(&why)),
            Some(Seen::Back) => {}
        }
    }
    Ok(sight.lease().cloned().map(|lease| (lease, states)))
}

/// Says why a leader that was not seen to renew is not asked.
fn silent(
    cluster: &Cluster,
    lease: &Lease,
    holder: &str,
    duration: Duration,
    looked: Duration,
) -> String {
    let unseen = format!("error: {holder} was not seen to renew within {}", say::time(looked));
    let more = cluster.command(&format!("ha explain {}", lease.name));
    if looked < duration {
        return format!(
            "{unseen}, so it is not known whether it still leads; its Lease lasts {}.\n\
             Look longer with --timeout; {more} says more.",
            say::time(duration)
        );
    }
    format!(
        "{unseen}, so its Lease has run out and there is nobody to ask.\n\
         A candidate takes it over by itself; if none does, none is running: {more} says more."
    )
}

fn is_agreed(
    plan: &Plan,
    options: &StepDownOptions,
    console: &mut Console,
) -> Result<bool, Failure> {
    if options.yes {
        return Ok(true);
    }
    if !console.terminal.answers {
        let words = "there is no terminal on which to ask whether this is meant; `--yes` does it without asking";
        return Err(Failure::Usage(words.into()));
    }
    console.line(plan.question())?;
    let mut answer = String::new();
    console.input.read_line(&mut answer).map_err(Failure::Output)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

async fn carry_out(
    cluster: &Cluster,
    mut sight: Sight,
    lease: &Lease,
    plan: &Plan,
    options: &StepDownOptions,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let asked = Instant::now();
    let wish = match plan {
        Plan::Wish { to, there: false, .. } => Some(Wish::write(cluster, lease, to).await?),
        Plan::Wish { there: true, .. } => None,
        Plan::Evict { pod } => {
            act::evict(cluster, pod).await?;
            console.line(format!("evicted the pod {pod}"))?;
            None
        }
    };
    let until = asked + plan.wait() + options.timeout;
    let mut handover = Handover::of(lease, plan.successor(), asked);
    let end = tokio::select! {
        end = watch(&mut sight, &mut handover, until, console) => end?,
        _ = tokio::signal::ctrl_c() => End::Interrupted,
    };
    let exit = handover.tell(&end, options, console)?;
    if let (Some(wish), false) = (wish, end.is_over()) {
        let removed = wish.remove(cluster).await?;
        console.note(removed);
    }
    Ok(exit)
}

async fn watch(
    sight: &mut Sight,
    handover: &mut Handover,
    until: Instant,
    console: &mut Console,
) -> Result<End, Failure> {
    loop {
        match sight.next(until).await? {
            None => return Ok(End::Late),
            Some(Seen::Happened(happened)) => {
                for what in happened {
                    if let Some(end) = handover.take(&what) {
                        return Ok(end);
                    }
                    if let Some(line) = handover.line(&what, Instant::now()) {
                        console.line(line)?;
                    }
                }
            }
            Some(Seen::Away(why)) => console.note(say::away(&why)),
            Some(Seen::Back) => console.note("the API server answers again"),
        }
    }
}
