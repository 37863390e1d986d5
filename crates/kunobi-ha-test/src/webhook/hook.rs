//! The webhooks of the configurations in the store.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::Value;

use super::{Stage, conditions::Conditions, rule::Rule};
use crate::request::path::Key;

/// All webhooks, by stage and by the name of their configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hooks(BTreeMap<(Stage, String), Vec<Arc<Hook>>>);

#[derive(Debug)]
pub(crate) struct Hook {
    pub(crate) name: String,
    pub(crate) client: ClientConfig,
    #[cfg(feature = "webhooks")]
    pub(crate) ca_bundle: Vec<u8>,
    pub(crate) failure: FailurePolicy,
    pub(crate) timeout: Duration,
    /// It may be called again when another webhook has changed the object after it.
    pub(crate) is_reinvoked: bool,
    /// A dry run may be shown to it.
    pub(crate) knows_dry_run: bool,
    /// `v1` or `v1beta1`; none if it wants another version.
    pub(crate) review_version: Option<&'static str>,
    pub(super) rules: Vec<Rule>,
    pub(super) takes_equivalents: bool,
    pub(super) namespace_selector: Value,
    pub(super) object_selector: Value,
    pub(super) conditions: Conditions,
}

/// Where a webhook is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum ClientConfig {
    Url(String),
    Service { namespace: String, name: String, port: u16, path: String },
}

/// What becomes of a request if a webhook can't be called.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FailurePolicy {
    Fail,
    Ignore,
}

impl Hooks {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The webhooks of a stage, in the order in which they are called.
    pub(crate) fn of(&self, stage: Stage) -> impl Iterator<Item = &Arc<Hook>> {
        let hooks = self.0.iter().filter(move |((of, _), _)| *of == stage);
        hooks.flat_map(|(_, hooks)| hooks)
    }

    /// Takes the webhooks of a configuration that was stored, or forgets those of one that is gone.
    pub(crate) fn learn(&mut self, key: &Key, configuration: Option<&Value>) {
        let Some(stage) = Stage::of(&key.resource).filter(|_| key.group == super::GROUP) else {
            return;
        };
        let place = (stage, key.name.clone());
        let hooks = configuration.and_then(|value| value.get("webhooks")?.as_array());
        let hooks: Vec<_> =
            hooks.into_iter().flatten().map(|it| Arc::new(Hook::read(it))).collect();
        if hooks.is_empty() {
            self.0.remove(&place);
        } else {
            self.0.insert(place, hooks);
        }
    }
}

impl Hook {
    /// Reads an element of `webhooks`, which has its defaults.
    fn read(value: &Value) -> Self {
        let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default();
        let rules = value.get("rules").and_then(Value::as_array).into_iter().flatten();
        let versions = value.get("admissionReviewVersions").and_then(Value::as_array);
        let mut versions = versions.into_iter().flatten().filter_map(Value::as_str);
        let known = |version| ["v1", "v1beta1"].into_iter().find(|known| *known == version);
        let config = value.get("clientConfig").unwrap_or(&Value::Null);
        let failure = match text("failurePolicy") {
            "Ignore" => FailurePolicy::Ignore,
            _ => FailurePolicy::Fail,
        };
        let seconds = value.get("timeoutSeconds").and_then(Value::as_u64).unwrap_or(10);
        Self {
            name: text("name").into(),
            client: ClientConfig::read(config),
            #[cfg(feature = "webhooks")]
            ca_bundle: ca_bundle(config),
            failure,
            timeout: Duration::from_secs(seconds),
            is_reinvoked: text("reinvocationPolicy") == "IfNeeded",
            knows_dry_run: matches!(text("sideEffects"), "None" | "NoneOnDryRun"),
            review_version: versions.find_map(known),
            rules: rules.map(Rule::read).collect(),
            takes_equivalents: text("matchPolicy") != "Exact",
            namespace_selector: value.get("namespaceSelector").cloned().unwrap_or_default(),
            object_selector: value.get("objectSelector").cloned().unwrap_or_default(),
            conditions: Conditions::read(value.get("matchConditions"), failure),
        }
    }
}

#[cfg(feature = "webhooks")]
fn ca_bundle(config: &Value) -> Vec<u8> {
    use base64::{Engine, prelude::BASE64_STANDARD};

    let bundle = config.get("caBundle").and_then(Value::as_str).unwrap_or_default();
    BASE64_STANDARD.decode(bundle).unwrap_or_default()
}

impl ClientConfig {
    fn read(config: &Value) -> Self {
        let Some(service) = config.get("service").filter(|service| !service.is_null()) else {
            let url = config.get("url").and_then(Value::as_str).unwrap_or_default();
            return Self::Url(url.into());
        };
        let text = |field: &str| service.get(field).and_then(Value::as_str).unwrap_or_default();
        let port = service.get("port").and_then(Value::as_u64);
        Self::Service {
            namespace: text("namespace").into(),
            name: text("name").into(),
            port: port.and_then(|port| u16::try_from(port).ok()).unwrap_or(443),
            path: text("path").into(),
        }
    }

    /// What is in front of the path, as an error names it: `https://NAME.NAMESPACE.svc:443`.
    pub(crate) fn origin(&self) -> String {
        match self {
            Self::Url(url) => {
                let start = url.find("://").map_or(0, |at| at + 3);
                let end = url[start..].find('/').map_or(url.len(), |at| start + at);
                url[..end].into()
            }
            Self::Service { namespace, name, port, .. } => {
                format!("https://{name}.{namespace}.svc:{port}")
            }
        }
    }

    /// The path, with the slash in front.
    pub(crate) fn path(&self) -> String {
        let path = match self {
            Self::Url(url) => &url[self.origin().len()..],
            Self::Service { path, .. } => path,
        };
        if path.starts_with('/') { path.into() } else { format!("/{path}") }
    }
}
