#!/usr/bin/env bash
# Makes the core worse by one patch of crates/kunobi-ha-core/mutants at a time: the test target that
# the patch names must fail. `fast` tries those that the quick targets notice, `all` (the default) all.
# `spec` tries those of mutants/spec: the trace validation alone, in some hundred runs, must find each
# of them within a minute, and name the rule that it breaks. `spec NAME…` tries these only.
set -euo pipefail
cd "$(dirname "$0")/.."
quick='endurance|transitions'
case ${1:-all} in
    fast) targets=$quick ;;
    all) targets='[a-z]+' ;;
    spec) targets='properties|simulation' ;;
    *) echo "usage: scripts/mutants.sh [fast|all|spec [NAME...]]" >&2 && exit 2 ;;
esac

core=crates/kunobi-ha-core
patches=$PWD/$core/mutants
filters=()
within=
if [ "${1:-all}" = spec ]; then
    patches=$patches/spec
    # All that is watched is whether each call is a step of the protocol.
    export WATCH=spec SEEDS=${SEEDS:-500} PROPTEST_CASES=20000 PROPTEST_RNG_SEED=1
    within=60
    filters=(-- no_two one_deletion a_record_that deletions no_sequence)
fi
build=$(realpath -m "${CARGO_TARGET_DIR:-target}")/mutants
copies=$(mktemp -d)
trap 'rm -rf "$copies"' EXIT
# A copy does not belong to a repository around it, and a mutant may leave something unused.
export GIT_CEILING_DIRECTORIES=$copies CARGO_TERM_COLOR=never CARGO_PROFILE_DEV_DEBUG=false RUST_BACKTRACE=0
unset RUSTFLAGS

# Builds or runs one test target of one copy, within so many seconds if they are given.
tests() {
    local copy=$1 target=$2 patience=600 options=(--offline --quiet -p kunobi-ha-core --test "$2")
    # The quick tests take less time than optimizing them does.
    if [[ $target =~ ^($quick)$ ]]; then
        patience=120
        options+=(--config profile.dev.package.kunobi-ha-core.opt-level=0)
    fi
    (cd "$copies/$copy" && CARGO_TARGET_DIR=$build/$copy timeout "${3:-$patience}" cargo test "${options[@]}" "${@:4}" 2>&1)
}

# Tells what became of one mutant; fails unless its tests have noticed it.
try() {
    local copy=$1 patch=$2 name target rule verdict
    name=$(basename "$patch" .patch)
    target=$(sed -n 's/^Noticed by: //p' "$patch")
    rule=$(sed -n 's/^Breaks: //p' "$patch")
    if ! (cd "$copies/$copy" && git apply "$patch"); then
        verdict="DOES NOT APPLY"
    else
        if ! tests "$copy" "$target" "" --no-run >"$copies/$copy.log"; then
            verdict="DOES NOT COMPILE: $(grep -m 1 '^error' "$copies/$copy.log")"
        elif tests "$copy" "$target" "$within" "${filters[@]}" >"$copies/$copy.log"; then
            verdict="SURVIVES $target: $(head -n 1 "$patch")"
        elif ! grep -q '^test result: FAILED' "$copies/$copy.log"; then
            verdict="DOES NOT END, or not as tests do"
        elif [ -n "$rule" ] && ! grep -q "spec: $rule is broken" "$copies/$copy.log"; then
            verdict="IS NOT FOUND TO BREAK $rule: $(grep -m 1 -o 'spec: rule.*' "$copies/$copy.log" || echo 'by another oracle')"
        fi
        (cd "$copies/$copy" && git apply --reverse "$patch")
    fi
    echo "  $name: ${verdict:-noticed by $target${rule:+, breaks $rule}}"
    [ -z "${verdict:-}" ]
}

worker() {
    local copy=$1 failed=0
    for ((i = copy; i < ${#chosen[@]}; i += 2)); do
        try "$copy" "${chosen[i]}" || failed=1
    done
    return "$failed"
}

for name in "${@:2}"; do
    [ -f "$patches/$name.patch" ] || { echo "there is no $patches/$name.patch" >&2 && exit 2; }
done
shopt -s nullglob
chosen=()
for patch in "$patches"/*.patch; do
    target=$(sed -n 's/^Noticed by: //p' "$patch")
    [ -f "$core/tests/$target.rs" ] || { echo "$patch names no test target that there is" && exit 1; }
    [ $# -lt 2 ] || [[ " ${*:2} " == *" $(basename "$patch" .patch) "* ]] || continue
    [[ ! $target =~ ^($targets)$ ]] || chosen+=("$patch")
done
[ ${#chosen[@]} -gt 0 ] || { echo "there is no mutant" && exit 1; }

bash scripts/core-alone.sh "$copies/0"
bash scripts/core-alone.sh "$copies/1"
for target in $(sed -n 's/^Noticed by: //p' "${chosen[@]}" | sort -u); do
    tests 0 "$target" "" "${filters[@]}" >"$copies/0.log" || { cat "$copies/0.log" && echo "$target fails without a mutant" && exit 1; }
done
# The second copy needs the same dependencies.
[ -d "$build/1" ] || cp -a "$build/0" "$build/1"

worker 0 &
first=$!
failed=0
worker 1 || failed=1
wait "$first" || failed=1
echo "${#chosen[@]} mutants in $SECONDS s"
exit "$failed"
