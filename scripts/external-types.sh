#!/usr/bin/env bash
# Fails if a public signature names a type of another crate that is not on the list in its Cargo.toml.
# It reads rustdoc's JSON, whose format is unstable, so the nightly and the version of the tool belong
# together. The tool can't read kunobi-ha-test, which has a program besides its library.
set -euo pipefail
cd "$(dirname "$0")/.."
nightly=${NIGHTLY:-nightly-2026-05-20}
command -v cargo-check-external-types >/dev/null || cargo install --locked cargo-check-external-types@0.5.0

check() {
    cargo "+$nightly" check-external-types --manifest-path "crates/$1/Cargo.toml" "${@:2}"
}
check kunobi-ha-core
check kunobi-ha --features events,kube-3,kube-4,latest,metrics,operator,prometheus-client,test-util
