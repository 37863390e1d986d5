//! Jobs, once and again.

use serde_json::Value;

use super::{
    View, age,
    field::{condition, count, flag, is_true, number, set, some, text},
    labels,
    pods::layout,
};

pub(super) fn job(view: &View<'_>) -> Vec<Value> {
    let job = view.value;
    let (names, images) = layout(job, "/spec/template/spec/containers");
    cells![
        view.name(),
        status(view),
        completions(job),
        duration(view),
        view.age(),
        names,
        images,
        labels::selector(job, "/spec/selector"),
    ]
}

pub(super) fn cron_job(view: &View<'_>) -> Vec<Value> {
    let job = view.value;
    let (names, images) = layout(job, "/spec/jobTemplate/spec/template/spec/containers");
    let last = some(job, "/status/lastScheduleTime");
    let is_suspended = some(job, "/spec/suspend").map(|_| flag(job, "/spec/suspend"));
    cells![
        view.name(),
        text(job, "/spec/schedule"),
        set(job, "/spec/timeZone").unwrap_or("<none>"),
        is_suspended.map_or("<unset>", |is_suspended| if is_suspended { "True" } else { "False" }),
        count(job, "/status/active"),
        last.map_or_else(|| "<none>".into(), |_| view.since("/status/lastScheduleTime")),
        view.age(),
        names,
        images,
        labels::selector(job, "/spec/jobTemplate/spec/selector"),
    ]
}

fn status(view: &View<'_>) -> &'static str {
    let has = |kind: &str| is_true(condition(view.value, "/status/conditions", kind));
    if has("Complete") {
        return "Complete";
    }
    if has("Failed") {
        return "Failed";
    }
    if view.is_deleted() {
        return "Terminating";
    }
    let others = ["Suspended", "FailureTarget", "SuccessCriteriaMet"];
    others.into_iter().find(|kind| has(kind)).unwrap_or("Running")
}

fn completions(job: &Value) -> String {
    let done = number(job, "/status/succeeded");
    let wanted = some(job, "/spec/completions").and_then(Value::as_i64);
    match (wanted, number(job, "/spec/parallelism")) {
        (Some(wanted), _) => format!("{done}/{wanted}"),
        (None, at_once @ 2..) => format!("{done}/1 of {at_once}"),
        (None, _) => format!("{done}/1"),
    }
}

fn duration(view: &View<'_>) -> String {
    let time = |path: &str| age::moment(view.value.pointer(path));
    let end = time("/status/completionTime").unwrap_or(view.now);
    let start = time("/status/startTime");
    start.map(|start| age::human(end.duration_since(start))).unwrap_or_default()
}
