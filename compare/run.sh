#!/usr/bin/env bash
# Builds every program, runs the comparison, and writes the tables of COMPARISON.md: about half an hour, after a
# build of about 20 minutes, kube-apiserver included.
#   compare/run.sh [OPTIONS]   --short for a smoke test, --check for the page alone; all: compare/run.sh --help
set -euo pipefail
cd "$(dirname "$0")"

for option in "$@"; do
    case $option in
    --check | --help | -h) cd .. && exec cargo run --quiet -p compare -- "$@" ;;
    esac
done

# Each is built by itself, with its own lock file, into compare/target.
for manifest in peers/*/Cargo.toml; do
    peer=$(dirname "$manifest")
    echo "building $peer" >&2
    # What this checkout depends on may have changed; a published version has not.
    locked=--locked
    [ "$peer" != peers/kunobi-ha ] || locked=
    (cd "$peer" && cargo build $locked --quiet)
done
if command -v go >/dev/null; then
    echo "building peers/client-go" >&2
    (cd peers/client-go && go build -o ../../target/client-go .)
else
    echo "no Go here: client-go is left out" >&2
fi
cargo build --quiet -p compare
ls /usr/lib/*/faketime/libfaketime.so.1 >/dev/null 2>&1 ||
    echo "no libfaketime here (Debian: faketime): skewed clocks are left out" >&2
exec target/debug/compare "$@"
