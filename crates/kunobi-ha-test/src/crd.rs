//! Definitions of custom resources, and what follows from them.

mod check;
mod columns;
mod conditions;
mod correlated;
mod default;
mod definition;
mod deprecation;
mod documents;
mod embedded;
mod field_path;
mod finalizers;
mod form;
mod lists;
mod names;
mod path;
mod prune;
mod raw;
mod resources;
mod rules;
mod scale;
mod schema;
#[cfg(test)]
mod tests;

use serde_json::Value;

#[cfg(test)]
pub(crate) use self::resources::served;
#[cfg(feature = "cel")]
pub(crate) use self::rules::Expression;
pub(crate) use self::{
    columns::Columns,
    conditions::conditions,
    definition::{admit, complete_status, default_spec, warnings},
    documents::documents,
    finalizers::finalizer_warnings,
    names::label_error,
    resources::{Defined, defined},
    scale::ScalePaths,
};
use self::{path::Path, schema::Schema};
use crate::{shape::Shape, status::Cause};

/// What a `CustomResourceDefinition` says of one version.
#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "`apiVersion` is a word of Kubernetes")]
pub(crate) struct Version {
    api_version: String,
    kind: String,
    schema: Schema,
    /// The same as it was written.
    document: Value,
    shape: Shape,
    /// Without the dot in front, as selectors name them.
    selectable_fields: Vec<String>,
    scale: Option<ScalePaths>,
    deprecation: Option<String>,
    /// Rules that are evaluated.
    has_rules: bool,
    /// None: the version states none.
    columns: Option<Columns>,
}

/// The type of `CustomResourceDefinitions`.
pub(crate) const GROUP: &str = "apiextensions.k8s.io";
pub(crate) const PLURAL: &str = "customresourcedefinitions";

impl Version {
    /// Reads an element of `spec.versions`.
    pub(crate) fn read(spec: &Value, kind: &str, version: &Value) -> Self {
        let group = raw::text(spec, "group");
        let schema = version.pointer("/schema/openAPIV3Schema").unwrap_or(&Value::Null);
        let (document, schema) = (schema.clone(), Schema::read(schema));
        let subresources = raw::object(version, "subresources").unwrap_or(&Value::Null);
        let api_version = format!("{group}/{}", raw::text(version, "name"));
        let fields = raw::list(version, "selectableFields").iter();
        let mut has_rules = false;
        schema.walk(&mut |schema| has_rules |= !schema.rules.is_empty());
        Self {
            has_rules: has_rules && cfg!(feature = "cel"),
            deprecation: deprecation::warning(spec, version, kind),
            api_version,
            kind: kind.to_owned(),
            shape: form::of_object(&schema),
            schema,
            document,
            selectable_fields: fields
                .map(|field| raw::text(field, "jsonPath").trim_start_matches('.').to_owned())
                .collect(),
            scale: raw::object(subresources, "scale").map(ScalePaths::read),
            columns: Columns::read(version),
        }
    }

    pub(crate) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// What the definition has as `openAPIV3Schema`.
    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    /// What a client reads in a warning of each request for a version that is deprecated.
    pub(crate) fn deprecation(&self) -> Option<&str> {
        self.deprecation.as_deref()
    }

    /// Decodes an object: removes what the type does not know, and nulls; reads metadata as what it
    /// is. Returns what to say of unknown fields.
    pub(crate) fn prune(&self, value: &mut Value) -> Result<Vec<String>, String> {
        let unknown = self.prune_merged(value)?;
        prune::drop_nulls(Some(&self.schema), value);
        Ok(unknown)
    }

    /// As [`Self::prune`], of what an apply has made: nulls stay, and are not valid.
    pub(crate) fn prune_merged(&self, value: &mut Value) -> Result<Vec<String>, String> {
        let within =
            |text: String| text.replacen("unknown field \"", "unknown field \"metadata.", 1);
        let mut unknown: Vec<String> =
            embedded::decode_meta(value)?.into_iter().map(within).collect();
        unknown.extend(prune::prune(&self.schema, value));
        unknown.extend(embedded::decode(&self.schema, value, &Path::Root)?);
        Ok(unknown)
    }

    /// Sets defaults.
    pub(crate) fn default(&self, value: &mut Value) {
        default::default(&self.schema, value);
    }

    /// Makes an object of another version one of this. It gets no defaults: they are those of the version that it
    /// was sent or stored in.
    pub(crate) fn convert(&self, value: &mut Value) {
        if let Some(object) = value.as_object_mut() {
            object.insert("apiVersion".into(), self.api_version.as_str().into());
        }
        prune::prune(&self.schema, value);
        prune::drop_nulls(Some(&self.schema), value);
    }

    /// Reads an object that is stored in this version, maybe before its schema changed.
    pub(crate) fn read_stored(&self, value: &mut Value) {
        prune::prune(&self.schema, value);
        prune::drop_nulls(Some(&self.schema), value);
        self.default(value);
    }

    /// Why an object is invalid. What is invalid but was so before (`old`) is allowed.
    pub(crate) fn validate(&self, new: &Value, old: Option<&Value>) -> Vec<Cause> {
        let mut causes = self.check_type_meta(new);
        if !causes.is_empty() {
            return causes;
        }
        let failures = check::check(&self.schema, new, old, &Path::Root).failures;
        causes.extend(failures.into_iter().map(|failure| failure.cause(&Path::Root)));
        if let Some(scale) = &self.scale {
            scale.check_spec(new, &mut causes);
            scale.check_status(new, &mut causes);
        }
        embedded::check(&self.schema, new, &Path::Root, &mut causes);
        self.check_lists(new, old, &mut causes);
        self.check_rules(new, old, &mut causes);
        causes
    }

    /// As `validate`, of a change of `/status`.
    pub(crate) fn validate_status(&self, new: &Value, old: &Value) -> Vec<Cause> {
        let mut causes = self.check_type_meta(new);
        if !causes.is_empty() {
            return causes;
        }
        if let (Some(schema), Some(status)) =
            (self.schema.properties.get("status"), new.get("status"))
        {
            let within = Path::Root;
            let within = within.child("status");
            let failures = check::check(schema, status, old.get("status"), &Path::Root).failures;
            causes.extend(failures.into_iter().map(|failure| failure.cause(&within)));
        }
        if let Some(scale) = &self.scale {
            scale.check_status(new, &mut causes);
        }
        self.check_lists(new, Some(old), &mut causes);
        self.check_rules(new, Some(old), &mut causes);
        causes
    }

    /// Rules are not tried on an object that is not what its schema says.
    fn check_rules(&self, new: &Value, old: Option<&Value>, causes: &mut Vec<Cause>) {
        let blocking = [
            "FieldValueNotSupported",
            "FieldValueRequired",
            "FieldValueTooLong",
            "FieldValueTooMany",
            "FieldValueTypeInvalid",
        ];
        if !self.has_rules {
            return;
        }
        if causes.iter().any(|cause| blocking.contains(&cause.reason())) {
            let why = "some validation rules were not checked because the object was invalid; \
                       correct the existing errors to complete validation";
            causes.push(Cause::invalid("<nil>", &Value::Null, why));
        } else {
            rules::check(&self.schema, new, old, causes);
        }
    }

    fn check_type_meta(&self, new: &Value) -> Vec<Cause> {
        [("kind", &self.kind), ("apiVersion", &self.api_version)]
            .into_iter()
            .filter(|(field, expected)| raw::text(new, field) != expected.as_str())
            .map(|(field, expected)| {
                let is = raw::text(new, field).into();
                Cause::invalid(field, &is, &format!("must be {expected}"))
            })
            .collect()
    }

    /// Lists with doubles are allowed if there were some before.
    fn check_lists(&self, new: &Value, old: Option<&Value>, causes: &mut Vec<Cause>) {
        let mut doubles = Vec::new();
        lists::check(&self.schema, new, &Path::Root, &mut doubles);
        let mut before = Vec::new();
        if let Some(old) = old.filter(|_| !doubles.is_empty()) {
            lists::check(&self.schema, old, &Path::Root, &mut before);
        }
        if before.is_empty() {
            causes.append(&mut doubles);
        }
    }

    /// The fields that selectors may name, as `spec.color`.
    pub(crate) fn selectable_fields(&self) -> &[String] {
        &self.selectable_fields
    }

    pub(crate) fn scale(&self) -> Option<&ScalePaths> {
        self.scale.as_ref()
    }

    pub(crate) fn columns(&self) -> &Columns {
        self.columns.as_ref().unwrap_or_else(|| Columns::unstated())
    }
}
