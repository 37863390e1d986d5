//! What happens while the user thinks, and what is left behind if the command does not end as it should.

use std::io::{self, BufRead, Cursor, ErrorKind, Read, Write};

use kubectl_ha::{Console, Exit};
use kunobi_ha_test::{Fault, FaultRule, Faults, Matcher, TestServer, WatchFault};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::replicas::{after_look, nothing_was_written, pod, terminal, wish};
use crate::{
    election::{ORDERS, Played, beside, beside_with, clock, ms, s},
    support::{Done, Ground, Written},
};

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_gone_when_the_user_has_answered_is_neither_evicted_nor_asked() {
    for (manager, is_wished, words) in [
        ("manager", false, "step-down orders --evict"),
        ("kunobi-ha", false, "step-down orders"),
        ("kunobi-ha", true, "step-down orders"),
    ] {
        let ground = ground();
        let played = Played(&ground);
        if is_wished {
            played.edit(|lease| {
                lease["metadata"]["annotations"] = json!({ "kunobi.ninja/wish": "orders-2" });
            });
        }
        let renewals = played.renew_as(manager, 9, s(2));
        let done = answered_after(&ground, words, renewals, |server| {
            server.edit(ORDERS, |lease| {
                lease["spec"]["holderIdentity"] = "orders-2".into();
                lease["spec"]["acquireTime"] = "2026-11-27T10:00:13.000000Z".into();
            });
        });
        let done = done.await;
        let told = "error: orders-1 no longer leads, so nothing was done; run the command again\n";
        assert_eq!((after_look(&done), done.exit), (told, Exit::Failed), "{words}: {done:?}");
        nothing_was_written(&ground);
    }
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_was_created_again_while_the_user_thought_is_not_evicted() {
    let ground = ground();
    let played = Played(&ground);
    let renewals = played.renew_as("manager", 9, s(2));
    let done = answered_after(&ground, "step-down orders --evict", renewals, |server| {
        let mut pod = server.get("pods default/orders-1").unwrap();
        pod["metadata"]["uid"] = "another".into();
        server.inject("pods default/orders-1", pod);
    });
    let done = done.await;
    let told = "error: there is another pod orders-1 by now, so nothing was evicted; run the command again\n";
    assert_eq!((after_look(&done), done.exit), (told, Exit::Failed));
    ground.server.assert_requested_times(1, Matcher::create("pods/eviction"));
    assert!(ground.server.get("pods default/orders-1").is_some());
}

#[tokio::test(start_paused = true)]
async fn no_wish_is_left_behind_if_the_handover_may_not_be_watched() {
    let ground = ground();
    for (number, fault) in (0..).zip([Fault::watch(1, WatchFault::End), Fault::status(403)]) {
        let rule = FaultRule::new(Matcher::watch("leases"), fault);
        ground.server.add_rule("me", rule.skip(number).times(1));
    }
    let done = beside(&ground, "step-down orders --yes", Played(&ground).renew(9, s(2))).await;
    let told = "The wish was taken back.\nerror: you may not watch leases";
    assert!(after_look(&done).starts_with(told), "{}", done.errors);
    assert_eq!((wish(&ground), done.exit), (Value::Null, Exit::Failed));
    ground.server.assert_requested_times(2, Matcher::patch("leases"));
}

#[tokio::test(start_paused = true)]
async fn no_wish_is_left_behind_if_nobody_reads_the_output_any_more() {
    let ground = ground();
    let played = Played(&ground);
    let errors = Written::default();
    let script = async {
        played.renew(1, s(2)).await;
        ground.server.until_requested(Matcher::patch("leases"), 1).await;
        sleep(ms(10)).await;
        played.edit(|lease| lease["spec"]["leaseDurationSeconds"] = 20.into());
    };
    let client = kube::Client::new(ground.server.service("me"), "default");
    let console = Console::new(Closed { lines: 1 }, errors.clone()).with_client(client);
    let done = beside_with(&ground, "step-down orders --yes", script, |_| console).await;
    assert!(errors.text().contains("The wish was taken back.\n"), "{}", errors.text());
    assert_eq!((wish(&ground), done.exit), (Value::Null, Exit::Failed));
}

#[tokio::test(start_paused = true)]
async fn a_wish_that_can_not_be_taken_back_is_told_with_the_command_that_does_it() {
    let ground = ground();
    let script = async {
        Played(&ground).renew(1, s(2)).await;
        ground.server.until_requested(Matcher::patch("leases"), 1).await;
        sleep(ms(10)).await;
        ground.server.set_faults("me", Faults { cut_requests: true, ..Faults::default() });
    };
    let done = beside(&ground, "step-down orders --yes --context prod", script).await;
    let errors = after_look(&done);
    let told = "error: the API server does not answer, so it is not known whether orders-1 has handed over\n\
                error: the wish was not taken back: no answer of the API server within 30s";
    assert!(errors.contains(told), "{errors}");
    let command =
        "`kubectl annotate lease orders kunobi.ninja/wish- -n default --context prod` does that.\n";
    assert!(errors.ends_with(command), "{errors}");
    assert_eq!((wish(&ground), done.exit), ("orders-2".into(), Exit::Failed));
}

// The process is a real one, and so is the time.
#[cfg(unix)]
#[tokio::test]
async fn no_wish_is_left_behind_if_a_signal_ends_the_command() {
    for (signal, why, code) in [
        ("INT", "interrupted", 130),
        ("TERM", "terminated (SIGTERM)", 143),
        ("HUP", "the terminal was closed (SIGHUP)", 129),
    ] {
        let (errors, exit, wish) = ended_by(signal).await;
        let told =
            format!("error: {why}; a handover that has begun goes on\nThe wish was taken back.\n");
        assert!(errors.ends_with(&told), "{signal}: {errors}");
        assert_eq!((wish, exit), (Value::Null, Some(code)), "{signal}");
    }
}

/// Sends this signal when the wish is written, and returns the errors, the exit code and the wish that is left.
#[cfg(unix)]
async fn ended_by(signal: &str) -> (String, Option<i32>, Value) {
    let ground = ground();
    let listener = ground.server.listen("127.0.0.1:0").await.unwrap();
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("kubeconfig-ended");
    std::fs::write(&path, listener.kubeconfig("me")).unwrap();
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_kubectl-ha"));
    command.args(["step-down", "orders", "--yes", "--kubeconfig"]).arg(&path);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.kill_on_drop(true).spawn().unwrap();
    let played = Played(&ground);
    tokio::select! {
        _ = ground.server.until_requested(Matcher::patch("leases"), 1).within(s(60)) => {}
        () = played.renew(600, ms(100)) => panic!("the leader was not asked"),
    }
    let process = child.id().unwrap().to_string();
    std::process::Command::new("kill").args(["-s", signal, &process]).status().unwrap();
    let done = timeout(s(60), child.wait_with_output()).await.unwrap().unwrap();
    let errors = String::from_utf8(done.stderr).unwrap();
    (errors, done.status.code(), wish(&ground))
}

#[tokio::test(start_paused = true)]
async fn the_time_while_the_server_is_away_is_no_silence_of_the_leader() {
    let ground = ground();
    let breaks = Fault::watch(0, WatchFault::Break);
    ground.server.add_rule("me", FaultRule::new(Matcher::watch("leases"), breaks).times(1));
    let script = async {
        sleep(ms(100)).await;
        ground.server.set_faults("me", Faults { refuse: true, ..ground.server.faults("me") });
        sleep(s(4)).await;
        ground.server.heal("me");
        // Later than one lease after the command began, and sooner than one after the server was back.
        sleep(s(12)).await;
        Played(&ground).renew(9, s(1)).await;
    };
    let done = beside(&ground, "step-down orders --dry-run", script).await;
    assert_eq!(done.exit, Exit::Fine, "{done:?}");
}

#[tokio::test(start_paused = true)]
async fn a_leader_is_not_called_dead_by_one_who_could_not_look() {
    let ground = ground();
    let script = async {
        sleep(s(1)).await;
        ground.server.set_faults("me", Faults { cut_requests: true, ..Faults::default() });
    };
    let done = beside(&ground, "step-down orders --yes", script).await;
    let told = "the API server does not answer; asking again\n\
                error: the API server does not answer, so it is not known whether orders-1 still leads\n";
    assert_eq!((after_look(&done), done.exit), (told, Exit::Failed));
}

/// A leader with a sibling, and a person who can be asked.
fn ground() -> Ground {
    let mut ground = Ground::new();
    ground.terminal = terminal();
    pod(&ground, "orders-1");
    pod(&ground, "orders-2");
    let played = Played(&ground);
    played.begin("orders-1", 3);
    played.edit(|lease| lease["spec"]["acquireTime"] = "2026-11-27T09:00:00.000000Z".into());
    ground
}

/// Runs a command while the script happens, and says yes when something else has happened.
async fn answered_after(
    ground: &Ground,
    words: &str,
    script: impl Future<Output = ()>,
    meanwhile: impl FnOnce(&TestServer) + Send + Sync + 'static,
) -> Done {
    let server = ground.server.clone();
    let meanwhile = Box::new(move || meanwhile(&server));
    let answer = Answer { meanwhile: Some(meanwhile), yes: Cursor::new("yes\n") };
    beside_with(ground, words, script, |console| console.with_clock(clock).with_input(answer)).await
}

/// A person who says yes after a while.
struct Answer {
    meanwhile: Option<Box<dyn FnOnce() + Send + Sync>>,
    yes: Cursor<&'static str>,
}

impl Read for Answer {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.yes.read(into)
    }
}

impl BufRead for Answer {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if let Some(meanwhile) = self.meanwhile.take() {
            meanwhile();
        }
        self.yes.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.yes.consume(amount);
    }
}

/// An output that nobody reads after so many lines.
struct Closed {
    lines: usize,
}

impl Write for Closed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.lines == 0 {
            return Err(ErrorKind::BrokenPipe.into());
        }
        self.lines -= usize::from(bytes.ends_with(b"\n"));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
