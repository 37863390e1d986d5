use std::{collections::BTreeSet, fs, path::Path};

use k8s_openapi_0_29::{
    Metadata, Resource,
    api::{
        apps::v1::Deployment,
        core::v1::{ConfigMap, Namespace, Service, ServiceAccount},
        policy::v1::PodDisruptionBudget,
        rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding},
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The manifest that one set of values, or one kustomization, renders to.
#[derive(Debug)]
pub(crate) struct Rendering {
    pub(crate) name: String,
    pub(crate) objects: Vec<Value>,
}

impl Rendering {
    pub(crate) fn every() -> Vec<Self> {
        let mut every = read("helm.yaml");
        every.extend(read("kustomize.yaml"));
        every
    }

    pub(crate) fn with_deployment() -> Vec<Self> {
        let chosen = Self::every().into_iter().filter(|it| !it.all::<Deployment>().is_empty());
        chosen.collect()
    }

    pub(crate) fn named(name: &str) -> Self {
        Self::every().into_iter().find(|it| it.name == name).expect(name)
    }

    pub(crate) fn all<T: Resource + DeserializeOwned + Serialize>(&self) -> Vec<T> {
        let of_kind = |it: &&Value| it["kind"] == T::KIND && it["apiVersion"] == T::API_VERSION;
        self.objects.iter().filter(of_kind).map(|it| strictly(it).expect(&self.name)).collect()
    }

    pub(crate) fn only<T: Resource + DeserializeOwned + Serialize>(&self) -> T {
        let mut all = self.all();
        assert_eq!(all.len(), 1, "{} of {}", T::KIND, self.name);
        all.remove(0)
    }

    pub(crate) fn called<T>(&self, name: &str) -> T
    where
        T: Resource + Metadata<Ty = ObjectMeta> + DeserializeOwned + Serialize,
    {
        let mut all = self.all::<T>().into_iter();
        all.find(|it| it.metadata().name.as_deref() == Some(name)).expect(name)
    }
}

/// Returns the text of a file of `deploy/`.
pub(crate) fn file(path: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    fs::read_to_string(folder.join(path)).unwrap()
}

fn read(name: &str) -> Vec<Rendering> {
    let text = file(&format!("rendered/{name}"));
    let sections = text.split("# render: ").filter(|it| !it.is_empty());
    let parse = |section: &str| {
        let (name, yaml) = section.split_once('\n').unwrap();
        let documents: Vec<Value> = serde_saphyr::from_multiple(yaml).expect(name);
        let objects = documents.into_iter().filter(|it| !it.is_null()).collect();
        Rendering { name: name.to_owned(), objects }
    };
    sections.map(parse).collect()
}

/// Parses, and refuses fields that the type doesn't know: they would be gone on the way back.
fn strictly<T: DeserializeOwned + Serialize>(value: &Value) -> Result<T, String> {
    let typed = T::deserialize(value).map_err(|error| error.to_string())?;
    let back = serde_json::to_value(&typed).map_err(|error| error.to_string())?;
    if let Some(place) = difference(value, &back) {
        return Err(format!("not as the API has it: {place}"));
    }
    Ok(typed)
}

fn difference(left: &Value, right: &Value) -> Option<String> {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: BTreeSet<_> = left.keys().chain(right.keys()).collect();
            keys.into_iter().find_map(|key| {
                let [left, right] = [left, right].map(|it| it.get(key).unwrap_or(&Value::Null));
                difference(left, right).map(|place| format!(".{key}{place}"))
            })
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let mut pairs = left.iter().zip(right).enumerate();
            pairs.find_map(|(i, (left, right))| {
                difference(left, right).map(|place| format!("[{i}]{place}"))
            })
        }
        _ => (left != right).then(|| format!(": {left} became {right}")),
    }
}

fn check(object: &Value) -> Result<(), String> {
    match object["kind"].as_str().unwrap_or_default() {
        // monitoring/definitions.rs asks the API server.
        "PodMonitor" | "PrometheusRule" | "ServiceMonitor" => Ok(()),
        "ConfigMap" => strictly::<ConfigMap>(object).map(drop),
        "Service" => strictly::<Service>(object).map(drop),
        "ClusterRole" => strictly::<ClusterRole>(object).map(drop),
        "ClusterRoleBinding" => strictly::<ClusterRoleBinding>(object).map(drop),
        "Deployment" => strictly::<Deployment>(object).map(drop),
        "Namespace" => strictly::<Namespace>(object).map(drop),
        "PodDisruptionBudget" => strictly::<PodDisruptionBudget>(object).map(drop),
        "Role" => strictly::<Role>(object).map(drop),
        "RoleBinding" => strictly::<RoleBinding>(object).map(drop),
        "ServiceAccount" => strictly::<ServiceAccount>(object).map(drop),
        other => Err(format!("an object of kind {other:?}")),
    }
}

#[test]
fn every_object_is_exactly_as_the_api_has_it() {
    let every = Rendering::every();
    let names: Vec<_> = every.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "defaults",
            "events",
            "watch",
            "pauses",
            "everything",
            "documented",
            "fast-failover",
            "one-handover",
            "both",
            "host-network",
            "monitoring",
            "service-monitor",
            "one-lease",
            "single-replica",
            "thresholds",
            "base",
            "production",
            "fast",
            "monitored",
        ]
    );
    for rendering in every {
        assert!(!rendering.objects.is_empty(), "{}", rendering.name);
        for object in &rendering.objects {
            check(object).unwrap_or_else(|error| panic!("{}: {error}", rendering.name));
        }
    }
}

#[test]
fn a_misspelled_a_misplaced_and_a_mistyped_field_are_noticed() {
    let rendering = Rendering::named("defaults");
    let deployment = rendering.objects.iter().find(|it| it["kind"] == "Deployment").unwrap();
    let broken = |path: &str, field: &str, value: Value| {
        let mut broken = deployment.clone();
        broken.pointer_mut(path).unwrap()[field] = value;
        check(&broken).expect_err(path)
    };
    let misspelled = broken("/spec/strategy/rollingUpdate", "maxUnavailableX", 0.into());
    assert!(misspelled.contains(".spec.strategy.rollingUpdate.maxUnavailableX"), "{misspelled}");
    let misplaced = broken("/spec/template/spec", "capabilities", "ALL".into());
    assert!(misplaced.contains(".spec.template.spec.capabilities"), "{misplaced}");
    let mistyped = broken("/spec", "replicas", "2".into());
    assert!(mistyped.contains("invalid type"), "{mistyped}");
}
