#!/usr/bin/env bash
# Compiles the programs with which the pages of docs/migrate/ begin. What is measured there: compare/run.sh --migrate
set -euo pipefail
cd "$(dirname "$0")/.."

for program in migrate/*/before.rs; do
    rustfmt --check --edition 2024 "$program"
done
for manifest in peers/*/Cargo.toml; do
    grep -q '^path = "../../migrate/' "$manifest" || continue
    echo "compiling $(dirname "$manifest"), example before" >&2
    (cd "$(dirname "$manifest")" && cargo build --locked --quiet --example before)
done
if command -v go >/dev/null; then
    (cd peers/client-go && test -z "$(gofmt -l before)" && go vet ./before)
else
    echo "no Go here: the program of client-go is not compiled" >&2
fi
