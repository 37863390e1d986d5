#!/usr/bin/env bash
# Compiles the page of each kube major as it is written, in a crate outside of the workspace, and
# checks that the compile error of a missing adapter names the feature.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
# The workspace's own, where most of what these crates depend on is checked already.
CARGO_TARGET_DIR=$(realpath -m "${CARGO_TARGET_DIR:-target}")
export CARGO_TARGET_DIR CARGO_PROFILE_DEV_DEBUG=line-tables-only # As the workspace has it.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

block() { # language, page: prints its first block
    awk -v open="\`\`\`$1" '$0 == open { on = 1; next } /^```/ { if (on) exit } on' "$2"
}

crate() { # page, crate
    mkdir -p "$2/src"
    block toml "$1" >"$2/Cargo.toml"
    block rust "$1" >"$2/src/main.rs"
    for name in kunobi-ha kunobi-ha-core; do
        printf '\n[patch.crates-io.%s]\npath = "%s/crates/%s"\n' "$name" "$root" "$name"
    done >>"$2/Cargo.toml"
    cp Cargo.lock "$2/Cargo.lock"
}

for major in 3 4 5; do
    crate "docs/kube-$major.md" "$work/kube-$major"
    cargo check --quiet --manifest-path "$work/kube-$major/Cargo.toml"
    echo "  docs/kube-$major.md compiles as it is written"
done

# The same crate with the adapter of another major.
sed -i 's/"kube-4"/"kube-5"/; s/^\[dependencies\]/&\nk8s-openapi = { version = "0.28", features = ["latest"] }/' \
    "$work/kube-4/Cargo.toml"
if cargo check --quiet --manifest-path "$work/kube-4/Cargo.toml" 2>"$work/error"; then
    echo "  a kube 4 Config went into an election without kube-4"
    exit 1
fi
grep -q 'kube 4 needs `kube-4`' "$work/error" || { cat "$work/error"; exit 1; }
echo "  a missing adapter's compile error names its feature"
