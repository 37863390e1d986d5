//! How the steps of a suite ended on one side.

use std::{any::Any, error::Error, panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt;
use serde::Deserialize;

use super::Side;

/// How the steps ended on one side.
#[derive(Debug)]
pub struct Column {
    pub(super) side: Side,
    pub(super) steps: Vec<Step>,
}

/// A step, and how it ended. A program of a suite prints one a line, as JSON.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What it does.
    #[serde(rename = "step")]
    pub name: String,
    /// Why it failed; null or missing if it passed.
    #[serde(default)]
    pub failure: Option<String>,
}

/// Why a step failed.
pub type Failure = Box<dyn Error + Send + Sync>;

impl Column {
    /// Begins a column.
    #[must_use]
    pub const fn new(side: Side) -> Self {
        Self { side, steps: Vec::new() }
    }

    /// Reads what a program printed: one [`Step`] a line, as `{"step": "lists pods", "failure": null}`.
    ///
    /// # Errors
    ///
    /// A line is none.
    pub fn read(side: Side, lines: &str) -> serde_json::Result<Self> {
        let steps = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        Ok(Self { side, steps })
    }

    /// Adds a step that has ended.
    pub fn add(&mut self, name: impl Into<String>, outcome: Result<(), String>) {
        self.steps.push(Step { name: name.into(), failure: outcome.err() });
    }

    /// Runs a step. It fails if it panics, or does not end within 30 s.
    pub async fn step(&mut self, name: &str, step: impl Future<Output = Result<(), Failure>>) {
        let step = tokio::time::timeout(LIMIT, AssertUnwindSafe(step).catch_unwind());
        let outcome = match step.await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(failure))) => Err(words(&*failure)),
            Ok(Err(panic)) => Err(format!("panics: {}", message(&*panic))),
            Err(_) => Err(format!("does not end within {LIMIT:?}")),
        };
        self.add(name, outcome);
    }

    pub(super) fn passes(&self, name: &str) -> bool {
        self.outcomes(name).first() == Some(&Ok(()))
    }

    /// How the steps of this name ended.
    pub(super) fn outcomes(&self, name: &str) -> Vec<Result<(), &str>> {
        let steps = self.steps.iter().filter(|step| step.name == name);
        steps.map(|step| step.failure.as_deref().map_or(Ok(()), Err)).collect()
    }
}

/// An error with its causes, unless it names them itself.
fn words(error: &(dyn Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let cause = error.to_string();
        if !words.contains(&cause) {
            words = format!("{words}: {cause}");
        }
        next = error.source();
    }
    words
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("?")
}

const LIMIT: Duration = Duration::from_secs(30);
