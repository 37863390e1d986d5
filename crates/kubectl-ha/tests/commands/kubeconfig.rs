//! Which cluster is asked, and what is said if it can't be.

use std::{
    fs,
    path::{Path, PathBuf},
};

use kubectl_ha::{Console, Exit, run};

use crate::support::{Done, Ground, Written, lease};

#[tokio::test]
async fn a_server_that_does_not_answer_is_named_with_its_context() {
    let file = file("refused", &config("http://127.0.0.1:1"));
    for words in ["list", "watch", "doctor", "get orders --context=c"] {
        let done = with(&file, words).await;
        let told = "error: the API server http://127.0.0.1:1 of the context c does not answer: ";
        assert!(done.errors.starts_with(told), "{words}: {}", done.errors);
        assert_eq!(done.exit, Exit::Failed);
        let context = if words.contains("--context") { " --context c" } else { "" };
        let hint = format!("`kubectl cluster-info{context} --kubeconfig {}`", file.display());
        assert!(done.errors.contains(&hint), "{words}: {}", done.errors);
    }
    let done = with(&file, "list --request-timeout=1ns").await;
    assert!(done.errors.contains("http://127.0.0.1:1 of the context c"), "{}", done.errors);
}

#[tokio::test]
async fn a_kubeconfig_that_is_broken_is_told_from_one_that_is_not_there() {
    let file = file("broken", "clusters: [\n");
    let broken = with(&file, "list").await;
    let told = format!("error: the kubeconfig can't be read: {}: ", file.display());
    assert!(broken.errors.starts_with(&told), "{broken:?}");
    let directory = with(Path::new(env!("CARGO_TARGET_TMPDIR")), "list").await;
    assert!(directory.errors.starts_with("error: the kubeconfig can't be read: "), "{directory:?}");
    let absent = with(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("absent"), "list").await;
    assert!(absent.errors.starts_with("error: there is no kubeconfig: /"), "{absent:?}");
    let empty = with(&self::file("empty-file", ""), "list").await;
    assert!(empty.errors.ends_with("\nIt has no context.\n"), "{empty:?}");
}

#[tokio::test]
async fn an_option_that_is_empty_is_not_given() {
    let file = file("empty", &config("http://127.0.0.1:1"));
    let done = with(&file, "list --context= --as= --namespace=").await;
    assert!(done.errors.contains(" of the context c does not answer"), "{}", done.errors);
}

#[tokio::test(start_paused = true)]
async fn an_empty_namespace_is_that_of_the_context() {
    let ground = Ground::new();
    ground.put(&lease("default", "orders"));
    ground.put(&lease("shop", "carts"));
    let done = ground.run("list --namespace= -o name").await;
    assert_eq!(done.output, "lease.coordination.k8s.io/orders\n");
}

async fn with(file: &Path, words: &str) -> Done {
    let (output, errors) = (Written::default(), Written::default());
    let console = Console::new(output.clone(), errors.clone());
    let option = format!("--kubeconfig={}", file.display());
    let arguments = ["kubectl-ha"].into_iter().chain(words.split_whitespace()).chain([&*option]);
    let exit = run(arguments, console).await;
    Done { exit, output: output.text(), errors: errors.text() }
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("kubeconfig-{name}"));
    fs::write(&path, text).unwrap();
    path
}

fn config(server: &str) -> String {
    format!(
        "apiVersion: v1
kind: Config
current-context: c
contexts: [{{ name: c, context: {{ cluster: a, user: u, namespace: \"\" }} }}]
clusters: [{{ name: a, cluster: {{ server: \"{server}\" }} }}]
users: [{{ name: u, user: {{}} }}]
"
    )
}
