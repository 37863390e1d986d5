//! What kubectl shows.

use std::process::Command;

use kunobi_ha::leader::Release;

use crate::installation::{Installation, NAME, PLANE, until};

#[tokio::test]
async fn kubectl_shows_who_leads_and_what_happened() {
    if Command::new("kubectl").arg("version").arg("--client").output().is_err() {
        println!("access: no kubectl here, so what it shows is not tested");
        return;
    }
    let installation = Installation::of("events").await;
    let kubectl = |arguments: &[&str]| {
        let output = Command::new("kubectl")
            .arg("--kubeconfig")
            .arg(PLANE.kubeconfig("admin").unwrap())
            .args(["--namespace", &installation.namespace])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        println!("$ kubectl {}\n{text}", arguments.join(" "));
        text
    };
    let guard = installation.election("operator-7d4f-x2x9b").events(true).build();
    let guard = guard.acquire().await.unwrap();
    let table = kubectl(&["get", "lease"]);
    let words = |text: &str, line: usize| {
        let line = text.lines().nth(line).unwrap_or_default();
        line.split_whitespace().map(String::from).collect::<Vec<_>>()
    };
    assert_eq!(words(&table, 0), ["NAME", "HOLDER", "AGE"]);
    assert_eq!(words(&table, 1)[..2], [NAME, "operator-7d4f-x2x9b"]);

    assert_eq!(guard.step_down().await, Release::Released);
    until("both events are written", async || {
        (installation.events().await.len() == 2).then_some(())
    })
    .await;
    let table = kubectl(&["get", "lease"]);
    assert_eq!(words(&table, 1).len(), 2, "nobody holds it: {table}");
    let events = kubectl(&["get", "events"]);
    assert_eq!(words(&events, 0), ["LAST", "SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]);
    for said in ["became leader", "stopped leading"] {
        let line = events.lines().find(|line| line.contains(said)).unwrap();
        let expected = format!("Normal LeaderElection lease/{NAME} operator-7d4f-x2x9b {said}");
        let line: Vec<&str> = line.split_whitespace().skip(1).collect();
        assert_eq!(line.join(" "), expected);
    }
    let described = kubectl(&["describe", "lease", NAME]);
    let events = described.split("Events:").nth(1).unwrap();
    assert!(events.contains("became leader") && events.contains("stopped leading"), "{events}");
    assert!(events.contains("kunobi-ha"), "{events}");
}
