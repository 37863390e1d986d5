//! Nobody grants what they don't have: checked when a role or a binding is written.

use serde_json::{Value, json};

use super::GROUP;
use crate::{
    access::{Admitted, Asker, Attributes, Object, Place, Rule, missing, quoted_list},
    go,
    status::Rejection,
    store::{Authorization, Call, Store, metadata},
};

impl Store {
    /// Fails if the write of a role or a binding would give rights that the writer does not have.
    pub(in crate::store) fn check_escalation(
        &self,
        call: &Call,
        old: Option<&Value>,
        new: &Value,
    ) -> Result<(), Rejection> {
        let Some(Admitted { who, asked }) =
            call.by.filter(|_| self.settings.authorization == Authorization::Rbac)
        else {
            return Ok(());
        };
        let is_written = call.resource.group == GROUP && call.target.subresource.is_empty();
        let frees = old.is_some_and(|old| differ_only_for_garbage(old, new));
        if !is_written || who.user.is_master() || frees {
            return Ok(());
        }
        match call.resource.plural.as_str() {
            "roles" | "clusterroles" => self.check_rules(call, who, asked, old, new),
            "rolebindings" | "clusterrolebindings" => self.check_binding(call, who, new),
            _ => Ok(()),
        }
    }

    fn check_rules(
        &self,
        call: &Call,
        who: &Asker,
        asked: &Attributes,
        old: Option<&Value>,
        new: &Value,
    ) -> Result<(), Rejection> {
        if let Object::Resource(place) = &asked.object {
            let place = Place { subresource: String::new(), ..place.clone() };
            if self.decide(who, &Attributes::on("escalate", place)).is_allowed {
                return Ok(());
            }
        }
        self.check_grant(call, who, new, &Rule::all(new).collect::<Vec<_>>())?;
        let aggregates = |role: &Value| {
            let selectors = role.pointer("/aggregationRule/clusterRoleSelectors");
            selectors.and_then(Value::as_array).is_some_and(|list| !list.is_empty())
        };
        if aggregates(new) || old.is_some_and(aggregates) {
            let everything = [
                json!({ "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"] }),
                json!({ "verbs": ["*"], "nonResourceURLs": ["*"] }),
            ];
            let everything: Vec<Rule> = everything.iter().map(Rule).collect();
            let why = "must have cluster-admin privileges to use the aggregationRule";
            self.check_grant(call, who, new, &everything).map_err(|_| refused(call, new, why))?;
        }
        Ok(())
    }

    fn check_binding(&self, call: &Call, who: &Asker, new: &Value) -> Result<(), Rejection> {
        let reference = &new["roleRef"];
        let text = |field: &str| reference[field].as_str().unwrap_or_default();
        let namespace = call.target.namespace.as_str();
        let resource = match text("kind") {
            "ClusterRole" => Some("clusterroles"),
            "Role" => Some("roles"),
            _ => None,
        };
        if let Some(resource) = resource {
            let group = if text("apiGroup").is_empty() { GROUP } else { text("apiGroup") };
            let place = Place {
                group: group.into(),
                resource: resource.into(),
                namespace: namespace.into(),
                name: text("name").into(),
                ..Place::default()
            };
            if self.decide(who, &Attributes::on("bind", place)).is_allowed {
                return Ok(());
            }
        }
        let role = self.role(reference, namespace);
        let role = role.map_err(|why| why.rejection(Some(&call.resource.plural)))?;
        self.check_grant(call, who, new, &Rule::all(role).collect::<Vec<_>>())
    }

    fn check_grant(
        &self,
        call: &Call,
        who: &Asker,
        new: &Value,
        granted: &[Rule],
    ) -> Result<(), Rejection> {
        let rights = self.rights(&who.user, &call.target.namespace);
        let missing = missing(&rights.rules, granted);
        if missing.is_empty() {
            return Ok(());
        }
        let user = &who.user;
        let mut why = format!(
            "user {} (groups={}) is attempting to grant RBAC permissions not currently held:\n{}",
            go::quoted(user.name()),
            quoted_list(user.groups().iter().map(String::as_str)),
            missing.join("\n")
        );
        if let Some(texts) = rights.why_incomplete(Some(&call.resource.plural)) {
            why.extend(["; resolution errors: [", &texts, "]"]);
        }
        Err(refused(call, new, &why))
    }
}

fn refused(call: &Call, new: &Value, why: &str) -> Rejection {
    // A name that is to be generated is not known there yet.
    let name = metadata::text(new, "name").filter(|_| !call.is_generated(new));
    let plural = &call.resource.plural;
    if let Some(name) = name {
        return Rejection::denied(GROUP, plural, name, why);
    }
    let message = format!("{plural}.{GROUP} is forbidden: {why}");
    Rejection::forbidden(message, GROUP, plural, "")
}

/// An update of what garbage collection uses alone gives nobody a right, so it needs none.
fn differ_only_for_garbage(old: &Value, new: &Value) -> bool {
    let rest = |value: &Value| {
        let mut value = value.clone();
        if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
            for field in ["finalizers", "managedFields", "ownerReferences", "selfLink"] {
                metadata.remove(field);
            }
        }
        value
    };
    rest(old) == rest(new)
}
