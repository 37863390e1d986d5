//! The termination message says why a program failed (rule C8).

use std::{env, fs, path::PathBuf, process};

use kunobi_ha::shutdown::{Reason, Report, Shutdown};

use crate::{SIGTERM, log::Log};

#[tokio::test(start_paused = true)]
async fn the_first_failure_is_in_the_termination_message_on_one_line() {
    let file = file("panic");
    let shutdown = Shutdown::builder().termination_message(&file).manual().unwrap();
    let handle = shutdown.handle();
    handle.spawn("worker", async { panic!("item 7 is poisoned\nkunobi-ha/1 default/l a now") });
    let report = shutdown.finished().await;
    assert_eq!(report.exit_code(), 1);
    let said = "error: worker panicked: item 7 is poisoned kunobi-ha/1 default/l a now\n";
    assert_eq!(fs::read_to_string(&file).unwrap(), said);
    fs::remove_file(file).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_loss_is_said_and_a_clean_end_is_not() {
    let lost = || Reason::LeadershipLost("another holder".into());
    for (name, reason, said) in [
        ("clean", SIGTERM, ""),
        ("lost", lost(), "error: leadership was lost: another holder; exit code 4\n"),
    ] {
        let file = file(name);
        let _report = end_with(reason, &file).await;
        assert_eq!(fs::read_to_string(&file).unwrap(), said);
        fs::remove_file(file).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_can_not_be_written_is_told_and_changes_nothing() {
    let log = Log::capture();
    let missing = PathBuf::from("/nowhere/termination-log");
    let report = end_with(Reason::TaskFailed("no luck".into()), &missing).await;
    assert_eq!(report.exit_code(), 1);
    let told = log.lines("the reason is not in the termination message: /nowhere");
    assert_eq!(told.len(), 1, "{told:?}");
}

async fn end_with(reason: Reason, file: &PathBuf) -> Report {
    let shutdown = Shutdown::builder().termination_message(file).manual().unwrap();
    shutdown.handle().trigger(reason);
    shutdown.finished().await
}

/// An empty file, as a container has it.
fn file(name: &str) -> PathBuf {
    let path = env::temp_dir().join(format!("kunobi-ha-message-{}-{name}", process::id()));
    fs::write(&path, "").unwrap();
    path
}
