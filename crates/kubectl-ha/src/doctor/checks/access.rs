//! What the candidates may do with the Lease.

use super::super::{
    about::About,
    election::Election,
    facts::{Access, Look, Right},
    finding::{Checked, Seen},
    workload::Workload,
};

pub(crate) fn missing(election: &Election<'_>) -> Checked {
    reviewed(election, |access| {
        let lacks = lacking(election, access);
        if lacks.is_empty() {
            return None;
        }
        let seen = format!("{} may not {} this Lease", access.user(), lacks.join(" or "));
        Some((seen, grant(election, access)))
    })
}

/// Which of the rights to read and renew it lacks.
fn lacking(election: &Election<'_>, access: &Access) -> Vec<&'static str> {
    let ours = candidates(election, access).any(|it| election.is_ours(it));
    // Others renew by a PATCH instead.
    let renews = access.may(Right::Update) || !ours && access.may(Right::Patch);
    let has = |right| if right == Right::Update { renews } else { access.may(right) };
    verbs(&[Right::Get, Right::Update], |it| !has(it))
}

pub(crate) fn create(election: &Election<'_>) -> Checked {
    reviewed(election, |access| {
        let (put, post) = (access.may(Right::Create), access.may(Right::CreateAny));
        let by_put = candidates(election, access).all(|it| election.is_ours(it));
        if put && (post || by_put) {
            return None;
        }
        let user = access.user();
        if !put {
            let seen = format!("{user} may not create this Lease");
            let fix = if lacking(election, access).is_empty() {
                grant(election, access)
            } else {
                "The same fix as that of access-missing.".into()
            };
            return Some((seen, fix));
        }
        let seen = format!(
            "{user} may create the Lease of this name only. client-go and most libraries create by a \
             POST, whose path has no name, and resourceNames never allow that"
        );
        let fix = format!(
            "Allow `create` in a rule of its own, without resourceNames:\n\
             kubectl -n {ns} create role {name}-create --verb=create --resource=leases.coordination.k8s.io\n\
             kubectl -n {ns} create rolebinding {name}-create --role={name}-create \
             --serviceaccount={sans}:{sa}",
            ns = election.lease.namespace,
            name = election.lease.name,
            sans = access.namespace,
            sa = access.account,
        );
        Some((seen, fix))
    })
}

pub(crate) fn wider(election: &Election<'_>) -> Checked {
    reviewed(election, |access| {
        let by_put = candidates(election, access).all(|it| election.is_ours(it));
        let mut wide = Vec::new();
        if access.may(Right::Delete) {
            wide.push("delete this Lease");
        }
        if access.may(Right::UpdateAny) {
            wide.push("update every Lease of the namespace");
        }
        if access.may(Right::CreateAny) && by_put {
            wide.push("create Leases of any name");
        }
        if wide.is_empty() {
            return None;
        }
        let seen = format!("{} may {}", access.user(), wide.join(", "));
        let rule = "Limit the rule of its Role to what an election needs:\n";
        Some((seen, format!("{rule}{}", role(election, by_put))))
    })
}

pub(crate) fn elsewhere(election: &Election<'_>) -> Checked {
    reviewed(election, |access| {
        access.may(Right::UpdateElsewhere).then(|| {
            let seen = format!("{} may update Leases of other namespaces", access.user());
            let fix = "Take `leases` out of its ClusterRole, or bind that by a RoleBinding in the \
                       namespace of the Lease:\n";
            (seen, format!("{fix}{}", role(election, true)))
        })
    })
}

pub(crate) fn pods(election: &Election<'_>) -> Checked {
    reviewed(election, |access| {
        let has = |name| candidates(election, access).any(|it| it.variable(name).is_some());
        let mut needed = Vec::new();
        if has("HA_DEATH_CERTIFICATES") {
            needed.extend([Right::GetPods, Right::WatchPods]);
        }
        if has("HA_SUCCESSOR") {
            needed.push(Right::ListPods);
        }
        let lacks = verbs(&needed, |it| !access.may(it));
        if lacks.is_empty() {
            return None;
        }
        let seen = format!("{} may not {} pods", access.user(), lacks.join(" or "));
        let fix = format!(
            "Allow it, or take HA_DEATH_CERTIFICATES and HA_SUCCESSOR out of the pods:\n\
             kubectl -n {ns} create role {name}-pods --verb={verbs} --resource=pods\n\
             kubectl -n {ns} create rolebinding {name}-pods --role={name}-pods \
             --serviceaccount={sans}:{sa}",
            ns = election.lease.namespace,
            name = election.lease.name,
            verbs = needed.iter().map(|it| it.verb()).collect::<Vec<_>>().join(","),
            sans = access.namespace,
            sa = access.account,
        );
        Some((seen, fix))
    })
}

/// Looks at each service account.
fn reviewed(
    election: &Election<'_>,
    look: impl Fn(&Access) -> Option<(String, String)>,
) -> Checked {
    let reviews: Look<&Vec<Access>> = election.access.as_ref().map_err(Clone::clone);
    let found = reviews?.iter().filter_map(|access| {
        let (seen, fix) = look(access)?;
        let about = About::named("ServiceAccount", &access.namespace, &access.account);
        Some(Seen::new(about, seen, fix))
    });
    Ok(found.collect())
}

/// The workloads that run as this service account.
fn candidates<'a>(
    election: &'a Election<'_>,
    access: &'a Access,
) -> impl Iterator<Item = &'a Workload<'a>> {
    election.workloads.iter().flatten().filter(|it| {
        (it.namespace(), it.account()) == (access.namespace.as_str(), access.account.as_str())
    })
}

fn verbs(rights: &[Right], which: impl Fn(Right) -> bool) -> Vec<&'static str> {
    rights.iter().filter(|it| which(**it)).map(|it| it.verb()).collect()
}

fn grant(election: &Election<'_>, access: &Access) -> String {
    let (ns, name) = (&election.lease.namespace, &election.lease.name);
    let (sans, sa) = (&access.namespace, &access.account);
    format!(
        "Allow what an election needs, on this one Lease:\n\
         kubectl -n {ns} create role {name}-election --verb=get,create,update \
         --resource=leases.coordination.k8s.io --resource-name={name}\n\
         kubectl -n {ns} create rolebinding {name}-election --role={name}-election \
         --serviceaccount={sans}:{sa}"
    )
}

fn role(election: &Election<'_>, by_put: bool) -> String {
    let name = &election.lease.name;
    let by_name = format!(
        "- apiGroups: [coordination.k8s.io]\n  resources: [leases]\n  resourceNames: [{name}]\n  \
         verbs: [get, create, update]"
    );
    if by_put {
        return by_name;
    }
    format!(
        "{by_name}\n- apiGroups: [coordination.k8s.io]\n  resources: [leases]\n  verbs: [create]"
    )
}
