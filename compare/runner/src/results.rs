//! All figures of a run, by library and fault.

use std::collections::BTreeMap;

use crate::{cell::Outcome, fault::Fault, quiet::Cost, sample::Sample};

/// What a library came to under a fault.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Seconds with two believers.
    pub two: Sample,
    /// Seconds without one.
    pub none: Sample,
    /// How often the Lease got another holder.
    pub changes: Sample,
    /// Why a repetition could not be measured.
    pub failures: Vec<String>,
}

/// All figures of a run.
#[derive(Clone, Debug, Default)]
pub struct Results {
    cells: BTreeMap<(&'static str, &'static str), Figures>,
    costs: BTreeMap<&'static str, [Cost; 2]>,
}

impl Results {
    /// Adds a repetition.
    pub fn add(&mut self, peer: &'static str, fault: Fault, outcome: Result<Outcome, String>) {
        let figures = self.cells.entry((peer, fault.name())).or_default();
        match outcome {
            Ok(outcome) => {
                figures.two.add(outcome.believers.two);
                figures.none.add(outcome.believers.none);
                #[expect(clippy::cast_precision_loss, reason = "there are few")]
                figures.changes.add(outcome.changes as f64);
            }
            Err(why) => figures.failures.push(why),
        }
    }

    /// Adds the quiet minute.
    pub fn add_cost(&mut self, peer: &'static str, cost: [Cost; 2]) {
        self.costs.insert(peer, cost);
    }

    /// What a library came to under a fault, if it was run.
    #[must_use]
    pub fn figures(&self, peer: &str, fault: Fault) -> Option<&Figures> {
        self.cells
            .iter()
            .find(|((of, under), _)| *of == peer && *under == fault.name())
            .map(|(_, f)| f)
    }

    /// What a library costs, if it was measured: leader, follower.
    #[must_use]
    pub fn cost(&self, peer: &str) -> Option<&[Cost; 2]> {
        self.costs.get(peer)
    }

    /// Why something was not measured, with the library and the fault; each reason once.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        let cells = self.cells.iter();
        let mut failures: Vec<_> = cells
            .flat_map(|((peer, fault), figures)| {
                figures.failures.iter().map(move |why| format!("{peer}, {fault}: {why}"))
            })
            .collect();
        failures.dedup();
        failures
    }
}
