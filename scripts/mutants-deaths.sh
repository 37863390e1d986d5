#!/usr/bin/env bash
# Makes the death certificates worse by one patch of crates/kunobi-ha/mutants/deaths at a time: the
# tests of the target that the patch names must fail. With names, tries these only.
set -euo pipefail
cd "$(dirname "$0")/.."
patches=$PWD/crates/kunobi-ha/mutants/deaths
names=("$@")
[ $# -gt 0 ] || mapfile -t names < <(basename -s .patch "$patches"/*.patch)
filters=(certificates deaths termination_log)
build=$(realpath -m "${CARGO_TARGET_DIR:-target}")/mutants-deaths
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
# A copy does not belong to a repository around it, and a mutant may leave something unused.
export GIT_CEILING_DIRECTORIES=$copy CARGO_TERM_COLOR=never CARGO_PROFILE_DEV_DEBUG=false RUST_BACKTRACE=0
unset RUSTFLAGS
# With the times of now: what was built last may be a mutant.
git ls-files -z | xargs -0 cp -P --parents -t "$copy"

tests() {
    local target=(--test "$1")
    [ "$1" != lib ] || target=(--lib)
    (cd "$copy" && CARGO_TARGET_DIR=$build timeout "${patience:-600}" cargo test --offline --quiet -p kunobi-ha "${target[@]}" "${@:2}" 2>&1)
}

# Tells what became of one mutant; fails unless its tests have noticed it.
try() {
    local patch=$patches/$1.patch target verdict=
    target=$(sed -n 's/^Noticed by: //p' "$patch")
    if ! (cd "$copy" && git apply "$patch"); then
        verdict="DOES NOT APPLY"
    else
        if ! tests "$target" --no-run >"$copy/log"; then
            verdict="DOES NOT COMPILE: $(grep -m 1 '^error' "$copy/log")"
        elif tests "$target" -- "${filters[@]}" >"$copy/log"; then
            verdict="SURVIVES $target: $(head -n 1 "$patch")"
        elif ! grep -q '^test result: FAILED' "$copy/log"; then
            verdict="DOES NOT END, or not as tests do"
        fi
        (cd "$copy" && git apply --reverse "$patch")
    fi
    echo "  $1: ${verdict:-noticed by $target}"
    [ -z "$verdict" ]
}

for target in lib leader; do
    # The first build takes long.
    patience=3600 tests "$target" -- "${filters[@]}" >"$copy/log" || { cat "$copy/log" && echo "$target fails without a mutant" && exit 1; }
done
failed=0
for name in "${names[@]}"; do
    try "$name" || failed=1
done
exit "$failed"
