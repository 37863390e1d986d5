//! kubectl's everyday commands, as `kubectl/steps.yaml` lists them.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use e2e::suites::{Column, Failure, Known, Side, Suite};
use serde::Deserialize;
use tokio::process::Command;

use crate::sides;

/// A line for a shell, and what it must print.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    #[serde(rename = "step")]
    name: String,
    run: String,
    #[serde(default)]
    has: Vec<String>,
    /// It must fail, and print this.
    fails: Option<String>,
}

/// Where the lines run.
struct Shell {
    folder: PathBuf,
    path: String,
    kubeconfig: PathBuf,
}

#[test]
fn everyday_commands_of_kubectl() {
    let Some(path) = path() else {
        println!("suites: CLIENTS names no kubectl, so its commands are not tested");
        return;
    };
    let steps: Vec<Step> = serde_saphyr::from_str(STEPS).expect("steps.yaml has steps");
    let mut suite = Suite::new("kubectl", KNOWN);
    sides::run_program(&mut suite, "suite-kubectl", &async |side, kubeconfig: &Path| {
        let mut column = Column::new(side);
        let shell = Shell::new(side, path.clone(), kubeconfig);
        for step in &steps {
            column.step(&step.name, shell.run(step)).await;
        }
        column
    });
    suite.finish();
}

/// What the shell finds kubectl in: the one that `scripts/clients.sh` builds, as others print other texts.
fn path() -> Option<String> {
    let clients = env::var("CLIENTS").ok()?;
    let is_built = Path::new(&clients).join("kubectl").exists();
    is_built.then(|| format!("{clients}:{}", env::var("PATH").unwrap_or_default()))
}

impl Shell {
    fn new(side: Side, path: String, kubeconfig: &Path) -> Self {
        let name = format!("suite-kubectl-{}-{side:?}", std::process::id());
        let folder = env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a folder can be made");
        Self { folder, path, kubeconfig: kubeconfig.to_owned() }
    }

    async fn run(&self, step: &Step) -> Result<(), Failure> {
        let mut command = Command::new("bash");
        command
            .args(["-c", &format!("set -o pipefail\n{}", step.run)])
            .current_dir(&self.folder)
            .env("PATH", &self.path)
            .env("HOME", &self.folder)
            .env("KUBECONFIG", &self.kubeconfig)
            // Documents of another server with the same port must not be found in it.
            .env("KUBECACHEDIR", self.folder.join(".cache"))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = tokio::time::timeout(LIMIT, command.output())
            .await
            .map_err(|_| format!("does not end within {LIMIT:?}"))??;
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        step.check(output.status.success(), &text).map_err(Into::into)
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // A leftover is in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Step {
    fn check(&self, succeeds: bool, text: &str) -> Result<(), String> {
        let missing = self.has.iter().chain(&self.fails).find(|part| !text.contains(*part));
        let shown: String = text.chars().take(400).collect();
        match missing {
            Some(missing) => Err(format!("no {missing:?} in: {shown}")),
            None if succeeds != self.fails.is_some() => Ok(()),
            None if succeeds => Err(format!("does not fail: {shown}")),
            None => Err(format!("fails: {shown}")),
        }
    }
}

#[test]
fn a_step_that_prints_something_else_fails() {
    let step = |fails: Option<&str>| Step {
        name: String::new(),
        run: String::new(),
        has: vec!["a".into()],
        fails: fails.map(Into::into),
    };
    assert_eq!(step(None).check(true, "a"), Ok(()));
    assert!(step(None).check(true, "b").is_err());
    assert!(step(None).check(false, "a").is_err());
    assert_eq!(step(Some("b")).check(false, "a b"), Ok(()));
    assert!(step(Some("b")).check(true, "a b").is_err());
    assert!(step(Some("b")).check(false, "a").is_err());
}

const LIMIT: Duration = Duration::from_secs(25);
const STEPS: &str = include_str!("kubectl/steps.yaml");
const KNOWN: &[Known] = &[];
