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

# kubectl of the release, for the suites.
CLIENTS=$(bash scripts/clients.sh)
export CLIENTS

# What a control plane writes goes with it, however a test ends.
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

export E2E_SCOPE=$scope
tests() { # names; one control plane after the other, because two cores carry no more
    local targets=()
    for name in "$@"; do targets+=(--test "$name"); done
    cargo test -p e2e -p compare --features e2e/real,compare/real "${targets[@]}" -- --test-threads=1
}

tests access conformance crashes elections fencing outages plugin rollouts servers suites webhooks
# What docs/test-your-operator.md types, with that kubectl.
cargo test -p kunobi-ha-test --features cel,tls,webhooks --test walk
if [ "$scope" = all ]; then
    tests disturbances experiments
    INTEROP=$(bash scripts/interop.sh 1.33)
    tests access conformance
fi
