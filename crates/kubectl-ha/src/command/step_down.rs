//! `kubectl ha step-down`.
//!
//! A leader is asked, never overthrown: the Lease is not deleted and its holder is not edited here. Both would let another
//! candidate lead while the former leader still believes in itself, up to its next renewal.

mod act;
mod handover;
mod plan;
mod pods;
mod stop;

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
    if !(options.yes || options.dry_run || console.terminal.answers) {
        let words = "there is no terminal on which to ask whether this is meant; `--yes` does it without asking";
        return Err(Failure::Usage(words.into()));
    }
    let cluster = Cluster::connect(access, console).await?;
    let (mut sight, lease) = Sight::of(&cluster, &options.lease.0).await?;
    let (lease, states) =
        sign_of_life(&cluster, &mut sight, lease, options.timeout, console).await?;
    let author = Author::of(&states.iter().collect::<Vec<_>>());
    let pods = Pods::list(&cluster).await?;
    let time = sight.time();
    let term = lease.acquired.as_ref().and_then(|it| it.at).map(|at| time.age(at, Instant::now()));
    let undo = act::undo(&cluster, &lease);
    let case = Case { lease: &lease, author: &author, pods: &pods, term, undo: &undo };
    let plan = Plan::of(&case, options).map_err(Failure::NotNow)?;
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
/// seen. While the server is away nobody looks.
async fn sign_of_life(
    cluster: &Cluster,
    sight: &mut Sight,
    first: Lease,
    limit: Duration,
    console: &mut Console,
) -> Result<(Lease, Vec<Lease>), Failure> {
    let mut states = vec![first.clone()];
    let (Some(holder), Some(duration)) = (first.holder.clone(), first.duration) else {
        // The plan says what is wrong.
        return Ok((first, states));
    };
    if first.is_heartbeat() {
        return Ok((first, states));
    }
    let bound = duration.min(limit);
    console.note(format!(
        "Looking at {}/{} for a renewal, at most {} …",
        first.namespace,
        first.name,
        say::time(bound)
    ));
    let mut until = Instant::now() + bound;
    loop {
        match sight.next(until).await? {
            None if sight.is_away() => {
                let server = cluster.server();
                return Err(Failure::NotNow(format!(
                    "{server} does not answer, so it is not known whether {holder} still leads"
                )));
            }
            None => return Err(silent(cluster, &first, &holder, duration, bound)),
            Some(Seen::Happened(happened)) => {
                states.extend(sight.lease().cloned());
                let lease = sight.lease().cloned().unwrap_or_default();
                if happened.iter().any(What::is_renewal) {
                    return Ok((lease, states));
                }
                if lease.holder.as_ref() != Some(&holder) {
                    return Err(act::no_longer(&holder));
                }
            }
            Some(Seen::Away(why)) => console.note(say::away(&why)),
            Some(Seen::Back) => {
                console.note(say::BACK);
                until = Instant::now() + bound;
            }
        }
    }
}

/// Says why a leader that was not seen to renew is not asked.
fn silent(
    cluster: &Cluster,
    lease: &Lease,
    holder: &str,
    duration: Duration,
    looked: Duration,
) -> Failure {
    let unseen = format!("{holder} was not seen to renew within {}", say::time(looked));
    if looked < duration {
        let more = cluster.command(&format!("ha explain {}", lease.name));
        return Failure::NotNow(format!(
            "{unseen}, so it is not known whether it still leads; its Lease lasts {}.\n\
             Look longer with --timeout; {more} says more.",
            say::time(duration)
        ));
    }
    Failure::NotNow(format!(
        "{unseen}, so its Lease has run out and there is nobody to ask.\n\
         A candidate takes it over by itself; if none does, none is running, or none may write the Lease: {} says which.",
        cluster.command(&format!("ha doctor {}", lease.name))
    ))
}

fn is_agreed(
    plan: &Plan,
    options: &StepDownOptions,
    console: &mut Console,
) -> Result<bool, Failure> {
    if options.yes {
        return Ok(true);
    }
    console.line(plan.question())?;
    let mut answer = String::new();
    console.input.read_line(&mut answer).map_err(Failure::Output)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

async fn carry_out(
    cluster: &Cluster,
    mut sight: Sight,
    seen: &Lease,
    plan: &Plan,
    options: &StepDownOptions,
    console: &mut Console,
) -> Result<Exit, Failure> {
    // The user may have taken minutes to answer. What happened meanwhile is no result of this.
    let lease = sight.catch_up().await?;
    act::check_term(&lease, seen)?;
    let asked = Instant::now();
    let until = asked + plan.wait() + options.timeout;
    // It listens before anything is written.
    let stopped = stop::listen().map_err(|error| {
        Failure::NotNow(format!("nothing was done, because signals can't be received: {error}"))
    })?;
    let wish = match plan {
        Plan::Wish { to, there: false, .. } => Some(Wish::write(cluster, &lease, to).await?),
        Plan::Wish { there: true, .. } => None,
        Plan::Evict { pod, uid } => {
            act::evict(cluster, pod, uid.as_deref()).await?;
            console.line(format!("evicted the pod {pod}"))?;
            None
        }
    };
    let mut handover = Handover::of(&lease, plan.successor(), asked);
    let end = tokio::select! {
        end = watch(&mut sight, &mut handover, until, console) => end,
        signal = stopped => Ok(End::Stopped(signal)),
    };
    // However it ends, no wish is left behind that somebody could obey later.
    let wish = wish.filter(|_| !end.as_ref().is_ok_and(End::is_over));
    let exit = end.and_then(|end| handover.tell(&end, options, console));
    if let Some(wish) = wish {
        console.lines(&wish.remove(cluster).await);
    }
    exit
}

async fn watch(
    sight: &mut Sight,
    handover: &mut Handover,
    until: Instant,
    console: &mut Console,
) -> Result<End, Failure> {
    loop {
        match sight.next(until).await? {
            None if sight.is_away() => return Ok(End::Unseen),
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
            Some(Seen::Back) => console.note(say::BACK),
        }
    }
}
