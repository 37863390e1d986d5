//! Jobs, and what makes them on a schedule.

mod changes;
mod indexes;
mod policies;
mod schedule;
mod status;
mod zones;

use serde_json::json;

use super::{field::Field, pods, texts};

pub(super) use self::status::job_status;

pub(super) fn job(object: &Field, old: Option<&Field>) {
    let (metadata, spec) = (object.get("metadata"), object.get("spec"));
    if old.is_none() {
        generated(&metadata, &spec);
    }
    check(&spec);
    let (selector, labels) =
        (spec.get("selector"), spec.get("template").get("metadata").get("labels"));
    if selector.is_set() {
        selector.label_selector();
    } else {
        selector.required("");
    }
    if !selector.is_set() || selector.is_valid_selector() && !selector.selects(&labels) {
        labels.invalid("`selector` does not match template `labels`");
    }
    if let Some(old) = old {
        changes::check(object, old);
    }
    name_of_pods(&metadata.get("name"), &spec);
}

pub(super) fn cron_job(object: &Field, old: Option<&Field>) {
    let spec = object.get("spec");
    let (text, zone) = (spec.get("schedule"), spec.get("timeZone"));
    if !text.text().is_empty() {
        let had_zone = old.is_some_and(|old| old.get("spec").get("schedule").text().contains("TZ"));
        schedule::check(&text, had_zone, zone.is_set());
    }
    spec.get("startingDeadlineSeconds").not_negative();
    if old.is_none_or(|old| old.get("spec").get("timeZone").value() != zone.value()) {
        zones::check(&zone);
    }
    spec.get("concurrencyPolicy").required_one_of(&["Allow", "Forbid", "Replace"]);
    let template = spec.get("jobTemplate").get("spec");
    check(&template);
    if template.get("selector").is_set() {
        template.get("selector").invalid("`selector` will be auto-generated");
    }
    if template.get("manualSelector").is_true() {
        template.get("manualSelector").unsupported(&["nil", "false"]);
    }
    spec.get("successfulJobsHistoryLimit").not_negative();
    spec.get("failedJobsHistoryLimit").not_negative();
    let name = object.get("metadata").get("name");
    // A job's name has eleven letters more, and at most 63.
    if old.is_none() && name.text().len() > 52 {
        name.invalid("must be no more than 52 characters");
    }
    text.required_text();
}

fn check(spec: &Field) {
    for field in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        spec.get(field).not_negative();
    }
    if spec.get("maxFailedIndexes").is_set() && !spec.get("backoffLimitPerIndex").is_set() {
        spec.get("backoffLimitPerIndex").required("when maxFailedIndexes is specified");
    }
    let manager = spec.get("managedBy");
    if manager.is_set() {
        manager.domain_prefixed_path();
        if manager.text().len() > 63 {
            manager.too_long(63);
        }
    }
    mode(spec);
    let (failures, replacement) = (spec.get("podFailurePolicy"), spec.get("podReplacementPolicy"));
    policies::failures(&failures, spec);
    policies::successes(&spec.get("successPolicy"), spec);
    if failures.is_set() {
        replacement.one_of_if_set(&["Failed"]);
    } else {
        replacement.one_of_if_set(&["Failed", "TerminatingOrFailed"]);
    }
    pods::template(&spec.get("template"));
    let restarts = spec.get("template").get("spec").get("restartPolicy");
    match restarts.text() {
        "" | "Always" => restarts.required("valid values: \"OnFailure\", \"Never\""),
        "OnFailure" if failures.is_set() => {
            let detail = "only \"Never\" is supported when podFailurePolicy is specified";
            restarts.invalid(detail);
        }
        _ => restarts.one_of(&["OnFailure", "Never"]),
    }
}

fn mode(spec: &Field) {
    let (mode, completions) = (spec.get("completionMode"), spec.get("completions"));
    mode.one_of_if_set(&["NonIndexed", "Indexed"]);
    let (parallel, failed) = (spec.get("parallelism"), spec.get("maxFailedIndexes"));
    let per_index = spec.get("backoffLimitPerIndex");
    let at_most = |field: &Field, most: i64, more: &str| {
        if field.integer() > most {
            field.invalid(&format!("must be less than or equal to {most}{more}"));
        }
    };
    match mode.text() {
        "Indexed" => {
            if !completions.is_set() {
                completions.required("when completion mode is Indexed");
            }
            at_most(&parallel, 100_000, " when completion mode is Indexed");
            if completions.is_set() && failed.integer() > completions.integer() {
                failed.invalid("must be less than or equal to completions");
            }
            at_most(&failed, 100_000, "");
            if completions.integer() > 100_000 && per_index.is_set() {
                let when =
                    " when completions are above 100000 and used with backoff limit per index";
                if !failed.is_set() {
                    failed.required("must be specified when completions is above 100000");
                }
                at_most(&parallel, 10_000, when);
                at_most(&failed, 10_000, when);
            }
        }
        "" | "NonIndexed" => {
            for field in [per_index, failed].iter().filter(|field| field.is_set()) {
                field.invalid("requires indexed completion mode");
            }
        }
        _ => {}
    }
}

/// The labels and the selector that a job gets when it is created.
fn generated(metadata: &Field, spec: &Field) {
    let selector = spec.get("selector");
    if spec.get("manualSelector").is_true() || !selector.is_set() {
        return;
    }
    let (uid, name) = (metadata.get("uid").text(), metadata.get("name").text());
    let template = spec.get("template").get("metadata");
    let labels = template.get("labels");
    for (key, expected) in [
        ("controller-uid", uid),
        ("job-name", name),
        ("batch.kubernetes.io/controller-uid", uid),
        ("batch.kubernetes.io/job-name", name),
    ] {
        let label = labels.key(key);
        if !label.is_set() {
            label.required(&format!("must be '{expected}'"));
        } else if label.text() != expected {
            label.invalid_as(labels.value(), &format!("must be '{expected}'"));
        }
    }
    let expected = json!({
        "controller-uid": uid,
        "job-name": name,
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": name,
    });
    let expected = expected.as_object().cloned().unwrap_or_default();
    if selector.is_valid_selector() && !crate::selector::selects(selector.value(), &expected) {
        selector.invalid("`selector` not auto-generated");
    }
}

/// The pods of an indexed job have its name and their index as their host names.
fn name_of_pods(name: &Field, spec: &Field) {
    let completions = spec.get("completions").integer();
    if spec.get("completionMode").text() == "Indexed" && completions > 0 {
        let last = format!("{}-{}", name.text(), completions - 1);
        if !texts::dns_label(&last).is_empty() {
            let detail = format!("will not able to create pod with invalid DNS label: {last}");
            name.invalid(&detail);
        }
    }
}

impl Field<'_> {
    /// `example.com/anything`.
    pub(super) fn domain_prefixed_path(&self) {
        if !self.required_text() {
            return;
        }
        let Some((host, path)) =
            self.text().split_once('/').filter(|(host, path)| !host.is_empty() && !path.is_empty())
        else {
            self.invalid("must be a domain-prefixed path (such as \"acme.io/foo\")");
            return;
        };
        self.each_of(host, texts::dns_subdomain(host));
        let is_known =
            |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&byte);
        if !path.bytes().all(is_known) {
            let regex = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
            let detail = format!("Invalid path (regex used for validation is '{regex}')");
            self.invalid_as(&path.into(), &detail);
        }
    }
}
