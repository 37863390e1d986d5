//! Where it ran.

use std::{fs, process::Command, thread};

/// Cores, processor, kernel, system.
#[must_use]
pub fn describe() -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let processor = field("/proc/cpuinfo", "model name", ':').unwrap_or_else(|| "unknown".into());
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let system = field("/etc/os-release", "PRETTY_NAME", '=').unwrap_or_default();
    format!("{cores} cores, {processor}, Linux {}, {}", kernel.trim(), system.trim_matches('"'))
}

/// The load averages of one, five and fifteen minutes.
#[must_use]
pub fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// The compilers.
#[must_use]
pub fn compilers() -> String {
    let say = |program: &str, argument: &str| {
        let output = Command::new(program).arg(argument).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    [say("rustc", "--version"), say("go", "version")]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("; ")
}

fn field(file: &str, name: &str, mark: char) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let lines = text.lines().filter_map(|line| line.split_once(mark));
    lines.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned()).next()
}
