#!/usr/bin/env bash
# Runs the tests that proofs/scenarios.md names, and writes what came of them into its last column.
#   scripts/scenarios.sh         all that need no real control plane
#   scripts/scenarios.sh real    those that need one; E2E_SCOPE=all runs them at full length
#   scripts/scenarios.sh ordinary|real again    of these, only those that were not ok today
set -euo pipefail
cd "$(dirname "$0")/.."
page=proofs/scenarios.md
part=${1:-ordinary}
today=$(date -u +%F)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
results=$scratch/results
: >"$results"
kept=target/scenarios-$part
if [ "${2:-}" = again ] && [ -f "$kept" ] && [ "$(date -u -r "$kept" +%F)" = "$today" ]; then
    grep ' ok$' "$kept" >"$results" || true
fi

test_threads=()
if [ "$part" = real ]; then
    INTEROP=$(bash scripts/interop.sh)
    export INTEROP
    if [ -z "$INTEROP" ]; then
        echo "scenarios: nothing was run" >&2
        exit 1
    fi
    # What a control plane writes goes with it, however a test ends.
    mkdir "$scratch/tmp"
    export TMPDIR=$scratch/tmp
    export E2E_SCOPE=${E2E_SCOPE:-part}
    test_threads=(--test-threads=1)
fi

# Each test of this part, as: package, target, file, name.
named() {
    grep -oE '`(core|ha|server|e2e|search|years|threads)/[^`]+::[a-z0-9_]+`' "$page" | tr -d '`' | sort -u | awk -F'::' -v part="$part" '
        BEGIN { crate["core"] = "kunobi-ha-core"; crate["ha"] = "kunobi-ha"; crate["server"] = "kunobi-ha-test"; crate["e2e"] = "e2e"
                crate["search"] = "proof-search"; crate["years"] = "proof-years"; crate["threads"] = "proof-threads" }
        (part == "real") != ($1 ~ /^e2e\/tests\//) { next }
        { split($1, at, "/"); target = at[2] != "src" ? at[3] : at[1] == "search" ? "bins" : "lib"; sub(/\.rs$/, "", target); print crate[at[1]], target, $1, $2 }'
}

# Runs the tests of one target, and appends "file::name ok" or what else came of each.
run() { # package, target
    local package=$1 target=$2 flags=(-p "$1")
    case $target in
        lib | bins) flags+=("--$target") ;;
        *) flags+=(--test "$target") ;;
    esac
    [ "$part" != real ] || flags+=(--features real)
    # Its tests start the example.
    [ "$target" != operator_example ] || cargo build --quiet -p kunobi-ha --example operator
    if ! cargo test --quiet "${flags[@]}" -- --list >"$scratch/list"; then
        echo "scenarios: $package, $target does not build" >&2
        : >"$scratch/list"
    fi
    # A name may be that of several tests: then the file tells which one.
    awk -v package="$package" -v target="$target" '
        FILENAME == ARGV[1] && sub(/: test$/, "") { names = split($0, path, "::"); all[path[names]] = all[path[names]] " " $0 }
        FILENAME == ARGV[2] && $1 == package && $2 == target {
            file = $3; sub(/.*\//, "", file); sub(/\.rs$/, "", file)
            found = ""; count = split(all[$4], paths, " ")
            for (i = 1; i <= count; i++) if (count == 1 || paths[i] ~ "(^|::)" file "::") found = paths[i]
            print $3 "::" $4, (found == "" ? "-" : found)
        }' "$scratch/list" "$scratch/named" >"$scratch/paths"
    local paths
    mapfile -t paths < <(awk '$2 != "-" { print $2 }' "$scratch/paths")
    : >"$scratch/output"
    if [ "${#paths[@]}" -gt 0 ]; then
        echo "=== $package, $target: ${#paths[@]} tests"
        cargo test "${flags[@]}" -- --exact "${test_threads[@]}" "${paths[@]}" 2>&1 | tee "$scratch/output" |
            grep -E '^test |panicked|^test result' || true
        # Why tests have failed is at the end.
        if grep -q '^test result: FAILED' "$scratch/output"; then tail -n 60 "$scratch/output"; fi
    fi
    awk 'FILENAME == ARGV[1] && $1 == "test" && $3 == "..." { came[last = $2] = $NF }
        # What the control plane printed has come between.
        FILENAME == ARGV[1] && ($0 == "ok" || $0 == "FAILED") { came[last] = $0 }
        FILENAME == ARGV[2] { print $1, ($2 in came ? came[$2] : "absent") }' \
        "$scratch/output" "$scratch/paths" >>"$results"
}

named | awk 'FILENAME == ARGV[1] { ok[$1] = 1; next } !($3 "::" $4 in ok)' "$results" - >"$scratch/named"
while read -r package target; do
    run "$package" "$target" </dev/null
done < <(awk '{ print $1, $2 }' "$scratch/named" | sort -u)

# The last cell is "5 of 5 on DATE; real 1 of 1 on DATE"; each part is written by its own run.
awk -v part="$part" -v today="$today" '
    function outcome(cell, real,    found, failed, all, good, name) {
        while (match(cell, /`[^`]+`/)) {
            found = substr(cell, RSTART + 1, RLENGTH - 2); cell = substr(cell, RSTART + RLENGTH)
            if ((found ~ /^e2e\/tests\//) != real) continue
            all++
            if (came[found] == "ok") { good++; continue }
            name = found; sub(/.*::/, "", name); failed = failed (failed == "" ? ": " : ", ") name " " came[found]
        }
        return all ? sprintf("%d of %d on %s%s", good, all, today, failed) : ""
    }
    FILENAME == ARGV[1] { came[$1] = $2; next }
    /^\| [bc]?[0-9]+ \|/ {
        cells = split($0, cell, "|")
        old = cell[7]; gsub(/^ +| +$/, "", old)
        real = old; if (!sub(/^.*real /, "", real)) real = "not run yet"
        sub(/(; )?real .*$/, "", old); if (old == "") old = "not run yet"
        ordinary = outcome(cell[6], 0) == "" ? "" : (part == "real" ? old : outcome(cell[6], 0))
        real = outcome(cell[6], 1) == "" ? "" : "real " (part == "real" ? outcome(cell[6], 1) : real)
        cell[7] = " " ordinary (ordinary != "" && real != "" ? "; " : "") real " "
        line = ""; for (i = 2; i < cells; i++) line = line "|" cell[i]
        $0 = line "|"
    }
    { print }' "$results" "$page" >"$scratch/page"
cp "$scratch/page" "$page"

cp "$results" "$kept"

failed=$(awk '$2 != "ok"' "$results")
echo "scenarios: $(wc -l <"$results") tests, $(grep -c ' ok$' "$results" || true) ok"
if [ -n "$failed" ]; then
    echo "$failed"
    exit 1
fi
