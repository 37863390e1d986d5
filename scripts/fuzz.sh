#!/usr/bin/env bash
# Fuzzes every target for some seconds (60 by default), or those that are named:
#
#     scripts/fuzz.sh [SECONDS [TARGET...]]
#
# Each begins with its seeds and with what earlier runs found. An input that fails stays in
# crates/*/fuzz/artifacts; in fuzz/seeds it joins the ordinary tests. Needs a nightly compiler
# (FUZZ_TOOLCHAIN, by default `nightly`) and cargo-fuzz 0.13.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true
toolchain=${FUZZ_TOOLCHAIN:-nightly}
failed=0

fuzz() {
    local crate=$1 target=$2
    shift 2
    if [ "${#wanted[@]}" -gt 0 ] && [[ " ${wanted[*]} " != *" $target "* ]]; then return; fi
    echo "== $crate: $target"
    mkdir -p "crates/$crate/fuzz/corpus/$target"
    # No sanitizer: these crates forbid unsafe code, so a bug of theirs is a failed assertion, which needs
    # none. AddressSanitizer would double the memory and halve the number of inputs.
    (cd "crates/$crate" && cargo "+$toolchain" fuzz run --sanitizer none "$target" \
        "fuzz/corpus/$target" "fuzz/seeds/$target" -- \
        -max_total_time="$seconds" -timeout=25 -print_final_stats=1 "$@") || failed=1
}

wanted=("$@")
for target in "${wanted[@]}"; do
    compgen -G "crates/*/fuzz/fuzz_targets/$target.rs" >/dev/null || { echo "there is no target $target" >&2 && exit 2; }
done
fuzz kunobi-ha-core elector -max_len=4096
fuzz kunobi-ha answer -max_len=2048 -dict=fuzz/json.dict
fuzz kunobi-ha write -max_len=2048 -dict=fuzz/json.dict
fuzz kunobi-ha watch -max_len=4096 -dict=fuzz/json.dict
fuzz kunobi-ha probe -max_len=1024 -dict=fuzz/http.dict
exit "$failed"
