//! A type in its versions. A manager owns fields of the version in which it wrote: what others change is compared
//! in that version, too.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{check, compare::Changes, managers::Managers, types};
use crate::shape::{Form, Shape};

/// A type in the version of a request, and in others.
#[derive(Clone, Debug)]
pub(crate) struct Versions<'a> {
    own: &'a Form,
    /// None: the type is the same in all versions.
    all: Option<All>,
}

/// The versions of a custom type. Objects are the same in each, but for the fields that it does not declare.
#[derive(Clone, Debug)]
struct All {
    own: String,
    shapes: Vec<(String, Shape)>,
}

/// What differs between two states of an object, in the versions in which managers own it.
#[derive(Debug)]
pub(super) struct Compared {
    pub(super) own: Changes,
    others: BTreeMap<String, Changes>,
}

impl<'a> From<&'a Shape> for Versions<'a> {
    fn from(shape: &'a Shape) -> Self {
        Self { own: shape.form(), all: None }
    }
}

impl<'a> Versions<'a> {
    /// The shapes of all versions, by what objects have as `apiVersion`; `own` is that of the request.
    pub(crate) fn defined(shape: &'a Shape, own: String, shapes: Vec<(String, Shape)>) -> Self {
        Self { own: shape.form(), all: Some(All { own, shapes }) }
    }

    pub(super) fn own(&self) -> &'a Form {
        self.own
    }

    /// The versions of managers that are not that of the request.
    fn others<'m>(&self, managers: &'m Managers) -> impl Iterator<Item = &'m str> {
        let own = self.all.as_ref().map(|all| all.own.clone());
        managers.versions().filter(move |version| own.as_ref().is_some_and(|own| own != version))
    }

    /// Whether all managers wrote in the version of the request.
    pub(super) fn are_own(&self, managers: &Value) -> bool {
        let entries = managers.as_array().into_iter().flatten();
        let mut stated = entries.filter_map(|entry| entry.get("apiVersion")?.as_str());
        self.all.as_ref().is_none_or(|all| stated.all(|version| version == all.own))
    }

    /// The type in a version, if an object of the version of the request is of it: else why not.
    pub(super) fn convert(&self, object: &Value, version: &str) -> Result<&Form, String> {
        let Some(all) = self.all.as_ref().filter(|all| all.own != version) else {
            return Ok(self.own);
        };
        let found = all.shapes.iter().find(|(name, _)| name == version);
        let Some((_, shape)) = found else {
            return Err(format!("request to convert CR to an invalid group/version: {version}"));
        };
        let problems = check::check(shape.form(), object);
        if problems.is_empty() { Ok(shape.form()) } else { Err(check::text(&problems)) }
    }

    /// Whether an object can be had in the versions of all managers.
    pub(super) fn check(
        &self,
        object: &Value,
        managers: &Managers,
    ) -> Result<(), (String, String)> {
        for version in self.others(managers) {
            self.convert(object, version).map_err(|why| (version.to_owned(), why))?;
        }
        Ok(())
    }
}

impl Compared {
    /// Compares again in the version of each manager. `own` are the changes in that of the request.
    pub(super) fn new(
        own: Changes,
        versions: &Versions<'_>,
        managers: &Managers,
        (old, new): (Option<&Value>, &Value),
    ) -> Result<Self, String> {
        let mut others = BTreeMap::new();
        for version in versions.others(managers) {
            versions
                .convert(old.unwrap_or(types::empty()), version)
                .map_err(|why| format!("failed to convert old object: {why}"))?;
            let form = versions
                .convert(new, version)
                .map_err(|why| format!("failed to convert new object: {why}"))?;
            others.entry(version.to_owned()).or_insert_with(|| Changes::between(form, old, new));
        }
        Ok(Self { own, others })
    }

    pub(super) fn of(&self, version: &str) -> &Changes {
        self.others.get(version).unwrap_or(&self.own)
    }
}

impl From<Changes> for Compared {
    fn from(own: Changes) -> Self {
        Self { own, others: BTreeMap::new() }
    }
}
