#!/usr/bin/env bash
# Compares the public API with that of the last release. Each break that is intended stands in
# scripts/semver-breaks.txt with its reason; any other break fails, and so does a line without a break.
#   scripts/semver.sh [REVISION]    default: the last tag v*, or the commit before there was a check
set -euo pipefail
cd "$(dirname "$0")/.."
first=5228f8bed2ee
baseline=${1:-$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null || echo "$first")}
command -v cargo-semver-checks >/dev/null || cargo install --locked cargo-semver-checks@0.51.0

# Features are named since the versions of Kubernetes exclude each other.
check() { # package, features
    cargo semver-checks --package "$1" --baseline-rev "$baseline" --release-type minor --color never \
        --only-explicit-features ${2:+--features "$2"} 2>&1 | tee -a "$report"
}
# A failure is a block: its lint in the first line, then `Failed in:` and a line for each item.
breaks() {
    awk '
        /^--- failure / { lint = $3; sub(/:$/, "", lint) }
        /^Failed in:/ { inside = 1; next }
        inside && /^  / {
            sub(/^ +/, ""); sub(/,? (previously )?in (file )?[^ ]*:[0-9]+.*$/, "")
            print lint ": " $0
            next
        }
        { inside = 0 }
    ' "$report"
    : >"$report"
}
report=$(mktemp)
trap 'rm -f "$report"' EXIT

# A package with breaks ends with an error; one that was not compared to its end has no summary.
compared() {
    grep -q '^ *Summary ' "$report" || { echo "$1 was not compared to its end" >&2; exit 1; }
}
check kunobi-ha events,kube-3,kube-4,kube-5,latest,metrics,operator,prometheus-client,test-util || compared kunobi-ha
found=$(breaks)
check kunobi-ha-test "" || compared kunobi-ha-test
found+=$'\n'$(breaks)
# The core is an implementation detail, except for what the library exports of it (docs/stability.md).
exported=$(cat crates/kunobi-ha/src/*.rs | tr '\n' ' ' | grep -oE 'pub use kunobi_ha_core::[^;]*' |
    grep -oE '\b[A-Z][A-Za-z]+' | sort -u | paste -sd'|')
check kunobi-ha-core "" || compared kunobi-ha-core
found+=$'\n'$(breaks | grep -wE "$exported" || true)

found=$(sort -u <<<"$found" | sed '/^$/d')
listed=$(sed -E '/^ *(#|$)/d; s/ +# .*//' scripts/semver-breaks.txt | sort -u)
echo
if ! diff <(echo "$listed") <(echo "$found"); then
    echo "< is listed, but is not a break any more; > is a break that is not listed"
    exit 1
fi
echo "every break since $baseline is intended"
