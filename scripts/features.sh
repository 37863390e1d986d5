#!/usr/bin/env bash
# Builds the library with every feature that a user might choose. A warning is a failure: the users of
# a path dependency would see it.
set -euo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# What cargo has checked before without a warning is not told again; what had one is.
check() {
    echo "  $*"
    cargo check --quiet -p kunobi-ha --no-default-features "$@" 2>"$log" || { cat "$log" && exit 1; }
    if grep -q '^warning' "$log"; then cat "$log" && exit 1; fi
}

check
check --features test-util
# The pieces around the election, alone and together; none of them needs a kube client.
for pieces in shutdown readiness health-probe operator prometheus-client metrics events \
    readiness,prometheus-client shutdown,prometheus-client operator,prometheus-client,metrics,events; do
    check --features "$pieces"
done
for majors in kube-3 kube-4 kube-5 kube-3,kube-4 kube-3,kube-5 kube-4,kube-5 kube-3,kube-4,kube-5; do
    check --features "$majors,latest"
done
for version in v1_31 v1_32 v1_33 v1_34 v1_35; do
    check --features "kube-5,$version"
done
# The oldest version that each of the other majors has is another one.
check --features "kube-3,kube-4,v1_31"
