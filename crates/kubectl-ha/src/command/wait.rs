//! `kubectl ha wait`.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::{Instant, timeout, timeout_at};

use crate::{
    api::Cluster,
    cli::{Access, Condition, WaitOptions},
    console::Console,
    exit::Exit,
    failure::Failure,
    lease::Lease,
    say,
    sight::{Seen, Sight},
    time::ServerTime,
    track::What,
};

/// Waits until the condition is true.
pub(crate) async fn run(
    access: &Access,
    options: &WaitOptions,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let WaitOptions { lease, condition, timeout } = options;
    let name = &lease.0;
    if *condition == Condition::Handover && timeout.is_zero() {
        let words = "`--for=handover --timeout=0` can never be true: a handover that is seen happens while one waits";
        return Err(Failure::Usage(words.into()));
    }
    let cluster = Cluster::connect(access, console).await?;
    let until = Instant::now() + *timeout;
    let Some(mut sight) = begin(&cluster, name, *timeout, until).await? else {
        return Ok(late(name, options, &unknown(&cluster), console));
    };
    let first = sight.lease().cloned();
    if first.is_none() {
        if timeout.is_zero() {
            // In kubectl's words, which scripts know.
            console.note(format!(
                "Error from server (NotFound): leases.coordination.k8s.io {name:?} not found"
            ));
            return Ok(Exit::Failed);
        }
        // The leader of a program that was just installed creates it.
        console.note(format!(
            "there is no Lease {name} in the namespace {} yet; waiting for it",
            cluster.namespace()
        ));
    }
    if *condition == Condition::Handover && first.as_ref().is_some_and(Lease::is_heartbeat) {
        let words =
            format!("`--for=handover` can never be true: {name} elects nobody, it is a heartbeat");
        return Err(Failure::NotNow(words));
    }
    let former = first.as_ref().and_then(|lease| lease.holder.clone());
    let now = Instant::now();
    let mut alive = first.as_ref().is_some_and(|lease| is_alive(lease, sight.time(), now));
    let mut met =
        first.as_ref().is_some_and(|lease| condition.is_met_at_first(lease, sight.time(), now));
    while !met {
        match sight.next(until).await? {
            None => {
                let state = match sight.lease() {
                    _ if sight.is_away() => unknown(&cluster),
                    Some(lease) => state(lease, alive),
                    None => absent(&cluster, name).await,
                };
                return Ok(late(name, options, &state, console));
            }
            Some(Seen::Happened(happened)) => {
                alive |= happened.iter().any(|what| leader(what).is_some());
                met = happened.iter().any(|what| condition.is_met_by(what, former.as_deref()));
            }
            Some(Seen::Away(why)) => console.note(say::away(&why)),
            Some(Seen::Back) => console.note(say::BACK),
        }
    }
    console.line(format!("lease.coordination.k8s.io/{name} condition met"))?;
    Ok(Exit::Fine)
}

/// Looks at the Lease; `None` if that takes longer than one waits. Without a time to wait it looks once, however long that takes.
async fn begin(
    cluster: &Cluster,
    name: &str,
    patience: Duration,
    until: Instant,
) -> Result<Option<Sight>, Failure> {
    let begun = Sight::begin(cluster, name);
    if patience.is_zero() {
        return begun.await.map(Some);
    }
    timeout_at(until, begun).await.map_or(Ok(None), |begun| begun.map(Some))
}

/// Says which Leases there are instead, if the server says that soon.
async fn absent(cluster: &Cluster, name: &str) -> String {
    let namespace = cluster.namespace();
    match timeout(SOON, cluster.no_such_lease(namespace, name)).await {
        Ok(failure) => failure.to_string(),
        Err(_) => unknown(cluster),
    }
}

fn unknown(cluster: &Cluster) -> String {
    format!("{} does not answer, so it is not known who leads", cluster.server())
}

impl Condition {
    /// Whether it is true of what is there at first: only a leader whose duration is not over by the server's clock counts.
    fn is_met_at_first(&self, lease: &Lease, time: ServerTime, now: Instant) -> bool {
        match self {
            Self::Leader => lease.holder.is_some() && is_alive(lease, time, now),
            Self::Holder(name) => lease.holder.as_ref() == Some(name) && is_alive(lease, time, now),
            Self::Handover => false,
        }
    }

    /// Whether it is true after this.
    fn is_met_by(&self, what: &What, former: Option<&str>) -> bool {
        let Some((holder, begins)) = leader(what) else {
            return false;
        };
        match self {
            Self::Leader => true,
            Self::Holder(name) => holder == name,
            Self::Handover => begins && former != Some(holder),
        }
    }
}

/// Returns who is seen to lead, and whether that begins.
fn leader(what: &What) -> Option<(&String, bool)> {
    match what {
        What::Renewed { holder, .. } => Some((holder, false)),
        What::HandedOver { holder, .. }
        | What::TakenOver { holder, .. }
        | What::Created { holder: Some(holder), .. } => Some((holder, true)),
        What::Found { .. }
        | What::Slow { .. }
        | What::Missed { .. }
        | What::Released { .. }
        | What::Created { holder: None, .. }
        | What::Deleted { .. }
        | What::Wished { .. }
        | What::Withdrawn { .. }
        | What::Changed { .. } => None,
    }
}

/// Whether the last renewal is neither from the future nor longer ago than the Lease lasts. A clock that is far off makes it
/// neither; then a renewal is waited for.
fn is_alive(lease: &Lease, time: ServerTime, now: Instant) -> bool {
    let age = lease.renewed.as_ref().and_then(|renewed| renewed.at).map(|at| time.age(at, now));
    let duration = lease.duration.and_then(|duration| SignedDuration::try_from(duration).ok());
    age.zip(duration).is_some_and(|(age, duration)| age > -DATE && age < duration)
}

/// Says who holds the Lease, and whether it was seen to lead.
fn state(lease: &Lease, alive: bool) -> String {
    match &lease.holder {
        None => "nobody holds the Lease".into(),
        Some(holder) if alive => format!("{holder} holds the Lease"),
        Some(holder) => format!("{holder} holds the Lease, and does not renew it"),
    }
}

fn late(name: &str, options: &WaitOptions, state: &str, console: &mut Console) -> Exit {
    if options.timeout.is_zero() {
        console.note(format!("error: condition not met for leases/{name}"));
    } else {
        console.note(format!("error: timed out waiting for the condition on leases/{name}"));
    }
    console.note(state);
    Exit::Failed
}

/// How long the last look may take.
const SOON: Duration = Duration::from_secs(2);
/// The seconds of the header `Date` are whole.
const DATE: SignedDuration = SignedDuration::from_secs(1);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_leader_is_alive_while_its_duration_is_not_over_by_the_servers_clock() {
        let now = Instant::now();
        let time = ServerTime::new("2026-11-27T10:00:00Z".parse().unwrap(), now);
        let cases = [
            ("2026-11-27T10:00:00.900000Z", true),
            ("2026-11-27T10:00:05Z", false),
            ("2026-11-27T09:59:46Z", true),
            ("2026-11-27T09:59:45Z", false),
            ("soon", false),
        ];
        for (renewed, alive) in cases {
            let lease = lease("a", 15, renewed);
            assert_eq!(Condition::Leader.is_met_at_first(&lease, time, now), alive, "{renewed}");
            assert_eq!(Condition::Holder("a".into()).is_met_at_first(&lease, time, now), alive);
            assert!(!Condition::Holder("b".into()).is_met_at_first(&lease, time, now));
            assert!(!Condition::Handover.is_met_at_first(&lease, time, now));
        }
        let free = lease("", 1, "2026-11-27T10:00:00Z");
        assert!(!Condition::Leader.is_met_at_first(&free, time, now));
    }

    #[test]
    fn a_renewal_shows_a_leader_and_only_another_holder_is_a_handover() {
        let renewed =
            What::Renewed { holder: "a".into(), after: Duration::ZERO, exact: true, late: false };
        let taken = |holder: &str| What::TakenOver {
            holder: holder.into(),
            from: None,
            gap: None,
            wished: false,
        };
        let released = What::Released { holder: "a".into(), successor: None };
        for (condition, met) in [
            (Condition::Leader, [true, true, true, false]),
            (Condition::Holder("b".into()), [false, false, true, false]),
            (Condition::Handover, [false, false, true, false]),
        ] {
            let events = [&renewed, &taken("a"), &taken("b"), &released];
            assert_eq!(
                events.map(|what| condition.is_met_by(what, Some("a"))),
                met,
                "{condition:?}"
            );
        }
        assert!(Condition::Handover.is_met_by(&taken("a"), None), "nobody held it before");
    }

    fn lease(holder: &str, duration: u64, renewed: &str) -> Lease {
        Lease::read(&json!({
            "metadata": { "name": "l" },
            "spec": { "holderIdentity": holder, "leaseDurationSeconds": duration, "renewTime": renewed },
        }))
    }
}
