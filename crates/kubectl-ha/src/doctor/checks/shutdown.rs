//! Whether a pod has the time to end in order.

use super::super::{
    election::Election,
    facts::{Because, Look},
    finding::{Checked, Seen, of_each},
    workload::Workload,
};

pub(crate) fn grace(election: &Election<'_>) -> Checked {
    of_each(election.known()?.iter().map(planned))
}

fn planned(workload: &Workload<'_>) -> Look<Option<Seen>> {
    let Some(planned) = seconds(workload, "HA_GRACE_PERIOD_SECONDS") else {
        return Err(Because::of(format!(
            "the template of {} does not say what the program plans with (HA_GRACE_PERIOD_SECONDS)",
            workload.about()
        )));
    };
    let delay = seconds(workload, "HA_UNREADY_DELAY_SECONDS").unwrap_or_default();
    let (given, stop) = (given(workload), pre_stop(workload));
    let needed = planned + stop;
    if needed > given {
        let seen = format!(
            "terminationGracePeriodSeconds is {given}, and the program plans with {planned} s \
             (HA_GRACE_PERIOD_SECONDS) after {stop} s of preStop"
        );
        return Ok(Some(Seen::new(workload.about(), seen, patch(workload, needed))));
    }
    if delay >= planned {
        let seen = format!(
            "HA_UNREADY_DELAY_SECONDS is {delay}, and all of HA_GRACE_PERIOD_SECONDS is {planned}: \
             nothing is left to drain in"
        );
        let fix = "Set HA_GRACE_PERIOD_SECONDS to the delay + 30, and \
                   terminationGracePeriodSeconds to that + preStop.";
        return Ok(Some(Seen::new(workload.about(), seen, fix)));
    }
    let mut hooks = workload.containers().filter_map(|it| it.lifecycle.as_ref()?.pre_stop.as_ref());
    if hooks.any(|it| it.sleep.is_none()) {
        let because = format!("how long preStop of {} takes is not known", workload.about());
        return Err(Because::of(because));
    }
    Ok(None)
}

pub(crate) fn shorter_than_lease(election: &Election<'_>) -> Checked {
    let lease = i64::try_from(election.lasts()?.as_secs()).unwrap_or(i64::MAX);
    let short = election.known()?.iter().filter(|it| given(it) < lease);
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
