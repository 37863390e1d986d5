//! What only one operating system knows.

use super::containers;
use crate::validation::field::Field;

pub(super) fn check(spec: &Field) {
    let system = spec.get("os");
    if !system.is_set() {
        return;
    }
    let name = system.get("name");
    if !name.required_text() {
        return;
    }
    system.with(name.value()).one_of(&["linux", "windows"]);
    let contexts = std::iter::once(spec.get("securityContext"));
    let contexts = contexts.chain(containers(spec).map(|one| one.get("securityContext")));
    match name.text() {
        "linux" => {
            for context in contexts {
                if context.get("windowsOptions").is_set() {
                    let detail = "windows options cannot be set for a linux pod";
                    context.get("windowsOptions").forbidden(detail);
                }
            }
        }
        "windows" => windows(spec),
        _ => {}
    }
}

fn windows(spec: &Field) {
    let forbid = |parent: &Field, fields: &[&'static str]| {
        for field in fields.iter().map(|field| parent.get(field)) {
            if field.is_set() {
                field.forbidden("cannot be set for a windows pod");
            }
        }
    };
    forbid(&spec.get("securityContext"), &OF_PODS);
    forbid(spec, &["hostUsers"]);
    for flag in ["hostPID", "hostIPC"] {
        if spec.get(flag).is_true() {
            forbid(spec, &[flag]);
        }
    }
    forbid(spec, &["shareProcessNamespace"]);
    for container in containers(spec) {
        forbid(&container.get("securityContext"), &OF_CONTAINERS);
    }
}

const OF_PODS: [&str; 11] = [
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "seLinuxChangePolicy",
];
const OF_CONTAINERS: [&str; 10] = [
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
];
