//! `metadata.managedFields`: who owns which fields.

mod cap;
pub(super) mod scale;

use serde_json::{Map, Value, json};

use super::{
    Manager, Operation,
    failure::Conflict,
    fields,
    set::Set,
    types,
    versions::{Compared, Versions},
};

/// The owners of the fields of an object. No two entries are of the same manager.
#[derive(Clone, Debug, Default)]
pub(super) struct Managers(Vec<Entry>);

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) manager: Manager,
    pub(super) fields: Set,
}

impl Managers {
    /// Reads `metadata.managedFields`. None: it is not there, or it is not one.
    pub(super) fn read(list: &Value) -> Option<Self> {
        let mut managers = Self::default();
        for entry in list.as_array()? {
            managers.put(Entry::read(entry)?);
        }
        (!managers.is_empty()).then_some(managers)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All but one.
    pub(super) fn others(&self, manager: &Manager) -> impl Iterator<Item = &Entry> {
        self.0.iter().filter(|entry| !entry.manager.is(manager))
    }

    pub(super) fn remove(&mut self, manager: &Manager) -> Option<Entry> {
        let at = self.0.iter().position(|entry| entry.manager.is(manager))?;
        Some(self.0.remove(at))
    }

    /// Replaces the entry of a manager. One without fields is none.
    pub(super) fn put(&mut self, entry: Entry) {
        self.remove(&entry.manager);
        if !entry.fields.is_empty() {
            self.0.push(entry);
        }
    }

    /// The versions in which they wrote.
    pub(super) fn versions(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|entry| entry.manager.api_version.as_str())
    }

    /// Takes what has changed from all.
    pub(super) fn give_up(&mut self, compared: &Compared) {
        for entry in &mut self.0 {
            let changes = compared.of(&entry.manager.api_version);
            entry.fields.subtract(&changes.changed);
            entry.fields.subtract(&changes.removed);
        }
        self.0.retain(|entry| !entry.fields.is_empty());
    }

    /// Follows changes of the type. The error says in which version an object can't be had.
    pub(super) fn reconcile(
        &mut self,
        versions: &Versions<'_>,
        object: Option<&Value>,
    ) -> Result<(), String> {
        let object = object.unwrap_or(types::empty());
        for entry in &mut self.0 {
            let form = versions.convert(object, &entry.manager.api_version)?;
            entry.fields.reconcile(form);
        }
        Ok(())
    }

    /// All fields that somebody owns.
    pub(super) fn fields(&self) -> Set {
        let mut all = Set::default();
        for entry in &self.0 {
            all.unite(entry.fields.clone());
        }
        all
    }

    /// What others own of some fields, by owner.
    pub(super) fn conflicts(&self, manager: &Manager, compared: &Compared) -> Vec<Conflict> {
        let changed = |entry: &Entry| &compared.of(&entry.manager.api_version).changed;
        let mut others: Vec<&Entry> = self.others(manager).collect();
        others.sort_by(|one, other| one.manager.identity().cmp(&other.manager.identity()));
        others
            .into_iter()
            .filter(|entry| entry.fields.meets(changed(entry)))
            .map(|entry| Conflict {
                manager: entry.manager.clone(),
                paths: entry.fields.intersection(changed(entry)).paths(),
            })
            .collect()
    }

    /// Writes them into the metadata of an object. None are not there.
    pub(super) fn write(self, object: &mut Value) {
        let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else {
            return;
        };
        match self.list() {
            Some(list) => drop(metadata.insert("managedFields".into(), list)),
            None => drop(metadata.remove("managedFields")),
        }
    }

    fn list(mut self) -> Option<Value> {
        if self.is_empty() {
            return None;
        }
        self.0.sort_by_cached_key(|entry| entry.manager.clone().place());
        Some(self.0.iter().map(Entry::write).collect())
    }
}

impl Entry {
    fn read(entry: &Value) -> Option<Self> {
        if entry.get("fieldsType").and_then(Value::as_str) != Some("FieldsV1") {
            return None;
        }
        let fields = match entry.get("fieldsV1") {
            None | Some(Value::Null) => Set::default(),
            Some(stated) => fields::read(stated).ok()?,
        };
        Some(Self { manager: Manager::read(entry)?, fields })
    }

    fn write(&self) -> Value {
        let Manager { name, operation, api_version, subresource, time } = &self.manager;
        let mut entry = Map::new();
        entry.insert("apiVersion".into(), json!(api_version));
        entry.insert("fieldsType".into(), json!("FieldsV1"));
        entry.insert("fieldsV1".into(), fields::write(&self.fields));
        entry.insert("operation".into(), json!(operation.text()));
        for (field, value) in [("manager", name), ("subresource", subresource), ("time", time)] {
            if !value.is_empty() {
                entry.insert(field.into(), json!(value));
            }
        }
        Value::Object(entry)
    }
}

impl Manager {
    /// Reads whose entry of `managedFields` this is.
    pub(super) fn read(entry: &Value) -> Option<Self> {
        let text = |field| entry.get(field).and_then(Value::as_str).unwrap_or_default();
        let operation = match text("operation") {
            "Apply" => Operation::Apply,
            "Update" => Operation::Update,
            _ => return None,
        };
        let api_version = text("apiVersion");
        (!api_version.is_empty()).then(|| Self {
            name: text("manager").into(),
            operation,
            api_version: api_version.into(),
            subresource: text("subresource").into(),
            time: text("time").into(),
        })
    }

    /// What entries are told apart by. An apply is the same in all versions.
    fn identity(&self) -> (&str, Operation, &str, &str) {
        let version = match self.operation {
            Operation::Apply => "",
            Operation::Update => &self.api_version,
        };
        (&self.name, self.operation, version, &self.subresource)
    }

    /// Whether both stand for one entry.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }

    /// Where the entry stands among others.
    pub(super) fn place(self) -> (Operation, String, String, String, String) {
        let Self { name, operation, api_version, subresource, time } = self;
        (operation, time, name, api_version, subresource)
    }
}

impl Operation {
    fn text(self) -> &'static str {
        match self {
            Self::Apply => "Apply",
            Self::Update => "Update",
        }
    }
}

#[cfg(test)]
mod tests;
