#!/usr/bin/env bash
# Makes what threads share worse by one patch of crates/kunobi-ha/mutants at a time: the model checker
# whose folder holds the patch must find it. `loom` and `shuttle` choose one of them; both otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:-all} in
    loom | shuttle) checkers=($1) ;;
    all) checkers=(loom shuttle) ;;
    *) echo "usage: scripts/mutants-loom.sh [loom|shuttle]" >&2 && exit 2 ;;
esac

library=crates/kunobi-ha
build=$(realpath -m "${CARGO_TARGET_DIR:-target}")/mutants-threads
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
# A copy does not belong to a repository around it, and a mutant may leave something unused.
export GIT_CEILING_DIRECTORIES=$copy CARGO_TERM_COLOR=never CARGO_PROFILE_DEV_DEBUG=false RUST_BACKTRACE=0
unset RUSTFLAGS

bash scripts/core-alone.sh "$copy" $library proofs/threads

# What the loom tests need of the library is its source alone: no dependency of the library.
loom() {
    cat >"$copy/$library/Cargo.toml" <<'END'
[package]
name = "kunobi-ha"
version = "0.0.0"
edition = "2024"
autotests = false
autobenches = false
autoexamples = false

[lib]
path = "tests/nothing.rs"

[[test]]
name = "loom"

[dev-dependencies]
kunobi-ha-core.workspace = true
loom.workspace = true
END
    touch "$copy/$library/tests/nothing.rs"
    package=kunobi-ha target=loom members=$library
}

shuttle() {
    package=proof-threads target=all members=proofs/threads
}

tests() {
    local options=(--offline -p "$package")
    [ "$target" = all ] || options+=(--test "$target")
    (cd "$copy" && CARGO_TARGET_DIR=$build timeout 400 cargo test "${options[@]}" "$@" 2>&1)
}

# The tests that failed. A model that fails before its threads are joined aborts the process.
failures() {
    sed -n "s/^thread '\([a-z_]*::[a-z_:]*\)'.* panicked at .*/\1/p" "$copy/log" | sort -u | paste -sd' '
}

# Tells what became of one mutant; fails unless a test has noticed it.
try() {
    local patch=$1 name verdict
    name=$(basename "$patch" .patch)
    if ! (cd "$copy" && git apply "$patch"); then
        verdict="DOES NOT APPLY"
    else
        if ! tests --no-run >"$copy/log"; then
            verdict="DOES NOT COMPILE: $(grep -m 1 '^error' "$copy/log")"
        elif tests >"$copy/log"; then
            verdict="SURVIVES: $(head -n 1 "$patch")"
        elif [ -z "$(failures)" ]; then
            verdict="DOES NOT END, or not as tests do"
        fi
        (cd "$copy" && git apply --reverse "$patch")
    fi
    echo "  $name: ${verdict:-noticed by $(failures)}"
    [ -z "${verdict:-}" ]
}

failed=0
for checker in "${checkers[@]}"; do
    began=$SECONDS
    patches=("$PWD/$library/mutants/$checker"/*.patch)
    [ -f "${patches[0]}" ] || { echo "$checker has no mutant" && exit 1; }
    cp "$library/Cargo.toml" "$copy/$library/Cargo.toml"
    "$checker"
    sed -i "s|^members = .*|members = [\"crates/kunobi-ha-core\", \"$members\"]|" "$copy/Cargo.toml"
    tests >"$copy/log" || { cat "$copy/log" && echo "$checker fails without a mutant" && exit 1; }
    for patch in "${patches[@]}"; do
        try "$patch" || failed=1
    done
    echo "${#patches[@]} mutants for $checker in $((SECONDS - began)) s"
done
exit "$failed"
