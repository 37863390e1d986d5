//! One line of the log: a request or a write.

use crate::{
    log::{Request, Write},
    matcher::Subject,
};

/// The columns of a line.
#[derive(Clone, Debug)]
pub(in crate::server) struct Line {
    pub(in crate::server) at_us: u64,
    pub(in crate::server) client: String,
    pub(in crate::server) what: String,
    pub(in crate::server) outcome: String,
}

impl Line {
    pub(in crate::server) fn of_request(request: &Request) -> Self {
        let subject = Subject::of_request(request);
        let parameters = subject.parameters();
        let what = if parameters.is_empty() {
            subject.to_string()
        } else {
            format!("{subject} ?{parameters}")
        };
        Self {
            at_us: request.at_us,
            client: request.client.clone(),
            what,
            outcome: outcome(request),
        }
    }

    pub(in crate::server) fn of_write(write: &Write) -> Self {
        let client = if write.client.is_empty() { "(server)" } else { &write.client };
        Self {
            at_us: write.at_us,
            client: client.into(),
            what: Subject::of_write(write).to_string(),
            outcome: format!("version {}", write.revision),
        }
    }

    /// The same with a remark in brackets.
    pub(in crate::server) fn remarked(self, remark: &str) -> Self {
        Self { outcome: format!("{}  ({remark})", self.outcome), ..self }
    }
}

/// The lines with their columns below each other.
pub(in crate::server) fn table(lines: &[Line]) -> String {
    let width = |column: fn(&Line) -> &str| {
        lines.iter().map(|line| column(line).chars().count()).max().unwrap_or_default()
    };
    let (clients, whats) = (width(|line| &line.client), width(|line| &line.what));
    let mut text = String::new();
    for Line { at_us, client, what, outcome } in lines {
        let (seconds, millis) = (at_us / 1_000_000, at_us / 1_000 % 1_000);
        let line =
            format!("{seconds:>6}.{millis:03} s  {client:clients$}  {what:whats$}  {outcome}\n");
        text.push_str(&line);
    }
    text
}

fn outcome(request: &Request) -> String {
    let status = match request.status {
        Some(status) => status.to_string(),
        None => "no answer".into(),
    };
    let took = request.answered_us.map(|at| at.saturating_sub(request.at_us) / 1_000);
    let mut parts = vec![status];
    parts.extend(took.filter(|millis| *millis > 0).map(|millis| format!("after {millis} ms")));
    if let Some(events) = request.events {
        let state = match request.ended_us {
            Some(at) => format!("ended {} ms later", at.saturating_sub(request.at_us) / 1_000),
            None => "open".into(),
        };
        let s = if events == 1 { "" } else { "s" };
        parts.push(format!("{events} event{s}, {state}"));
    }
    parts.extend(request.fault.as_ref().map(|fault| format!("fault: {fault}")));
    parts.join("  ")
}
