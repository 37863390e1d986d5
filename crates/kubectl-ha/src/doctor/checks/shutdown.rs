//! Whether a pod has the time to end in order.

use super::super::{
    election::Election,
    finding::{Checked, Seen},
    workload::Workload,
};

pub(crate) fn grace(election: &Election<'_>) -> Checked {
    let mut found = Vec::new();
    for workload in election.known()? {
        let Some(planned) = seconds(workload, "HA_GRACE_PERIOD_SECONDS") else {
            continue;
        };
        let delay = seconds(workload, "HA_UNREADY_DELAY_SECONDS").unwrap_or_default();
        let (given, stop) = (given(workload), pre_stop(workload));
        let needed = planned + stop;
        if needed > given {
            let seen = format!(
                "terminationGracePeriodSeconds is {given}, and the program plans with {planned} s \
                 (HA_GRACE_PERIOD_SECONDS) after {stop} s of preStop"
            );
            found.push(Seen::new(workload.about(), seen, patch(workload, needed)));
        } else if delay >= planned {
            let seen = format!(
                "HA_UNREADY_DELAY_SECONDS is {delay}, and all of HA_GRACE_PERIOD_SECONDS is {planned}: \
                 nothing is left to drain in"
            );
            let fix = "Set HA_GRACE_PERIOD_SECONDS to the delay + 30, and \
                       terminationGracePeriodSeconds to that + preStop.";
            found.push(Seen::new(workload.about(), seen, fix));
        }
    }
    Ok(found)
}

pub(crate) fn shorter_than_lease(election: &Election<'_>) -> Checked {
    let lease = i64::try_from(election.duration().as_secs()).unwrap_or(i64::MAX);
    let held = election.lease.holder.is_some();
    let short = election.known()?.iter().filter(|it| held && given(it) < lease);
    let found = short.map(|it| {
        let given = given(it);
        let seen =
            format!("terminationGracePeriodSeconds is {given}, and the lease lasts {lease} s");
        Seen::new(it.about(), seen, patch(it, lease.max(30)))
    });
    Ok(found.collect())
}

fn given(workload: &Workload<'_>) -> i64 {
    workload.pod_spec().and_then(|it| it.termination_grace_period_seconds).unwrap_or(30)
}

fn seconds(workload: &Workload<'_>, variable: &str) -> Option<i64> {
    workload.variable(variable)?.parse().ok()
}

/// How long the longest preStop sleeps, as far as that can be told.
fn pre_stop(workload: &Workload<'_>) -> i64 {
    let hooks = workload.containers().filter_map(|it| it.lifecycle.as_ref()?.pre_stop.as_ref());
    hooks.filter_map(|it| Some(it.sleep.as_ref()?.seconds)).max().unwrap_or_default()
}

fn patch(workload: &Workload<'_>, seconds: i64) -> String {
    format!(
        "Give it that time:\nkubectl -n {} patch {} {} --type=merge -p '{{\"spec\":{{\"template\":{{\"spec\":{{\
         \"terminationGracePeriodSeconds\":{seconds}}}}}}}}}'",
        workload.namespace(),
        workload.kind.text().to_lowercase(),
        workload.name()
    )
}
