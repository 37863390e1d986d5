//! Which roles a user has by the bindings in the store, and what they allow.

mod bootstrap;
mod bound;
mod escalation;

use std::collections::BTreeSet;

use serde_json::Value;

use self::bound::Bound;
use super::{Authorization, Call, Store};
use crate::{
    access::{Admitted, Asker, Attributes, Rule, User, Verdict},
    go,
    request::path::Key,
    status::Rejection,
};

/// The rules that apply to a user.
#[derive(Debug, Default)]
pub(crate) struct Rights<'a> {
    pub(crate) rules: Vec<Rule<'a>>,
    /// Why some of them are not known: a binding names a role that does not exist.
    pub(crate) unresolved: Vec<String>,
}

impl Store {
    /// Whether somebody may do something.
    pub(crate) fn decide(&self, who: &Asker, asked: &Attributes) -> Verdict {
        if let Some(verdict) = who.by_role(asked) {
            return verdict;
        }
        if self.settings.authorization == Authorization::AlwaysAllow || who.user.is_master() {
            return Verdict::allowed();
        }
        let mut unresolved = Vec::new();
        for bound in self.bound(&who.user, asked.namespace()) {
            match bound {
                Err(why) => unresolved.push(why.message().to_owned()),
                Ok(bound) => {
                    if Rule::all(bound.role).any(|rule| rule.allows(asked)) {
                        let reason = format!("RBAC: allowed by {}", bound.described());
                        return Verdict { is_allowed: true, reason };
                    }
                }
            }
        }
        if unresolved.is_empty() {
            return Verdict::refused();
        }
        Verdict { reason: format!("RBAC: {}", all(&unresolved)), ..Verdict::refused() }
    }

    /// Whoever creates an object by an update or a patch needs the right to create, too.
    pub(super) fn check_creation(&self, call: &Call) -> Result<(), Rejection> {
        let Some(Admitted { who, asked }) = call.by.filter(|by| by.asked.verb != "create") else {
            return Ok(());
        };
        let asked = Attributes { verb: "create".into(), ..asked.clone() };
        self.check(who, &asked)
    }

    /// Fails if somebody may not do something.
    pub(crate) fn check(&self, who: &Asker, asked: &Attributes) -> Result<(), Rejection> {
        let verdict = self.decide(who, asked);
        let refused = || asked.forbidden(who.user.name(), &verdict.reason);
        if verdict.is_allowed { Ok(()) } else { Err(refused()) }
    }

    /// What a user may do in a namespace, or with an empty one everywhere.
    pub(crate) fn rights(&self, user: &User, namespace: &str) -> Rights<'_> {
        let mut rights = Rights::default();
        for bound in self.bound(user, namespace) {
            match bound {
                Ok(bound) => rights.rules.extend(Rule::all(bound.role)),
                Err(why) => rights.unresolved.push(why.message().to_owned()),
            }
        }
        rights
    }

    /// The bindings that name a user, those of the cluster first. An error is that the role is missing.
    fn bound<'a>(
        &'a self,
        user: &User,
        namespace: &str,
    ) -> impl Iterator<Item = Result<Bound<'a>, Rejection>> {
        let everywhere = self.bindings("clusterrolebindings", "");
        let here = (!namespace.is_empty()).then(|| self.bindings("rolebindings", namespace));
        everywhere.chain(here.into_iter().flatten()).filter_map(|(key, binding)| {
            let subject = bound::subject(binding, user, &key.namespace)?;
            let role = self.role(&binding["roleRef"], &key.namespace);
            Some(role.map(|role| Bound { key, binding, subject, role }))
        })
    }

    /// The role that a binding refers to, or why there is none.
    pub(super) fn role(&self, reference: &Value, namespace: &str) -> Result<&Value, Rejection> {
        let text = |field: &str| reference[field].as_str().unwrap_or_default();
        let (resource, singular, namespace) = match text("kind") {
            "Role" => ("roles", "role", namespace),
            "ClusterRole" => ("clusterroles", "clusterrole", ""),
            kind => {
                let why = format!("unsupported role reference kind: {}", go::quoted(kind));
                return Err(Rejection::internal(&why));
            }
        };
        let name = text("name");
        let found = self.find(&key(resource, namespace, name)).map(|role| &role.value);
        found.ok_or_else(|| Rejection::not_found(GROUP, singular, name))
    }

    fn bindings(&self, resource: &str, namespace: &str) -> impl Iterator<Item = (&Key, &Value)> {
        let from = key(resource, namespace, "");
        let end = from.clone();
        let covered = self.objects.range(from..).take_while(move |(key, _)| {
            key.group == end.group && key.resource == end.resource && key.namespace == end.namespace
        });
        covered.map(|(key, object)| (key, &object.value))
    }
}

/// Several failures as one text, each once.
pub(super) fn all(texts: &[String]) -> String {
    let mut seen = BTreeSet::new();
    let texts: Vec<&str> =
        texts.iter().map(String::as_str).filter(|text| seen.insert(*text)).collect();
    if let [only] = texts.as_slice() {
        (*only).to_owned()
    } else {
        format!("[{}]", texts.join(", "))
    }
}

pub(super) fn key(resource: &str, namespace: &str, name: &str) -> Key {
    Key {
        group: GROUP.into(),
        resource: resource.into(),
        namespace: namespace.into(),
        name: name.into(),
    }
}

pub(super) const GROUP: &str = "rbac.authorization.k8s.io";

#[cfg(test)]
mod tests;
