#!/usr/bin/env bash
# Draws which module of a crate imports which: imports.sh crates/kunobi-ha-core/src
# Prints the modules in levels; a module imports from lower levels only. Fails on a circle.
# The files in the folder of `a/b.rs` are a part of `a::b`; what is behind `#[cfg(test)]` is left out.
set -euo pipefail
root=${1%/}

find "$root" -name '*.rs' ! -name 'tests.rs' | LC_ALL=C sort | xargs awk -v root="$root/" '
FNR == 1 {
    module = FILENAME
    sub(root, "", module); sub(/\.rs$/, "", module); gsub("/", "::", module)
    modules[++count] = module
    is_module[module] = 1
    skip = test = 0
}
test { test = 0; if (/^mod .*\{/) skip = 1 }
skip { next }
/^#\[cfg\(test\)\]/ { test = 1; next }
{ sub(/\/\/.*/, ""); gsub(/pub\(in [^)]*\)/, "pub"); text[module] = text[module] " " $0 }

END {
    for (i = 1; i <= count; i++) read(modules[i])
    level = 0
    for (left = count; left > 0 && level <= count; level++) left -= draw(level)
    if (left > 0) { circles(); exit 1 }
}

# Takes the imports of one module, then the paths that stand in its code.
function read(module,    rest, statement) {
    rest = text[module]
    while (match(rest, /(^|[^A-Za-z0-9_])use [^;]*;/)) {
        statement = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, 1, RSTART) " " substr(rest, RSTART + RLENGTH)
        sub(/^.*use /, "", statement); sub(/;$/, "", statement); gsub(/[ \t]+as [A-Za-z0-9_]+/, "", statement)
        gsub(/[ \t]/, "", statement)
        expand(module, "", statement)
    }
    while (match(rest, /[A-Za-z_][A-Za-z0-9_]*(::[A-Za-z_][A-Za-z0-9_]*)+/)) {
        arrow(module, substr(rest, RSTART, RLENGTH))
        rest = substr(rest, RSTART + RLENGTH)
    }
}

# `a::{b, c::{d}}` is `a::b` and `a::c::d`.
function expand(module, prefix, tree,    depth, start, i, c, part, open) {
    start = 1
    for (i = 1; i <= length(tree) + 1; i++) {
        c = substr(tree, i, 1)
        if (c == "{") depth++
        if (c == "}") depth--
        if ((c == "," && depth == 0) || i > length(tree)) {
            part = substr(tree, start, i - start)
            start = i + 1
            open = index(part, "{")
            if (open) expand(module, prefix substr(part, 1, open - 1), substr(part, open + 1, length(part) - open - 1))
            else if (part != "") arrow(module, prefix part)
        }
    }
}

# Notes that a module names a path, if the path leads to another module of the crate.
function arrow(module, path,    parts, n, i, at, to, found) {
    n = split(path, parts, "::")
    at = module == "lib" ? "" : module
    i = 1
    if (parts[1] == "crate") { at = ""; i = 2 }
    else if (parts[1] == "self") i = 2
    else if (parts[1] == "super") {
        while (parts[i] == "super") { if (!sub(/::[^:]*$/, "", at)) at = ""; i++ }
    } else if (!((at == "" ? "" : at "::") parts[1] in is_module)) return
    found = at == "" ? "lib" : at
    for (; i <= n; i++) {
        at = (at == "" ? "" : at "::") parts[i]
        if (at in is_module) found = at
    }
    module = unit(module); to = unit(found)
    if (module != to) imports[module, to] = 1
}

# The files in the folder of `a/b.rs` are one thing with it.
function unit(module,    parts, n) {
    n = split(module, parts, "::")
    return n > 2 ? parts[1] "::" parts[2] : module
}

# Prints the modules all of whose imports were drawn, and returns how many.
function draw(level,    i, j, m, ready, line, drawn) {
    for (i = 1; i <= count; i++) {
        m = modules[i]
        if (m in level_of) continue
        ready = 1
        for (j = 1; j <= count; j++)
            if ((unit(m), modules[j]) in imports && !(modules[j] in level_of && level_of[modules[j]] < level)) ready = 0
        if (ready) { level_of[m] = level; drawn++; if (unit(m) == m) line = line " " m }
    }
    if (line != "") print "  " level ":" line
    return drawn
}

# Prints a shortest circle for each module that is in one, unless an earlier line has the module.
function circles(    i, j, start, from, way, found, queue, head, tail, printed, parts, n) {
    for (i = 1; i <= count; i++) {
        start = modules[i]
        if (start in level_of || start in printed) continue
        split("", way)
        queue[1] = start; tail = 1; way[start] = start; found = ""
        for (head = 1; head <= tail && !found; head++) for (j = 1; j <= count; j++) {
            from = queue[head]
            if (!((from, modules[j]) in imports)) continue
            if (modules[j] == start && !found) found = way[from]
            if (modules[j] in way) continue
            way[modules[j]] = way[from] " -> " modules[j]
            queue[++tail] = modules[j]
        }
        if (!found) continue
        n = split(found, parts, " -> ")
        for (j = 1; j <= n; j++) printed[parts[j]] = 1
        print "  a circle: " found " -> " start
    }
}
'
