//! Who owns what after a create, an update or another patch.

use serde_json::{Map, Value};

use super::{
    Manager,
    compare::Changes,
    fields,
    managers::{Entry, Managers},
    never_owned,
    set::Set,
    versions::{Compared, Versions},
};

/// Records in `metadata.managedFields` who owns what a create, an update or another patch has changed.
/// What the client sent there counts as far as kube-apiserver lets it.
///
/// `resets` are fields that this endpoint does not write; nobody comes to own them by it.
pub(crate) fn record<'a>(
    of: impl Into<Versions<'a>>,
    old: Option<&Value>,
    new: &mut Value,
    manager: &Manager,
    resets: &[&str],
) {
    let stated = take(new);
    let known = old.and_then(|old| old.pointer("/metadata/managedFields"));
    let before = match stated {
        _ if !manager.subresource.is_empty() => known.cloned(),
        Some(stated) if is_reset(&stated) => None,
        Some(stated) if Some(&stated) == known || Managers::read(&stated).is_some() => Some(stated),
        Some(_) | None => known.cloned(),
    };
    // Without managers, only a create begins to track them.
    if old.is_some() && before.is_none() {
        return;
    }
    let versions = of.into();
    let mut changes = Changes::between(versions.own(), old, new);
    changes.cut(&Set::resets(resets));
    changes.forget(never_owned());
    let mut before = before.unwrap_or_default();
    if versions.are_own(&before) && touch(&mut before, &changes, manager) {
        return put(new, before);
    }
    let mut managers = Managers::read(&before).unwrap_or_default();
    let compared = managers
        .reconcile(&versions, old)
        .and_then(|()| Compared::new(changes, &versions, &managers, (old, new)));
    match (compared, known) {
        (Ok(compared), _) => {
            update(&mut managers, compared, manager);
            managers.cap();
            managers.write(new);
        }
        // An update does not fail for it: nobody comes to own what it has changed.
        (Err(_), Some(known)) => put(new, known.clone()),
        (Err(_), None) => {}
    }
}

/// Sets the time of a manager, if no more is to be done: it owns all that has changed, and it alone.
fn touch(before: &mut Value, changes: &Changes, manager: &Manager) -> bool {
    let Some(entries) = before.as_array_mut() else {
        return false;
    };
    if !changes.removed.is_empty() {
        return false;
    }
    if changes.changed.is_empty() {
        return true;
    }
    let mut own = None;
    for entry in entries.iter_mut() {
        let is_own = Manager::read(entry).is_some_and(|read| read.is(manager));
        let fields = entry.get("fieldsV1").unwrap_or(&Value::Null);
        if is_own && fields::covers(fields, &changes.changed) {
            own = entry.as_object_mut();
        } else if is_own || fields::meets(fields, &changes.changed) {
            return false;
        }
    }
    let Some(own) = own else {
        return false;
    };
    own.insert("time".into(), manager.time.as_str().into());
    if entries.len() > 1 {
        entries.sort_by_cached_key(|entry| Manager::read(entry).map(Manager::place));
    }
    true
}

/// Gives what has changed to a manager.
pub(super) fn update(managers: &mut Managers, compared: Compared, manager: &Manager) {
    managers.give_up(&compared);
    let Changes { mut changed, .. } = compared.own;
    if changed.is_empty() {
        return;
    }
    if let Some(previous) = managers.remove(manager) {
        changed.unite(previous.fields);
    }
    managers.put(Entry { manager: manager.clone(), fields: changed });
}

/// Takes `managedFields` out of an object.
fn take(object: &mut Value) -> Option<Value> {
    object.get_mut("metadata")?.as_object_mut()?.remove("managedFields").filter(|v| !v.is_null())
}

fn put(object: &mut Value, list: Value) {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("managedFields".into(), list);
    }
}

/// An empty list, or one empty entry, asks to forget all managers.
fn is_reset(stated: &Value) -> bool {
    match stated.as_array().map(Vec::as_slice) {
        Some([]) => true,
        Some([only]) => only.as_object().is_some_and(Map::is_empty),
        Some(_) | None => false,
    }
}

#[cfg(test)]
mod tests;
