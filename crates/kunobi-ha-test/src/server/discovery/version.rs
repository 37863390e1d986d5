//! `/version`: the release of Kubernetes that this server behaves as.

use serde::Serialize;

use crate::types;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Info {
    major: &'static str,
    minor: &'static str,
    emulation_major: &'static str,
    emulation_minor: &'static str,
    min_compatibility_major: &'static str,
    min_compatibility_minor: String,
    git_version: String,
    git_commit: &'static str,
    git_tree_state: &'static str,
    build_date: &'static str,
    go_version: &'static str,
    compiler: &'static str,
    platform: String,
}

pub(super) fn info() -> Info {
    let release = types::release();
    let mut numbers = release.trim_start_matches('v').split('.');
    let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    Info {
        major,
        minor,
        emulation_major: major,
        emulation_minor: minor,
        min_compatibility_major: major,
        // A server can do what the one before it could.
        min_compatibility_minor: minor
            .parse::<u32>()
            .map(|minor| minor.saturating_sub(1).to_string())
            .unwrap_or_default(),
        git_version: format!("{release}+kunobi-ha-test"),
        git_commit: "",
        git_tree_state: "",
        build_date: "1970-01-01T00:00:00Z",
        go_version: "",
        compiler: "rustc",
        platform: format!("{}/{}", std::env::consts::OS, architecture()),
    }
}

/// As Go calls it.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "arm64",
        "x86_64" => "amd64",
        other => other,
    }
}
