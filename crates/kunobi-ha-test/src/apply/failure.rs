//! Why a configuration is not applied.

use super::{
    Manager, Operation,
    element::{self, Element},
};
use crate::{
    go::quoted,
    status::{Cause, Rejection},
};

/// Why a configuration is not applied.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Failure {
    /// Other managers own fields that it would change.
    Conflicts(Vec<Conflict>),
    /// It is not of the kind of the object.
    OtherKind(String),
    /// It states `metadata.managedFields`.
    StatesManagers,
    /// It is not of the type of the object: what it is, and why.
    Mistyped(String),
    /// The object can't be had in the version in which a manager owns fields of it.
    Unconvertible(String),
}

/// What one manager owns of what an apply would change. There is at least one path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Conflict {
    pub(super) manager: Manager,
    pub(super) paths: Vec<Vec<Element>>,
}

impl Failure {
    /// The answer of kube-apiserver.
    pub(crate) fn rejection(self) -> Rejection {
        match self {
            Self::Conflicts(conflicts) => {
                let causes: Vec<Cause> = conflicts.iter().flat_map(Conflict::causes).collect();
                Rejection::apply_conflict(message(&conflicts), &causes)
            }
            Self::OtherKind(why) => Rejection::bad_request(why),
            Self::StatesManagers => Rejection::bad_request("metadata.managedFields must be nil"),
            Self::Mistyped(why) | Self::Unconvertible(why) => Rejection::internal(&why),
        }
    }
}

impl Conflict {
    fn causes(&self) -> impl Iterator<Item = Cause> {
        let message = format!("conflict with {}", self.manager.shown());
        self.paths.iter().map(move |path| {
            Cause::new("FieldManagerConflict", element::shown(path), message.clone())
        })
    }
}

fn message(conflicts: &[Conflict]) -> String {
    let count: usize = conflicts.iter().map(|conflict| conflict.paths.len()).sum();
    if let ([Conflict { manager, paths }], 1) = (conflicts, count) {
        let path: String = paths.iter().map(|path| element::shown(path)).collect();
        return format!("Apply failed with 1 conflict: conflict with {}: {path}", manager.shown());
    }
    let lines: Vec<String> = conflicts
        .iter()
        .flat_map(|Conflict { manager, paths }| {
            let head = format!("conflicts with {}:", manager.shown());
            let paths = paths.iter().map(|path| format!("- {}", element::shown(path)));
            std::iter::once(head).chain(paths)
        })
        .collect();
    format!("Apply failed with {count} conflicts: {}", lines.join("\n"))
}

impl Manager {
    /// `"kubectl" with subresource "status" using v1`.
    fn shown(&self) -> String {
        let mut text = quoted(&self.name);
        if !self.subresource.is_empty() {
            text.push_str(" with subresource ");
            text.push_str(&quoted(&self.subresource));
        }
        if self.operation == Operation::Update {
            text.push_str(" using ");
            text.push_str(&self.api_version);
        }
        text
    }
}
