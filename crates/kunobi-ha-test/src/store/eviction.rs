//! `pods/NAME/eviction`: a deletion that asks the disruption budgets first.

mod budget;

use std::sync::Arc;

use serde_json::{Value, json};

use self::budget::Permit;
use super::{Call, Object, Store, Written, conditions, metadata, write::Decision};
use crate::{
    apply::{Manager, Operation},
    decode,
    request::{DeleteOptions, WriteOptions, body::Content, path::Target},
    status::{Cause, Rejection},
    types::Resource,
    webhook,
};

/// How an eviction ended. What it has written stays even if it failed after that.
#[derive(Debug)]
pub(crate) struct Evicted {
    pub(crate) written: Vec<(Target, Written)>,
    /// What to warn of.
    pub(crate) outcome: Result<Vec<String>, Rejection>,
}

/// What an eviction wants of its deletion. As there, the rest of the options is read when it is carried out.
struct Wanted {
    options: Value,
    is_dry_run: bool,
    uid: Option<String>,
    resource_version: Option<String>,
}

impl Store {
    pub(crate) fn evict(
        &mut self,
        call: &Call,
        content: Content,
        options: &WriteOptions,
    ) -> Evicted {
        let mut written = Vec::new();
        let outcome = self.try_evict(call, content, options, &mut written);
        Evicted { written, outcome }
    }

    fn try_evict(
        &mut self,
        call: &Call,
        content: Content,
        options: &WriteOptions,
        written: &mut Vec<(Target, Written)>,
    ) -> Result<Vec<String>, Rejection> {
        let (eviction, mut warnings) = read(call, content, options)?;
        self.check_namespace(call, &eviction)?;
        let eviction = self.mutate(call, webhook::Operation::Create, None, eviction)?;
        let name = &call.target.name;
        if metadata::text(&eviction, "name") != Some(name) {
            let why = "name in URL does not match name in Eviction object";
            return Err(Rejection::bad_request(why));
        }
        self.admit(call, webhook::Operation::Create, None, &eviction)?;
        let mut wanted = Wanted::read(name, &eviction, options)?;
        let target = Target { subresource: String::new(), ..call.target.clone() };
        // Webhooks see the eviction, not the deletion that follows from it.
        let is_dry_run = wanted.is_dry_run;
        let call = Call { target: &target, is_dry_run, reviews: None, ..call.clone() };
        let pod = Arc::clone(self.get(call.target)?);
        let mut unhealthy = None;
        if !budget::needs_none(&pod.value) {
            match budget::ask(&pod.value, &self.budgets(&target))? {
                Permit::Unguarded => {}
                // The pod must not have become healthy since: it has not, but a version that the client knows
                // is forgotten, as there.
                Permit::Unhealthy { budget } => {
                    wanted.resource_version = Some(pod.revision.to_string());
                    unhealthy = Some(budget);
                }
                Permit::Disruption { budget } => written.extend(self.spend(&call, &budget)?),
            }
        }
        let deleted = self.delete_evicted(&call, &pod, wanted, written);
        let deleted = deleted.map_err(|rejection| match unhealthy {
            Some(budget) if rejection.is_conflict() => budget::busy(&budget),
            Some(_) | None => rejection,
        })?;
        warnings.extend(deleted);
        Ok(warnings)
    }

    /// Tells of the eviction in the status of the pod, then deletes it.
    fn delete_evicted(
        &mut self,
        call: &Call,
        pod: &Arc<Object>,
        mut wanted: Wanted,
        written: &mut Vec<(Target, Written)>,
    ) -> Result<Vec<String>, Rejection> {
        if !call.is_dry_run {
            // An empty precondition is none here, but it is one of the deletion.
            let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
            let (uid, resource_version) = (filled(&wanted.uid), filled(&wanted.resource_version));
            let options = DeleteOptions { uid, resource_version, ..DeleteOptions::default() };
            super::deletion::check_preconditions(call, pod, &options)?;
            let marked = mark(&pod.value, &call.time());
            let decision =
                if marked == pod.value { Decision::Keep } else { Decision::Change(marked) };
            let marked = self.carry_out(call, call.target.key(), decision);
            let marked = marked.ok_or_else(|| call.target.not_found())?;
            if wanted.resource_version.is_some() {
                wanted.resource_version = Some(marked.revision.to_string());
            }
            written.push((call.target.clone(), marked));
        }
        let options = DeleteOptions::of_eviction(&wanted.options)?;
        let Wanted { uid, resource_version, .. } = wanted;
        let options = DeleteOptions { uid, resource_version, ..options };
        let deleted = self.delete(call, &options)?;
        let warnings = deleted.warnings.clone();
        written.push((call.target.clone(), deleted));
        Ok(warnings)
    }

    fn budgets(&self, pod: &Target) -> Vec<Arc<Object>> {
        let collection = Target {
            group: budget::GROUP.into(),
            version: "v1".into(),
            resource: budget::PLURAL.into(),
            name: String::new(),
            ..pod.clone()
        };
        self.covered(&collection).map(|(_, budget)| Arc::clone(budget)).collect()
    }

    /// Takes one disruption from a budget.
    fn spend(
        &mut self,
        call: &Call,
        budget: &Arc<Object>,
    ) -> Result<Option<(Target, Written)>, Rejection> {
        let spent = budget::spent(&budget.value, &call.target.name, &call.time());
        let resource = self.types.find(budget::GROUP, "v1", budget::PLURAL);
        let Some(resource) = resource.filter(|_| !call.is_dry_run) else {
            return Ok(None);
        };
        let target = Target {
            group: resource.group.clone(),
            version: resource.version.clone(),
            resource: resource.plural.clone(),
            name: metadata::text(&budget.value, "name").unwrap_or_default().into(),
            subresource: "status".into(),
            ..call.target.clone()
        };
        let call = Call { resource: &resource, target: &target, ..call.clone() };
        let manager = Manager {
            name: "kube-apiserver".into(),
            operation: Operation::Update,
            api_version: resource.api_version(),
            subresource: target.subresource.clone(),
            time: call.time(),
        };
        let written = self.change(&call, budget, spent, Some(&manager))?;
        Ok(Some((target, written)))
    }
}

impl Wanted {
    fn read(pod: &str, eviction: &Value, options: &WriteOptions) -> Result<Self, Rejection> {
        let delete = eviction.get("deleteOptions").cloned().unwrap_or_else(|| json!({}));
        let ignores = "ignoreStoreReadErrorWithClusterBreakingPotential";
        if delete.get(ignores).and_then(Value::as_bool) == Some(true) {
            let why = "can not be set for pod eviction, try after removing the option";
            let cause = Cause::invalid(format!("deleteOptions.{ignores}"), &true.into(), why);
            return Err(Rejection::invalid_object("Eviction", budget::GROUP, pod, &[cause]));
        }
        let dry_run = delete.get("dryRun").and_then(Value::as_array).into_iter().flatten();
        let dry_run: Vec<&str> = dry_run.filter_map(Value::as_str).collect();
        if options.is_dry_run && !dry_run.is_empty() && dry_run != ["All"] {
            let sent = dry_run.join(" ");
            let why = "Non-matching dry-run options in request and content:";
            return Err(Rejection::internal(&format!("{why} [All] and [{sent}]")));
        }
        let text = |field| delete.get("preconditions")?.get(field)?.as_str().map(ToOwned::to_owned);
        Ok(Self {
            is_dry_run: options.is_dry_run || !dry_run.is_empty(),
            uid: text("uid"),
            resource_version: text("resourceVersion"),
            options: delete,
        })
    }
}

/// Reads the body, which may be of the version before.
fn read(
    call: &Call,
    content: Content,
    options: &WriteOptions,
) -> Result<(Value, Vec<String>), Rejection> {
    let Content { mut value, duplicates } = content;
    let kind: Resource = call.resource.part("eviction").ok_or_else(Rejection::no_such_path)?;
    let version = value.get_mut("apiVersion").filter(|version| *version == "policy/v1beta1");
    if let Some(version) = version {
        *version = kind.api_version().into();
    }
    let content = Content { value, duplicates };
    let (mut eviction, warnings) = decode::object(&kind, content, options.validation)?;
    call.check_namespace_of(&mut eviction)?;
    Ok((eviction, warnings))
}

/// A pod with the condition that it is evicted.
fn mark(pod: &Value, now: &str) -> Value {
    let mut pod = pod.clone();
    let status = pod.as_object_mut().map(|pod| pod.entry("status").or_insert_with(|| json!({})));
    if let Some(status) = status.and_then(Value::as_object_mut) {
        let condition = json!({
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "EvictionByEvictionAPI",
            "message": "Eviction API: evicting",
            "lastProbeTime": null,
            "lastTransitionTime": now,
        });
        conditions::set(status, condition);
    }
    pod
}
