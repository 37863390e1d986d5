//! Objects as rows of cells: what kubectl prints.

/// Cells of different types.
macro_rules! cells {
    ($($cell:expr),* $(,)?) => { vec![$(serde_json::Value::from($cell)),*] };
}

mod access;
pub(crate) mod age;
mod autoscaling;
mod columns;
mod configuration;
mod devices;
mod events;
mod extension;
mod field;
mod flow;
mod jobs;
mod labels;
mod network;
mod nodes;
mod pods;
mod printers;
mod services;
mod storage;
mod text;
mod view;
mod workloads;

use std::borrow::Cow;

pub(crate) use self::{
    columns::description,
    labels::requirements,
    text::{Extent, INITIAL_EVENTS_END, Table},
};
use self::{printers::Printer, view::View};
use crate::{
    crd::Columns,
    types::{Origin, Resource},
};

/// How the objects of a type are printed.
enum Style<'a> {
    BuiltIn {
        printer: Printer,
        /// The name of the type, as `deployments.apps`.
        name: Cow<'a, str>,
    },
    Custom(&'a Columns),
}

impl<'a> Style<'a> {
    /// None: of what is returned there, no table can be made.
    fn of(resource: &'a Resource, subresource: &str) -> Option<Self> {
        match (&resource.origin, subresource) {
            (Origin::Custom(version), "" | "status") => Some(Self::Custom(version.columns())),
            (Origin::Custom(_), "scale") => Some(Self::Custom(Columns::of_scale())),
            (Origin::BuiltIn { .. }, "scale") => {
                let printer = printers::of("autoscaling", "scale")?;
                Some(Self::BuiltIn { printer, name: "scale.autoscaling".into() })
            }
            (Origin::BuiltIn { .. }, "") => Self::of_type(resource),
            // As there, where some stores of a status have no printer.
            (Origin::BuiltIn { .. }, "status") if !UNPRINTED.contains(&&*resource.plural) => {
                Self::of_type(resource)
            }
            (Origin::Custom(_) | Origin::BuiltIn { .. }, _) => None,
        }
    }

    fn of_type(resource: &Resource) -> Option<Self> {
        let printer = printers::of(&resource.group, &resource.plural)?;
        Some(Self::BuiltIn { printer, name: resource.qualified().into() })
    }
}

/// Returns whether there are tables of what is returned there.
pub(crate) fn is_printed(resource: &Resource, subresource: &str) -> bool {
    Style::of(resource, subresource).is_some()
}

const UNPRINTED: [&str; 4] =
    ["apiservices", "customresourcedefinitions", "devicetaintrules", "resourceclaims"];

#[cfg(test)]
mod tests;
