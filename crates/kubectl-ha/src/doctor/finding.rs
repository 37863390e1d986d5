//! What a check finds, and what a doctor says at the end.

use std::fmt;

use serde::Serialize;

use super::{
    about::About,
    facts::{Because, Look},
};

/// How bad something is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// The election does not do what it is for, or soon will not.
    Error,
    /// It works now, and fails in a situation that comes up.
    Warning,
    /// Something to know, or to improve.
    Note,
}

/// What a check saw of one object.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) about: About,
    pub(crate) text: String,
    /// What to do: a sentence, and what can be pasted below it.
    pub(crate) fix: String,
}

/// What a check saw; `Err` if it could not look.
pub(crate) type Checked = Look<Vec<Seen>>;

/// Something that is wrong.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Finding {
    pub(crate) id: &'static str,
    pub(crate) severity: Severity,
    pub(crate) title: &'static str,
    pub(crate) object: About,
    pub(crate) seen: String,
    pub(crate) why: &'static str,
    pub(crate) fix: String,
}

/// A check that was not made.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Skipped {
    pub(crate) id: &'static str,
    pub(crate) because: String,
    /// The one who asks lacks a right.
    #[serde(skip)]
    pub(crate) is_denied: bool,
}

/// What is known of one election.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Diagnosis {
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// `false`: a workload names the Lease, and there is none.
    pub(crate) exists: bool,
    pub(crate) holder: Option<String>,
    /// The lease of the holder has run out.
    #[serde(skip)]
    pub(crate) is_expired: bool,
    /// The worst first.
    pub(crate) findings: Vec<Finding>,
    /// The checks that found nothing.
    pub(crate) passed: Vec<&'static str>,
    pub(crate) skipped: Vec<Skipped>,
}

impl Severity {
    pub(crate) const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Note];
}

impl Seen {
    pub(crate) fn new(about: About, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { about, text: text.into(), fix: fix.into() }
    }
}

/// Puts together what was seen of several objects. If nothing was found, and one of them could not be looked at, neither
/// could the whole.
pub(crate) fn of_each(looks: impl IntoIterator<Item = Look<Option<Seen>>>) -> Checked {
    let (mut found, mut hidden) = (Vec::new(), None::<Because>);
    for look in looks {
        match look {
            Ok(seen) => found.extend(seen),
            Err(because) => _ = hidden.get_or_insert(because),
        }
    }
    match hidden {
        Some(because) if found.is_empty() => Err(because),
        Some(_) | None => Ok(found),
    }
}

impl Diagnosis {
    /// How bad the worst finding is.
    pub(crate) fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|it| it.severity).min()
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}
