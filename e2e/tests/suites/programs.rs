//! Programs with clients of other languages, which `scripts/clients.sh` builds. Each prints a line for a step.

use std::{
    env,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use e2e::suites::{Column, Suite};
use tokio::process::Command;

use crate::sides;

#[test]
fn client_go_and_controller_runtime() {
    run("client-go", "suite-go", "suite", &[]);
}

#[test]
fn the_client_of_python() {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../interop/clients/python/suite.py");
    run("Python", "suite-python", "python/bin/python", &[program]);
}

#[test]
fn the_client_of_node() {
    run("Node", "suite-node", "node/run", &[]);
}

/// Runs a program on every side, unless it is not built.
fn run(name: &'static str, namespace: &str, program: &str, arguments: &[&str]) {
    let Some(program) = built(program) else {
        println!("suites: CLIENTS names no program for {name}, so it is not tested");
        return;
    };
    let mut suite = Suite::new(name, &[]);
    sides::run_program(&mut suite, namespace, &async |side, kubeconfig: &Path| {
        let mut command = Command::new(&program);
        command.args(arguments).arg("--kubeconfig").arg(kubeconfig);
        command.stdin(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true);
        let output = tokio::time::timeout(LIMIT, command.output()).await;
        let output = output.expect("it ends in time").expect("it starts");
        let lines = String::from_utf8(output.stdout).expect("it prints text");
        let column = Column::read(side, &lines).expect("it prints a step a line");
        assert!(output.status.success(), "{name}: {}", output.status);
        column
    });
    suite.finish();
}

fn built(program: &str) -> Option<PathBuf> {
    let path = Path::new(&env::var("CLIENTS").ok()?).join(program);
    path.exists().then_some(path)
}

const LIMIT: Duration = Duration::from_secs(240);
