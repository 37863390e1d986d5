#!/usr/bin/env bash
# Line coverage of a part, by the LLVM engine of tarpaulin, which comes from crates.io alone (cargo-llvm-cov
# needs the component `llvm-tools` of rustup too): scripts/coverage.sh core|library [html]
#
# As JSON in ./coverage/PART; less than the floor of the part fails. `html` makes a page instead.
set -euo pipefail
cd "$(dirname "$0")/.."
part=${1:-}
case $part in
    core) package=kunobi-ha-core floor=100 features=() ;;
    # Tarpaulin counts no line of a feature that it is not told of, though the tests enable it. It splits
    # them at spaces only.
    library) package=kunobi-ha floor=95 features=(--features "events metrics operator prometheus-client test-util") ;;
    *) echo "usage: scripts/coverage.sh core|library [html]" >&2 && exit 2 ;;
esac
case ${2:-} in
    html) out=(--out Html) ;;
    '') out=(--out Json --fail-under "$floor") ;;
    *) echo "usage: scripts/coverage.sh core|library [html]" >&2 && exit 2 ;;
esac

target=target/coverage
# Tests that run an example find it built.
[ "$part" = core ] || cargo build -p kunobi-ha --examples --target-dir $target
excluded=()
for files in 'crates/*/examples/*' 'crates/*/fuzz/*' 'crates/*/tests/*' 'crates/*/benches/*' 'crates/*/src/bin/*' 'e2e/*' 'proofs/*' 'target/*' 'tools/*'; do
    excluded+=(--exclude-files "$files")
done
for other in kunobi-ha-core kunobi-ha kunobi-ha-test; do
    [ "$other" = "$package" ] || excluded+=(--exclude-files "crates/$other/*")
done
mkdir -p "coverage/$part"
cargo tarpaulin --engine llvm --timeout 1200 --skip-clean --target-dir $target --package "$package" \
    "${features[@]}" "${excluded[@]}" "${out[@]}" --output-dir "coverage/$part"
