#!/usr/bin/env bash
# Compiles the published crates with the lowest versions that their manifests allow, in a copy.
set -euo pipefail
cd "$(dirname "$0")/.."
nightly=${NIGHTLY:-nightly-2026-05-20}
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z | tar --null --files-from - --create | tar --extract --directory "$copy"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target/minimal-versions}
cd "$copy"

# Users don't see what only tests and unpublished packages need.
sed -i 's|^members = .*|members = ["crates/*"]|' Cargo.toml
for manifest in crates/*/Cargo.toml; do
    awk '/^\[/ { skip = /^\[dev-dependencies\]/ } !skip' "$manifest" >manifest && mv manifest "$manifest"
done
cargo "+$nightly" update -Z direct-minimal-versions
cargo check --locked -p kunobi-ha-core
cargo check --locked -p kunobi-ha-test
cargo check --locked -p kunobi-ha --features events,kube-3,kube-4,latest,metrics,operator,prometheus-client
