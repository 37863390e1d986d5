#!/usr/bin/env bash
# Exhaustive search of the shipping core. `short` (the default) takes minutes, `release` as long as it
# is given; `bugs` plants each bug of crates/kunobi-ha-core/mutants/search: a search must find it.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:-short} in
    short | release) exec cargo run --release --locked -p proof-search -- "$@" ;;
    bugs) ;;
    *) echo "usage: scripts/proof-search.sh [short|release [search]|bugs [bug]]" >&2 && exit 2 ;;
esac

core=crates/kunobi-ha-core
if [ -n "${2:-}" ] && [ ! -f "$core/mutants/search/$2.patch" ]; then
    echo "there is no bug \"$2\"; the bugs are:" >&2
    basename -s .patch "$core"/mutants/search/*.patch | sed 's/^/  /' >&2
    exit 2
fi
build=$(realpath -m "${CARGO_TARGET_DIR:-target}")/proof-search-bugs
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
export GIT_CEILING_DIRECTORIES=$copy CARGO_TERM_COLOR=never CARGO_TARGET_DIR=$build RUST_BACKTRACE=0
unset RUSTFLAGS
bash scripts/core-alone.sh "$copy" proofs/search

failed=0
for patch in "$PWD/$core"/mutants/search/${2:-*}.patch; do
    name=$(basename "$patch" .patch)
    rules=$(sed -n 's/^Breaks: //p' "$patch")
    mapfile -t search < <(sed -n 's/^Search: //p' "$patch")
    [ -n "$rules" ] || { echo "$name names no rule" && exit 1; }
    if ! (cd "$copy" && git apply "$patch"); then
        verdict="DOES NOT APPLY" failed=1
    elif ! (cd "$copy" && cargo build --release --offline --quiet -p proof-search 2>"$copy/log"); then
        verdict="DOES NOT COMPILE: $(grep -m 1 '^error' "$copy/log")" failed=1
    elif verdict=$(timeout 300 "$build/release/proof-search" bug "${search[@]}"); then
        verdict="found by $verdict"
    else
        verdict="NOT FOUND" failed=1
    fi
    (cd "$copy" && git apply --reverse "$patch" 2>/dev/null) || true
    echo "  $name ($rules): $verdict"
done
exit "$failed"
