//! From what processes said to how long two of them believed to lead, and how long none did.

#[cfg(test)]
mod tests;

/// What became known of a replica. Times are nanoseconds of one clock for all processes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Event {
    /// Its process answered yes for the first time.
    Leads {
        /// When it was asked.
        at: u64,
    },
    /// Its process answered no, after a yes.
    Follows {
        /// When it was asked the last time before it answered yes.
        last_yes: u64,
    },
    /// Its process was killed, or ended by itself.
    Ended {
        /// When.
        at: u64,
    },
    /// Its process was stopped: until it continues it can do nothing, whatever it believes.
    Stopped {
        /// When.
        at: u64,
    },
    /// Its process continues.
    Continued {
        /// When.
        at: u64,
    },
}

/// A time in which something was so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Span {
    /// When it began.
    pub from: u64,
    /// When it ended.
    pub to: u64,
}

/// What a window came to, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Believers {
    /// How long two or more replicas believed to lead.
    pub two: f64,
    /// How long none did.
    pub none: f64,
}

/// When a replica believed to lead and was able to act, given its events in their order.
#[must_use]
pub fn spans(events: &[Event], until: u64) -> Vec<Span> {
    let mut believed = Vec::new();
    let mut paused = Vec::new();
    let (mut since, mut stopped) = (None, None);
    for event in events {
        match *event {
            Event::Leads { at } => since = since.or(Some(at)),
            Event::Follows { last_yes } => close(&mut believed, &mut since, last_yes),
            Event::Ended { at } => {
                close(&mut believed, &mut since, at);
                close(&mut paused, &mut stopped, at);
            }
            Event::Stopped { at } => stopped = stopped.or(Some(at)),
            Event::Continued { at } => close(&mut paused, &mut stopped, at),
        }
    }
    close(&mut believed, &mut since, until);
    close(&mut paused, &mut stopped, until);
    believed.into_iter().flat_map(|span| without(span, &paused)).collect()
}

/// How long two replicas, and how long none, believed to lead in a window.
#[must_use]
pub fn count(replicas: &[Vec<Span>], window: Span) -> Believers {
    let inside = |at: u64| at.clamp(window.from, window.to);
    let mut changes: Vec<(u64, i32)> = replicas
        .iter()
        .flatten()
        .flat_map(|span| [(inside(span.from), 1), (inside(span.to), -1)])
        .collect();
    // At the same instant one ends before another begins.
    changes.sort_unstable();
    let mut believers = Believers::default();
    let (mut since, mut number) = (window.from, 0);
    for (at, change) in changes.into_iter().chain([(window.to, 0)]) {
        match number {
            0 => believers.none += seconds(at - since),
            1 => {}
            _ => believers.two += seconds(at - since),
        }
        since = at;
        number += change;
    }
    believers
}

fn close(spans: &mut Vec<Span>, since: &mut Option<u64>, to: u64) {
    if let Some(from) = since.take().filter(|from| *from < to) {
        spans.push(Span { from, to });
    }
}

/// What is left of a span without some others, which are in order.
fn without(mut span: Span, others: &[Span]) -> Vec<Span> {
    let mut left = Vec::new();
    for other in others {
        if other.to <= span.from || span.to <= other.from {
            continue;
        }
        if span.from < other.from {
            left.push(Span { from: span.from, to: other.from });
        }
        span.from = other.to;
    }
    if span.from < span.to {
        left.push(span);
    }
    left
}

#[expect(clippy::cast_precision_loss, reason = "a comparison lasts minutes")]
fn seconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e9
}
