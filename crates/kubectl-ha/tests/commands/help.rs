//! The help.

use kubectl_ha::Exit;

use crate::support::Ground;

#[tokio::test(start_paused = true)]
async fn help_is_a_command_too() {
    let ground = Ground::new();
    let (command, option) = (ground.run("help list").await, ground.run("list --help").await);
    assert_eq!((command.exit, command.output), (Exit::Fine, option.output));
}

#[tokio::test(start_paused = true)]
async fn where_there_is_a_schema_the_help_says_where_it_is_written_down() {
    let ground = Ground::new();
    for command in ["list", "get", "watch", "explain", "doctor"] {
        let help = ground.run(&format!("{command} --help")).await.output;
        let schema = "https://github.com/kunobi-ninja/kunobi-ha/blob/main/crates/kubectl-ha/README.md#json-and-yaml";
        assert!(help.contains(schema) && !help.contains("the README"), "{help}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_lists_one_lease_is_told_how_to_show_it() {
    let ground = Ground::new();
    let tip = "tip: to show one Lease, use `kubectl ha get orders`";
    for words in ["list orders", "list -n shop lease/orders", "list --watch orders"] {
        let done = ground.run(words).await;
        assert!(done.errors.contains(tip), "{words}: {}", done.errors);
        assert_eq!(done.exit, Exit::Usage, "{words}");
    }
    for words in ["list --nope", "completion bash orders", "list --sort-by age"] {
        let done = ground.run(words).await;
        assert!(!done.errors.contains("kubectl ha get"), "{words}: {}", done.errors);
    }
}
