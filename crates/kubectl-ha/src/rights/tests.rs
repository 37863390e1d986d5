//! What a user is told to apply.

use clap::Parser;

use super::*;
use crate::{
    api::{Kind, Target},
    cli::Cli,
};

#[test]
fn a_user_is_named_as_the_server_named_it() {
    let watch = rights("watch");
    let told = watch.granted(&denied(r#"leases is forbidden: User "oidc:me/you" cannot list"#));
    assert!(told.contains(r#"kind: User, name: "oidc:me/you" }"#), "{told}");
    assert!(
        told.contains(r#"{ name: "kubectl-ha-watch:oidc:me-you", namespace: shop }"#),
        "{told}"
    );
    let told = watch.granted(&denied("no"));
    assert!(told.ends_with("name: \"YOU\" } # `kubectl auth whoami` tells your name"), "{told}");
}

#[test]
fn two_sets_of_rights_have_two_names() {
    let words = [
        "list",
        "list -w",
        "get a",
        "watch",
        "wait a --for=leader",
        "explain a",
        "step-down a",
        "step-down a --evict",
        "doctor",
        "completion bash",
    ];
    let mut names: Vec<_> = words.iter().map(|words| rights(words).name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), words.len(), "{names:?}");
}

#[test]
fn the_page_has_the_role_of_the_doctor() {
    let page = include_str!("../../README.md");
    for rule in rights("doctor").rules {
        assert!(page.contains(&rule.line()), "{}", rule.line());
    }
}

fn rights(words: &str) -> Rights {
    let cli = Cli::try_parse_from(["kubectl-ha"].into_iter().chain(words.split(' '))).unwrap();
    Rights::of(&cli.command)
}

fn denied(message: &str) -> Denied {
    Denied { target: Target::list(Kind::LEASES, Some("shop")), message: message.into() }
}
