//! What is wrong is told, with what to do, and nothing is started.

use std::net::TcpListener;

use crate::support::{Folder, refused};

/// Arguments, and what is said of them.
type Case<'a> = (&'a [&'a str], &'a [&'a str]);

#[test]
fn a_wrong_argument_is_named_with_what_to_do() {
    let folder = Folder::new("arguments");
    let broken = folder.write("broken.yaml", "a: [");
    let unknown =
        folder.write("unknown.yaml", "{ apiVersion: x.y/v1, kind: Z, metadata: { name: a } }");
    let astray = folder.write(
        "astray.yaml",
        "{ apiVersion: v1, kind: Secret, metadata: { name: a, namespace: t } }",
    );
    let empty = folder.write("empty/notes.txt", "none").replace("/notes.txt", "");
    let missing = folder.path("missing");
    let cases: &[Case] = &[
        (&["--port", "1"], &["invalid option '--port'", "--help lists the options"]),
        (&["serve"], &["unexpected argument \"serve\"", "--help lists"]),
        (&["--listen"], &["missing argument for option '--listen'"]),
        (&["--rbac=yes"], &["unexpected argument for option '--rbac'"]),
        (
            &["--listen", "here"],
            &["--listen takes an address and a port, as in 127.0.0.1:8001, not here"],
        ),
        (&["--listen=:1", "--listen=:2"], &["--listen is given twice"]),
        (&["--log", "many"], &["--log takes a number, not many"]),
        (&["--clients", ""], &["--clients: \"\" can't be a client: a name is missing"]),
        (&["--clients", "a,b c"], &["--clients: \"b c\" can't be a client", "but no space"]),
        (&["--clients", "a,b,a"], &["--clients names a twice"]),
        (
            &["--namespaces", "Team"],
            &["--namespaces: v1 Namespace /Team can't be created", "RFC 1123"],
        ),
        (&["--crds", &missing], &["--crds: can't load", &missing, "No such file"]),
        (&["--crds", &broken], &["--crds: can't load", &broken, "it is not YAML"]),
        (&["--crds", &empty], &["--crds: can't load", "no file in this folder ends in .yaml"]),
        (
            &["--objects", &unknown],
            &["--objects: ", &unknown, "x.y/v1 Z /a", "define it first, with --crds"],
        ),
        (&["--objects", &astray], &["Secret t/a", "create it first, with --namespaces"]),
        (&["--state", &broken], &["--state ", &broken, "it is not JSON", "remove the file"]),
        (&["--state", &empty], &["--state ", &empty, "this is no file"]),
        (
            &["--kubeconfig", &broken],
            &["--kubeconfig ", &broken, "has not written", "name another file"],
        ),
        (&["--kubeconfig", &empty], &["--kubeconfig ", "this is no file"]),
    ];
    check(cases);
    assert_eq!(folder.read("broken.yaml"), "a: [");
    assert!(!std::fs::exists(&missing).expect("it can be asked"));
}

#[test]
fn what_is_no_fault_is_told_where() {
    let folder = Folder::new("no-faults");
    let missing = folder.path("missing");
    let no_fault = folder.write("fault.json", r#"{"script":["explode"]}"#);
    let at_fault = format!("me=@{no_fault}");
    let at_missing = format!("me=@{missing}");
    let twice = ["--fault", r#"me={"refuse":true}"#, "--fault", "me={}"];
    check(&[
        (&["--fault", "me"], &["--fault takes CLIENT=JSON or CLIENT=@FILE, not me"]),
        (&["--fault", "={}"], &["--fault: \"\" can't be a client"]),
        (
            &["--fault", "me={\"typo\":1}"],
            &["--fault me: {\"typo\":1} does not describe faults", "unknown field `typo`"],
        ),
        (&["--fault", "me=hang"], &["--fault me: hang does not", "no JSON object, as {\"script\""]),
        (&["--fault", r#"me={"script":[{"status":{"code":5000}}]}"#], &["from 200 to 999"]),
        (&["--fault", &at_fault], &["--fault me: ", &no_fault, "unknown variant `explode`"]),
        (&["--fault", &at_missing], &["--fault me: can't read ", &missing]),
        (&twice, &["--fault is given twice for me"]),
    ]);
}

/// Starts the program with each of these arguments, in vain.
fn check(cases: &[Case]) {
    for (arguments, texts) in cases {
        let output = refused(arguments);
        let error = output.stderr;
        assert_eq!(output.code, Some(2), "{arguments:?}: {error}");
        assert_eq!(output.stdout, "", "{arguments:?}");
        assert!(error.starts_with("ha-test-server: ") && !error.contains("panicked"), "{error}");
        for text in *texts {
            assert!(error.contains(text), "{arguments:?}: {text} is not in: {error}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_path_that_a_shell_takes_for_two_is_refused() {
    let output = refused(&["--kubeconfig", "/tmp/a:b"]);
    let error = output.stderr;
    assert_eq!(output.code, Some(2));
    assert!(error.contains("KUBECONFIG takes this path for several"), "{error}");
}

#[cfg(not(feature = "tls"))]
#[test]
fn without_the_feature_tls_it_is_said_how_to_get_it() {
    let output = refused(&["--tls"]);
    let error = output.stderr;
    assert_eq!(output.code, Some(2));
    assert!(error.contains("cargo install kunobi-ha-test --features tls"), "{error}");
}

#[test]
fn a_port_that_is_taken_is_no_wrong_argument() {
    let folder = Folder::new("port");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = taken.local_addr().expect("it has one").to_string();
    let output = refused(&["--listen", &address, "--kubeconfig", &folder.path("config")]);
    let error = output.stderr;
    assert_eq!(output.code, Some(1), "{error}");
    assert!(error.contains(&format!("can't listen on {address}")), "{error}");
    assert!(!std::fs::exists(folder.path("config")).expect("it can be asked"), "nothing is begun");
}

#[test]
fn it_tells_its_options_and_its_version() {
    let output = refused(&["--help"]);
    let text = output.stdout;
    assert!(output.code == Some(0) && output.stderr.is_empty());
    for option in [
        "listen",
        "tls",
        "clients",
        "kubeconfig",
        "kubeconfigs",
        "rbac",
        "crds",
        "objects",
        "namespaces",
        "state",
        "controllers",
        "fault",
        "log",
        "help",
        "version",
    ] {
        assert!(
            text.contains(&format!("--{option} ")) || text.contains(&format!("--{option}  ")),
            "{option}"
        );
    }
    assert!(text.lines().all(|line| line.len() <= 100));
    let output = refused(&["-V"]);
    let version = format!("ha-test-server {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(output.stdout, version);
}
