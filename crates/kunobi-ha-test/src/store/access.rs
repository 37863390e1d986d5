//! Which roles a user has by the bindings in the store, and what they allow.

mod bootstrap;
mod bound;
mod escalation;

use serde_json::Value;

use self::bound::Bound;
use super::{Authorization, Call, Store};
use crate::{
    access::{Admitted, Asker, Attributes, Rule, User, Verdict},
    go,
    request::path::Key,
    status::{Rejection, aggregate},
};

/// The rules that apply to a user.
#[derive(Debug, Default)]
pub(crate) struct Rights<'a> {
    pub(crate) rules: Vec<Rule<'a>>,
    /// Why some of them are not known: a binding names a role that does not exist.
    pub(crate) unresolved: Vec<Unresolved>,
}

/// Why a reference leads to no role.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Unresolved {
    Missing { singular: &'static str, name: String },
    Unsupported(String),
}

impl Rights<'_> {
    /// Why it is not all; none if it is. Where a write looks for roles, kube-apiserver takes them for objects of the
    /// type that is written.
    pub(crate) fn why_incomplete(&self, written: Option<&str>) -> Option<String> {
        let texts = self.unresolved.iter();
        let texts: Vec<String> =
            texts.map(|why| why.rejection(written).message().to_owned()).collect();
        (!texts.is_empty()).then(|| aggregate(&texts))
    }
}

impl Unresolved {
    fn rejection(&self, written: Option<&str>) -> Rejection {
        match self {
            Self::Missing { singular, name } => {
                Rejection::not_found(GROUP, written.unwrap_or(singular), name)
            }
            Self::Unsupported(kind) => {
                let why = format!("unsupported role reference kind: {}", go::quoted(kind));
                Rejection::internal(&why)
            }
        }
    }
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
                Err(why) => unresolved.push(why.rejection(None).message().to_owned()),
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
        Verdict { reason: format!("rbac: RBAC: {}", aggregate(&unresolved)), ..Verdict::refused() }
    }

    /// Who creates an object by an update or a patch needs the right to create, too.
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
                Err(why) => rights.unresolved.push(why),
            }
        }
        rights
    }

    /// The bindings that name a user, those of the cluster first. An error is that the role is missing.
    fn bound<'a>(
        &'a self,
        user: &User,
        namespace: &str,
    ) -> impl Iterator<Item = Result<Bound<'a>, Unresolved>> {
        let everywhere = self.bindings("clusterrolebindings", "");
        let here = (!namespace.is_empty()).then(|| self.bindings("rolebindings", namespace));
        everywhere.chain(here.into_iter().flatten()).filter_map(|(key, binding)| {
            let subject = bound::subject(binding, user, &key.namespace)?;
            let role = self.role(&binding["roleRef"], &key.namespace);
            Some(role.map(|role| Bound { key, binding, subject, role }))
        })
    }

    /// The role that a binding refers to, or why there is none.
    pub(super) fn role(&self, reference: &Value, namespace: &str) -> Result<&Value, Unresolved> {
        let text = |field: &str| reference[field].as_str().unwrap_or_default();
        let (resource, singular, namespace) = match text("kind") {
            "Role" => ("roles", "role", namespace),
            "ClusterRole" => ("clusterroles", "clusterrole", ""),
            kind => {
                return Err(Unresolved::Unsupported(kind.into()));
            }
        };
        let name = text("name");
        let found = self.find(&key(resource, namespace, name)).map(|role| &role.value);
        found.ok_or_else(|| Unresolved::Missing { singular, name: name.into() })
    }

    fn bindings(&self, resource: &str, namespace: &str) -> impl Iterator<Item = (&Key, &Value)> {
        let stored = self.stored(key(resource, namespace, ""), None);
        stored.map(|(key, object)| (key, &object.value))
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
