//! What a row is.

use http::Method;
use serde_json::{Value, json};

/// Some webhooks in a namespace of their own, and one request.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// A stage, and what stands in its configuration: `clientConfig` and `namespaceSelector` are filled in.
    pub(crate) hooks: Vec<(Stage, Value)>,
    /// Sent before there are webhooks.
    pub(crate) before: Vec<Step>,
    pub(crate) ask: Step,
    /// Of the answer only code, reason and warnings are compared: why the text is another one.
    pub(crate) other_text: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stage {
    Mutating,
    Validating,
}

/// In the path, `NS` stands for the namespace of the row.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Value,
}

pub(crate) const MAPS: &str = "/api/v1/namespaces/NS/configmaps";

impl Stage {
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Mutating => "MutatingWebhookConfiguration",
            Self::Validating => "ValidatingWebhookConfiguration",
        }
    }
}

impl Row {
    pub(crate) fn before(mut self, step: Step) -> Self {
        self.before.push(step);
        self
    }

    pub(crate) fn with(mut self, stage: Stage, behaviour: &str, more: Value) -> Self {
        self.hooks.push((stage, hook(behaviour, more)));
        self
    }

    pub(crate) fn other_text(mut self, why: &'static str) -> Self {
        self.other_text = Some(why);
        self
    }
}

/// A row with one webhook for `ConfigMaps`, unless `more` says otherwise.
pub(crate) fn row(name: &str, stage: Stage, behaviour: &str, more: Value, ask: Step) -> Row {
    let row =
        Row { name: name.into(), hooks: Vec::new(), before: Vec::new(), ask, other_text: None };
    row.with(stage, behaviour, more)
}

fn hook(behaviour: &str, more: Value) -> Value {
    let mut hook = json!({
        "behaviour": behaviour,
        "rules": rules(&["*"], "", &["configmaps"]),
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    });
    if let (Some(hook), Value::Object(more)) = (hook.as_object_mut(), more) {
        hook.extend(more);
    }
    hook
}

pub(crate) fn rules(operations: &[&str], group: &str, resources: &[&str]) -> Value {
    json!([{ "operations": operations, "apiGroups": [group], "apiVersions": ["*"],
             "resources": resources }])
}

pub(crate) fn step(method: Method, path: &str, body: Value) -> Step {
    Step { method, path: path.into(), body }
}

pub(crate) fn create() -> Step {
    step(Method::POST, MAPS, map())
}

pub(crate) fn map() -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a" },
            "data": { "a": "b" } })
}
