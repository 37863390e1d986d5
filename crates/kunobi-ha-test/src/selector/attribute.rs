//! The fields by which objects of a type can be selected.

use std::borrow::Cow;

use serde_json::Value;

use crate::{
    crd,
    go::quoted,
    request::path::Key,
    types::{Origin, Resource},
};

/// A field by which objects are selected. Its value is compared as text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Attribute {
    Name,
    Namespace,
    /// A built-in type has it at this place, or else this value.
    Field {
        pointer: &'static str,
        default: &'static str,
    },
    /// The first of them that is there.
    Either {
        first: &'static str,
        second: &'static str,
    },
    /// Kubernetes takes the field, and finds nothing in it.
    Nothing,
    /// A custom type has it at this place.
    Custom {
        pointer: String,
    },
}

impl Attribute {
    /// Returns the field with this name, or why there is none.
    pub(super) fn of(resource: &Resource, name: &str) -> Result<Self, String> {
        match (name, &resource.origin) {
            ("metadata.name", _) => Ok(Self::Name),
            ("metadata.namespace", Origin::Custom(_)) if resource.is_namespaced => {
                Ok(Self::Namespace)
            }
            (name, Origin::Custom(version)) => Self::custom(version, name),
            (name, Origin::BuiltIn { .. }) => Self::built_in(resource, name),
        }
    }

    fn custom(version: &crd::Version, name: &str) -> Result<Self, String> {
        let mut known = version.selectable_fields().iter();
        let path = known.find(|path| path.strip_prefix('.').unwrap_or(path) == name);
        let path = path.ok_or_else(|| format!("field label not supported: {name}"))?;
        let mut pointer = String::new();
        for part in path.split('.').filter(|part| !part.is_empty()) {
            pointer.push('/');
            pointer.push_str(&part.replace('~', "~0").replace('/', "~1"));
        }
        Ok(Self::Custom { pointer })
    }

    fn built_in(resource: &Resource, name: &str) -> Result<Self, String> {
        let Resource { group, version, plural, kind, .. } = resource;
        let Some(row) = row(group, plural) else {
            return if name == "metadata.namespace" {
                Ok(Self::Namespace)
            } else {
                let known = r#""metadata.name", "metadata.namespace""#;
                Err(format!("{} is not a known field selector: only {known}", quoted(name)))
            };
        };
        if let Some((_, attribute)) = row.iter().find(|(known, _)| *known == name) {
            return Ok(attribute.clone());
        }
        Err(match plural.as_str() {
            "jobs" => format!("field label {} not supported for {kind}", quoted(name)),
            "resourceslices" => {
                format!("field label not supported for {group}/{version}, Kind={kind}: {name}")
            }
            _ => format!("field label not supported: {name}"),
        })
    }

    pub(super) fn read<'a>(&'a self, key: &'a Key, value: &'a Value) -> Cow<'a, str> {
        match self {
            Self::Name => key.name.as_str().into(),
            Self::Namespace => key.namespace.as_str().into(),
            Self::Field { pointer, default } => {
                text(value, pointer).unwrap_or(Cow::Borrowed(*default))
            }
            Self::Either { first, second } => {
                text(value, first).or_else(|| text(value, second)).unwrap_or_default()
            }
            Self::Nothing => Cow::Borrowed(""),
            Self::Custom { pointer } => text(value, pointer).unwrap_or_default(),
        }
    }
}

/// What Go prints for a value: a text without quotes.
fn text<'a>(value: &'a Value, pointer: &str) -> Option<Cow<'a, str>> {
    match value.pointer(pointer)? {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.into()),
        other => Some(other.to_string().into()),
    }
}

type Row = [(&'static str, Attribute)];

/// The fields of a type that has others than the name and the namespace, or not even the latter.
fn row(group: &str, plural: &str) -> Option<&'static Row> {
    Some(match (group, plural) {
        ("", "events") => &CORE_EVENTS,
        ("", "namespaces") => &NAMESPACES,
        ("", "nodes") => &NODES,
        ("", "pods") => &PODS,
        ("", "replicationcontrollers") => &REPLICATION_CONTROLLERS,
        ("", "secrets") => &SECRETS,
        ("", "services") => &SERVICES,
        ("batch", "jobs") => &JOBS,
        ("certificates.k8s.io", "certificatesigningrequests" | "clustertrustbundles") => &SIGNED,
        ("certificates.k8s.io", "podcertificaterequests") => &POD_CERTIFICATE_REQUESTS,
        ("events.k8s.io", "events") => &EVENTS,
        ("resource.k8s.io", "resourceslices") => &RESOURCE_SLICES,
        _ => return None,
    })
}

const fn field(pointer: &'static str, default: &'static str) -> Attribute {
    Attribute::Field { pointer, default }
}

const NAMESPACE: (&str, Attribute) = ("metadata.namespace", Attribute::Namespace);

static CORE_EVENTS: [(&str, Attribute); 12] = [
    NAMESPACE,
    ("involvedObject.kind", field("/involvedObject/kind", "")),
    ("involvedObject.namespace", field("/involvedObject/namespace", "")),
    ("involvedObject.name", field("/involvedObject/name", "")),
    ("involvedObject.uid", field("/involvedObject/uid", "")),
    ("involvedObject.apiVersion", field("/involvedObject/apiVersion", "")),
    ("involvedObject.resourceVersion", field("/involvedObject/resourceVersion", "")),
    ("involvedObject.fieldPath", field("/involvedObject/fieldPath", "")),
    ("reason", field("/reason", "")),
    ("reportingComponent", field("/reportingComponent", "")),
    ("source", Attribute::Either { first: "/source/component", second: "/reportingComponent" }),
    ("type", field("/type", "")),
];

/// They are stored as events of the core group.
static EVENTS: [(&str, Attribute); 11] = [
    NAMESPACE,
    ("regarding.kind", field("/involvedObject/kind", "")),
    ("regarding.namespace", field("/involvedObject/namespace", "")),
    ("regarding.name", field("/involvedObject/name", "")),
    ("regarding.uid", field("/involvedObject/uid", "")),
    ("regarding.apiVersion", field("/involvedObject/apiVersion", "")),
    ("regarding.resourceVersion", field("/involvedObject/resourceVersion", "")),
    ("regarding.fieldPath", field("/involvedObject/fieldPath", "")),
    ("reason", field("/reason", "")),
    ("reportingController", field("/reportingComponent", "")),
    ("type", field("/type", "")),
];

static PODS: [(&str, Attribute); 11] = [
    NAMESPACE,
    ("spec.nodeName", field("/spec/nodeName", "")),
    // Its name long ago.
    ("spec.host", field("/spec/nodeName", "")),
    ("spec.restartPolicy", field("/spec/restartPolicy", "Always")),
    ("spec.schedulerName", field("/spec/schedulerName", "default-scheduler")),
    ("spec.serviceAccountName", field("/spec/serviceAccountName", "")),
    ("spec.hostNetwork", field("/spec/hostNetwork", "false")),
    ("status.phase", field("/status/phase", "Pending")),
    ("status.podIP", Attribute::Either { first: "/status/podIPs/0/ip", second: "/status/podIP" }),
    ("status.podIPs", Attribute::Nothing),
    ("status.nominatedNodeName", field("/status/nominatedNodeName", "")),
];

static NAMESPACES: [(&str, Attribute); 1] = [("status.phase", field("/status/phase", "Active"))];

static NODES: [(&str, Attribute); 1] =
    [("spec.unschedulable", field("/spec/unschedulable", "false"))];

static REPLICATION_CONTROLLERS: [(&str, Attribute); 2] =
    [NAMESPACE, ("status.replicas", field("/status/replicas", "0"))];

static SECRETS: [(&str, Attribute); 2] = [NAMESPACE, ("type", field("/type", "Opaque"))];

static SERVICES: [(&str, Attribute); 3] = [
    NAMESPACE,
    ("spec.clusterIP", field("/spec/clusterIP", "")),
    ("spec.type", field("/spec/type", "ClusterIP")),
];

static JOBS: [(&str, Attribute); 2] =
    [NAMESPACE, ("status.successful", field("/status/succeeded", "0"))];

static SIGNED: [(&str, Attribute); 1] = [("spec.signerName", field("/spec/signerName", ""))];

static POD_CERTIFICATE_REQUESTS: [(&str, Attribute); 3] = [
    ("spec.signerName", field("/spec/signerName", "")),
    ("spec.podName", field("/spec/podName", "")),
    ("spec.nodeName", field("/spec/nodeName", "")),
];

static RESOURCE_SLICES: [(&str, Attribute); 3] = [
    ("spec.nodeName", field("/spec/nodeName", "")),
    ("spec.driver", field("/spec/driver", "")),
    ("spec.pool.name", field("/spec/pool/name", "")),
];
