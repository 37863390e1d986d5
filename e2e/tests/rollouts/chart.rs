//! The shipped chart, as it was rendered, for a namespace and a version of a test.

use std::{fs, path::Path};

use serde_json::{Value, json};

/// What Helm made of the chart's own values.
pub(crate) struct Chart {
    objects: Vec<Value>,
}

/// A version of the operator, and what is said about it in the values.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    pub(crate) version: &'static str,
    pub(crate) replicas: usize,
    /// What the program is told on top of what the chart tells it.
    pub(crate) variables: Vec<(&'static str, &'static str)>,
    /// `maxUnavailable` and `maxSurge`, if not those of the chart.
    pub(crate) strategy: Option<(usize, usize)>,
    /// Labels of the pods on top of those of the chart.
    pub(crate) labels: Vec<(&'static str, &'static str)>,
    /// The arguments of a candidate of client-go, which runs in the place of our program, without
    /// probes.
    pub(crate) client_go: Option<Vec<String>>,
}

impl Release {
    pub(crate) fn new(version: &'static str, replicas: usize) -> Self {
        let (variables, labels) = (Vec::new(), Vec::new());
        Self { version, replicas, variables, strategy: None, labels, client_go: None }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, value));
        self
    }

    pub(crate) fn strategy(mut self, unavailable: usize, surge: usize) -> Self {
        self.strategy = Some((unavailable, surge));
        self
    }

    pub(crate) fn label(mut self, name: &'static str, value: &'static str) -> Self {
        self.labels.push((name, value));
        self
    }

    pub(crate) fn image(version: &str) -> String {
        format!("ticker:{version}")
    }
}

impl Chart {
    /// What was rendered under this name: `defaults`, or with the values that it stands for.
    pub(crate) fn rendered(with: &str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/rendered/helm.yaml");
        let text = fs::read_to_string(file).expect("it is rendered");
        let sections = text.split("# render: ").map(|section| section.split_once('\n'));
        let (_, yaml) = sections.flatten().find(|(name, _)| *name == with).expect(with);
        let documents: Vec<Value> = serde_saphyr::from_multiple(yaml).expect("it is YAML");
        Self { objects: documents.into_iter().filter(|object| !object.is_null()).collect() }
    }

    /// All objects but the Deployment, which needs them.
    pub(crate) fn around(&self, namespace: &str) -> Vec<Value> {
        let others = self.objects.iter().filter(|object| object["kind"] != "Deployment");
        others.map(|object| moved(object, namespace)).collect()
    }

    pub(crate) fn deployment(&self, namespace: &str, release: &Release) -> Value {
        let deployment = self.objects.iter().find(|object| object["kind"] == "Deployment");
        let mut deployment = moved(deployment.expect("it has one"), namespace);
        let spec = &mut deployment["spec"];
        spec["replicas"] = release.replicas.into();
        if let Some((unavailable, surge)) = release.strategy {
            spec["strategy"]["rollingUpdate"] =
                json!({ "maxUnavailable": unavailable, "maxSurge": surge });
        }
        for (name, value) in &release.labels {
            spec["template"]["metadata"]["labels"][*name] = (*value).into();
        }
        let container = &mut spec["template"]["spec"]["containers"][0];
        container["image"] = Release::image(release.version).into();
        let variables = container["env"].as_array_mut().expect("it has an environment");
        let timing = [("LEASE_SECONDS", "3"), ("RENEW_SECONDS", "2"), ("RETRY_SECONDS", "0.5")];
        let own = [("TICK_HZ", "20"), ("VERSION", release.version)];
        for (name, value) in timing.iter().chain(&own).chain(&release.variables) {
            variables.push(json!({ "name": name, "value": value }));
        }
        if let Some(arguments) = &release.client_go {
            container["args"] = json!(arguments);
            for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
                container.as_object_mut().expect("it is an object").remove(probe);
            }
        }
        deployment
    }

    /// The same pods, of a `StatefulSet`.
    pub(crate) fn stateful_set(&self, namespace: &str, release: &Release) -> Value {
        let mut set = self.deployment(namespace, release);
        set["kind"] = "StatefulSet".into();
        let spec = set["spec"].as_object_mut().expect("it is an object");
        spec.remove("strategy");
        spec.insert("serviceName".into(), NAME.into());
        set
    }
}

/// What the work of `ticker` needs, as `rbac.extraRules` would render it.
pub(crate) fn own_rules(namespace: &str) -> [Value; 2] {
    let metadata = json!({ "name": "kunobi-operator", "namespace": namespace });
    let api = "rbac.authorization.k8s.io";
    [
        json!({
            "apiVersion": format!("{api}/v1"),
            "kind": "Role",
            "metadata": metadata,
            "rules": [{
                "apiGroups": [""],
                "resources": ["configmaps"],
                "verbs": ["get", "create", "update"],
            }],
        }),
        json!({
            "apiVersion": format!("{api}/v1"),
            "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": { "apiGroup": api, "kind": "Role", "name": "kunobi-operator" },
            "subjects": [
                { "kind": "ServiceAccount", "name": ACCOUNT, "namespace": namespace },
            ],
        }),
    ]
}

fn moved(object: &Value, namespace: &str) -> Value {
    let mut object = object.clone();
    object["metadata"]["namespace"] = namespace.into();
    for subject in object.get_mut("subjects").and_then(Value::as_array_mut).into_iter().flatten() {
        subject["namespace"] = namespace.into();
    }
    object
}

/// The names of the chart's objects.
pub(crate) const NAME: &str = "kunobi-operator";
pub(crate) const ACCOUNT: &str = "kunobi-operator";
