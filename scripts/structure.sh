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
    awk 'FNR == 1 { skip = 0 } /^#\[cfg\(test\)\]/ { skip = 1 } skip { next }
        { sub(/\/\/.*/, "") } /[^ \t]/ { print FILENAME ":" FNR ":" $0 }' "$@"
}

# How many lines of code a file has, without comments and tests.
lines() {
    awk '/^#\[cfg\(test\)\]/ { exit } !/^[[:space:]]*(\/\/|$)/ { n++ } END { print n + 0 }' "$1"
}

# 1. The core is pure.
dependencies=$(cargo tree -p kunobi-ha-core -e normal --depth 1 --prefix none | tail -n +2 | cut -d' ' -f1)
[ "$dependencies" = thiserror ] || fail "kunobi-ha-core depends on more than thiserror: $dependencies"
grep -q '^#!\[no_std\]' crates/kunobi-ha-core/src/lib.rs || fail "kunobi-ha-core is not no_std"
if grep -rnE '::now\b|\basync\b|\.await\b' "$core"; then fail "kunobi-ha-core reads a clock or waits"; fi

# 2. The driver decides nothing: it compares no times and no holders, only sizes and statuses.
driver=crates/kunobi-ha/src/leader/driver
if compared=$(code $driver.rs $(find $driver -name '*.rs' ! -name tests.rs) |
    grep -E ' (<|>|<=|>=) |holder *[!=]=|[!=]= *holder' | grep -vE '\b(status|len\(\)) (<|>|<=|>=) '); then
    fail "the driver compares times or holders:
$compared"
fi

# 3. What is around the election knows it, never the other way round; the runner knows all.
for pair in 'leader:shutdown|readiness|health_probe|operator' 'shutdown:leader|readiness|health_probe|operator' \
    'readiness:shutdown|health_probe|operator' 'health_probe:shutdown|leader|operator'; do
    module=${pair%%:*}
    if grep -nE "crate::(${pair#*:})\b" -r "crates/kunobi-ha/src/$module" "crates/kunobi-ha/src/$module.rs" | grep -v '//[/!]'; then
        fail "$module names a module that it must not know"
    fi
done

# 4. The runner uses the words of the other modules, not their insides.
while read -r file; do
    if code "$file" | cut -d: -f3- | tr '\n' ' ' |
        grep -oE '\b(shutdown|leader|readiness|health_probe)::(\{[^}]*[^A-Za-z_:])?[a-z_]+::'; then
        fail "$file names what is inside another module"
    fi
done < <(git ls-files 'crates/kunobi-ha/src/operator*.rs')

# 5. The test server depends on nothing of ours.
if cargo tree -p kunobi-ha-test -e normal --prefix none | tail -n +2 | grep kunobi; then
    fail "kunobi-ha-test depends on another crate of this workspace"
fi

# 6. A user's tree stays small.
crates=$(cargo tree -p kunobi-ha -e normal --prefix none --no-dedupe | sed 's/ (.*//' | sort -u | wc -l)
echo "  a user's tree with kube 5: $crates crates"
[ "$crates" -le 112 ] || fail "a user's tree has more than 112 crates"

# 7. Files are small, and none is called mod.rs. Clippy limits functions (clippy.toml).
git ls-files '*/mod.rs' | grep . && fail "there is a mod.rs"
while read -r file; do
    lines=$(lines "$file")
    [ "$lines" -le 250 ] || fail "$file has $lines lines of code, more than 250"
done < <(git ls-files 'crates/*/src/*.rs' 'crates/*/examples/*.rs' 'crates/*/tests/*.rs' 'e2e/*.rs' 'tools/*.rs')

# 8. A log that blocks holds up nothing: lines go through the queue.
writing='trace|debug|info|warn|error|[a-z]*span|Span|Instrument'
if grep -rnE "\\btracing::(\\{[^}]*\\b)?($writing)\\b" crates/kunobi-ha/src | grep -v '/src/journal'; then
    fail "a line of the log goes around the journal"
fi

exit "$failed"
