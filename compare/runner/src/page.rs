//! What is printed, and the part of `COMPARISON.md` that a run writes.

mod table;

use std::path::Path;

use self::table::Table;
use crate::{fault::Fault, peer::Peer, results::Results, sample::Sample};

/// A library, and which version of it is compared.
#[derive(Clone, Debug)]
pub struct Column {
    /// The library.
    pub peer: Peer,
    /// Its version.
    pub version: String,
    /// The client that it is built on, with its version.
    pub client: String,
}

/// What was run on one API server.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// About the run, a line each.
    pub said: Vec<String>,
    /// Its figures.
    pub results: Results,
}

/// A library for each column, with the versions of the lock files.
pub fn columns(peers: Vec<Peer>, compare: &Path) -> Result<Vec<Column>, String> {
    let column = |peer: Peer| {
        let (version, client) = peer.versions(compare)?;
        Ok(Column { peer, version, client })
    };
    peers.into_iter().map(column).collect()
}

/// The part of the page: all tables of the run on kunobi-ha-test, and one of that on kube-apiserver.
#[must_use]
pub fn whole(columns: &[Column], test: &Run, real: &Run) -> String {
    let is_told = |line: &String| test.said.contains(line);
    let said: Vec<_> = real.said.iter().filter(|line| !is_told(line)).cloned().collect();
    let results = &real.results;
    render(columns, test)
        + &on_kube_apiserver(columns, results)
        + "\n"
        + &list(&said)
        + &failures(results)
}

/// All tables of a run.
#[must_use]
pub fn render(columns: &[Column], run: &Run) -> String {
    let results = &run.results;
    let mut text = list(&run.said);
    let of_all = |title: &str, sample: fn(&crate::results::Figures) -> &Sample| {
        let mut table = Table::new(title, "fault", columns);
        for fault in Fault::ALL {
            table.row(fault.name(), |peer| both(sample(results.figures(peer.folder, fault)?)));
        }
        table.text()
    };
    text += &summary(columns, results);
    text += &versions(columns);
    text += &of_all("Seconds with two believers: median / worst", |figures| &figures.two);
    text += &of_all("Seconds without a believer: median / worst", |figures| &figures.none);
    text += &of_all("How often the Lease got another holder: median / worst", |f| &f.changes);
    text += &quiet(columns, results);
    text + &failures(results)
}

/// What was measured of it: without rows in which nothing stands, and tables without rows.
#[must_use]
pub fn measured(text: &str) -> String {
    let (tables, failures) = text.split_at(text.find(FAILURES).unwrap_or(text.len()));
    let mut parts = tables.split("\n### ");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_empty = |line: &&str| line.starts_with('|') && line.split('|').skip(2).all(is_dash);
        let lines: Vec<_> = part.lines().filter(|line| !is_empty(line)).collect();
        // Its heads and the rule below them are two.
        if lines.iter().filter(|line| line.starts_with('|')).count() > 2 {
            shown += &format!("\n### {}\n", lines.join("\n"));
        }
    }
    shown + failures
}

fn is_dash(cell: &str) -> bool {
    matches!(cell.trim(), "" | "–")
}

/// The page with another part between its markers.
pub fn replace(page: &str, part: &str) -> Result<String, String> {
    let (before, _, after) = split(page)?;
    Ok(format!("{before}{BEGIN}\n\n{part}\n{END}{after}"))
}

/// Whether the page has the tables that this code would print, whatever the figures: names, versions, rows and columns.
pub fn check(page: &str, columns: &[Column]) -> Result<(), String> {
    let (_, part, _) = split(page)?;
    let (has, expected) = (layout(part), layout(&whole(columns, &Run::default(), &Run::default())));
    if has == expected {
        return Ok(());
    }
    let first = has.iter().zip(&expected).find(|(has, expected)| has != expected);
    let (has, expected) = first.map_or(("its end", "more"), |(has, expected)| (has, expected));
    Err(format!(
        "COMPARISON.md has\n  {has}\nwhere the code would print\n  {expected}\nRun `bash compare/run.sh`, which writes it."
    ))
}

fn summary(columns: &[Column], results: &Results) -> String {
    let mut table = Table::new("In five lines", "15 s lease, worst of all runs", columns);
    let none = |peer: &Peer, fault| seconds(results.figures(peer.folder, fault)?.none.worst());
    let two = |peer: &Peer, fault| results.figures(peer.folder, fault)?.two.worst();
    table.row("no leader after a crash", |peer| none(peer, Fault::Crash));
    table.row("no leader after SIGTERM", |peer| none(peer, Fault::Release));
    table.row("two believers, leader cut off", |peer| seconds(two(peer, Fault::CutOff)));
    table.row("two believers, any of the faults", |peer| {
        let worst = Fault::ALL.iter().filter_map(|fault| two(peer, *fault));
        seconds(worst.max_by(f64::total_cmp))
    });
    table.row("requests per minute, leader + follower", |peer| requests(results, peer));
    table.text()
}

fn on_kube_apiserver(columns: &[Column], results: &Results) -> String {
    let mut table = Table::new("On kube-apiserver", WORST, columns);
    for fault in Fault::ALL {
        table.row(fault.name(), |peer| {
            let figures = results.figures(peer.folder, fault)?;
            Some(format!("{} / {}", seconds(figures.two.worst())?, seconds(figures.none.worst())?))
        });
    }
    table.row("requests per minute, leader + follower", |peer| requests(results, peer));
    table.text()
}

fn requests(results: &Results, peer: &Peer) -> Option<String> {
    let [leader, follower] = results.cost(peer.folder)?;
    Some(format!("{:.0} + {:.0}", leader.requests, follower.requests))
}

fn failures(results: &Results) -> String {
    let failures = results.failures();
    if failures.is_empty() { String::new() } else { format!("{FAILURES}{}", list(&failures)) }
}

fn list(lines: &[String]) -> String {
    lines.iter().flat_map(|line| ["- ", line, "\n"]).collect()
}

fn versions(columns: &[Column]) -> String {
    let mut text =
        "\n### Versions and settings\n\n| library | version | built on | settings |\n".to_owned();
    text += "| --- | --- | --- | --- |\n";
    for Column { peer, version, client } in columns {
        text += &format!("| {} | `{version}` | {client} | {} |\n", peer.title, peer.settings);
    }
    text
}

fn quiet(columns: &[Column], results: &Results) -> String {
    let mut table = Table::new("A quiet minute: leader / follower", "", columns);
    let row = |name: &str, table: &mut Table<'_>, show: fn(&crate::quiet::Cost) -> String| {
        table.row(name, |peer| {
            let [leader, follower] = results.cost(peer.folder)?;
            Some(format!("{} / {}", show(leader), show(follower)))
        });
    };
    row("requests", &mut table, |cost| format!("{:.0}", cost.requests));
    row("CPU time, ms", &mut table, |cost| format!("{:.0}", cost.cpu));
    row("resident memory, MiB", &mut table, |cost| format!("{:.0}", cost.memory));
    table.text()
}

fn both(sample: &Sample) -> Option<String> {
    Some(format!("{} / {}", seconds(sample.median())?, seconds(sample.worst())?))
}

/// A zero is nothing at all: what would be rounded to it is told from it.
pub(crate) fn seconds(value: Option<f64>) -> Option<String> {
    let value = value?;
    Some(match value {
        0.0 => "0".to_owned(),
        _ if value.fract() == 0.0 => format!("{value:.0}"),
        _ if value < 0.001 => "<0.001".to_owned(),
        _ if value < 0.1 => format!("{value:.3}"),
        _ => format!("{value:.1}"),
    })
}

/// The lines of tables and headings, without figures.
fn layout(part: &str) -> Vec<String> {
    let is_figure = |cell: &str| {
        cell.chars().all(|letter| letter.is_ascii_digit() || " ./+<–".contains(letter))
    };
    let lines = part.lines().filter(|line| line.starts_with('|') || line.starts_with('#'));
    let cell = |cell: &str| if is_figure(cell) { "…".to_owned() } else { cell.trim().to_owned() };
    lines.map(|line| line.split('|').map(cell).collect::<Vec<_>>().join("|")).collect()
}

fn split(page: &str) -> Result<(&str, &str, &str), String> {
    let parts = page.split_once(BEGIN).and_then(|(before, rest)| {
        let (part, after) = rest.split_once(END)?;
        Some((before, part, after))
    });
    parts.ok_or_else(|| format!("the page lacks a line {BEGIN} or {END}"))
}

const WORST: &str = "seconds with two believers / without one, worst of all runs";
const FAILURES: &str = "\nNot measured:\n\n";
const BEGIN: &str = "<!-- measured: begin. Written by compare/run.sh -->";
const END: &str = "<!-- measured: end -->";

#[cfg(test)]
mod tests;
