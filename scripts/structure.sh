#!/usr/bin/env bash
# The rules of the architecture that a command can check.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0

fail() {
    echo "  $1"
    failed=1
}

# 1. The core is pure.
dependencies=$(cargo tree -p kunobi-ha-core -e normal --depth 1 --prefix none | tail -n +2 | cut -d' ' -f1)
[ "$dependencies" = thiserror ] || fail "kunobi-ha-core depends on more than thiserror: $dependencies"
grep -q '^#!\[no_std\]' crates/kunobi-ha-core/src/lib.rs || fail "kunobi-ha-core is not no_std"
if grep -rnE '\bnow\(\)|\basync\b|\.await\b' crates/kunobi-ha-core/src; then fail "kunobi-ha-core reads a clock or waits"; fi

# 2. The driver decides nothing.
if grep -rnE ' (<|>|<=|>=) |holder *==|== *holder' crates/kunobi-ha/src/leader/driver.rs crates/kunobi-ha/src/leader/driver/; then
    fail "the driver compares times or holders"
fi

# 3. What is around the election knows it, never the other way round; the runner knows all.
for pair in 'leader:shutdown|readiness|health_probe|operator' 'shutdown:leader|readiness|health_probe|operator' \
    'readiness:shutdown|health_probe|operator' 'health_probe:shutdown|leader|operator'; do
    module=${pair%%:*}
    if grep -nE "crate::(${pair#*:})\b" -r "crates/kunobi-ha/src/$module" "crates/kunobi-ha/src/$module.rs" | grep -v '//[/!]'; then
        fail "$module names a module that it must not know"
    fi
done

# 4. The test server depends on nothing of ours.
if cargo tree -p kunobi-ha-test -e normal --prefix none | tail -n +2 | grep kunobi; then
    fail "kunobi-ha-test depends on another crate of this workspace"
fi

# 5. A user's tree stays small.
crates=$(cargo tree -p kunobi-ha -e normal --prefix none --no-dedupe | sed 's/ (.*//' | sort -u | wc -l)
echo "  a user's tree with kube 5: $crates crates"
[ "$crates" -le 112 ] || fail "a user's tree has more than 112 crates"

# 6. Files are small, and none is called mod.rs.
git ls-files '*/mod.rs' | grep . && fail "there is a mod.rs"
while read -r file; do
    lines=$(awk '/^#\[cfg\(test\)\]/ { exit } !/^[[:space:]]*(\/\/|$)/ { n++ } END { print n + 0 }' "$file")
    [ "$lines" -le 250 ] || fail "$file has $lines lines of code, more than 250"
done < <(git ls-files 'crates/*/src/*.rs' 'crates/*/examples/*.rs' 'crates/*/tests/*.rs' 'e2e/*.rs' 'tools/*.rs')

# 7. A log that blocks holds up nothing: lines go through the queue.
writing='trace|debug|info|warn|error|[a-z]*span|Span|Instrument'
if grep -rnE "\\btracing::(\\{[^}]*\\b)?($writing)\\b" crates/kunobi-ha/src | grep -v '/src/journal'; then
    fail "a line of the log goes around the journal"
fi

exit "$failed"
