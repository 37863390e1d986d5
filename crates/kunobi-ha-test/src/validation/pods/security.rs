//! Users, groups and privileges.

use std::collections::BTreeSet;

use crate::validation::{field::Field, internal, texts};

pub(super) fn pod(context: &Field, spec: &Field) {
    for id in ["fsGroup", "runAsUser", "runAsGroup"] {
        context.get(id).id();
    }
    context.get("supplementalGroups").items().for_each(|id| id.id());
    sysctls(&context.get("sysctls"), spec);
    context.get("fsGroupChangePolicy").one_of_if_set(&["Always", "OnRootMismatch"]);
    seccomp(&context.get("seccompProfile"));
    app_armor(&context.get("appArmorProfile"));
    context.get("supplementalGroupsPolicy").one_of_if_set(&["Merge", "Strict"]);
    context.get("seLinuxChangePolicy").one_of_if_set(&["MountOption", "Recursive"]);
}

pub(super) fn container(context: &Field, spec: &Field) {
    context.get("runAsUser").id();
    context.get("runAsGroup").id();
    let mount = context.get("procMount");
    mount.one_of_if_set(&["Default", "Unmasked"]);
    let has_host_users = spec.get("hostUsers").value().as_bool() != Some(false);
    if has_host_users && mount.text() == "Unmasked" {
        mount.invalid("`hostUsers` must be false to use `Unmasked`");
    }
    seccomp(&context.get("seccompProfile"));
    if context.get("allowPrivilegeEscalation").value().as_bool() == Some(false) {
        let quoted = || internal::compact("SecurityContext", context.value());
        if context.get("privileged").is_true() {
            let detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
            context.invalid_internal(&quoted(), detail);
        }
        for added in context.get("capabilities").get("add").texts() {
            if added == "CAP_SYS_ADMIN" {
                let detail = "cannot set `allowPrivilegeEscalation` to false and \
                              `capabilities.Add` CAP_SYS_ADMIN";
                context.invalid_internal(&quoted(), detail);
            }
        }
    }
    app_armor(&context.get("appArmorProfile"));
}

fn sysctls(sysctls: &Field, spec: &Field) {
    let mut seen = BTreeSet::new();
    for sysctl in sysctls.items() {
        let name = sysctl.get("name");
        if !name.text().is_empty() && !texts::is_sysctl(name.text()) {
            name.invalid(
                "must have at most 253 characters and match regex \
                 ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$",
            );
        } else if name.required_text() && seen.contains(name.text()) {
            name.duplicate();
        }
        let dotted = name.text().replace('/', ".");
        let is_ipc = ["kernel.shm", "kernel.msg", "fs.mqueue."]
            .iter()
            .any(|prefix| dotted.starts_with(prefix))
            || dotted == "kernel.sem";
        if spec.get("hostNetwork").is_true() && dotted.starts_with("net.") {
            name.invalid("may not be specified when 'hostNetwork' is true");
        } else if spec.get("hostIPC").is_true() && is_ipc {
            name.invalid("may not be specified when 'hostIPC' is true");
        }
        seen.insert(name.text());
    }
}

fn seccomp(profile: &Field) {
    if !profile.is_set() {
        return;
    }
    let (kind, path) = (profile.get("type"), profile.get("localhostProfile"));
    if kind.text().is_empty() {
        kind.required("type is required when seccompProfile is set");
    } else {
        kind.one_of(&["Localhost", "RuntimeDefault", "Unconfined"]);
    }
    match (kind.text() == "Localhost", path.is_set()) {
        (true, true) => path.local_path(path.text()),
        (true, false) => path.required("must be set when seccomp type is Localhost"),
        (false, true) => {
            let quoted = internal::compact("SeccompProfile", profile.value());
            path.invalid_internal(&quoted, "can only be set when seccomp type is Localhost");
        }
        (false, false) => {}
    }
}

fn app_armor(profile: &Field) {
    if !profile.is_set() {
        return;
    }
    let (kind, path) = (profile.get("type"), profile.get("localhostProfile"));
    match kind.text() {
        "Localhost" => {
            if path.text().trim() != path.text() {
                path.invalid("must not be padded with whitespace");
            } else if path.text().is_empty() {
                path.required("must be set when AppArmor type is Localhost");
            }
            if path.text().len() > 4095 {
                path.too_long(4095);
            }
        }
        "RuntimeDefault" | "Unconfined" if path.is_set() => {
            path.invalid("can only be set when AppArmor type is Localhost");
        }
        "" => kind.required("type is required when appArmorProfile is set"),
        _ => kind.one_of(&["Localhost", "RuntimeDefault", "Unconfined"]),
    }
}
