#!/usr/bin/env bash
# Simulated years of the production driver: scripts/proof-years.sh [ARGUMENTS of proof-years].
#
# A seed repeats a run because tokio's own random numbers follow from it too, which takes this flag. What
# is built with it has a directory of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
CARGO_TARGET_DIR=$(realpath -m "${CARGO_TARGET_DIR:-target}")/proof-years
export CARGO_TARGET_DIR RUSTFLAGS="${RUSTFLAGS:-} --cfg tokio_unstable"
exec cargo run --release --locked --quiet -p proof-years -- "$@"
