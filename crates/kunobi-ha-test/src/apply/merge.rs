//! An apply.

use serde_json::Value;

use super::{
    Manager, Operation, check,
    collect::collect,
    compare::Changes,
    failure::{Conflict, Failure},
    last_applied,
    managers::{Entry, Managers},
    never_owned, order,
    overlay::overlay,
    prune::prune,
    record::update,
    set::Set,
    versions::{Compared, Versions},
};
use crate::shape::Form;

/// Applies a configuration to an object, or to none, and returns the object with its managers.
///
/// The configuration is as the client sent it: what its type does not declare is an error here.
pub(crate) fn merge<'a>(
    of: impl Into<Versions<'a>>,
    live: Option<&Value>,
    applied: &Value,
    manager: &Manager,
    is_forced: bool,
    resets: &[&str],
) -> Result<Value, Failure> {
    let versions = of.into();
    let form = versions.own();
    if applied.pointer("/metadata/managedFields").is_some_and(|stated| !stated.is_null()) {
        return Err(Failure::StatesManagers);
    }
    let problems = check::check(form, applied);
    if !problems.is_empty() {
        let (object, why) = (described(applied), check::text(&problems));
        let why = format!("failed to create typed patch object ({object}): {why}");
        return Err(Failure::Mistyped(why));
    }
    let apply = Apply { versions, live, applied, manager, resets: Set::resets(resets) };
    let result = apply.run(is_forced);
    if manager.name != "kubectl" {
        return result;
    }
    let mut merged = match result {
        Err(Failure::Conflicts(conflicts)) => apply.take_over(conflicts)?,
        result => result?,
    };
    last_applied::refresh(&mut merged, applied);
    Ok(merged)
}

struct Apply<'a> {
    versions: Versions<'a>,
    live: Option<&'a Value>,
    applied: &'a Value,
    manager: &'a Manager,
    resets: Set,
}

impl Apply<'_> {
    fn run(&self, is_forced: bool) -> Result<Value, Failure> {
        let (versions, manager) = (&self.versions, self.manager);
        let form = versions.own();
        let mut managers = self.managers();
        managers.reconcile(versions, self.live).map_err(Failure::Unconvertible)?;
        let last = managers.remove(manager);
        let mut merged = match self.live {
            Some(live) => overlay(form, live, self.applied),
            None => self.applied.clone(),
        };
        let mut fields = collect(form, self.applied);
        fields.cut(&self.resets);
        if let Some(last) = &last {
            let mut owned = managers.fields();
            owned.unite(fields.clone());
            let form = self.form_of_last(last, &managers, &merged)?;
            prune(form, &mut merged, &last.fields, &owned);
        }
        let mut changes = Changes::between(form, self.live, &merged);
        let is_same = self.live.is_some_and(|live| order::same(live, &merged));
        changes.cut(&self.resets);
        let compared = Compared::new(changes, versions, &managers, (self.live, &merged))
            .map_err(Failure::Unconvertible)?;
        let conflicts = managers.conflicts(manager, &compared);
        if !conflicts.is_empty() && !is_forced {
            return Err(Failure::Conflicts(conflicts));
        }
        managers.give_up(&compared);
        fields.subtract(never_owned());
        // An apply that changes nothing does not count as one: it leaves the time as it was, or none.
        let time = match last {
            Some(last) if is_same => last.manager.time,
            None if is_same => String::new(),
            Some(_) | None => manager.time.clone(),
        };
        managers.put(Entry { manager: Manager { time, ..manager.clone() }, fields });
        managers.write(&mut merged);
        Ok(merged)
    }

    /// The managers before this apply. What an object has of no manager is that of a stand-in.
    fn managers(&self) -> Managers {
        let Some(live) = self.live else {
            return Managers::default();
        };
        let known = live.pointer("/metadata/managedFields").and_then(Managers::read);
        known.unwrap_or_else(|| {
            let mut changes = Changes::between(self.versions.own(), None, live);
            changes.cut(&self.resets);
            changes.forget(never_owned());
            let before = Manager {
                name: "before-first-apply".into(),
                operation: Operation::Update,
                ..self.manager.clone()
            };
            let mut managers = Managers::default();
            update(&mut managers, changes.into(), &before);
            managers
        })
    }

    /// What the manager does not apply any more is removed in the version in which it applied it last.
    fn form_of_last(
        &self,
        last: &Entry,
        managers: &Managers,
        merged: &Value,
    ) -> Result<&Form, Failure> {
        let failed = |why| Failure::Unconvertible(format!("failed to prune fields: {why}"));
        let form = self.versions.convert(merged, &last.manager.api_version).map_err(|why| {
            failed(format!("failed to convert merged object to last applied version: {why}"))
        })?;
        self.versions.check(merged, managers).map_err(|(version, why)| {
            failed(format!(
                "failed add back owned items: failed to convert merged object at version \
                 {version}: {why}"
            ))
        })?;
        Ok(form)
    }

    /// kubectl may change what it applied before it did so here.
    fn take_over(&self, conflicts: Vec<Conflict>) -> Result<Value, Failure> {
        let allowed = self.live.and_then(|live| {
            last_applied::owned(self.versions.own(), live, &self.manager.api_version)
        });
        let Some(allowed) = allowed else {
            return Err(Failure::Conflicts(conflicts));
        };
        let remaining: Vec<Conflict> = conflicts
            .into_iter()
            .filter_map(|Conflict { manager, mut paths }| {
                paths.retain(|path| !allowed.has(path));
                (!paths.is_empty()).then_some(Conflict { manager, paths })
            })
            .collect();
        if remaining.is_empty() { self.run(true) } else { Err(Failure::Conflicts(remaining)) }
    }
}

/// Whether a configuration is of this kind. It is asked first.
pub(crate) fn check_kind(applied: &Value, manager: &Manager, kind: &str) -> Result<(), Failure> {
    let what = match applied {
        Value::Null | Value::Object(_) => {
            let text = |field| applied.get(field).and_then(Value::as_str).unwrap_or_default();
            let is_kind = text("apiVersion") == manager.api_version && text("kind") == kind;
            let stated = || format!("invalid object type: {}", kind_of(applied));
            return if is_kind { Ok(()) } else { Err(Failure::OtherKind(stated())) };
        }
        Value::Array(_) => "array",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
    };
    Err(Failure::OtherKind(format!(
        "error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot \
         unmarshal {what} into Go value of type map[string]interface {{}}"
    )))
}

/// `namespace/name; group/version, Kind=kind`, as the client states them.
fn described(applied: &Value) -> String {
    let text = |pointer| applied.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
    format!("{namespace}/{name}; {}", kind_of(applied))
}

/// `group/version, Kind=kind`.
fn kind_of(applied: &Value) -> String {
    let text = |field| applied.get(field).and_then(Value::as_str).unwrap_or_default();
    let (version, kind) = (text("apiVersion"), text("kind"));
    match version.matches('/').count() {
        0 => format!("/{version}, Kind={kind}"),
        1 => format!("{version}, Kind={kind}"),
        _ => "/, Kind=".into(),
    }
}
