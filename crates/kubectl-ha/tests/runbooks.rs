//! The commands of the runbooks are those of this program, and what it says of the library's log is so.

#![expect(clippy::unwrap_used, reason = "a test may panic, and so may what it is built of")]

use std::{fs, path::Path, process::Command};

/// Returns the words after `kubectl ha` of each command, without its comment.
fn commands() -> Vec<(String, Vec<String>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/runbooks");
    let mut commands = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        for line in fs::read_to_string(&path).unwrap().lines() {
            let Some((_, command)) = line.split_once("kubectl ha ") else { continue };
            let command = command.split(['#', '`']).next().unwrap();
            let words = command.split_whitespace().map(|it| it.trim_start_matches('$').to_owned());
            commands.push((path.display().to_string(), words.collect()));
        }
    }
    commands
}

/// Whether the program takes these words: it reads them, and shows its help instead of doing it.
fn takes(words: &[String]) -> bool {
    let mut program = Command::new(env!("CARGO_BIN_EXE_kubectl-ha"));
    program.args(words).arg("--help").output().unwrap().status.success()
}

#[test]
fn each_command_of_the_runbooks_is_understood() {
    let commands = commands();
    assert!(commands.len() >= 10, "{commands:?}");
    for (page, words) in commands {
        assert!(takes(&words), "{page}: kubectl ha {}", words.join(" "));
    }
}

/// A step-down that comes late says what to look for in the log.
#[test]
fn each_line_of_the_log_that_step_down_names_is_one_of_the_library() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = fs::read_to_string(root.join("src/command/step_down/handover.rs")).unwrap();
    let page = fs::read_to_string(root.join("../../docs/messages.md")).unwrap();
    let named: Vec<_> = source
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("- \\\"")?.split_once("\\\""))
        .map(|(words, _)| words)
        .collect();
    assert_eq!(named.len(), 3, "{named:?}");
    for words in named {
        let is_listed = |line: &str| line.starts_with("| INFO | `") && line.contains(words);
        assert!(page.lines().any(is_listed), "{words}");
    }
}

#[test]
fn a_command_that_there_is_not_is_noticed() {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert!(!takes(&words("explian -n NS LEASE")));
    assert!(!takes(&words("explain --namespac NS LEASE")));
}
