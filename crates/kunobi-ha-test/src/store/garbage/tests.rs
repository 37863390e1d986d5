mod definitions;
mod namespaces;
mod owners;
mod random;
mod work;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    request::{
        DeleteOptions, FieldValidation, Propagation, WriteOptions, body::Content, path::Target,
    },
    status::Rejection,
    store::{Call, Object, Outcome, Reviews, Settings, Store, Written},
};

/// A store, and how it is told what to do.
struct Api(Store);

const MAPS: &str = "/api/v1/namespaces/x/configmaps";

impl Api {
    fn new() -> Self {
        let mut store = Store::new(Settings::default());
        store.create_system_namespaces(Timestamp::UNIX_EPOCH);
        Self(store)
    }

    fn call<T>(
        &mut self,
        path: &str,
        run: impl FnOnce(&mut Store, &Call) -> Result<T, Rejection>,
    ) -> Result<T, Rejection> {
        let target = Target::parse(path).unwrap();
        let types = &self.0.types;
        let resource = types.find(&target.group, &target.version, &target.resource).unwrap();
        let reviews = Reviews::default();
        let call = Call::by_server(&resource, &target, Timestamp::UNIX_EPOCH);
        let call = Call { reviews: Some(&reviews), ..call };
        run(&mut self.0, &call)
    }

    fn try_create(&mut self, path: &str, value: Value) -> Result<Value, Rejection> {
        let options = WriteOptions {
            is_dry_run: false,
            manager: "me".into(),
            validation: FieldValidation::Strict,
        };
        let content = Content { value, duplicates: Vec::new() };
        self.call(path, |store, call| store.create(call, content, &options))
            .map(|written| written.object.value.clone())
    }

    /// Creates an object, and returns its uid.
    fn create(&mut self, path: &str, value: Value) -> String {
        let created = self.try_create(path, value).unwrap();
        created["metadata"]["uid"].as_str().unwrap().into()
    }

    /// Creates a map with owners.
    fn map(&mut self, name: &str, owners: &[Value]) -> String {
        self.create(MAPS, json!({ "metadata": { "name": name, "ownerReferences": owners } }))
    }

    /// Sets the finalizers of an object, as a client would.
    fn finalizers(&mut self, path: &str, finalizers: &[&str]) {
        let mut value = self.get(path).unwrap().value.clone();
        value["metadata"]["finalizers"] = finalizers.into();
        self.put(path, value).unwrap();
    }

    fn put(&mut self, path: &str, value: Value) -> Result<Written, Rejection> {
        let options = WriteOptions {
            is_dry_run: false,
            manager: "me".into(),
            validation: FieldValidation::Strict,
        };
        let content = Content { value, duplicates: Vec::new() };
        self.call(path, |store, call| store.update(call, content, &options))
    }

    fn delete(&mut self, path: &str, propagation: Option<Propagation>) -> Outcome {
        let options = DeleteOptions { propagation, ..DeleteOptions::default() };
        self.call(path, |store, call| store.delete(call, &options)).unwrap().outcome
    }

    /// Lets the controllers do their work, and returns what they did: `DELETE a`.
    fn settle(&mut self) -> Vec<String> {
        let done = self.0.settle(Timestamp::UNIX_EPOCH);
        let revisions: Vec<u64> = done.iter().map(|it| it.written.revision).collect();
        assert!(revisions.is_sorted(), "{revisions:?}");
        done.iter()
            .map(|it| {
                let gone = if it.written.outcome == Outcome::Gone { " (gone)" } else { "" };
                format!("{} {}{gone}", it.method, it.target.name)
            })
            .collect()
    }

    fn get(&self, path: &str) -> Option<&Arc<Object>> {
        self.0.find(&Target::parse(path)?.key())
    }

    fn has(&self, name: &str) -> bool {
        self.get(&format!("{MAPS}/{name}")).is_some()
    }

    fn owners(&self, name: &str) -> Value {
        self.get(&format!("{MAPS}/{name}")).unwrap().value["metadata"]["ownerReferences"].clone()
    }
}

fn owner(name: &str, uid: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": uid })
}

fn blocking(name: &str, uid: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": uid,
            "blockOwnerDeletion": true })
}
