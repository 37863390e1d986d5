//! Types into a shell what docs/test-your-operator.md shows of one, and compares what is printed.
#![cfg(unix)]

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

const GUIDE: &str = include_str!("../../../docs/test-your-operator.md");

/// A line that is typed, with those that continue it, and what it prints.
#[derive(Debug, Default, PartialEq)]
struct Step {
    typed: String,
    prints: Vec<String>,
}

/// A shell that remembers what was exported.
struct Shell {
    bash: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// The server that was started last, and the port that it got.
    server: Option<Child>,
    port: String,
    folder: PathBuf,
    path: String,
}

#[test]
fn what_the_page_types_prints_what_it_shows() {
    let Some(clients) =
        env::var("CLIENTS").ok().filter(|path| Path::new(path).join("kubectl").exists())
    else {
        println!("walk: CLIENTS names no kubectl, so the page is not typed");
        return;
    };
    let steps = steps(GUIDE);
    assert!(steps.len() > 15, "the page types {} lines", steps.len());
    let mut shell = Shell::new(&clients);
    for Step { typed, prints } in steps {
        let printed = match typed.strip_prefix(SERVER) {
            Some(arguments) => {
                shell.serve(&format!("{arguments} --listen 127.0.0.1:0"), prints.len())
            }
            None => shell.run(&typed),
        };
        let (shown, is): (Vec<&str>, Vec<&str>) = (
            prints.iter().map(String::as_str).collect(),
            printed.iter().map(String::as_str).collect(),
        );
        assert!(matches_lines(&shown, &is), "$ {typed}\nshown: {shown:#?}\nprinted: {is:#?}");
    }
}

/// What the blocks `console` of the page show.
fn steps(page: &str) -> Vec<Step> {
    let blocks = page.split("```console\n").skip(1);
    let mut steps: Vec<Step> = Vec::new();
    for line in blocks.filter_map(|block| block.split("```").next()).flat_map(str::lines) {
        if let Some(typed) = line.strip_prefix("$ ") {
            steps.push(Step { typed: typed.to_owned(), prints: Vec::new() });
        } else if let Some(step) = steps.last_mut() {
            match line.strip_prefix("> ") {
                Some(more) => step.typed = format!("{}\n{more}", step.typed),
                None => step.prints.push(line.to_owned()),
            }
        }
    }
    steps
}

/// A line `…` stands for any lines.
fn matches_lines(shown: &[&str], is: &[&str]) -> bool {
    match (shown, is) {
        ([], is) => is.is_empty(),
        (["…", shown @ ..], is) => {
            (0..=is.len()).any(|skipped| matches_lines(shown, &is[skipped..]))
        }
        ([_, ..], []) => false,
        ([shown, others @ ..], [line, is @ ..]) => {
            matches_line(shown, line) && matches_lines(others, is)
        }
    }
}

/// `…` stands for any text.
fn matches_line(shown: &str, line: &str) -> bool {
    match shown.split_once('…') {
        None => shown == line,
        Some((first, rest)) => line.strip_prefix(first).is_some_and(|line| {
            line.char_indices()
                .map(|(at, _)| at)
                .chain([line.len()])
                .any(|at| matches_line(rest, &line[at..]))
        }),
    }
}

impl Shell {
    fn new(clients: &str) -> Self {
        let folder = env::temp_dir().join(format!("walk-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder can be made");
        let path = format!("{clients}:{}", env::var("PATH").unwrap_or_default());
        let mut command = Command::new("bash");
        command.current_dir(&folder).env("PATH", &path).env("HOME", &folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut bash = command.spawn().expect("there is bash");
        let input = bash.stdin.take().expect("its input");
        let output = BufReader::new(bash.stdout.take().expect("its output"));
        Self { bash, input, output, server: None, port: PORT.to_owned(), folder, path }
    }

    /// Returns what a line prints. The port is that of the page in both, whichever the server has.
    fn run(&mut self, typed: &str) -> Vec<String> {
        let typed = typed.replace(PORT, &self.port);
        writeln!(self.input, "{{\n{typed}\n}} 2>&1 </dev/null; echo; echo {MARK}")
            .expect("it reads");
        let lines = self.output.by_ref().lines().map(|line| line.expect("it is text"));
        let lines: Vec<String> = lines.take_while(|line| line != MARK).collect();
        let mut lines: Vec<String> =
            lines.iter().map(|line| line.trim_end().replace(&self.port, PORT)).collect();
        // What is printed may end without the end of its last line, or with it.
        if lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }

    /// Starts the program in place of the one that runs. Returns its first lines.
    fn serve(&mut self, arguments: &str, lines: usize) -> Vec<String> {
        self.stop();
        let program = env!("CARGO_BIN_EXE_ha-test-server");
        let mut command = Command::new("bash");
        command.current_dir(&self.folder).env("PATH", &self.path).stdout(Stdio::piped());
        command.args(["-c", &format!("exec {program} {arguments}")]);
        let mut server = command.spawn().expect("there is bash");
        let output = server.stdout.take().expect("its output");
        self.server = Some(server);
        let output = BufReader::new(output).lines().take(lines);
        let lines: Vec<String> = output.map(|line| line.expect("it is text")).collect();
        let port = lines.first().and_then(|line| line.rfind(':').map(|at| line[at..].to_owned()));
        self.port = port.expect("it begins with its address");
        lines.iter().map(|line| line.replace(&self.port, PORT)).collect()
    }

    fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let id = server.id().to_string();
            let sent = Command::new("kill").args(["-TERM", &id]).status();
            let status = server.wait();
            assert!(sent.is_ok() && status.is_ok_and(|status| status.success()));
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        for child in self.server.iter_mut().chain([&mut self.bash]) {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn three_dots_stand_for_anything() {
    for (shown, is) in [("a…c", "abc"), ("a…", "a"), ("…", ""), ("a…b…", "a b b c"), ("a", "a")]
    {
        assert!(matches_line(shown, is), "{shown} {is}");
    }
    for (shown, is) in [("a…c", "ab"), ("a", "ab"), ("…b", "abc"), ("", "a")] {
        assert!(!matches_line(shown, is), "{shown} {is}");
    }
    assert!(matches_lines(&["a", "…", "b"], &["a", "b"]));
    assert!(matches_lines(&["a", "…", "b"], &["a", "x", "y", "b"]));
    assert!(!matches_lines(&["a", "…", "b"], &["a", "b", "c"]));
    assert!(!matches_lines(&["a"], &[]) && !matches_lines(&[], &["a"]));
}

#[test]
fn a_page_is_read_as_steps() {
    let page = "x\n```console\n$ a <<END\n> b\n> END\nc\n$ d\n```\n```bash\n$ e\n```\n";
    let step = |typed: &str, prints: &[&str]| Step {
        typed: typed.into(),
        prints: prints.iter().map(|line| (*line).to_owned()).collect(),
    };
    assert_eq!(steps(page), [step("a <<END\nb\nEND", &["c"]), step("d", &[])]);
}

/// That of the page, which is the program's unless it is told another one.
const PORT: &str = ":8001";
const SERVER: &str = "ha-test-server ";
const MARK: &str = "-- end of what is printed --";
