#!/usr/bin/env bash
# The rules of the architecture that a command can check.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0

core=crates/kunobi-ha-core/src

fail() {
    echo "  $1"
    failed=1
}

# The code of files, as file:line:text, without comments and tests.
code() {
    awk 'FNR == 1 { skip = test = 0 }
        test { test = 0; if (/^mod .*\{/) skip = 1 }
        skip { next }
        /^#\[cfg\(test\)\]/ { test = 1; next }
        { sub(/\/\/.*/, "") } /[^ \t]/ { print FILENAME ":" FNR ":" $0 }' "$@"
}

# How many lines of code a file has, without comments and tests.
lines() {
    code "$1" | wc -l
}

# 1. The core is pure.
dependencies=$(cargo tree -p kunobi-ha-core -e normal --depth 1 --prefix none | tail -n +2 | cut -d' ' -f1)
[ "$dependencies" = thiserror ] || fail "kunobi-ha-core depends on more than thiserror: $dependencies"
grep -q '^#!\[no_std\]' crates/kunobi-ha-core/src/lib.rs || fail "kunobi-ha-core is not no_std"
if grep -rnE '::now\b|\basync\b|\.await\b' "$core"; then fail "kunobi-ha-core reads a clock or waits"; fi

# 2. Inside the core, imports point down from elector.rs, and no phase names another one.
bash scripts/imports.sh "$core" || fail "modules of kunobi-ha-core import each other in a circle"
if values=$(code "$core"/*.rs | grep -v "^$core/\(elector\|lib\).rs:" | grep -E '\belector::'); then
    fail "a value of the core names the elector:
$values"
fi
phases=$(awk '/^enum Phase/ { inside = 1 } inside && /^}/ { exit }
    inside && match($0, /Box<[A-Za-z]+>/) { print substr($0, RSTART + 4, RLENGTH - 5) }' "$core/elector.rs")
[ "$(wc -l <<<"$phases")" -ge 2 ] || fail "elector.rs has no enum Phase with boxed phases"
for phase in $phases; do
    others=$(grep -vx "$phase" <<<"$phases" | paste -sd'|')
    file=$core/elector/${phase,,}.rs
    [ -f "$file" ] || fail "the phase $phase has no file $file"
    mapfile -t files < <(find "$file" "${file%.rs}" -name '*.rs' 2>/dev/null)
    if named=$(code "${files[@]}" | grep -E "\b(Phase|$others)\b|\b(${others,,})::"); then
        fail "the phase $phase names another phase:
$named"
    fi
done

# 3. The driver decides nothing.
driver=crates/kunobi-ha/src/leader/driver
if compared=$(code $driver.rs $(find $driver -name '*.rs' ! -name tests.rs) |
    grep -E ' (<|>|<=|>=) |holder *[!=]=|[!=]= *holder'); then
    fail "the driver compares times or holders:
$compared"
fi

# 4. What is around the election knows it, never the other way round; the runner knows all.
for pair in 'leader:shutdown|readiness|health_probe|operator' 'shutdown:leader|readiness|health_probe|operator' \
    'readiness:shutdown|health_probe|operator' 'health_probe:shutdown|leader|operator'; do
    module=${pair%%:*}
    if grep -nE "crate::(${pair#*:})\b" -r "crates/kunobi-ha/src/$module" "crates/kunobi-ha/src/$module.rs" | grep -v '//[/!]'; then
        fail "$module names a module that it must not know"
    fi
done

# 5. The runner uses the words of the other modules, not their insides.
while read -r file; do
    if code "$file" | cut -d: -f3- | tr '\n' ' ' |
        grep -oE '\b(shutdown|leader|readiness|health_probe)::(\{[^}]*[^A-Za-z_:])?[a-z_]+::'; then
        fail "$file names what is inside another module"
    fi
done < <(git ls-files 'crates/kunobi-ha/src/operator*.rs')

# 6. The test server depends on nothing of ours.
if cargo tree -p kunobi-ha-test -e normal --prefix none | tail -n +2 | grep kunobi; then
    fail "kunobi-ha-test depends on another crate of this workspace"
fi

# 7. A user's tree stays small.
crates=$(cargo tree -p kunobi-ha -e normal --prefix none --no-dedupe | sed 's/ (.*//' | sort -u | wc -l)
echo "  a user's tree with kube 5: $crates crates"
[ "$crates" -le 112 ] || fail "a user's tree has more than 112 crates"

# 8. Files are small, and none is called mod.rs. Clippy limits functions (clippy.toml).
git ls-files '*/mod.rs' | grep . && fail "there is a mod.rs"
while read -r file; do
    lines=$(lines "$file")
    [ "$lines" -le 250 ] || fail "$file has $lines lines of code, more than 250"
done < <(git ls-files 'compare/*.rs' 'crates/*/src/*.rs' 'crates/*/examples/*.rs' 'crates/*/tests/*.rs' 'e2e/*.rs' 'proofs/*.rs' 'tools/*.rs')

for source in compare/runner/src crates/*/src tools/*/src; do
    median=$(git ls-files "$source/*.rs" | grep -v '/tests\.rs$' | while read -r file; do lines "$file"; done | sort -n |
        awk '{ lines[NR] = $1 } END { print lines[int((NR + 1) / 2)] }')
    echo "  $source: the median file has $median lines of code"
    [ "$median" -le 100 ] || fail "the median file of $source has more than 100 lines of code"
done

# 9. An exception from a lint says why, where the compiler reads it.
if silent=$(git ls-files '*.rs' | xargs awk '
    FNR == 1 { attribute = "" }
    /^[[:space:]]*\/\// { next }
    /(\[|, *|\()(allow|expect)\(([a-z_]+::)?[a-z_]+ *[,)]/ || /#!?\[(allow|expect)\($/ { attribute = ""; begin = FNR; open = 1 }
    open { attribute = attribute $0 }
    open && /\)\]/ { if (attribute !~ /reason = "/) print FILENAME ":" begin ": " attribute; open = 0 }
' | grep .); then
    fail "an exception from a lint has no reason:
$silent"
fi

# 10. An action of the workflows is pinned by commit, with its version as a comment.
if loose=$(grep -nE '\buses:' .github/workflows/*.yml | grep -vE '@[0-9a-f]{40} # v[0-9.]+$'); then
    fail "an action is not pinned by commit:
$loose"
fi

# 11. A log that blocks holds up nothing: lines go through the queue.
writing='trace|debug|info|warn|error|[a-z]*span|Span|Instrument'
if grep -rnE "\\btracing::(\\{[^}]*\\b)?($writing)\\b" crates/kunobi-ha/src | grep -v '/src/journal'; then
    fail "a line of the log goes around the journal"
fi

exit "$failed"
