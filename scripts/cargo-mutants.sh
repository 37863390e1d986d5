#!/usr/bin/env bash
# Makes the code worse in all the ways that cargo-mutants knows: the tests must notice.
#
# core               every mutant of the core: it is noticed, or equivalent.md says why it can't be
# changed DIFF       the mutants of the lines that this diff changes: the core as above, and what
#                    survives in the library is listed
# library [N SEED]   N mutants of the leader, shutdown and the operator, drawn by SEED:
#                    at least 95 % are noticed
#
# JOBS=n runs n mutants of the core at a time.
set -euo pipefail
cd "$(dirname "$0")/.."
usage() { sed -n '4,9s/^# \?//p' "$0" >&2 && exit 2; }

core=crates/kunobi-ha-core
library=crates/kunobi-ha
equivalents=$core/mutants/equivalent.md
quorum=95
build=$(realpath -m "${CARGO_TARGET_DIR:-target}")/cargo-mutants
copies=$(mktemp -d)
trap 'rm -rf "$copies"' EXIT
export CARGO_TERM_COLOR=never RUST_BACKTRACE=0 GIT_CEILING_DIRECTORIES=$copies:$build
unset RUSTFLAGS CARGO_TARGET_DIR

# One pass of cargo-mutants over what the passes before it have not noticed. What is missed is no
# failure of this command.
pass() {
    local output=$1 directory=$2 status=0
    shift 2
    # Nothing was missed so far.
    if [ -f "$output/mutants.out/missed.txt" ] && [ ! -s "$output/mutants.out/missed.txt" ]; then return; fi
    mkdir -p "$output"
    cargo mutants --dir "$directory" --output "$output" --colors never --iterate "$@" || status=$?
    # 2: some were missed. 3: some did not end, which is noticed, and takes too long to be tried again.
    [[ $status =~ ^(0|2|3)$ ]] || exit "$status"
    if [ -f "$output/mutants.out/timeout.txt" ]; then
        cat "$output/mutants.out/timeout.txt" >>"$output/mutants.out/caught.txt"
        cat "$output/mutants.out/timeout.txt" >>"$output/endless.txt"
    fi
}

# Name of a mutant, then its name without line and column: the nth of several alike says so.
names() {
    awk '{ name = $0; sub(/:[0-9]+:[0-9]+:/, ":", name); sub("^'$core'/", "", name)
            full[NR] = $0; short[NR] = name; count[name]++ }
        END { for (i = 1; i <= NR; i++) {
            nth = ++seen[short[i]]; all = count[short[i]]
            print full[i] "\t" short[i] (all > 1 ? " (" nth " of " all ")" : "") } }'
}

missed_of() {
    [ ! -f "$1/mutants.out/missed.txt" ] || cat "$1/mutants.out/missed.txt"
}

# Compares what survived in the core with the list of the equivalent ones.
compare() {
    local output=$1 failed=0
    (cd "$copies/core" && cargo mutants --list --package kunobi-ha-core) | names >"$copies/names"
    cut -f 2 "$copies/names" | sort >"$copies/all"
    sed -n 's/^- `\(.*\)`: .*/\1/p' $equivalents | sort >"$copies/listed"
    missed_of "$output" | awk -F '\t' 'NR == FNR { short[$1] = $2; next } { print short[$0] }' "$copies/names" - |
        sort >"$copies/missed"
    report() {
        [ -s "$copies/verdict" ] || return 0
        sed "s|^|  $1: |" "$copies/verdict"
        failed=1
    }
    uniq -d "$copies/listed" >"$copies/verdict" && report "listed twice"
    comm -13 "$copies/listed" "$copies/missed" >"$copies/verdict" && report "SURVIVES, and $equivalents gives no reason"
    comm -23 "$copies/listed" "$copies/all" >"$copies/verdict" && report "listed, but there is no such mutant"
    if [ "${2:-}" = all ]; then
        comm -12 "$copies/listed" "$copies/all" | comm -23 - "$copies/missed" >"$copies/verdict"
        report "listed, but noticed"
    fi
    return "$failed"
}

# The passes over the core: quick tests first, and more of them for what these do not notice. The
# targets are arguments of cargo, because cargo-mutants builds them all if they are those of a test.
core_passes() {
    local -x CARGO_PROFILE_DEV_DEBUG=false
    local output=$1 directory=$copies/core
    local quick=(--timeout 30 --cargo-arg=--config=profile.dev.package.kunobi-ha-core.opt-level=0)
    shift
    local options=(--package kunobi-ha-core --jobs "${JOBS:-2}" "$@")
    pass "$output" "$directory" "${options[@]}" "${quick[@]}" --cargo-arg=--test=transitions
    pass "$output" "$directory" "${options[@]}" "${quick[@]}" --cargo-arg=--test=bounds -- -- text
    pass "$output" "$directory" "${options[@]}" "${quick[@]}" --cargo-arg=--test={endurance,properties}
    # The tests of protocol.rs compare the page with the source, and need the repository.
    pass "$output" "$directory" "${options[@]}" --timeout 300 --cargo-arg=--test={bounds,model,simulation,traces}
}

all_of_core() {
    local output=$build/core
    rm -rf "$output"
    bash scripts/core-alone.sh "$copies/core"
    core_passes "$output"
    compare "$output" all && echo "every mutant of the core is noticed or equivalent, in $SECONDS s"
}

changed_of_core() {
    local output=$build/changed-core diff
    diff=$(realpath "$1")
    rm -rf "$output"
    bash scripts/core-alone.sh "$copies/core"
    core_passes "$output" --in-diff "$diff"
    compare "$output" && echo "every mutant of the core that was changed is noticed or equivalent"
}

# The test targets that are to notice what is worse in a part of the library.
targets_of() {
    case $1 in
        leader) echo --cargo-arg=--{lib,test=leader,test=lapse} ;;
        shutdown) echo --cargo-arg=--{lib,test=shutdown} ;;
        operator) echo --cargo-arg=--{lib,test=operator} ;;
    esac
}

# Those that may notice what these do not.
more_targets_of() {
    case $1 in
        leader) echo --cargo-arg=--test={hostile,metrics,operator,probes} ;;
        shutdown) echo --cargo-arg=--test={lifecycle,metrics,operator,probes} ;;
        operator) echo --cargo-arg=--test={lifecycle,metrics,probes} ;;
    esac
}

list_library() {
    local globs=()
    for part in leader shutdown operator; do
        globs+=(--file "$library/src/$part.rs" --file "$library/src/$part/**")
    done
    cargo mutants --list --package kunobi-ha "${globs[@]}" "$@"
}

# N lines of those read, by the hash of their name with the seed: other mutants change little.
draw() {
    while read -r name; do
        echo "$(sed -E 's/:[0-9]+:[0-9]+:/:/' <<<"$2 $name" | sha256sum | cut -d ' ' -f 1) $name"
    done | sort | sed -n "1,$1p" | cut -d ' ' -f 2-
}

# Runs the mutants that are read, each with the targets that fit its file, then what survives with
# more of them. Leaves the names of those that do not compile, and of those that survive.
run_library() {
    local output=$1 part
    sort -u >"$copies/drawn"
    # At one place, so that a second run has less to build.
    rm -rf "$output" "$build/copy"
    mkdir -p "$output" "$build/copy"
    : >"$output/unviable"
    : >"$output/missed"
    git ls-files --cached --others --exclude-standard -z | xargs -0 cp -pP --parents -t "$build/copy"
    for part in leader shutdown operator; do
        # The names, as regular expressions that match nothing else.
        grep -E "^$library/src/$part[./]" "$copies/drawn" |
            sed -E -e 's/[][\\.+*?(){}|^$]/\\&/g' -e "s/.*/    '''^&\$''',/" >"$copies/part" || true
        [ -s "$copies/part" ] || continue
        { echo 'examine_re = [' && cat "$copies/part" && echo ']'; } >"$copies/$part.toml"
        # shellcheck disable=SC2046 # Several words are meant.
        library_pass "$output" "$part" $(targets_of "$part")
        sort -u "$output/$part/mutants.out/unviable.txt" >>"$output/unviable"
        # shellcheck disable=SC2046
        library_pass "$output" "$part" $(more_targets_of "$part")
        missed_of "$output/$part" | sort -u >>"$output/missed"
    done
}

# The files are named as well, because some mutants have no regard for regular expressions.
library_pass() {
    local output=$1 part=$2
    shift 2
    CARGO_TARGET_DIR=$build/target pass "$output/$part" "$build/copy" --in-place --package kunobi-ha \
        --config "$copies/$part.toml" --file "$library/src/$part.rs" --file "$library/src/$part/**" \
        --timeout 60 --build-timeout 900 "$@"
}

# How many of the library's mutants were noticed; lists the others.
count_library() {
    local output=$1 drawn missed viable endless
    drawn=$(wc -l <"$copies/drawn")
    viable=$((drawn - $(wc -l <"$output/unviable")))
    missed=$(wc -l <"$output/missed")
    sed 's/^/  SURVIVES: /' "$output/missed"
    endless=$({ cat "$output"/*/endless.txt 2>/dev/null || true; } | sort -u | wc -l)
    echo "$drawn mutants, $viable compile, $((viable - missed)) noticed, $endless of them by tests that did not end, in $SECONDS s"
    enough=$(((viable - missed) * 100 >= quorum * viable))
}

sample_of_library() {
    local number=$1 seed=$2
    echo "seed $seed"
    list_library | draw "$number" "$seed" | run_library "$build/library"
    count_library "$build/library"
    [ "$enough" = 1 ] || { echo "less than $quorum % are noticed" && return 1; }
}

# Reviewers judge what survives: a few mutants make no percentage.
changed_of_library() {
    list_library --in-diff "$(realpath "$1")" >"$copies/changed"
    echo "of $(wc -l <"$copies/changed") mutants of the changed lines of the library, at most 60 are tried"
    draw 60 changed <"$copies/changed" | run_library "$build/changed-library"
    count_library "$build/changed-library"
}

case ${1:-} in
    core) [ $# = 1 ] || usage && all_of_core ;;
    changed)
        [ -f "${2:-}" ] || usage
        failed=0
        changed_of_core "$2" || failed=1
        changed_of_library "$2"
        exit "$failed"
        ;;
    library) sample_of_library "${2:-300}" "${3:-1}" ;;
    *) usage ;;
esac
