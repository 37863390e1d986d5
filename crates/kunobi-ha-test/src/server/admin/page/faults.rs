//! The faults of a client, in words.

use crate::fault::{ClientFaults, FaultRule, Faults, Role, Share};

#[derive(Debug)]
pub(super) struct Disturbance {
    pub(super) text: String,
    /// How many requests a rule has hit; the others don't count them.
    pub(super) hits: Option<u64>,
}

pub(super) fn all(client: &ClientFaults) -> Vec<Disturbance> {
    let rule =
        |(rule, hits): (&FaultRule, u64)| Disturbance { text: rule.to_string(), hits: Some(hits) };
    let mut all: Vec<Disturbance> = client.hits().map(rule).collect();
    let others = common(&client.faults).into_iter();
    all.extend(others.map(|text| Disturbance { text, hits: None }));
    if all.is_empty() {
        all.push(Disturbance { text: "none".into(), hits: None });
    }
    all
}

/// All but the rules.
fn common(faults: &Faults) -> Vec<String> {
    let Faults {
        rules: _,
        script,
        latency_before_ms,
        latency_after_ms,
        cut_requests,
        cut_answers,
        refuse,
        hang_every,
        share,
        role,
        seed: _,
    } = faults;
    let mut words = Vec::new();
    if !script.is_empty() {
        let next: Vec<String> = script.iter().take(SHOWN).map(ToString::to_string).collect();
        let rest = script.len().saturating_sub(SHOWN);
        let rest = if rest > 0 { format!(", and {rest} more") } else { String::new() };
        words.push(format!("script: {}{rest}", next.join(", ")));
    }
    if *latency_before_ms > 0 || *latency_after_ms > 0 {
        words.push(format!("all: delay of {latency_before_ms}+{latency_after_ms} ms"));
    }
    for (is_set, text) in [
        (cut_requests, "requests are cut off"),
        (cut_answers, "answers are cut off"),
        (refuse, "connections are refused"),
    ] {
        words.extend(is_set.then(|| text.to_owned()));
    }
    if *hang_every > 0 {
        words.push(format!("one request in {hang_every} hangs"));
    }
    if let Some(Share { ratio, code, retry_after }) = share {
        let retry = retry_after.map(|seconds| format!(", retry after {seconds} s"));
        let retry = retry.unwrap_or_default();
        words.push(format!("a share of {ratio} is answered with {code}{retry}"));
    }
    if let Some(Role { verbs, resource_names }) = role {
        let names = match resource_names.as_slice() {
            [] => String::new(),
            names => format!(" of {}", names.join(", ")),
        };
        words.push(format!("may only {}{names}", verbs.join(", ")));
    }
    words
}

/// How much of a script is shown.
const SHOWN: usize = 10;
