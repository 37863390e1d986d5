//! What the status of a job may say, and how it may go on.

use super::indexes;
use crate::validation::{checks::same, field::Field};

/// A job before or after the update.
struct State<'a> {
    spec: Field<'a>,
    status: Field<'a>,
}

pub(in crate::validation) fn job_status(object: &Field, old: &Field) {
    let new = State { spec: object.get("spec"), status: object.get("status") };
    let old = State { spec: old.get("spec"), status: old.get("status") };
    for field in ["active", "succeeded", "failed", "ready", "terminating"] {
        new.status.get(field).not_negative();
    }
    complete(&new, &old);
    finished(&new, &old);
    listed(&new, &old);
    let changed = |fields: &[&str]| fields.iter().any(|field| new.changed(&old, field));
    let terminating = new.status.get("terminating");
    if new.finished_changed(&old, "terminating") && terminating.integer() > 0 && new.is_finished() {
        terminating.invalid("terminating>0 is invalid for finished job");
    }
    let ready = new.status.get("ready");
    let is_counted = ready.is_set() && changed(&["ready", "active"]);
    if is_counted && ready.integer() > new.status.get("active").integer() {
        ready.invalid("cannot set more ready pods than active");
    }
    conditions(&new);
    transitions(&new, &old);
}

impl State<'_> {
    fn is(&self, condition: &str) -> bool {
        self.status.get("conditions").items().any(|found| {
            found.get("type").text() == condition && found.get("status").text() == "True"
        })
    }

    fn is_finished(&self) -> bool {
        self.is("Complete") || self.is("Failed")
    }

    fn is_indexed(&self) -> bool {
        self.spec.get("completionMode").text() == "Indexed"
    }

    fn changed(&self, old: &Self, field: &str) -> bool {
        !same(value(&self.status, field), value(&old.status, field))
    }

    fn condition_changed(&self, old: &Self, conditions: &[&str]) -> bool {
        conditions.iter().any(|condition| self.is(condition) != old.is(condition))
    }

    fn finished_changed(&self, old: &Self, field: &str) -> bool {
        self.is_finished() != old.is_finished() || self.changed(old, field)
    }

    /// Reports what contradicts itself in the conditions.
    fn wrong(&self, detail: &str) {
        self.status.get("conditions").invalid_state(detail);
    }
}

fn value<'a>(status: &Field<'a>, field: &str) -> &'a serde_json::Value {
    status.value().get(field).unwrap_or(&serde_json::Value::Null)
}

/// A job that is complete has a time, and no failure.
fn complete(new: &State, old: &State) {
    let (start, end) = (new.status.get("startTime"), new.status.get("completionTime"));
    let is_complete = new.is("Complete");
    if new.condition_changed(old, &["Complete", "Failed"]) && is_complete && new.is("Failed") {
        new.wrong("cannot set Complete=True and Failed=true conditions");
    }
    let changed = new.condition_changed(old, &["Complete", "FailureTarget"]);
    if changed && is_complete && new.is("FailureTarget") {
        new.wrong("cannot set Complete=True and FailureTarget=true conditions");
    }
    if new.condition_changed(old, &["Complete"]) || new.changed(old, "completionTime") {
        match (end.is_set(), is_complete) {
            (true, false) => {
                end.invalid("cannot set completionTime when there is no Complete=True condition");
            }
            (false, true) => end.required("completionTime is required for Complete jobs"),
            (true, true) | (false, false) => {}
        }
    }
    let times_changed = new.changed(old, "startTime") || new.changed(old, "completionTime");
    if times_changed && start.is_set() && end.is_set() && end.text() < start.text() {
        end.invalid("must be equal to or after `startTime`");
    }
    let failed_changed =
        new.condition_changed(old, &["Failed"]) || new.changed(old, "failedIndexes");
    if failed_changed && new.is("Failed") && !new.is("FailureTarget") {
        new.wrong("cannot set Failed=True condition without the FailureTarget=true condition");
    }
    let changed = new.condition_changed(old, &["Complete", "SuccessCriteriaMet"]);
    if changed && is_complete && !new.is("SuccessCriteriaMet") {
        new.wrong(
            "cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
        );
    }
}

/// A job that has ended has begun, and has no pods.
fn finished(new: &State, old: &State) {
    let (active, start) = (new.status.get("active"), new.status.get("startTime"));
    let pods = new.status.get("uncountedTerminatedPods");
    if new.finished_changed(old, "active") && active.integer() > 0 && new.is_finished() {
        active.invalid("active>0 is invalid for finished job");
    }
    let is_empty =
        new.spec.get("suspend").is_true() && new.spec.get("completions").number() == Some(0);
    let start_matters = new.finished_changed(old, "startTime") && !is_empty;
    if start_matters && !start.is_set() && new.is_finished() {
        start.required("startTime is required for finished job");
    }
    let uncounted = pods.get("failed").len() + pods.get("succeeded").len();
    if new.finished_changed(old, "uncountedTerminatedPods") && uncounted > 0 && new.is_finished() {
        pods.invalid("must be empty for finished job");
    }
}

/// Indexes, which only an indexed job has.
fn listed(new: &State, old: &State) {
    let (completed, failed) = (new.status.get("completedIndexes"), new.status.get("failedIndexes"));
    let completions = new.spec.get("completions");
    let per_index = new.spec.get("backoffLimitPerIndex");
    let (completed_changed, failed_changed) =
        (new.changed(old, "completedIndexes"), new.changed(old, "failedIndexes"));
    let format = |list: &Field, name: &str| {
        if let Err(why) = indexes::count(list.text(), completions.integer()) {
            list.invalid(&format!("error parsing {name}: {why}"));
        }
    };
    if completed_changed && completions.is_set() {
        format(&completed, "completedIndexes");
    }
    if failed_changed && completions.is_set() && per_index.is_set() {
        format(&failed, "failedIndexes");
    }
    if completed_changed && !completed.text().is_empty() && !new.is_indexed() {
        let detail = "cannot set non-empty completedIndexes when non-indexed completion mode";
        completed.invalid(detail);
    }
    if failed_changed && failed.is_set() && !per_index.is_set() {
        failed.invalid("cannot set non-null failedIndexes when backoffLimitPerIndex is null");
    }
    let shared = indexes::overlap(completed.text(), failed.text(), completions.integer());
    if let Some(index) = shared.filter(|_| completed_changed || failed_changed) {
        let detail = format!("failedIndexes and completedIndexes overlap at index: {index}");
        failed.invalid(&detail);
    }
}

fn conditions(new: &State) {
    let is_met = new.is("SuccessCriteriaMet");
    if is_met && new.is("Failed") {
        new.wrong("cannot set SuccessCriteriaMet=True and Failed=true conditions");
    }
    if is_met && new.is("FailureTarget") {
        new.wrong("cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
    }
    if new.spec.get("successPolicy").is_set() && !is_met && new.is("Complete") {
        new.wrong(
            "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True",
        );
    }
}

fn transitions(new: &State, old: &State) {
    for condition in ["Failed", "Complete", "FailureTarget"] {
        if old.is(condition) && !new.is(condition) {
            new.wrong(&format!("cannot disable the terminal {condition}=True condition"));
        }
    }
    let decreases =
        |field: &'static str| new.status.get(field).integer() < old.status.get(field).integer();
    let is_elastic = new.is_indexed()
        && new.spec.get("completions").number() == new.spec.get("parallelism").number();
    for field in ["failed", "succeeded"] {
        if decreases(field) && !(field == "succeeded" && is_elastic) {
            let detail = format!("cannot decrease the {field} counter");
            new.status.get(field).wrong_number(&detail);
        }
    }
    let (end, start) = (new.status.get("completionTime"), new.status.get("startTime"));
    let was = |field: &'static str| old.status.get(field).is_set();
    if end.is_set() && was("completionTime") && new.changed(old, "completionTime") {
        end.invalid("field is immutable");
    }
    let resumes = old.is("Suspended")
        && new.status.get("conditions").items().any(|condition| {
            condition.get("type").text() == "Suspended" && condition.get("status").text() == "False"
        });
    let start_changed = new.changed(old, "startTime") && !resumes;
    if start_changed && was("startTime") && !new.spec.get("suspend").is_true() {
        start.invalid("field is immutable for unsuspended job once set");
    }
    if old.is("SuccessCriteriaMet") && !new.is("SuccessCriteriaMet") {
        new.wrong("cannot disable the SuccessCriteriaMet=True condition");
    }
    if old.is("Complete") && !old.is("SuccessCriteriaMet") && new.is("SuccessCriteriaMet") {
        new.wrong(
            "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions",
        );
    }
}
