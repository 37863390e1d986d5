//! The program `ha-test-server`, as its users start it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

/// Ends the program, however the test ends.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn it_prints_a_kubeconfig_for_each_client_and_serves_them() {
    let folder = std::env::temp_dir().join(format!("ha-test-server-{}", std::process::id()));
    let child = Command::new(env!("CARGO_BIN_EXE_ha-test-server"))
        .args(["--listen", "127.0.0.1:0", "--clients", "me,you", "--kubeconfigs"])
        .arg(&folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut program = Program(child);
    let output = program.0.stdout.take().expect("its output");
    let lines: Vec<String> =
        BufReader::new(output).lines().take(3).collect::<Result<_, _>>().expect("three lines");
    let address = lines[0].strip_prefix("listening on http://").expect("its address");
    for (line, client) in lines[1..].iter().zip(["me", "you"]) {
        let file = line.strip_prefix("export KUBECONFIG=").expect("a kubeconfig");
        let config = std::fs::read_to_string(file).expect("it was written");
        assert!(config.contains(address) && config.contains(&format!(r#""token": "{client}""#)));
    }

    let faults = r#"{"script":[{"status":{"code":503}}]}"#;
    assert!(ask(address, "PUT", "/_ha/faults/me", faults).starts_with("HTTP/1.1 200"));
    assert!(ask(address, "GET", "/api/v1/namespaces", "").starts_with("HTTP/1.1 503"));
    assert!(ask(address, "GET", "/api/v1/namespaces", "").starts_with("HTTP/1.1 200"));
    assert!(
        ask(address, "PUT", "/_ha/faults/me", r#"{"typo":1}"#).contains("unknown field `typo`")
    );
    let requests = ask(address, "GET", "/_ha/requests", "");
    assert!(requests.contains(r#""client":"me""#) && requests.contains(r#""status":503"#));
    std::fs::remove_dir_all(folder).expect("nobody else wrote there");
}

#[test]
fn an_option_that_does_not_exist_is_told_with_those_that_do() {
    let output = Command::new(env!("CARGO_BIN_EXE_ha-test-server"))
        .args(["--port", "1"])
        .output()
        .expect("it runs");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(
        error.contains("no such option: --port") && error.contains("--listen ADDRESS"),
        "{error}"
    );
}

fn ask(address: &str, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer me\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}
