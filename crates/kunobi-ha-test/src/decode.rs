//! From the body of a request to an object of its type: what the type does not know is dropped and told.

use serde_json::{Value, json};

use crate::{
    defaults,
    patch::{self, Patched},
    request::{
        FieldValidation,
        body::{self, Content},
    },
    shape,
    status::{Cause, Rejection},
    types::{Origin, Resource, Types},
};

/// Reads the object of a POST or PUT. Returns it with warnings for the client.
pub(crate) fn object(
    resource: &Resource,
    content: Content,
    validation: FieldValidation,
) -> Result<(Value, Vec<String>), Rejection> {
    let Content { mut value, duplicates } = content;
    check_type(resource, &mut value)?;
    let unreadable = |why: &str| unreadable(resource, why);
    let mut problems = fields(resource, &mut value).map_err(|why| unreadable(&why))?;
    problems.extend(duplicates);
    let warnings = report(problems, validation).map_err(|why| unreadable(&why))?;
    Ok((value, warnings))
}

/// Reads the body of a request to a subresource whose kind is another one than that of the object.
pub(crate) fn body(
    resource: &Resource,
    subresource: &str,
    content: Content,
    validation: FieldValidation,
) -> Result<(Value, Vec<String>), Rejection> {
    let Content { mut value, duplicates } = content;
    let mut problems = Vec::new();
    if let Some(shape) = resource.body_of(subresource) {
        problems = shape::decode(&shape, &mut value).map_err(Rejection::bad_request)?;
    }
    problems.extend(duplicates);
    let warnings = report(problems, validation).map_err(Rejection::bad_request)?;
    Ok((value, warnings))
}

/// Reads what a patch has made of an object. If it is none of its type, the patch is invalid.
pub(crate) fn patched(
    resource: &Resource,
    patched: Patched,
    validation: FieldValidation,
) -> Result<(Value, Vec<String>), Rejection> {
    let Patched { content: Content { mut value, duplicates: mut problems }, shown } = patched;
    let invalid = |why: &str| patch::invalid(&shown, why);
    let text = |field: &str| value.get(field)?.as_str();
    match &resource.origin {
        Origin::Custom(_) => {
            if value.get("kind").is_none() {
                let why = format!("Object 'Kind' is missing in '{shown}'");
                return Err(Rejection::bad_request(why));
            }
        }
        Origin::BuiltIn { .. } => {
            if !value.is_object() {
                return Err(invalid(&body::not_an_object(&value)));
            }
            if let (Some(sent), Some(kind)) = (text("apiVersion"), text("kind"))
                && (kind, sent) != (resource.kind.as_str(), resource.api_version().as_str())
                && let Some(why) = unregistered(sent, kind)
            {
                return Err(invalid(&why));
            }
        }
    }
    check_type(resource, &mut value).map_err(|rejection| invalid(rejection.message()))?;
    problems.extend(fields(resource, &mut value).map_err(|why| invalid(&why))?);
    let warnings = report(problems, validation).map_err(|why| invalid(&why))?;
    Ok((value, warnings))
}

/// Reads what an apply has made of an object.
pub(crate) fn merged(resource: &Resource, mut value: Value) -> Result<Value, Rejection> {
    match &resource.origin {
        Origin::BuiltIn { shape, .. } => shape::decode(shape, &mut value).map(|_| {
            defaults::apply(resource, &mut value);
        }),
        Origin::Custom(version) => version.prune_merged(&mut value).map(|_| {
            version.default(&mut value);
        }),
    }
    .map_err(Rejection::bad_request)?;
    Ok(value)
}

/// Reads what a webhook has made of an object. The error is what kube-apiserver says of one that is none of its type.
pub(crate) fn mutated(resource: &Resource, mut value: Value) -> Result<Value, String> {
    check_type(resource, &mut value).map_err(|rejection| rejection.message().to_owned())?;
    fields(resource, &mut value)?;
    Ok(value)
}

/// The body says of what type it is, or leaves it to the URL where that is allowed.
fn check_type(resource: &Resource, value: &mut Value) -> Result<(), Rejection> {
    let api_version = resource.api_version();
    let text = value.to_string();
    if value.is_null() {
        *value = json!({});
    }
    let Some(object) = value.as_object_mut() else {
        return Err(Rejection::bad_request("the body of the request is not a JSON object"));
    };
    if matches!(resource.origin, Origin::Custom(_)) {
        for (field, named) in [("kind", "Kind"), ("apiVersion", "apiVersion")] {
            if object.get(field).and_then(Value::as_str).is_none_or(str::is_empty) {
                return Err(Rejection::bad_request(format!(
                    "Object '{named}' is missing in '{text}'"
                )));
            }
        }
    }
    let name = object.get("metadata").and_then(|metadata| metadata.get("name")?.as_str());
    let name = name.unwrap_or_default().to_owned();
    let sent_kind = object.entry("kind").or_insert_with(|| resource.kind.as_str().into()).clone();
    let sent = object.entry("apiVersion").or_insert_with(|| api_version.as_str().into());
    let (sent_kind, sent) =
        (sent_kind.as_str().unwrap_or_default(), sent.as_str().unwrap_or_default());
    if (sent_kind, sent) != (resource.kind.as_str(), api_version.as_str()) {
        return Err(other_type(resource, sent, sent_kind, &name));
    }
    let metadata = object.entry("metadata").or_insert_with(|| json!({}));
    if metadata.is_null() {
        *metadata = json!({});
    }
    Ok(())
}

/// The body is of another type than the URL.
fn other_type(resource: &Resource, sent: &str, kind: &str, name: &str) -> Rejection {
    if matches!(resource.origin, Origin::Custom(_)) {
        let api_version = resource.api_version();
        if sent == api_version {
            let must = format!("must be {}", resource.kind);
            let cause = Cause::invalid("kind", &kind.into(), &must);
            return Rejection::invalid_object(kind, &resource.group, name, &[cause]);
        }
        return Rejection::bad_request(format!(
            "the API version in the data ({sent}) does not match the expected API version \
             ({api_version})"
        ));
    }
    let (_, version) = sent.split_once('/').unwrap_or(("", sent));
    let why = unregistered(sent, kind).unwrap_or_else(|| {
        let package = resource.group.split('.').next().filter(|group| !group.is_empty());
        let (package, wanted) = (package.unwrap_or("core"), &resource.kind);
        format!("converting ({version}.{kind}) to ({package}.{wanted}): unknown conversion")
    });
    Rejection::bad_request(format!(
        "{kind} in version {version:?} cannot be handled as a {}: {why}",
        resource.kind
    ))
}

/// What is said of a type that nobody knows.
fn unregistered(sent: &str, kind: &str) -> Option<String> {
    let (group, version) = sent.split_once('/').unwrap_or(("", sent));
    let is_known = Types::new().find_kind(group, version, kind).is_some();
    (!is_known).then(|| {
        format!(
            "no kind {kind:?} is registered for version {sent:?} in scheme \
             \"pkg/runtime/scheme.go:111\""
        )
    })
}

fn unreadable(resource: &Resource, why: &str) -> Rejection {
    let Resource { kind, version, .. } = resource;
    let text = format!("{kind} in version \"{version}\" cannot be handled as a {kind}: {why}");
    Rejection::bad_request(text)
}

/// Drops the fields that the type does not know, and returns what to say of them. Fills in defaults.
fn fields(resource: &Resource, value: &mut Value) -> Result<Vec<String>, String> {
    match &resource.origin {
        Origin::BuiltIn { shape, .. } => {
            let unknown = shape::decode(shape, value)?;
            defaults::apply(resource, value);
            Ok(unknown)
        }
        Origin::Custom(version) => {
            let unknown = version.prune(value)?;
            // Here an empty list does not ask to forget the managers.
            let metadata = value.get_mut("metadata").and_then(Value::as_object_mut);
            if let Some(metadata) = metadata
                && metadata.get("managedFields").is_some_and(|list| *list == json!([]))
            {
                metadata.remove("managedFields");
            }
            version.default(value);
            Ok(unknown)
        }
    }
}

/// Returns what to warn of, or the text of its refusal.
pub(crate) fn report(
    problems: Vec<String>,
    validation: FieldValidation,
) -> Result<Vec<String>, String> {
    match validation {
        FieldValidation::Ignore => Ok(Vec::new()),
        FieldValidation::Warn => Ok(problems),
        FieldValidation::Strict if problems.is_empty() => Ok(Vec::new()),
        FieldValidation::Strict => Err(format!("strict decoding error: {}", problems.join(", "))),
    }
}
