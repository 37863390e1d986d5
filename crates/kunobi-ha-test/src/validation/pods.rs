//! Pods, and the templates of which controllers make them.

mod affinity;
mod changes;
mod containers;
mod environment;
mod ephemeral;
mod handlers;
mod hosts;
mod mounts;
mod projections;
mod security;
mod spec;
mod status;
mod systems;
mod volumes;

use std::collections::BTreeSet;

use super::field::Field;

/// What the parts of a pod must know of the whole.
#[derive(Debug)]
struct Context<'a> {
    spec: Field<'a>,
    /// The volumes that are valid, each with its source.
    volumes: Vec<(&'a str, Field<'a>)>,
    /// The names of its resource claims.
    claims: BTreeSet<&'a str>,
    /// A pod itself, not a template.
    is_pod: bool,
}

pub(super) fn pod(pod: &Field, old: Option<&Field>) {
    let spec = pod.get("spec");
    annotations(pod);
    spec::check(&spec, Some(pod.get("metadata").get("name").text()));
    tokens(&spec);
    spec.get("terminationGracePeriodSeconds").not_negative();
    for containers in ["containers", "initContainers"] {
        spec.get(containers).items().for_each(|container| containers::image(&container));
    }
    if let Some(old) = old {
        changes::check(pod, old);
    } else {
        if spec.get("ephemeralContainers").len() > 0 {
            spec.get("ephemeralContainers").forbidden("cannot be set on create");
        }
        let node = spec.get("nodeName");
        if !node.text().is_empty() && spec.get("schedulingGates").len() > 0 {
            node.forbidden("cannot be set until all schedulingGates have been cleared");
        }
    }
}

/// A pod that gets a container to debug it.
pub(super) fn ephemeral(pod: &Field, old: &Field) {
    let spec = pod.get("spec");
    annotations(pod);
    spec::check(&spec, Some(pod.get("metadata").get("name").text()));
    tokens(&spec);
    ephemeral::check(&spec, &old.get("spec"));
}

pub(super) fn status(pod: &Field, old: &Field) {
    status::check(pod, old);
}

pub(super) fn pod_template(object: &Field, _: Option<&Field>) {
    template(&object.get("template"));
}

/// The template of a controller. Its labels are reported as if they were its own fields.
pub(super) fn template(template: &Field) {
    let (metadata, spec) = (template.get("metadata"), template.get("spec"));
    let labels = metadata.get("labels").value();
    template.get("labels").with(labels).labels();
    template_annotations(template);
    annotations_of(&template.get("annotations").with(metadata.get("annotations").value()), &spec);
    spec::check(&spec, None);
    if spec.get("ephemeralContainers").len() > 0 {
        let detail = "ephemeral containers not allowed in pod template";
        spec.get("ephemeralContainers").forbidden(detail);
    }
}

pub(super) fn template_annotations(template: &Field) {
    let annotations = template.get("metadata").get("annotations").value();
    template.get("annotations").with(annotations).annotations();
}

fn annotations(pod: &Field) {
    annotations_of(&pod.get("metadata").get("annotations"), &pod.get("spec"));
}

/// Annotations that kube-apiserver understands.
fn annotations_of(annotations: &Field, spec: &Field) {
    let mirror = annotations.key("kubernetes.io/config.mirror");
    if mirror.is_set() && spec.get("nodeName").text().is_empty() {
        mirror.invalid("must set spec.nodeName if mirror pod annotation is set");
    }
    let cost = annotations.key("controller.kubernetes.io/pod-deletion-cost");
    if cost.is_set() && !is_cost(cost.text()) {
        cost.invalid("must be a 32bit integer");
    }
}

/// Zeros in front and a plus would be another way to write the same.
fn is_cost(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = digits == "0" || !digits.starts_with('0');
    is_plain && !text.starts_with('+') && text.parse::<i32>().is_ok()
}

/// A pod without a service account has no tokens.
fn tokens(spec: &Field) {
    if !spec.get("serviceAccountName").text().is_empty() {
        return;
    }
    for volume in spec.get("volumes").items() {
        for source in volume.get("projected").get("sources").items() {
            let token = source.get("serviceAccountToken");
            if token.is_set() {
                token.forbidden("must not be specified when serviceAccountName is not set");
            }
        }
    }
}

/// All containers, in the order in which kube-apiserver visits them.
fn containers<'a>(spec: &Field<'a>) -> impl Iterator<Item = Field<'a>> + use<'a> {
    let kinds = ["initContainers", "containers", "ephemeralContainers"];
    let lists = kinds.map(|kind| spec.get(kind).items().collect::<Vec<_>>());
    lists.into_iter().flatten()
}
