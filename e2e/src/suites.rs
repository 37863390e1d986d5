//! Suites: what programs of users do, step by step, on the server of `kunobi-ha-test` and on kube-apiserver.
//!
//! A suite has a [`Column`] of outcomes for each [`Side`] that it ran on. Every step must pass on every side, but for
//! the [`Known`] differences, each with a reason. The real side may be missing: [`real_plane`] returns it only with
//! the feature `real`, so that ours can be tested without Go.

mod column;
mod table;

use std::{fmt, io, io::Write, sync::LazyLock};

pub use self::column::{Column, Failure, Step};
use control_plane::{Plane, PlaneOptions};

/// A suite, and how its steps ended.
#[derive(Debug)]
pub struct Suite {
    name: &'static str,
    known: &'static [Known],
    columns: Vec<Column>,
}

/// What a suite runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Side {
    /// Ours, in this process, without sockets.
    Service,
    /// Ours, on a port.
    Port,
    /// kube-apiserver.
    Real,
}

/// A step that is known not to pass everywhere.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its name.
    pub step: &'static str,
    /// Where it passes nevertheless.
    pub passes: Passes,
    /// Why.
    pub reason: &'static str,
}

/// Where a step passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Passes {
    /// On kube-apiserver, not on ours.
    OnlyThere,
    /// On ours, not on kube-apiserver.
    OnlyHere,
    /// On neither: what it needs is not in a control plane without nodes, for example.
    Nowhere,
}

impl Suite {
    /// Begins a suite, with the steps that are known not to pass everywhere.
    #[must_use]
    pub const fn new(name: &'static str, known: &'static [Known]) -> Self {
        Self { name, known, columns: Vec::new() }
    }

    /// Adds how the steps ended on one side.
    pub fn add(&mut self, column: Column) {
        self.columns.push(column);
    }

    /// Prints the table, and panics unless every step ended as it must.
    ///
    /// # Panics
    ///
    /// A step failed that is not known to, or a known difference is stale. The message has all of them.
    #[track_caller]
    pub fn finish(self) {
        // Past the test harness, which would keep the table of a test that passes to itself.
        let _ = io::stderr().write_all(self.table().as_bytes());
        let faults = self.faults();
        assert!(faults.is_empty(), "suite {}:\n  {}", self.name, faults.join("\n  "));
    }

    /// What did not end as it must.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let names = self.names();
        for column in &self.columns {
            for name in &names {
                match column.outcomes(name)[..] {
                    [] => faults.push(format!("{name}: did not run on {}", column.side)),
                    [outcome] => faults.extend(self.fault(column.side, name, outcome)),
                    _ => faults.push(format!("{name}: ran twice on {}", column.side)),
                }
            }
        }
        let is_a_step = |known: &&Known| names.contains(&known.step);
        let stale = self.known.iter().filter(|known| !is_a_step(known));
        faults.extend(stale.map(|known| format!("{}: known, but no step", known.step)));
        faults
    }

    fn fault(&self, side: Side, name: &str, outcome: Result<(), &str>) -> Option<String> {
        let known = self.known(name);
        let passes = known.is_none_or(|known| known.passes.on(side));
        match (outcome, passes) {
            (Ok(()), true) | (Err(_), false) => None,
            (Err(why), true) => Some(format!("{name}: fails on {side}: {why}")),
            (Ok(()), false) => Some(format!("{name}: passes on {side}: no such difference")),
        }
    }

    fn known(&self, name: &str) -> Option<&Known> {
        self.known.iter().find(|known| known.step == name)
    }

    /// The names of all steps, in their order.
    fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for step in self.columns.iter().flat_map(|column| &column.steps) {
            if !names.contains(&&*step.name) {
                names.push(&step.name);
            }
        }
        names
    }
}

impl Passes {
    const fn on(self, side: Side) -> bool {
        match (self, side) {
            (Self::OnlyThere, Side::Real) | (Self::OnlyHere, Side::Service | Side::Port) => true,
            (Self::OnlyThere, Side::Service | Side::Port)
            | (Self::OnlyHere, Side::Real)
            | (Self::Nowhere, _) => false,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Service => "ours, in process",
            Self::Port => "ours, on a port",
            Self::Real => "kube-apiserver",
        })
    }
}

/// Returns the control plane that all suites share, if the feature `real` is on. Each suite makes a namespace of its
/// own there, and names what belongs to no namespace after itself.
///
/// # Panics
///
/// It can't be started.
#[must_use]
pub fn real_plane() -> Option<&'static Plane> {
    static PLANE: LazyLock<Plane> = LazyLock::new(|| {
        Plane::start(&PlaneOptions {
            arguments: vec![CONTROLLERS.into()],
            ..PlaneOptions::default()
        })
        .unwrap_or_else(|error| panic!("no control plane: {error}"))
    });
    cfg!(feature = "real").then(|| &*PLANE)
}

/// What the server for tests does by itself.
const CONTROLLERS: &str = "--controllers=garbage-collector-controller,namespace-controller";

#[cfg(test)]
mod tests;
