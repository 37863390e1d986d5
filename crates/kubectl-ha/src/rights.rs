//! The rights that each command needs, as the objects that grant them.
//!
//! All of a command at once: a Role with the one right that was refused last would be followed by the next refusal. Each
//! set of rights has a name of its own, so that what is applied for one command takes nothing from another.

#[cfg(test)]
mod tests;

use crate::{
    api::Denied,
    cli::{Command, ListOptions, StepDownOptions},
};

/// What a command may have to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Rights {
    name: &'static str,
    rules: Vec<Rule>,
    /// Some of its objects are in no namespace.
    everywhere: bool,
}

/// A rule of a Role.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Rule {
    group: &'static str,
    resources: &'static [&'static str],
    verbs: &'static [&'static str],
}

impl Rights {
    /// Returns what this command needs.
    pub(crate) fn of(command: &Command) -> Self {
        match command {
            Command::List(ListOptions { watch: false, .. }) => {
                Self::new("list", [leases(&["list"]), PODS])
            }
            Command::List(_) => Self::new("list-watch", [leases(FOLLOW), PODS]),
            Command::Get(_) => Self::new("get", [leases(&["get", "list"]), PODS, EVENTS]),
            Command::Watch(_) => Self::new("watch", [leases(FOLLOW)]),
            Command::Wait(_) => Self::new("wait", [leases(FOLLOW)]),
            Command::Explain(_) => Self::new("explain", [leases(FOLLOW)]),
            Command::StepDown(StepDownOptions { evict: false, .. }) => {
                Self::new("step-down", [leases(STEER), CANDIDATES])
            }
            Command::StepDown(_) => {
                Self::new("step-down-evict", [leases(STEER), CANDIDATES, EVICTION])
            }
            Command::Doctor(_) => Self { everywhere: true, ..Self::new("doctor", DOCTOR) },
            Command::Completion(_) => Self::new("completion", []),
        }
    }

    fn new(name: &'static str, rules: impl Into<Vec<Rule>>) -> Self {
        Self { name, rules: rules.into(), everywhere: false }
    }

    /// Returns the objects that give these rights to the one who was denied one of them, as YAML to apply.
    pub(crate) fn granted(&self, denied: &Denied) -> String {
        let namespace = denied.target.namespace.as_deref().filter(|_| !self.everywhere);
        let (kind, place) = namespace.map_or_else(
            || ("ClusterRole", String::new()),
            |namespace| ("Role", format!(", namespace: {namespace}")),
        );
        let role = format!("kubectl-ha-{}", self.name);
        let (user, known) = denied.user().map_or(("YOU".into(), false), |user| (user, true));
        // A binding of its own for each user, too. Its name may have any character but these.
        let binding = quoted(&format!("{role}:{}", user.replace(['/', '%'], "-")));
        let hint = if known { "" } else { " # `kubectl auth whoami` tells your name" };
        let rules: Vec<String> = self.rules.iter().map(Rule::line).collect();
        format!(
            "apiVersion: {RBAC}/v1\nkind: {kind}\nmetadata: {{ name: {role}{place} }}\nrules:\n{}\n---\n\
             apiVersion: {RBAC}/v1\nkind: {kind}Binding\nmetadata: {{ name: {binding}{place} }}\n\
             roleRef: {{ apiGroup: {RBAC}, kind: {kind}, name: {role} }}\n\
             subjects:\n- {{ apiGroup: {RBAC}, kind: User, name: {} }}{hint}",
            rules.join("\n"),
            quoted(&user),
        )
    }
}

impl Rule {
    const fn new(
        group: &'static str,
        resources: &'static [&'static str],
        verbs: &'static [&'static str],
    ) -> Self {
        Self { group, resources, verbs }
    }

    fn line(&self) -> String {
        let group = if self.group.is_empty() { "\"\"" } else { self.group };
        let (resources, verbs) = (self.resources.join(", "), self.verbs.join(", "));
        format!("- {{ apiGroups: [{group}], resources: [{resources}], verbs: [{verbs}] }}")
    }
}

/// Writes text as YAML and JSON do.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

const fn leases(verbs: &'static [&'static str]) -> Rule {
    Rule::new("coordination.k8s.io", &["leases"], verbs)
}

/// Also a look at one Lease, which tells whether a watch lags behind.
const FOLLOW: &[&str] = &["get", "list", "watch"];
const STEER: &[&str] = &["get", "list", "watch", "patch"];
const PODS: Rule = Rule::new("", &["pods"], &["get", "list"]);
const CANDIDATES: Rule = Rule::new("", &["pods"], &["list"]);
const EVICTION: Rule = Rule::new("", &["pods/eviction"], &["create"]);
const EVENTS: Rule = Rule::new("", &["events"], &["list"]);
const DOCTOR: [Rule; 5] = [
    leases(FOLLOW),
    Rule::new("", &["pods", "nodes", "events"], &["list"]),
    Rule::new("apps", &["deployments", "statefulsets", "daemonsets"], &["list"]),
    Rule::new("policy", &["poddisruptionbudgets"], &["list"]),
    Rule::new("", &["serviceaccounts"], &["impersonate"]),
];
const RBAC: &str = "rbac.authorization.k8s.io";
