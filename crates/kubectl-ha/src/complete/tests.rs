//! What the words before the last one ask for.

use super::*;

#[test]
fn commands_options_and_values_are_proposed() {
    assert!(these(&[""]).contains(&"list".into()));
    assert!(these(&["list", "--so"]).contains(&"--sort-by".into()));
    assert!(these(&["list", "--"]).contains(&"--namespace".into()), "options of all commands, too");
    for words in [
        &["list", "-o", ""][..],
        &["list", "--output="],
        &["list", "--output", "="],
        &["list", "-Ao", ""],
    ] {
        assert_eq!(these(words), ["wide", "json", "yaml", "name"], "{words:?}");
    }
    assert_eq!(asked(&["list", "--output", "=", "js"]).word, "js");
    assert_eq!(these(&["wait", "orders", "--for", ""]), ["leader", "holder=", "handover"]);
}

#[test]
fn what_is_in_the_cluster_is_asked_with_the_options_before_it() {
    let asked = asked(&["get", "-n", "shop", "--context=prod", "--as", "me", "-n"]);
    assert_eq!(asked.access.namespace.as_deref(), Some("shop"));
    assert_eq!(asked.access.context.as_deref(), Some("prod"));
    assert_eq!(asked.access.user.as_deref(), Some("me"));
    for (words, what) in [
        (&["get", "-n", "sh"][..], What::Namespaces),
        (&["--context", ""], What::Contexts),
        (&["list", "--kubeconfig", ""], What::Files),
        (&["get", "or"], What::Leases),
        (&["get", "orders", ""], What::Leases),
        (&["get", "--", "-x"], What::Leases),
        (&["step-down", "lease/orders", "--to", ""], What::Successors("orders".into())),
        (&["step-down", "--to", ""], What::Nothing),
        (&["list", ""], What::Nothing),
        (&["list", "--no-such-option="], What::Nothing),
    ] {
        assert_eq!(Asked::of(&command(), &strings(words)).what, what, "{words:?}");
    }
}

fn these(words: &[&str]) -> Vec<String> {
    match asked(words).what {
        What::These(these) => these.into_iter().map(|(word, _)| word).collect(),
        other => panic!("{other:?}"),
    }
}

fn asked(words: &[&str]) -> Asked {
    Asked::of(&command(), &strings(words))
}

fn command() -> clap::Command {
    let mut command = Cli::command();
    command.build();
    command
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
