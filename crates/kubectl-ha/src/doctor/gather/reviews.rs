//! What the service accounts of candidates may do: the API server is asked as each of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::super::{
    election::Election,
    facts::{Access, Because, Look, Right},
};
use crate::{
    api::{self, Kind, Target, Write},
    failure::Failure,
};

/// The reviews of all elections. What does not depend on the name of a Lease is asked once.
pub(super) struct Reviews<'a> {
    api: &'a api::Cluster,
    known: BTreeMap<Question, bool>,
    /// Why nothing can be asked as a user.
    failed: BTreeMap<String, Because>,
}

/// Whether a user may do this.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Question {
    user: String,
    right: Right,
    namespace: String,
    name: String,
}

impl<'a> Reviews<'a> {
    pub(super) fn new(api: &'a api::Cluster) -> Self {
        Self { api, known: BTreeMap::new(), failed: BTreeMap::new() }
    }

    /// Asks what the candidates of an election may do.
    pub(super) async fn of(&mut self, election: &Election<'_>) -> Look<Vec<Access>> {
        let workloads = election.known()?;
        let mut accounts: BTreeMap<_, BTreeSet<Right>> = BTreeMap::new();
        for workload in workloads {
            let account = (workload.namespace().to_owned(), workload.account().to_owned());
            let rights = accounts.entry(account).or_default();
            rights.extend(Right::ON_LEASES);
            if PODS.iter().any(|name| workload.variable(name).is_some()) {
                rights.extend(Right::ON_PODS);
            }
        }
        let mut reviewed = Vec::new();
        for ((namespace, account), rights) in accounts {
            let mut access = Access { namespace, account, allowed: BTreeSet::new() };
            let user = access.user();
            if let Some(because) = self.failed.get(&user) {
                return Err(because.clone());
            }
            match self.ask(election, &user, rights).await {
                Ok(allowed) => access.allowed = allowed,
                Err(failure) => {
                    let because = match failure {
                        Failure::Denied(_) => {
                            Because::denied(format!("you may not impersonate {user}"))
                        }
                        failure => Because::of(format!(
                            "the rights of {user} could not be asked for: {}",
                            failure.first_line()
                        )),
                    };
                    self.failed.insert(user, because.clone());
                    return Err(because);
                }
            }
            reviewed.push(access);
        }
        Ok(reviewed)
    }

    async fn ask(
        &mut self,
        election: &Election<'_>,
        user: &str,
        rights: BTreeSet<Right>,
    ) -> Result<BTreeSet<Right>, Failure> {
        let api = self.api.as_user(user)?;
        let questions: Vec<_> =
            rights.into_iter().map(|right| Question::new(election, user, right)).collect();
        let mut asked = JoinSet::new();
        for question in questions.iter().filter(|it| !self.known.contains_key(it)) {
            let (api, question) = (api.clone(), question.clone());
            asked.spawn(
                async move { question.answer(&api).await.map(|allowed| (question, allowed)) },
            );
        }
        while let Some(answered) = asked.join_next().await {
            let answered =
                answered.map_err(|error| Failure::Output(std::io::Error::other(error)))?;
            let (question, allowed) = answered?;
            self.known.insert(question, allowed);
        }
        let allowed = questions.iter().filter(|it| self.known.get(it) == Some(&true));
        Ok(allowed.map(|it| it.right).collect())
    }
}

impl Question {
    fn new(election: &Election<'_>, user: &str, right: Right) -> Self {
        let lease = election.lease;
        let namespace = match right {
            Right::UpdateElsewhere if lease.namespace == ELSEWHERE[0] => ELSEWHERE[1],
            Right::UpdateElsewhere => ELSEWHERE[0],
            _ => &lease.namespace,
        };
        let name = if right.is_named() { lease.name.as_str() } else { "" };
        Self { user: user.into(), right, namespace: namespace.into(), name: name.into() }
    }

    async fn answer(&self, api: &api::Cluster) -> Result<bool, Failure> {
        let (group, resource) =
            if self.right.is_on_pods() { ("", "pods") } else { ("coordination.k8s.io", "leases") };
        let attributes = json!({
            "namespace": self.namespace, "verb": self.right.verb(), "group": group,
            "resource": resource, "name": self.name,
        });
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": { "resourceAttributes": attributes },
        });
        let kind = Kind::new("authorization.k8s.io", "selfsubjectaccessreviews");
        let target = Target::list(kind, None).with_verb("create");
        let answer = api.write(&target, Write::Create(review)).await?;
        let allowed = answer.value.pointer("/status/allowed").and_then(Value::as_bool);
        let unread = || Failure::Unreadable(target.to_string(), "it has no status.allowed".into());
        allowed.ok_or_else(unread)
    }
}

const PODS: [&str; 2] = ["HA_DEATH_CERTIFICATES", "HA_SUCCESSOR"];
/// A namespace that every cluster has, and another one for Leases that are there.
const ELSEWHERE: [&str; 2] = ["kube-system", "kube-public"];
