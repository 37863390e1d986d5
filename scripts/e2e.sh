#!/usr/bin/env bash
# Tests against a real control plane.
#   scripts/e2e.sh         all of them, and the conformance on the oldest Kubernetes as well
#   scripts/e2e.sh part    the part that the gate runs
set -euo pipefail
cd "$(dirname "$0")/.."
scope=${1:-all}

INTEROP=$(bash scripts/interop.sh)
export INTEROP
[ -n "$INTEROP" ] || exit 0

# What a control plane writes goes with it, however a test ends.
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

cargo build -p kunobi-ha --examples
export E2E_SCOPE=$scope
# One control plane after the other: two cores carry no more.
cargo test -p e2e --features real --test access --test conformance --test disturbances --test elections \
    --test experiments --test fencing --test rollouts -- --test-threads=1
if [ "$scope" = all ]; then
    INTEROP=$(bash scripts/interop.sh 1.33)
    cargo test -p e2e --features real --test access --test conformance -- --test-threads=1
fi
