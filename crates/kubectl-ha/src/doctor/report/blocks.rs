//! A block for each finding, and a line for each election that is well.

use std::collections::BTreeMap;

use unicode_width::UnicodeWidthStr;

use super::super::{
    finding::{Diagnosis, Finding, Severity},
    rules::RULES,
};
use crate::{
    console::{Console, Line, Style},
    failure::Failure,
};

pub(super) fn write(diagnoses: &[Diagnosis], console: &mut Console) -> Result<(), Failure> {
    if diagnoses.is_empty() {
        return Ok(());
    }
    let width = usize::from(console.terminal.width.unwrap_or(WIDEST)).min(WIDEST.into());
    let is_one = diagnoses.len() == 1;
    for (at, diagnosis) in diagnoses.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| &diagnoses[at]);
        if before.is_some_and(|before| !is_line(diagnosis) || !is_line(before)) {
            console.line("")?;
        }
        election(diagnosis, is_one, width, console)?;
    }
    if !is_one {
        console.line("")?;
        summary(diagnoses, console)?;
    }
    if diagnoses.iter().flat_map(|it| &it.skipped).any(|it| it.is_denied) {
        if is_one {
            console.line("")?;
        }
        console.line(format!("The ClusterRole with all rights that a doctor needs: {ROLE}"))?;
    }
    Ok(())
}

/// Whether a line says all of it.
fn is_line(diagnosis: &Diagnosis) -> bool {
    diagnosis.findings.is_empty()
}

fn election(
    diagnosis: &Diagnosis,
    is_one: bool,
    width: usize,
    console: &mut Console,
) -> Result<(), Failure> {
    let Diagnosis { namespace, name, exists, holder, is_expired, findings, passed, skipped } =
        diagnosis;
    let held = holder.as_ref().map_or_else(|| "nobody".into(), |it| format!("{it:.100}"));
    let line = Line::default().with(Style::Strong, format!("{namespace}/{name}"));
    let line = if *exists {
        line.with(Style::Dim, if *is_expired { "  last held by " } else { "  held by " })
            .with(Style::Plain, held)
    } else {
        line.with(Style::Dim, "  does not exist")
    };
    let line = line.with(Style::Plain, ": ");
    let line = if findings.is_empty() {
        let (passed, skipped) = (passed.len(), skipped.len());
        if skipped == 0 {
            line.with(Style::Good, "all is well")
                .with(Style::Dim, format!(", {passed} checks passed"))
        } else {
            line.with(Style::Plain, format!("nothing found, {passed} checks passed, "))
                .with(Style::Warning, format!("{skipped} skipped"))
        }
    } else {
        let mut line = line;
        let found = Severity::ALL.iter().filter(|it| count(findings, **it) > 0);
        for (at, severity) in found.enumerate() {
            let text = counted(count(findings, *severity), &severity.to_string());
            line = line.with(Style::Plain, if at == 0 { "" } else { ", " });
            line = line.with(severity.style(), text);
        }
        line
    };
    console.line(line)?;
    for finding in findings {
        block(finding, width, console)?;
    }
    if is_one { checks(diagnosis, width, console) } else { Ok(()) }
}

fn block(finding: &Finding, width: usize, console: &mut Console) -> Result<(), Failure> {
    console.line("")?;
    let heading = Line::default()
        .with(finding.severity.style(), format!("  {:<9}", finding.severity.to_string()))
        .with(Style::Strong, finding.title)
        .with(Style::Dim, format!("  ({})", finding.id));
    console.line(heading)?;
    labelled("on", &finding.object.to_string(), width, console)?;
    labelled("seen", &finding.seen, width, console)?;
    labelled("why", finding.why, width, console)?;
    let (advice, paste) = finding.fix.split_once('\n').unwrap_or((&finding.fix, ""));
    labelled("fix", advice, width, console)?;
    // What is to be pasted is not broken into lines.
    for line in paste.lines() {
        console.line(Line::default().with(Style::Plain, format!("{INDENT}  {line}")))?;
    }
    Ok(())
}

/// Lists what was checked, and what could not be.
fn checks(diagnosis: &Diagnosis, width: usize, console: &mut Console) -> Result<(), Failure> {
    console.line("")?;
    if !diagnosis.passed.is_empty() {
        paragraph(Style::Good, "passed", &diagnosis.passed.join(", "), width, console)?;
    }
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for skipped in &diagnosis.skipped {
        reasons.entry(&skipped.because).or_default().push(skipped.id);
    }
    for (because, ids) in reasons {
        let text = format!("because {because}: {}", ids.join(", "));
        paragraph(Style::Warning, "skipped", &text, width, console)?;
    }
    Ok(())
}

fn summary(diagnoses: &[Diagnosis], console: &mut Console) -> Result<(), Failure> {
    let findings = |severity| diagnoses.iter().map(|it| count(&it.findings, severity)).sum();
    let well = diagnoses.iter().filter(|it| it.findings.is_empty()).count();
    let mut line = Line::default()
        .with(Style::Plain, format!("{} elections, {well} without findings", diagnoses.len()));
    for severity in Severity::ALL {
        let count: usize = findings(severity);
        let text = counted(count, &severity.to_string());
        let style = if count == 0 { Style::Dim } else { severity.style() };
        line = line.with(Style::Plain, ", ").with(style, text);
    }
    let skipped: usize = diagnoses.iter().map(|it| it.skipped.len()).sum();
    if skipped > 0 {
        let all = diagnoses.len() * RULES.len();
        line = line.with(Style::Warning, format!(", {skipped} of {all} checks skipped"));
    }
    console.line(line)?;
    if skipped > 0 {
        console.line(
            "`kubectl ha doctor LEASE -n NAMESPACE` says why checks of an election are skipped.",
        )?;
    }
    Ok(())
}

fn labelled(label: &str, text: &str, width: usize, console: &mut Console) -> Result<(), Failure> {
    paragraph(Style::Dim, label, text, width, console)
}

/// Writes text beside a label, broken into lines at spaces.
fn paragraph(
    style: Style,
    label: &str,
    text: &str,
    width: usize,
    console: &mut Console,
) -> Result<(), Failure> {
    let mut label = Line::default().with(style, format!("  {label:<9}"));
    let room = width.saturating_sub(INDENT.len()).max(NARROWEST);
    for line in broken(text, room) {
        console.line(label.with(Style::Plain, line))?;
        label = Line::default().with(Style::Plain, INDENT);
    }
    Ok(())
}

fn broken(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        if let Some(line) = lines.last_mut() {
            if line.is_empty() {
                line.push_str(word);
            } else if line.width() + 1 + word.width() <= room {
                line.push(' ');
                line.push_str(word);
            } else {
                lines.push(word.to_owned());
            }
        }
    }
    lines
}

fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

fn count(findings: &[Finding], severity: Severity) -> usize {
    findings.iter().filter(|it| it.severity == severity).count()
}

impl Severity {
    fn style(self) -> Style {
        match self {
            Self::Error => Style::Bad,
            Self::Warning => Style::Warning,
            Self::Note => Style::Dim,
        }
    }
}

/// Longer lines are hard to read.
const WIDEST: u16 = 100;
const ROLE: &str = "https://github.com/kunobi-ninja/kunobi-ha/blob/main/crates/kubectl-ha/README.md#find-what-is-wrong";
const NARROWEST: usize = 30;
const INDENT: &str = "           ";
