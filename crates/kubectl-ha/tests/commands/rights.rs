//! What a user without rights is told to apply is enough.

use kubectl_ha::Exit;
use kunobi_ha_test::TestServer;
use tokio::time::sleep;

use crate::{
    election::{Played, beside, s},
    support::{Ground, Written},
};

#[tokio::test(start_paused = true)]
async fn what_is_applied_for_a_command_allows_all_of_it() {
    for words in [
        "list",
        "list -A",
        "get orders",
        "wait orders --for=leader",
        "wait orders --for=handover --timeout=1s",
        "explain orders --observe 1s",
        "explain nope",
        "step-down orders --dry-run",
        "step-down orders --yes --timeout=9s",
        "step-down orders --yes --timeout=9s --evict",
        "doctor --observe 0s",
    ] {
        let ground = ground(&denied(words).await);
        let done = beside(&ground, words, Played(&ground).renew(9, s(2))).await;
        assert!(!done.errors.contains("you may not"), "{words}: {}", done.errors);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_applied_for_a_command_that_goes_on_allows_all_of_it() {
    for words in ["list -w", "watch", "watch -A", "watch orders"] {
        let granted = denied(words).await;
        let ground = ground(&granted);
        let (output, errors) = (Written::default(), Written::default());
        let arguments: Vec<_> = ["kubectl-ha"].into_iter().chain(words.split(' ')).collect();
        tokio::select! {
            exit = kubectl_ha::run(arguments, ground.console(&output, &errors)) => {
                panic!("{words}: {exit:?} {}", errors.text())
            }
            () = sleep(s(60)) => {}
        }
        assert_eq!(errors.text(), "", "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_user_is_given_a_role_of_all_verbs_and_a_binding() {
    ground("").run("watch").await.is("rights/watch");
    ground("").run("step-down orders --yes --evict -n shop").await.is("rights/step-down");
    ground("").run("list -A").await.is("rights/list-all");
}

// A Role for the command would not help, and each further attempt would print it again.
#[tokio::test(start_paused = true)]
async fn who_may_not_ask_as_another_user_is_given_no_role() {
    ground("").run("list --as=bob --as-group=team").await.is("rights/as");
}

/// Returns what is to be applied.
async fn denied(words: &str) -> String {
    let done = ground("").run(words).await;
    assert_eq!(done.exit, Exit::Failed, "{words}: {done:?}");
    let (_, objects) = done.errors.split_once("would allow all that this command does:\n").unwrap();
    objects.to_owned()
}

/// An election, on a server on which nobody has a right but by these objects.
fn ground(objects: &str) -> Ground {
    let builder = TestServer::builder().with_rbac().with_namespaces(["shop"]);
    let builder = if objects.is_empty() { builder } else { builder.with_objects(objects) };
    let ground = Ground::on(builder.build());
    Played(&ground).begin("orders-1", 3);
    for name in ["orders-1", "orders-2"] {
        ground.put(&crate::support::pod("default", name, "orders"));
    }
    ground
}
