//! `pods/NAME/binding`: how a scheduler puts a pod on a node.

use serde_json::{Value, json};

use super::{Call, Store, Written, metadata, write::Decision};
use crate::{
    apply, decode,
    request::WriteOptions,
    request::body::Content,
    status::{Rejection, aggregate},
    webhook::Operation,
};

impl Store {
    /// Sets the node of a pod that has none.
    pub(crate) fn bind(
        &mut self,
        call: &Call,
        content: Content,
        options: &WriteOptions,
    ) -> Result<Written, Rejection> {
        let (mut binding, warnings) =
            decode::body(call.resource, "binding", content, options.validation)?;
        self.check_namespace(call, &binding)?;
        if let Some(shape) = call.resource.body_of("binding").filter(|_| self.has_webhooks()) {
            call.check_namespace_of(&mut binding)?;
            let manager = call.manager(options, apply::Operation::Update);
            apply::record(&shape, None, &mut binding, &manager, &[]);
        }
        let binding = self.mutate(call, Operation::Create, None, binding)?;
        self.admit(call, Operation::Create, None, &binding)?;
        let node = node(&binding)?;
        let old = self.get(call.target)?;
        let uid = metadata::text(&old.value, "uid").unwrap_or_default();
        if let Some(sent) = metadata::text(&binding, "uid").filter(|sent| *sent != uid) {
            return Err(call.target.other_uid(sent, uid));
        }
        let text = |pointer| old.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let pod = &call.target.name;
        let refused = if metadata::get(&old.value, "deletionTimestamp").is_some() {
            Some(format!("pod {pod} is being deleted, cannot be assigned to a host"))
        } else if !text("/spec/nodeName").is_empty() {
            let assigned = text("/spec/nodeName");
            Some(format!("pod {pod} is already assigned to node \"{assigned}\""))
        } else {
            None
        };
        if let Some(why) = refused {
            return Err(Rejection::conflict("", "pods/binding", pod, &why));
        }
        let mut value = old.value.clone();
        assign(&mut value, &node, &call.time());
        let written = self.carry_out(call, call.target.key(), Decision::Change(value));
        Ok(written.ok_or_else(|| call.target.not_found())?.warn(warnings))
    }
}

/// The node that a binding names.
fn node(binding: &Value) -> Result<String, Rejection> {
    let text = |field: &str| binding["target"][field].as_str().unwrap_or_default();
    let mut problems = Vec::new();
    if !matches!(text("kind"), "" | "Node") {
        let kind = text("kind");
        problems.push(format!(
            "target.kind: Unsupported value: \"{kind}\": supported values: \"Node\", \"<empty>\""
        ));
    }
    if text("name").is_empty() {
        problems.push("target.name: Required value".into());
    }
    if problems.is_empty() {
        Ok(text("name").into())
    } else {
        Err(Rejection::internal(&aggregate(&problems)))
    }
}

fn assign(pod: &mut Value, node: &str, now: &str) {
    let Some(pod) = pod.as_object_mut() else {
        return;
    };
    for (field, name, new) in [
        ("spec", "nodeName", json!(node)),
        (
            "status",
            "conditions",
            json!([{ "type": "PodScheduled", "status": "True", "lastProbeTime": null,
                     "lastTransitionTime": now }]),
        ),
    ] {
        let part = pod.entry(field).or_insert_with(|| json!({}));
        if let Some(part) = part.as_object_mut() {
            part.insert(name.into(), new);
        }
    }
}
