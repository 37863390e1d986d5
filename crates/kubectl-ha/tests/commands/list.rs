//! `kubectl ha list`.

mod told;

use kubectl_ha::{Exit, Terminal};
use kunobi_ha_test::{Fault, FaultRule, Matcher};
use serde_json::json;

use crate::support::{Ground, allowing, lease, pod};

#[tokio::test(start_paused = true)]
async fn a_row_tells_who_holds_a_lease_and_when_it_was_renewed() {
    let ground = shop();
    ground.run("list").await.is("list/default");
    ground.run("list -A").await.is("list/all-namespaces");
    ground.run("list -A --all -o name").await.is("list/names");
    ground.run("list -n shop -o json").await.is("list/json");
    ground.run("list -n shop -o yaml").await.is("list/yaml");
    ground.run("list -A -o wide --no-headers").await.is("list/wide");
    ground.run("list -n empty").await.is("list/empty");
}

// The page begins with this one.
#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_seen_in_the_list() {
    let ground = Ground::new();
    for name in ["carts", "invoices", "mails", "orders"] {
        ground.put(&lease("shop", name));
        ground.put(&pod("shop", &format!("{name}-7d9f8b6c5-x2x4z"), name));
    }
    ground.server.edit("leases shop/carts", |lease| lease["spec"]["leaseTransitions"] = 512.into());
    ground.server.edit("leases shop/invoices", |lease| {
        lease["spec"]["renewTime"] = "2026-11-27T07:00:00.000000Z".into();
    });
    ground.server.edit("pods shop/invoices-7d9f8b6c5-x2x4z", |pod| {
        let state = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
        pod["status"]["containerStatuses"] = json!([{ "restartCount": 38, "state": state }]);
    });
    ground.server.edit("leases shop/mails", |lease| lease["spec"]["holderIdentity"] = "".into());
    ground.run("list -n shop").await.is("list/page");
}

#[tokio::test(start_paused = true)]
async fn rows_are_sorted_as_asked() {
    let ground = shop();
    for (column, first) in [
        ("name", "orders"),
        ("holder", "batch"),
        ("renewed", "batch"),
        ("slack", "stale"),
        ("transitions", "flapping"),
    ] {
        let done = ground.run(&format!("list --sort-by {column} --no-headers")).await;
        let names: Vec<_> =
            done.output.lines().filter_map(|line| line.split_whitespace().next()).collect();
        let wanted = if column == "name" { "batch" } else { first };
        let wanted = if column == "renewed" { "stale" } else { wanted };
        assert_eq!(names[0], wanted, "{column}: {names:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_those_with_the_labels_are_listed() {
    let ground = shop();
    assert_eq!(
        ground.run("list -l team=blue -o name").await.output,
        "lease.coordination.k8s.io/batch\n"
    );
}

#[tokio::test(start_paused = true)]
async fn what_ran_out_the_longest_ago_comes_first() {
    let ground = shop();
    let mut older = lease("default", "vanished");
    older["spec"]["renewTime"] = "2026-11-26T07:00:00.000000Z".into();
    ground.put(&older);
    let mut newer = lease("default", "a-newer-one");
    newer["spec"]["renewTime"] = "2026-11-27T09:00:00.000000Z".into();
    ground.put(&newer);
    let done = ground.run("list --sort-by slack --no-headers").await;
    let names: Vec<_> =
        done.output.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names[..3], ["vanished", "stale", "a-newer-one"], "{names:?}");
}

#[tokio::test(start_paused = true)]
async fn a_narrow_terminal_has_no_row_that_wraps() {
    let mut ground = shop();
    for (width, colours) in [(60, false), (80, false), (100, true)] {
        ground.terminal = terminal(width, colours);
        ground.run("list").await.is(&format!("list/terminal-{width}"));
        ground.run("list -A").await.is(&format!("list/terminal-{width}-all"));
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_right_to_pods_their_columns_are_unknown() {
    let ground = Ground::on(allowing(
        "{ apiGroups: [coordination.k8s.io], resources: [leases], verbs: [list] }",
    ));
    ground.put(&lease("default", "orders"));
    ground.run("list").await.is("list/no-pods");
    ground.run("list -A").await.is("list/no-rights");
}

#[tokio::test(start_paused = true)]
async fn one_odd_lease_spoils_no_other() {
    let ground = Ground::new();
    let mut odd = lease("default", "odd");
    odd["spec"] = json!({ "holderIdentity": 7, "renewTime": "soon", "leaseDurationSeconds": -1 });
    ground.put(&odd);
    ground.put(&lease("default", "orders"));
    ground.run("list -o wide").await.is("list/odd");
}

#[tokio::test(start_paused = true)]
async fn thousands_are_asked_for_in_pages_and_so_are_the_pods_of_their_holders() {
    let ground = Ground::new();
    for number in 0..1_200 {
        ground.put(&lease("default", &format!("lease-{number:04}")));
    }
    for number in 0..600 {
        let name = format!("lease-{number:04}");
        ground.put(&pod("default", &format!("{name}-7d9f8b6c5-x2x4z"), &name));
    }
    let done = ground.run("list --no-headers").await;
    assert_eq!((done.exit, done.output.lines().count()), (Exit::Fine, 1_200));
    assert_eq!(done.output.matches("Running").count(), 600);
    ground.server.assert_requested_times(3, Matcher::list("leases"));
    ground.server.assert_requested_times(2, Matcher::list("pods"));
    ground.server.assert_requested_times(5, Matcher::any());
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_forgotten_between_two_pages_is_listed_again() {
    let ground = Ground::new();
    for number in 0..1_200 {
        ground.put(&lease("default", &format!("lease-{number:04}")));
    }
    let second = FaultRule::new(Matcher::list("leases"), Fault::status(410)).skip(1).times(1);
    ground.server.add_rule("me", second);
    let done = ground.run("list -o name").await;
    assert_eq!(done.output.lines().count(), 1_200);
    ground.server.assert_requested_times(3, Matcher::list("leases"));
}

#[tokio::test(start_paused = true)]
async fn nothing_in_a_lease_reaches_the_terminal_raw() {
    let ground = Ground::new();
    let mut hostile = lease("default", "orders");
    hostile["spec"]["holderIdentity"] =
        format!("a\u{1b}[2J\nfake  row\r\u{202e}\u{9b}{}", "x".repeat(10_000)).into();
    hostile["spec"]["renewTime"] = "\u{1b}]0;title\u{7}".into();
    ground.put(&hostile);
    for format in ["", "-o wide", "-o json", "-o yaml", "-o name"] {
        for command in ["list", "get orders"] {
            let done = ground.run(&format!("{command} {format}")).await;
            let raw = crate::support::raw(&done.output);
            assert_eq!((raw, done.exit), (None, Exit::Fine), "{command} {format}: {}", done.output);
        }
    }
    ground.run("list").await.is("list/hostile");
}

#[tokio::test(start_paused = true)]
async fn what_can_not_be_asked_is_told_in_words() {
    let ground = Ground::new();
    ground.server.script("me", [Fault::Refuse]);
    ground.run("list").await.is("list/refused");
    ground.server.script("me", [Fault::status(401)]);
    ground.run("list").await.is("list/unauthorized");
    ground.server.script("me", [Fault::Hang]);
    ground.run("list --request-timeout 2s").await.is("list/late");
    ground.run("list --sort-by age").await.is("list/usage");
}

pub(super) fn shop() -> Ground {
    let ground = Ground::new();
    ground.put(&lease("default", "orders"));
    ground.put(&pod("default", "orders-7d9f8b6c5-x2x4z", "orders"));
    let mut batch = lease("default", "batch");
    batch["metadata"]["labels"] = json!({ "team": "blue" });
    batch["spec"]["holderIdentity"] = "batch-0_5f6b1c1e-8a3c-4a59-9d1c-0c8a1e0b6a3f".into();
    ground.put(&batch);
    let mut flapping = lease("default", "flapping");
    flapping["spec"]["leaseTransitions"] = 1_200.into();
    ground.put(&flapping);
    let mut released = lease("default", "released");
    released["spec"]["holderIdentity"] = "".into();
    ground.put(&released);
    let mut stale = lease("default", "stale");
    stale["spec"]["renewTime"] = "2026-11-27T07:00:00.000000Z".into();
    ground.put(&stale);
    ground.put(&lease("shop", "a-controller-of-the-shop"));
    for node in ["node-1", "node-2"] {
        ground.put(&lease("kube-node-lease", node));
    }
    ground
}

fn terminal(width: u16, colours: bool) -> Terminal {
    let mut terminal = Terminal::default();
    terminal.width = Some(width);
    terminal.colours = colours;
    terminal
}
