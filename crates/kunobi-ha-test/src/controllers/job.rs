//! Jobs: pods run, and end well or not.

mod status;
mod wanted;

use jiff::Timestamp;
use serde_json::Value;

use self::{
    status::Progress,
    wanted::{Restart, Wanted},
};
use super::{
    Act, Pace, Step,
    conditions::{Conditions, Says},
    later,
    memory::{Ends, Memory},
    pods::Clock,
    seconds,
};

/// How a Job has ended.
#[derive(Clone, Copy, Debug)]
enum End {
    Complete,
    Failed { reason: &'static str, message: &'static str },
}

pub(super) fn step(object: &Value, mut memory: Memory, pace: &Pace, now: Timestamp) -> Step {
    let wanted = Wanted::read(object);
    let mut conditions = Conditions::of(object, now);
    if let Some(finished) = wanted::finished(&conditions) {
        return expire(&wanted, finished, memory, now);
    }
    if !wanted::is_ours(object) {
        return Step::rest(memory);
    }
    let mut ends = memory.ends.take().unwrap_or_else(|| wanted::ends(object));
    let clock = Clock::new(now, pace, pace.is_never(object), 0);
    memory.pods.review("", &clock);
    if pace.is_failure(object) {
        fail(&wanted, &mut memory, &mut ends, &clock);
    } else {
        succeed(&mut memory, &mut ends, &clock);
    }
    let start = status::start(object, &wanted, &conditions, now);
    let mut end = failure(&wanted, &ends, start, now);
    let mut again = None;
    if end.is_some() {
        ends.failed += memory.pods.len();
        memory.pods.0.clear();
    } else {
        if !wanted.is_deleted {
            again = manage(&wanted, &mut memory, &ends, &clock);
        }
        let is_enough = ends.succeeded >= wanted.completions.unwrap_or(1);
        if is_enough && memory.pods.len() == 0 {
            end = Some(End::Complete);
        } else if !wanted.is_deleted {
            suspend(&wanted, &mut conditions);
        }
    }
    let deadline = wanted.deadline(start);
    let again = memory.pods.next(&clock).into_iter().chain(again).chain(deadline);
    let again = if end.is_some() { None } else { again.filter(|at| *at > now).min() };
    let progress = Progress { pods: &memory.pods, ends: &ends, start, end };
    let status = status::status(&wanted, progress, conditions, now);
    memory.ends = Some(ends);
    // A Job that has ended is looked at again, because its status has changed then.
    Step::report(object, status, memory, again)
}

/// Counts the pods that have ended well, which are gone then.
fn succeed(memory: &mut Memory, ends: &mut Ends, clock: &Clock) {
    let ended = memory.pods.remove(i64::MAX, |pod| pod.is_ready(clock));
    if ended > 0 {
        ends.succeeded += ended;
        ends.in_a_row = 0;
    }
}

/// Counts the pods that have failed.
fn fail(wanted: &Wanted, memory: &mut Memory, ends: &mut Ends, clock: &Clock) {
    let ended = memory.pods.ready(clock);
    if ended == 0 {
        return;
    }
    ends.in_a_row = ends.in_a_row.saturating_add(u32::try_from(ended).unwrap_or(u32::MAX));
    ends.last_failure = Some(clock.now);
    match wanted.restart {
        Restart::AnotherPod => ends.failed += memory.pods.remove(ended, |pod| pod.is_ready(clock)),
        Restart::InPlace => {
            let again = clock.after.map(|after| later(backoff(ends, LONGEST_RESTART), after));
            let failed = memory.pods.0.iter_mut().filter(|pod| pod.is_ready(clock));
            failed.for_each(|pod| pod.ready = again);
        }
    }
}

/// When what has failed last may run again.
fn backoff(ends: &Ends, longest: i64) -> Timestamp {
    let doublings = ends.in_a_row.saturating_sub(1).min(6);
    let last = ends.last_failure.unwrap_or(Timestamp::MIN);
    later(last, seconds((FIRST_RETRY << doublings).min(longest)))
}

fn failure(wanted: &Wanted, ends: &Ends, start: Option<Timestamp>, now: Timestamp) -> Option<End> {
    let is_over = match wanted.restart {
        Restart::AnotherPod => ends.failed > wanted.backoff_limit,
        Restart::InPlace => i64::from(ends.in_a_row) >= wanted.backoff_limit.max(1),
    };
    if is_over {
        return Some(End::Failed {
            reason: "BackoffLimitExceeded",
            message: "Job has reached the specified backoff limit",
        });
    }
    let is_late = wanted.deadline(start).is_some_and(|deadline| now >= deadline);
    is_late.then_some(End::Failed {
        reason: "DeadlineExceeded",
        message: "Job was active longer than specified deadline",
    })
}

/// Makes and removes pods. Returns when it may make some that it must not yet, since others have failed.
fn manage(wanted: &Wanted, memory: &mut Memory, ends: &Ends, clock: &Clock) -> Option<Timestamp> {
    let has = memory.pods.len();
    let wants = match wanted.completions {
        _ if wanted.is_suspended => 0,
        None if ends.succeeded > 0 => has,
        None => wanted.parallelism,
        Some(completions) => (completions - ends.succeeded).clamp(0, wanted.parallelism),
    };
    let retry = (ends.in_a_row > 0).then(|| backoff(ends, LONGEST_RETRY));
    match retry {
        Some(at) if wants > has && clock.now < at => Some(at),
        Some(_) | None => {
            memory.pods.scale(wants, "", clock);
            None
        }
    }
}

fn suspend(wanted: &Wanted, conditions: &mut Conditions) {
    let kind = "Suspended";
    if wanted.is_suspended {
        let (reason, message) = ("JobSuspended", "Job suspended");
        conditions.probe(Says { kind, status: "True", reason, message });
    } else if conditions.is(kind) {
        let (reason, message) = ("JobResumed", "Job resumed");
        conditions.probe(Says { kind, status: "False", reason, message });
    }
}

/// Deletes a Job that has ended when its time has come.
fn expire(wanted: &Wanted, finished: Timestamp, memory: Memory, now: Timestamp) -> Step {
    let Some(left) = wanted.left.filter(|_| !wanted.is_deleted) else {
        return Step::rest(memory);
    };
    let due = later(finished, seconds(left));
    if now >= due {
        Step { act: Some(Act::Delete), memory, again: None }
    } else {
        Step { act: None, memory, again: Some(due) }
    }
}

/// How long it waits after a failure, in seconds.
const FIRST_RETRY: i64 = 10;
const LONGEST_RETRY: i64 = 600;
const LONGEST_RESTART: i64 = 300;
