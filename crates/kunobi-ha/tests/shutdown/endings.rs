//! The code with which a process ends.

use std::process::{ExitCode, Termination};

use kunobi_ha::shutdown::{Reason, exit_code};

use crate::{SIGINT, SIGTERM, begin, endless, log::Log};

#[tokio::test(start_paused = true)]
async fn each_ending_has_its_code() {
    let lost = || Reason::LeadershipLost("the lease has another holder".into());
    let requested = || Reason::Requested("controllers is done".into());
    let failed = || Reason::TaskFailed("webhook failed: no certificate".into());
    let cases = [
        (SIGTERM, false, exit_code::CLEAN, 0),
        (SIGINT, false, exit_code::CLEAN, 0),
        (requested(), false, exit_code::CLEAN, 0),
        (failed(), false, exit_code::TASK_FAILED, 1),
        (failed(), true, exit_code::TASK_FAILED, 1),
        (SIGTERM, true, exit_code::DRAIN_BUDGET_SPENT, 3),
        (requested(), true, exit_code::DRAIN_BUDGET_SPENT, 3),
        (lost(), false, exit_code::LEADERSHIP_LOST, 4),
        (lost(), true, exit_code::LEADERSHIP_LOST, 4),
    ];
    for (reason, stuck, constant, code) in cases {
        let (handle, end) = begin();
        if stuck {
            handle.spawn("stuck", endless());
        }
        let log = Log::capture();
        handle.trigger(reason.clone());
        let report = end.await.unwrap();
        let level = match code {
            0 => "INFO stopped",
            3 => "WARN stopped",
            _ => "ERROR stopped",
        };
        assert_eq!(log.lines(level).len(), 1, "{reason}: {:?}", log.lines(""));
        assert_eq!((report.exit_code(), constant), (code, code), "{reason}, stuck: {stuck}");
        let returned = format!("{:?}", report.report());
        assert_eq!(returned, format!("{:?}", ExitCode::from(code)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_during_the_drain_goes_before_the_reason() {
    for reason in [SIGTERM, Reason::LeadershipLost("another holder".into())] {
        let (handle, end) = begin();
        handle.spawn("work", {
            let handle = handle.clone();
            async move {
                handle.draining().await;
                Err("half-way".into())
            }
        });
        handle.trigger(reason.clone());
        let report = end.await.unwrap();
        assert_eq!((&report.reason, report.exit_code()), (&reason, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_loss_during_the_drain_goes_before_the_drain_and_after_a_failure() {
    for (stuck, fails, code) in [(false, false, 4), (true, false, 4), (true, true, 1)] {
        let (handle, end) = begin();
        if stuck {
            handle.spawn("stuck", endless());
        }
        handle.trigger(SIGTERM);
        handle.trigger(Reason::LeadershipLost("another holder".into()));
        if fails {
            handle.trigger(Reason::TaskFailed("no space left".into()));
        }
        let report = end.await.unwrap();
        assert_eq!((&report.reason, report.exit_code()), (&SIGTERM, code), "{report}");
        assert!(report.to_string().contains("SIGTERM; leadership was lost: another holder"));
    }
}

#[test]
fn reasons_can_be_read() {
    let cases = [
        (SIGTERM, "SIGTERM"),
        (SIGINT, "SIGINT"),
        (Reason::Signal(1), "signal 1"),
        (Reason::Requested("an API".into()), "an API"),
        (Reason::TaskFailed("a failed: b".into()), "a failed: b"),
        (Reason::LeadershipLost("why".into()), "leadership was lost: why"),
    ];
    for (reason, text) in cases {
        assert_eq!(reason.to_string(), text);
    }
}
