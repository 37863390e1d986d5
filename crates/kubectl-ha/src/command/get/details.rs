//! All that is known of a Lease, for a person.

use std::borrow::Borrow;

use tokio::time::Instant;

use super::Known;
use crate::{
    console::{Console, Line, Style},
    failure::Failure,
    hints,
    holder::HolderPod,
    lease::{Lease, Moment},
    output::{Cell, Table},
    pod::Pod,
    say,
    time::{ago, short},
};

/// Prints it as `kubectl describe` does; `more` adds labels, annotations and who wrote it.
pub(super) fn print(known: &Known, more: bool, console: &mut Console) -> Result<(), Failure> {
    let lease = known.row.lease();
    field(console, "Name", &lease.name)?;
    field(console, "Namespace", &lease.namespace)?;
    cell(console, "Holder", known.row.holder())?;
    pod(known, console)?;
    cell(console, "Renewed", with_text(known.row.renewed_ago(), lease.renewed.as_ref()))?;
    cell(console, "Slack", known.row.slack())?;
    let acquired = lease.acquired.as_ref();
    let since =
        acquired.and_then(|moment| moment.at).map(|at| ago(known.time.age(at, Instant::now())));
    cell(console, "Acquired", with_text(since.unwrap_or_else(|| "-".into()).into(), acquired))?;
    let duration = lease.duration.map(|duration| format!("{}s", duration.as_secs()));
    field(console, "Duration", duration.as_deref().unwrap_or("-"))?;
    cell(console, "Transitions", known.row.transitions())?;
    optional(lease, console)?;
    if more {
        written(known, console)?;
    }
    odd(&known.row.odd(), console)?;
    candidates(known, console)?;
    events(known, console)
}

fn pod(known: &Known, console: &mut Console) -> Result<(), Failure> {
    match known.row.pod() {
        HolderPod::Unknown => field(console, "Pod", "?"),
        HolderPod::None if known.row.lease().holder.is_none() => Ok(()),
        HolderPod::None => cell(
            console,
            "Pod",
            Cell::new("none has the name of the holder").styled(Style::Warning),
        ),
        HolderPod::Found(pod) => {
            let restarts = if pod.restarts == 1 { "restart" } else { "restarts" };
            let ready = if pod.ready { "ready" } else { "not ready" };
            let text =
                format!("{} ({}, {ready}, {} {restarts})", pod.name, pod.status(), pod.restarts);
            let fine = pod.is_well();
            cell(
                console,
                "Pod",
                Cell::long(text).styled(if fine { Style::Plain } else { Style::Warning }),
            )?;
            field(console, "Node", if pod.node.is_empty() { "-" } else { &pod.node })
        }
    }
}

fn optional(lease: &Lease, console: &mut Console) -> Result<(), Failure> {
    if let Some(strategy) = &lease.strategy {
        field(console, "Strategy", strategy)?;
    }
    if let Some(preferred) = &lease.preferred_holder {
        field(console, "Preferred", preferred)?;
    }
    if let Some(wish) = hints::wish(lease) {
        field(console, "Wish", &format!("{wish} is asked for as the leader"))?;
    }
    if let Some(deleting) = lease.deleting {
        let words = format!("since {deleting}{}", say::finalizers("; it", &lease.finalizers));
        cell(console, "Deleting", Cell::long(words).styled(Style::Bad))?;
    }
    Ok(())
}

fn written(known: &Known, console: &mut Console) -> Result<(), Failure> {
    let lease = known.row.lease();
    let created = lease.created.map(|created| created.to_string());
    field(console, "Created", created.as_deref().unwrap_or("-"))?;
    field(console, "Version", &lease.resource_version)?;
    for (name, pairs) in [("Labels", &lease.labels), ("Annotations", &lease.annotations)] {
        for (number, (key, value)) in pairs.iter().enumerate() {
            let name = if number == 0 { name } else { "" };
            field(console, name, &format!("{key}={value}"))?;
        }
    }
    for (number, manager) in lease.managers.iter().enumerate() {
        let time = manager.time.map(|time| format!(" {time}")).unwrap_or_default();
        let name = if number == 0 { "Written by" } else { "" };
        field(console, name, &format!("{} ({}{time})", manager.name, manager.operation))?;
    }
    Ok(())
}

fn odd(odd: &[String], console: &mut Console) -> Result<(), Failure> {
    for (number, odd) in odd.iter().enumerate() {
        let name = if number == 0 { "Odd" } else { "" };
        cell(console, name, Cell::long(odd).styled(Style::Warning))?;
    }
    Ok(())
}

fn candidates(known: &Known, console: &mut Console) -> Result<(), Failure> {
    let owner = known.row.pod().pod().and_then(|pod: &Pod| pod.owner.as_ref());
    let owner =
        owner.map(|owner| format!(" (pods of {} {})", owner.kind, owner.name)).unwrap_or_default();
    let Some(pods) = &known.candidates else {
        return field(console, "Other candidates", "?");
    };
    if pods.is_empty() {
        return field(console, &format!("Other candidates{owner}"), "none found");
    }
    console.line(Line::default().with(Style::Strong, format!("Other candidates{owner}:")))?;
    let mut table = Table::new(["  NAME", "POD", "READY", "RESTARTS", "NODE"]);
    for pod in pods {
        let ready = if pod.ready { "yes" } else { "no" };
        let (name, restarts) = (format!("  {}", pod.name), pod.restarts.to_string());
        table.push(vec![
            name.into(),
            pod.status().into(),
            ready.into(),
            restarts.into(),
            Cell::new(&pod.node),
        ]);
    }
    console.table(&table)
}

fn events(known: &Known, console: &mut Console) -> Result<(), Failure> {
    let Some(events) = &known.events else {
        return field(console, "Events", "?");
    };
    if events.is_empty() {
        return field(console, "Events", "none");
    }
    console.line(Line::default().with(Style::Strong, "Events:"))?;
    let mut table =
        Table::new(["  AGE", "REASON", "FROM", "MESSAGE"]).with_flexible(["FROM", "MESSAGE"]);
    for event in events {
        let age = event
            .time
            .map_or_else(|| "?".into(), |time| short(known.time.age(time, Instant::now())));
        let age = if event.count > 1 {
            format!("  {age} (x{})", event.count)
        } else {
            format!("  {age}")
        };
        table.push(vec![
            age.into(),
            Cell::new(&event.reason),
            Cell::new(&event.source),
            Cell::long(&event.message),
        ]);
    }
    console.table(&table)
}

fn with_text(cell: Cell, moment: Option<&Moment>) -> Cell {
    match moment {
        Some(moment) => cell.followed_by(&format!(" ({})", moment.text)),
        None => cell,
    }
}

fn field(console: &mut Console, name: &str, value: &str) -> Result<(), Failure> {
    cell(console, name, Cell::long(value))
}

fn cell(console: &mut Console, name: &str, value: impl Borrow<Cell>) -> Result<(), Failure> {
    let name = if name.is_empty() { String::new() } else { format!("{name}:") };
    console.line(
        Line::default()
            .with(Style::Strong, format!("{name:13}"))
            .with(Style::Plain, " ")
            .with_cell(value.borrow()),
    )
}
