//! How an object or a collection is deleted: what the body says, or without a body the query.

use serde_json::Value;

use super::{
    DeleteOptions, Propagation,
    parameter::{Parameter, Parameters},
    verb::Verb,
    write::fault_of_dry_run,
};
use crate::{
    go,
    status::{Cause, Rejection},
};

/// The options as they were sent, before they are seen together.
#[derive(Debug, Default)]
struct Sent {
    dry_run: Vec<String>,
    grace_seconds: Option<i64>,
    uid: Option<String>,
    resource_version: Option<String>,
    orphans: Option<bool>,
    propagation: Option<String>,
    ignores_read_errors: bool,
}

/// One level of a body, with Go's names for it and for the path to it.
#[derive(Clone, Copy, Debug)]
struct Level<'a> {
    value: &'a Value,
    kind: &'static str,
    path: &'static str,
}

impl DeleteOptions {
    pub(super) fn parse(parameters: &Parameters, body: Option<&Value>) -> Result<Self, Rejection> {
        let sent = match body {
            None => Sent::from_query(parameters),
            Some(body) => Sent::from_body(body),
        };
        sent.map_err(Rejection::bad_request)?.checked(parameters.verb())
    }

    /// Those in an eviction, which has been decoded.
    pub(crate) fn of_eviction(options: &Value) -> Result<Self, Rejection> {
        Sent::read(options).map_err(Rejection::bad_request)?.checked(Verb::Delete)
    }
}

impl Sent {
    fn from_query(parameters: &Parameters) -> Result<Self, String> {
        let text = |parameter| parameters.text(parameter).map(ToOwned::to_owned);
        let boolean = |parameter| parameters.text(parameter).map(go::boolean);
        let grace = parameters.text(Parameter::GracePeriodSeconds).map(go::integer).transpose()?;
        Ok(Self {
            dry_run: parameters.all(Parameter::DryRun).map(ToOwned::to_owned).collect(),
            grace_seconds: grace,
            uid: text(Parameter::Uid).filter(|uid| !uid.is_empty()),
            resource_version: text(Parameter::ResourceVersion).filter(|text| !text.is_empty()),
            orphans: boolean(Parameter::OrphanDependents),
            propagation: text(Parameter::PropagationPolicy),
            ignores_read_errors: boolean(Parameter::IgnoreStoreReadError).unwrap_or(false),
        })
    }

    fn from_body(body: &Value) -> Result<Self, String> {
        check_kind(body)?;
        Self::read(body)
    }

    fn read(body: &Value) -> Result<Self, String> {
        let body = Level { value: body, kind: "DeleteOptions", path: "" };
        let preconditions = body.get("preconditions").unwrap_or(&Value::Null);
        if !matches!(preconditions, Value::Null | Value::Object(_)) {
            return Err(body.wrong("preconditions", preconditions, "v1.Preconditions"));
        }
        let preconditions =
            Level { value: preconditions, kind: "Preconditions", path: "preconditions." };
        let ignores = Parameter::IgnoreStoreReadError.name();
        Ok(Self {
            dry_run: body.texts("dryRun")?,
            grace_seconds: body.integer("gracePeriodSeconds")?,
            uid: preconditions.text("uid", "types.UID")?,
            resource_version: preconditions.text("resourceVersion", "string")?,
            orphans: body.boolean("orphanDependents")?,
            propagation: body.text("propagationPolicy", "v1.DeletionPropagation")?,
            ignores_read_errors: body.boolean(ignores)?.unwrap_or(false),
        })
    }

    fn checked(self, verb: Verb) -> Result<DeleteOptions, Rejection> {
        let mut causes = Vec::new();
        let propagation = self.propagation(&mut causes);
        let dry_run: Vec<&str> = self.dry_run.iter().map(String::as_str).collect();
        causes.extend(fault_of_dry_run(&dry_run));
        causes.extend(self.faults_of_ignoring());
        if causes.is_empty() && self.ignores_read_errors && verb == Verb::DeleteCollection {
            let why = "is not allowed with DELETECOLLECTION, try again after removing the option";
            causes.push(fault_of_ignoring(why));
        }
        if !causes.is_empty() {
            return Err(Rejection::invalid_options("DeleteOptions", &causes));
        }
        if self.ignores_read_errors {
            return Err(Rejection::not_supported(Parameter::IgnoreStoreReadError.name()));
        }
        // A negative period is one second there, and none is longer than a century here.
        let grace = self.grace_seconds.map(|seconds| if seconds < 0 { 1 } else { seconds });
        Ok(DeleteOptions {
            is_dry_run: !dry_run.is_empty(),
            grace_seconds: grace.map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX)),
            uid: self.uid,
            resource_version: self.resource_version,
            propagation,
            is_accepted_when_pending: self.orphans == Some(false),
        })
    }

    fn propagation(&self, causes: &mut Vec<Cause>) -> Option<Propagation> {
        let Some(policy) = &self.propagation else {
            return self.orphans.map(|orphans| {
                if orphans { Propagation::Orphan } else { Propagation::Background }
            });
        };
        let field = Parameter::PropagationPolicy.name();
        let policy = Value::from(policy.as_str());
        if self.orphans.is_some() {
            let why = "orphanDependents and deletionPropagation cannot be both set";
            causes.push(Cause::invalid(field, &policy, why));
        }
        match policy.as_str() {
            Some("Foreground") => Some(Propagation::Foreground),
            Some("Background") => Some(Propagation::Background),
            Some("Orphan") => Some(Propagation::Orphan),
            _ => {
                let all = ["Foreground", "Background", "Orphan", "nil"].map(Value::from);
                causes.push(Cause::not_supported(field, &policy, &all));
                None
            }
        }
    }

    fn faults_of_ignoring(&self) -> Vec<Cause> {
        let has_preconditions = self.uid.is_some() || self.resource_version.is_some();
        [
            (self.propagation.is_some(), ".propagationPolicy"),
            (self.orphans.is_some(), ".orphanDependents"),
            (self.grace_seconds.is_some(), ".gracePeriodSeconds"),
            (has_preconditions, ".preconditions"),
        ]
        .into_iter()
        .filter(|(is_set, _)| self.ignores_read_errors && *is_set)
        .map(|(_, other)| fault_of_ignoring(&format!("cannot be set together with {other}")))
        .collect()
    }
}

fn fault_of_ignoring(why: &str) -> Cause {
    Cause::invalid(Parameter::IgnoreStoreReadError.name(), &true.into(), why)
}

impl<'a> Level<'a> {
    fn get(self, field: &str) -> Option<&'a Value> {
        self.value.get(field).filter(|value| !value.is_null())
    }

    fn text(self, field: &str, kind: &str) -> Result<Option<String>, String> {
        let text = |value: &Value| {
            let text = value.as_str().map(ToOwned::to_owned);
            text.ok_or_else(|| self.wrong(field, value, kind))
        };
        self.get(field).map(text).transpose()
    }

    fn boolean(self, field: &str) -> Result<Option<bool>, String> {
        let boolean =
            |value: &Value| value.as_bool().ok_or_else(|| self.wrong(field, value, "bool"));
        self.get(field).map(boolean).transpose()
    }

    fn integer(self, field: &str) -> Result<Option<i64>, String> {
        let integer =
            |value: &Value| value.as_i64().ok_or_else(|| self.wrong(field, value, "int64"));
        self.get(field).map(integer).transpose()
    }

    fn texts(self, field: &str) -> Result<Vec<String>, String> {
        let Some(value) = self.get(field) else {
            return Ok(Vec::new());
        };
        let items = value.as_array().ok_or_else(|| self.wrong(field, value, "[]string"))?;
        let text = |item: &Value| match item {
            Value::Null => Ok(String::new()),
            Value::String(text) => Ok(text.clone()),
            item => Err(self.wrong(field, item, "string")),
        };
        items.iter().map(text).collect()
    }

    fn wrong(self, field: &str, value: &Value, kind: &str) -> String {
        let Level { kind: outer, path, .. } = self;
        let is = named(value, kind == "int64");
        format!(
            "json: cannot unmarshal {is} into Go struct field {outer}.{path}{field} of type {kind}"
        )
    }
}

fn check_kind(body: &Value) -> Result<(), String> {
    let unreadable =
        |why: String| Err(format!("couldn't get version/kind; json parse error: {why}"));
    if !matches!(body, Value::Null | Value::Object(_)) {
        let header = "struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \
                      \"json:\\\"kind,omitempty\\\"\" }";
        let is = named(body, false);
        return unreadable(format!("json: cannot unmarshal {is} into Go value of type {header}"));
    }
    let header = Level { value: body, kind: "", path: "" };
    let texts = header.text("apiVersion", "string").and_then(|version| {
        let kind = header.text("kind", "string")?;
        Ok((version.unwrap_or_default(), kind.unwrap_or_default()))
    });
    let (version, kind) = match texts {
        Ok(texts) => texts,
        Err(why) => return unreadable(why),
    };
    if version.matches('/').count() > 1 {
        return Err(format!("unexpected GroupVersion string: {version}"));
    }
    if matches!(kind.as_str(), "" | "DeleteOptions") {
        return Ok(());
    }
    let version = if version.is_empty() { "meta.k8s.io/v1" } else { &version };
    Err(format!(
        "no kind {} is registered for version {} in scheme \"pkg/runtime/scheme.go:111\"",
        go::quoted(&kind),
        go::quoted(version),
    ))
}

/// Go's name for what a value is. It shows a number only if a number would have been right.
fn named(value: &Value, wants_number: bool) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Number(number) if wants_number => format!("number {number}"),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::Array(_) => "array".to_owned(),
        Value::Object(_) => "object".to_owned(),
    }
}
