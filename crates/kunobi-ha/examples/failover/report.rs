//! What happened, what was measured, and which bounds were kept.

use std::{process::ExitCode, time::Duration};

use crate::timeline::{self, Event, Happening, Timeline};

/// Everything that happened.
#[derive(Default)]
pub(crate) struct Story {
    /// When the server started. All times are nanoseconds of the clock that the processes share.
    pub(crate) origin: u64,
    pub(crate) end: u64,
    pub(crate) terms: Vec<Term>,
    /// What happened, to whom, and when.
    pub(crate) events: Vec<(u64, String, Happening)>,
    pub(crate) figures: Vec<Figure>,
    /// When the replica that stepped down was asked to.
    pub(crate) released: Option<u64>,
    stall: Duration,
}

/// The belief of one replica that it leads.
#[derive(Clone)]
pub(crate) struct Term {
    pub(crate) replica: String,
    fence: u64,
    pub(crate) began: u64,
    /// When the replica reported the end.
    pub(crate) ended: Option<u64>,
    /// The last end of its belief that the replica reported.
    until: u64,
}

/// One duration that was measured, and the bound that is promised.
pub(crate) struct Figure {
    pub(crate) what: String,
    pub(crate) measured: Duration,
    pub(crate) bound: Option<Duration>,
}

impl Story {
    pub(crate) fn starting_at(origin: u64) -> Self {
        Self { origin, ..Self::default() }
    }

    fn print(&self, at: u64, replica: &str, what: &str) {
        let seconds = seconds(at.saturating_sub(self.origin));
        println!("{seconds:>8.3} s  {replica}  {what}");
    }

    pub(crate) fn note(&mut self, replica: &str, what: Happening) {
        let at = crate::now();
        self.print(at, replica, what.text());
        self.events.push((at, replica.into(), what));
    }

    pub(crate) fn begin(&mut self, replica: &str, fence: u64, at: u64) {
        self.print(crate::now(), replica, &format!("leads, token {fence}"));
        let term = Term { replica: replica.into(), fence, began: at, ended: None, until: at };
        self.terms.push(term);
    }

    pub(crate) fn extend(&mut self, replica: &str, until: u64) {
        if let Some(term) = self.running(replica) {
            term.until = term.until.max(until);
        }
    }

    pub(crate) fn end(&mut self, replica: &str, at: u64, reason: &str) {
        if let Some(term) = self.running(replica) {
            term.ended = Some(at);
            self.print(crate::now(), replica, &format!("does not lead any more: {reason}"));
        }
    }

    fn running(&mut self, replica: &str) -> Option<&mut Term> {
        self.terms.iter_mut().rfind(|term| term.replica == replica && term.ended.is_none())
    }

    /// Returns the replica that began the newest term.
    pub(crate) fn leader(&self) -> String {
        self.terms
            .iter()
            .max_by_key(|term| term.began)
            .map_or_else(String::new, |term| term.replica.clone())
    }

    pub(crate) fn finish(&mut self, at: u64, stall: Duration) {
        self.end = at;
        self.stall = stall;
    }

    /// Returns what a picture shows of it.
    pub(crate) fn timeline(&self, title: &str, subtitle: String) -> Timeline {
        let at = |nanos: u64| seconds(nanos.saturating_sub(self.origin));
        let term = |term: &Term| timeline::Term {
            replica: term.replica.clone(),
            from: at(term.began),
            to: at(term.belief_ends().min(self.end)),
        };
        let event = |(nanos, replica, what): &(u64, String, Happening)| Event {
            at: at(*nanos),
            replica: replica.clone(),
            what: *what,
        };
        Timeline {
            title: title.into(),
            subtitle,
            replicas: REPLICAS.map(Into::into).into(),
            terms: self.terms.iter().map(term).collect(),
            events: self.events.iter().map(event).collect(),
            end: at(self.end),
        }
    }

    /// Returns the smallest time between one belief and the next, in nanoseconds. It is negative if two
    /// replicas led at once. A belief ends when the replica reports it, or when it runs out.
    fn smallest_gap(&self) -> Option<i128> {
        let mut terms: Vec<&Term> = self.terms.iter().collect();
        terms.sort_by_key(|term| term.began);
        let gaps = terms.iter().zip(terms.iter().skip(1));
        gaps.map(|(one, next)| i128::from(next.began) - i128::from(one.belief_ends())).min()
    }

    fn tokens_grow(&self) -> bool {
        let mut terms: Vec<&Term> = self.terms.iter().collect();
        terms.sort_by_key(|term| term.began);
        terms.iter().zip(terms.iter().skip(1)).all(|(one, next)| one.fence < next.fence)
    }
}

impl Term {
    pub(crate) fn belief_ends(&self) -> u64 {
        self.ended.unwrap_or(u64::MAX).min(self.until)
    }
}

/// Prints the table. Fails if two replicas led at once, or if a duration is more than twice its bound.
pub(crate) fn print(story: &Story) -> ExitCode {
    println!("\n{:<46} {:>9}  {:>9}", "", "measured", "promised");
    let mut sound = true;
    for Figure { what, measured, bound } in &story.figures {
        let measured_text = format!("{:.3} s", measured.as_secs_f64());
        let Some(bound) = bound else {
            println!("{what:<46} {measured_text:>9}");
            continue;
        };
        let remark = if measured <= bound {
            String::new()
        } else if *measured <= *bound * 2 {
            let late = measured.saturating_sub(*bound);
            format!("  + {late:.1?}: requests and this machine (longest stall {:.1?})", story.stall)
        } else {
            sound = false;
            "  MISSED".into()
        };
        println!("{what:<46} {measured_text:>9}  {:>7.3} s{remark}", bound.as_secs_f64());
    }
    match story.smallest_gap() {
        Some(gap) if gap >= 0 => {
            println!(
                "\nNever two leaders: the smallest gap between two beliefs was {} ms.",
                gap / 1_000_000
            );
        }
        Some(gap) => {
            sound = false;
            println!("\nTWO LED AT ONCE for {} ms.", -gap / 1_000_000);
        }
        None => {
            sound = false;
            println!("\nThere was no second term.");
        }
    }
    if story.tokens_grow() {
        println!("Fencing tokens grew with every one of {} terms.", story.terms.len());
    } else {
        sound = false;
        println!("FENCING TOKENS WENT BACK.");
    }
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn seconds(nanos: u64) -> f64 {
    Duration::from_nanos(nanos).as_secs_f64()
}

pub(crate) const REPLICAS: [&str; 3] = ["a", "b", "c"];
