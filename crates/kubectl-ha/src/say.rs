//! What happened to a Lease, in words and as JSON.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use crate::{
    console::Style,
    lease::Lease,
    time::{ago, short},
    track::{Gap, What},
};

/// Says that the server is asked again, after it did not answer for this reason.
pub(crate) fn away(why: &str) -> String {
    format!("{}; asking again", why.lines().next().unwrap_or_default())
}

/// Says that it answers, after [`away`].
pub(crate) const BACK: &str = "the API server answers again";

/// Says after this what a deletion waits for, if it waits for anything.
pub(crate) fn finalizers(after: &str, finalizers: &[String]) -> String {
    match finalizers {
        [] => String::new(),
        finalizers => format!("{after} waits for its finalizers: {}", finalizers.join(", ")),
    }
}

/// Writes a duration to a hundredth of a second while that matters.
pub(crate) fn time(duration: Duration) -> String {
    if duration < Duration::from_secs(60) {
        format!("{:.2}s", duration.as_secs_f64())
    } else {
        short(duration.try_into().unwrap_or(SignedDuration::MAX))
    }
}

/// Returns the word for it, and what that means.
pub(crate) const fn word(what: &What) -> (&'static str, Style) {
    match what {
        What::Found { .. } => ("found", Style::Strong),
        What::Renewed { late: false, .. } => ("renewed", Style::Dim),
        What::Renewed { late: true, .. } => ("renewed", Style::Good),
        What::Slow { .. } => ("slow", Style::Warning),
        What::Missed { .. } => ("missed", Style::Bad),
        What::HandedOver { .. } => ("handed over", Style::Good),
        What::TakenOver { .. } => ("taken over", Style::Good),
        What::Released { .. } => ("released", Style::Warning),
        What::Created { .. } => ("created", Style::Good),
        What::Deleted { .. } => ("deleted", Style::Bad),
        What::Wished { .. } => ("wished", Style::Strong),
        What::Withdrawn { .. } => ("withdrawn", Style::Strong),
        What::Changed { .. } => ("changed", Style::Warning),
    }
}

/// Returns what stands after the word.
pub(crate) fn sentence(what: &What) -> String {
    match what {
        What::Found { lease, age } => found(lease.as_deref(), *age),
        What::Renewed { holder, after, late: true, exact: true } => {
            format!("by {holder}, after {}", time(*after))
        }
        What::Slow { holder, silent, usual, left } => slow(holder, *silent, *usual, *left),
        What::Missed { holder, silent, duration } => format!(
            "{holder} has not renewed for {}: its {} are over, and others may take over",
            time(*silent),
            seconds(*duration)
        ),
        What::HandedOver { holder, from, gap } => {
            format!("to {holder} from {from} as wished: {}", without(*gap))
        }
        What::TakenOver { holder, from, gap, wished } => {
            taken(holder, from.as_deref(), *gap, *wished)
        }
        What::Released { holder, successor: Some(next) } => {
            format!("by {holder}, which names {next} as its successor")
        }
        What::Renewed { holder, .. } | What::Released { holder, successor: None } => {
            format!("by {holder}")
        }
        What::Created { holder, gap } => {
            let holder = holder
                .as_ref()
                .map_or_else(|| "and nobody holds it".into(), |holder| format!("by {holder}"));
            holder + &gap.map(|gap| format!(": {}", without(gap))).unwrap_or_default()
        }
        What::Deleted { holder: Some(holder) } => format!("while {holder} held it"),
        What::Deleted { holder: None } => "while nobody held it".into(),
        What::Wished { name } => format!("for {name} as the leader"),
        What::Withdrawn { name } => format!("the wish for {name} as the leader"),
        What::Changed { from, to } => {
            let words =
                |duration: &Option<Duration>| duration.map_or_else(|| "none".into(), seconds);
            format!("duration from {} to {}", words(from), words(to))
        }
    }
}

/// Returns what `-o json` has beside the name of the event.
pub(crate) fn fields(what: &What) -> Map<String, Value> {
    let value = match what {
        What::Found { lease, age } => {
            let lease = lease.as_deref();
            json!({
                "exists": lease.is_some(),
                "holder": lease.and_then(|lease| lease.holder.as_ref()),
                "leaseDurationSeconds": lease.and_then(|lease| lease.duration).map(|duration| duration.as_secs()),
                "renewedSecondsAgo": age.map(|age| age.as_secs()),
                "transitions": lease.and_then(|lease| lease.transitions),
            })
        }
        What::Renewed { holder, after, exact, late } => {
            json!({ "holder": holder, "afterSeconds": after.as_secs_f64(), "exact": exact, "late": late })
        }
        What::Slow { holder, silent, usual, left } => json!({
            "holder": holder,
            "silentSeconds": silent.as_secs_f64(),
            "usualSeconds": usual.map(|usual| usual.as_secs_f64()),
            "leftSeconds": left.map(|left| left.as_secs_f64()),
        }),
        What::Missed { holder, silent, duration } => json!({
            "holder": holder,
            "silentSeconds": silent.as_secs_f64(),
            "leaseDurationSeconds": duration.as_secs(),
        }),
        What::HandedOver { holder, from, gap } => {
            json!({ "holder": holder, "from": from, "wished": true, "gap": gap_fields(*gap) })
        }
        What::TakenOver { holder, from, gap, wished } => {
            json!({ "holder": holder, "from": from, "wished": wished, "gap": gap.map(gap_fields) })
        }
        What::Released { holder, successor } => json!({ "from": holder, "successor": successor }),
        What::Created { holder, gap } => json!({ "holder": holder, "gap": gap.map(gap_fields) }),
        What::Deleted { holder } => json!({ "from": holder }),
        What::Wished { name } | What::Withdrawn { name } => json!({ "wish": name }),
        What::Changed { from, to } => json!({
            "fromSeconds": from.map(|duration| duration.as_secs()),
            "toSeconds": to.map(|duration| duration.as_secs()),
        }),
    };
    if let Value::Object(fields) = value { fields } else { Map::new() }
}

/// Says how long nobody led.
pub(crate) fn without(gap: Gap) -> String {
    let vacant = time(gap.vacant);
    let text = match (gap.silent, gap.early) {
        (None, _) => format!("{vacant} without a holder"),
        (Some(silent), None) => {
            format!("{} after the last renewal, {vacant} without a holder", time(silent))
        }
        (Some(silent), Some(early)) => {
            format!(
                "{} after the last renewal, {} before its duration was over",
                time(silent),
                time(early)
            )
        }
    };
    if gap.exact { text } else { text + " (not all of it was seen)" }
}

fn gap_fields(gap: Gap) -> Value {
    json!({
        "silentSeconds": gap.silent.map(|silent| silent.as_secs_f64()),
        "vacantSeconds": gap.vacant.as_secs_f64(),
        "earlySeconds": gap.early.map(|early| early.as_secs_f64()),
        "exact": gap.exact,
    })
}

fn found(lease: Option<&Lease>, age: Option<SignedDuration>) -> String {
    let Some(lease) = lease else {
        return "no such Lease yet".into();
    };
    let mut parts = Vec::new();
    parts.push(
        lease
            .holder
            .as_ref()
            .map_or_else(|| "nobody holds it".into(), |holder| format!("held by {holder}")),
    );
    let duration = lease.duration.filter(|_| lease.holder.is_some());
    parts.extend(duration.map(|duration| format!("duration {}", seconds(duration))));
    let length = duration.and_then(|duration| SignedDuration::try_from(duration).ok());
    let over = age.filter(|age| length.is_some_and(|length| *age > length));
    parts.extend(over.map(|age| format!("last renewed {} (run out?)", ago(age))));
    parts.extend(lease.transitions.map(|count| match count {
        1 => "1 transition".into(),
        count => format!("{count} transitions"),
    }));
    parts.join("; ")
}

fn slow(holder: &str, silent: Duration, usual: Option<Duration>, left: Option<Duration>) -> String {
    let usual = usual.map(|usual| format!(", usually every {}", time(usual))).unwrap_or_default();
    let left = left.map(|left| format!("; {} are left", time(left))).unwrap_or_default();
    format!("{holder} has not renewed for {}{usual}{left}", time(silent))
}

fn taken(holder: &str, from: Option<&str>, gap: Option<Gap>, wished: bool) -> String {
    let mut words = match from {
        Some(from) if from == holder => format!("by {holder} again"),
        Some(from) => format!("by {holder} from {from}"),
        None => format!("by {holder}"),
    };
    if wished {
        words += ", for which somebody had asked";
    }
    words + &gap.map(|gap| format!(": {}", without(gap))).unwrap_or_default()
}

fn seconds(duration: Duration) -> String {
    format!("{}s", duration.as_secs())
}
