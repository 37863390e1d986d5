use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{PodReadinessGate, PodSpec};

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn exit(code: i32) -> Exit {
    Exit {
        process: Some(9),
        code,
        reason: "Error",
        since: Some(at(1)),
        until: Some(at(2)),
        message: None,
    }
}

fn view(state: State, last: Option<Exit>) -> View {
    View { state, last, ..View::new("a", "op:v1") }
}

fn waiting() -> State {
    State::Waiting { reason: "CrashLoopBackOff", message: None }
}

fn running(ready: bool) -> View {
    let state = State::Running { process: 7, since: at(1) };
    View { started: true, ready, ..view(state, None) }
}

fn pod(policy: &str) -> Pod {
    let spec = PodSpec { restart_policy: Some(policy.into()), ..PodSpec::default() };
    Pod { spec: Some(spec), ..Pod::default() }
}

fn status(pod: &Pod, views: &[View], over: bool, before: &PodStatus, now: i64) -> PodStatus {
    let place = Place {
        node: "n".into(),
        node_address: Ipv4Addr::LOCALHOST,
        address: Ipv4Addr::new(127, 1, 0, 7),
    };
    Facts { pod, place: &place, views, over, before, now: at(now) }.status()
}

fn phase(policy: &str, views: &[View], over: bool) -> String {
    status(&pod(policy), views, over, &PodStatus::default(), 5).phase.unwrap()
}

fn condition<'a>(status: &'a PodStatus, kind: &str) -> &'a PodCondition {
    status.conditions.iter().flatten().find(|condition| condition.type_ == kind).unwrap()
}

#[test]
fn the_phase_follows_from_the_containers_and_the_restart_policy() {
    let crashing = view(waiting(), Some(exit(1)));
    let failed = view(State::Ended(exit(1)), None);
    let done = view(State::Ended(exit(0)), None);
    let cases = [
        ("Always", vec![view(waiting(), None), running(true)], false, "Pending"),
        ("Always", vec![running(false)], false, "Running"),
        ("Always", vec![crashing.clone()], false, "Running"),
        ("Always", vec![done.clone()], false, "Running"),
        ("OnFailure", vec![crashing], false, "Running"),
        ("OnFailure", vec![done.clone()], false, "Succeeded"),
        ("Never", vec![done.clone(), failed.clone()], false, "Failed"),
        ("Never", vec![running(true), failed.clone()], false, "Running"),
        ("Always", vec![done], true, "Succeeded"),
        ("Always", vec![failed], true, "Failed"),
        ("Always", vec![view(waiting(), None)], true, "Failed"),
    ];
    for (policy, views, over, expected) in cases {
        assert_eq!(phase(policy, &views, over), expected, "{policy} {views:?}");
    }
}

#[test]
fn ready_needs_every_container_and_every_gate() {
    let mut gated = pod("Always");
    let none = PodStatus::default();
    let mixed = status(&gated, &[running(true), running(false)], false, &none, 5);
    let ready = condition(&mixed, "Ready");
    assert_eq!(
        (ready.status.as_str(), ready.reason.as_deref()),
        ("False", Some("ContainersNotReady"))
    );
    assert_eq!(ready.message.as_deref(), Some("containers with unready status: [a]"));

    let gate = PodReadinessGate { condition_type: "example.com/open".into() };
    gated.spec.as_mut().unwrap().readiness_gates = Some(vec![gate]);
    let closed = status(&gated, &[running(true)], false, &none, 5);
    assert_eq!(condition(&closed, "ContainersReady").status, "True");
    assert_eq!(condition(&closed, "Ready").reason.as_deref(), Some("ReadinessGatesNotReady"));

    let open = PodCondition {
        type_: "example.com/open".into(),
        status: "True".into(),
        ..PodCondition::default()
    };
    gated.status.get_or_insert_default().conditions = Some(vec![open]);
    let open = status(&gated, &[running(true)], false, &none, 5);
    assert_eq!(condition(&open, "Ready").status, "True");
}

#[test]
fn a_transition_time_changes_with_the_status_only() {
    let pod = pod("Always");
    let unready = status(&pod, &[running(false)], false, &PodStatus::default(), 5);
    let still = status(&pod, &[running(false)], false, &unready, 6);
    assert_eq!(still, unready);
    let ready = status(&pod, &[running(true)], false, &still, 7);
    let since = |kind| condition(&ready, kind).last_transition_time.clone();
    assert_eq!(since("Ready"), Some(Time(at(7))));
    assert_eq!(since("PodScheduled"), Some(Time(at(5))));
    assert_eq!(ready.start_time, Some(Time(at(5))));
}

#[test]
fn a_crash_loop_shows_the_last_exit() {
    let looping = View { restarts: 3, ..view(waiting(), Some(exit(4))) };
    let status = status(&pod("Always"), &[looping], false, &PodStatus::default(), 5);
    let container = &status.container_statuses.unwrap()[0];
    assert_eq!(
        (container.restart_count, container.started, container.ready),
        (3, Some(false), false)
    );
    let state = container.state.as_ref().unwrap();
    assert_eq!(state.waiting.as_ref().unwrap().reason.as_deref(), Some("CrashLoopBackOff"));
    let last = container.last_state.as_ref().unwrap().terminated.as_ref().unwrap();
    assert_eq!((last.exit_code, last.reason.as_deref()), (4, Some("Error")));
    assert_eq!(container.container_id.as_deref(), Some("process://9"));
}
