#!/usr/bin/env bash
# The steps of a release. RELEASING.md says in which order; .github/workflows/release.yml runs them.
#
# check [TAG]            the versions agree; with a tag: it is that version, the changelog has its date,
#                        and the commit is on main
# dry-run [full]         check, and package all crates; full: also compile what was packaged
# publish                publish the crates in the order of their dependencies; what is there is skipped
# archive TARGET [DIR]   build kubectl-ha for this target, and pack it into DIR (default: target/release-archives)
# krew TAG [DIR]         fill the krew manifest with the checksums of all archives in DIR
# notes                  print the section of the changelog
set -euo pipefail
cd "$(dirname "$0")/.."
usage() { sed -n '4,11s/^# \?//p' "$0" >&2 && exit 2; }
fail() { echo "release: $1" >&2 && exit 1; }

metadata() { cargo metadata --no-deps --locked --format-version 1; }

# Names of the crates that are published, each after those that it depends on (a dev-dependency that
# names a version has to be there, too).
order() {
    metadata | jq -r '
        [.packages[] | select(.publish != [])] as $all | ($all | map(.name)) as $names
        | {done: [], left: $all}
        | until(.left == []; .done as $done
            | (.left | map(select(.name as $me | [.dependencies[].name | select(IN($names[]) and . != $me)] - $done == []))) as $next
            | if $next == [] then error("the crates depend on each other in a circle") else . end
            | .done += ($next | map(.name)) | .left -= $next)
        | .done[]'
}

version() { metadata | jq -r '[.packages[] | select(.publish != []) | .version] | unique | join(" ")'; }

# The heading is `## 1.2.3 — 2026-01-31`.
section() { awk -v heading="## $1 " 'index($0, heading) == 1 { inside = 1; next } /^## / { inside = 0 } inside' CHANGELOG.md; }

check() {
    local tag=${1:-} version heading
    version=$(version)
    [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[a-z0-9.]+)?$ ]] || fail "the crates have several versions: $version"
    local pinned
    pinned=$(sed -n '/^\[workspace\.dependencies\]/,/^\[/s/^\([a-z-]*\) = { path = .*version = "=\([^"]*\)".*/\1 \2/p' Cargo.toml)
    [ -n "$pinned" ] || fail "Cargo.toml pins no crate of the workspace"
    while read -r name pin; do
        [ "$pin" = "$version" ] || fail "Cargo.toml pins $name to $pin, and the version is $version"
    done <<<"$pinned"
    grep -qF "kunobi-ha = { version = \"$version\"" README.md || fail "README.md names another version than $version"
    heading=$(grep -m1 "^## $version " CHANGELOG.md) || fail "CHANGELOG.md has no section $version"
    [ -n "$(section "$version" | tr -d '[:space:]')" ] || fail "the section $version of CHANGELOG.md is empty"
    echo "release: version $version, crates in this order: $(order | paste -sd' ')"
    [ -n "$tag" ] || { echo "release: ${heading#\#\# }; no tag, so its date is not checked" && return; }
    [ "$tag" = "v$version" ] || fail "the tag is $tag, and the version is $version: tag v$version"
    grep -qxE "## $version — 20[0-9]{2}-[01][0-9]-[0-3][0-9]" <<<"$heading" ||
        fail "CHANGELOG.md says \"$heading\": write \"## $version — YYYY-MM-DD\""
    if git rev-parse --verify --quiet origin/main >/dev/null; then
        git merge-base --is-ancestor HEAD origin/main || fail "the commit of $tag is not on main"
    fi
}

dry_run() {
    check
    local verify=--no-verify
    [ "${1:-}" != full ] || verify=
    # k8s-openapi does not build without a Kubernetes version.
    cargo publish --workspace --dry-run --locked --allow-dirty --quiet --features latest $verify
    local crate
    for crate in $(order); do
        echo "release: $crate has $(cargo package --list --locked --allow-dirty -p "$crate" | wc -l) files"
    done
}

publish() {
    check "v$(version)"
    [ -z "$(git status --porcelain)" ] || fail "there are changes that are not committed"
    local crate version
    version=$(version)
    for crate in $(order); do
        if cargo info --quiet --registry crates-io "$crate@$version" >/dev/null 2>&1; then
            echo "release: $crate $version is published already"
            continue
        fi
        local features=()
        [ "$crate" != kunobi-ha ] || features=(--features latest)
        cargo publish --locked -p "$crate" "${features[@]}"
    done
}

archive() {
    local target=$1 out=${2:-target/release-archives} version name program=kubectl-ha
    version=$(version)
    cargo build --locked --release -p kubectl-ha --bin kubectl-ha --target "$target"
    [[ $target != *windows* ]] || program=kubectl-ha.exe
    name=kubectl-ha-v$version-$target # crates/kubectl-ha/krew.yaml has these names.
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    mkdir -p "$out"
    cp "target/$target/release/$program" LICENSE "$folder/"
    if [[ $target == *windows* ]]; then
        name+=.zip
        if command -v zip >/dev/null; then
            (cd "$folder" && zip -q -X - "$program" LICENSE) >"$out/$name"
        else
            (cd "$folder" && 7z a -bd -tzip archive.zip "$program" LICENSE >/dev/null) && mv "$folder/archive.zip" "$out/$name"
        fi
    else
        name+=.tar.gz
        tar -C "$folder" -czf "$out/$name" "$program" LICENSE
    fi
    (cd "$out" && checksum "$name" >"$name.sha256" && cat "$name.sha256")
}

# As sha256sum prints it; macOS has another program for it.
checksum() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi; }

# The template is one of krew-release-bot: `{{ .TagName }}`, and `{{addURIAndSha "URL" .TagName }}`.
krew() {
    local tag=$1 out=${2:-target/release-archives} template
    template=$(git ls-files '*krew*' | grep -m1 -E '(^|/)\.?krew[^/]*\.ya?ml$|krew/[^/]*\.ya?ml$') || fail "there is no template of a krew manifest"
    mkdir -p "$out"
    local manifest=$out/ha.yaml line url file archive_of='^(.*)\{\{ *addURIAndSha +"([^"]+)"'
    while IFS= read -r line; do
        if [[ $line =~ $archive_of ]]; then
            local indent=${BASH_REMATCH[1]} sum
            url=$(sed "s/{{ *\.TagName *}}/$tag/g" <<<"${BASH_REMATCH[2]}")
            file=$out/${url##*/}.sha256
            [ -f "$file" ] || fail "$template names $url, and $file does not exist"
            read -r sum _ <"$file"
            printf '%suri: %s\n%ssha256: %s\n' "$indent" "$url" "${indent//[^ ]/ }" "$sum"
        else
            sed "s/{{ *\.TagName *}}/$tag/g" <<<"$line"
        fi
    done <"$template" >"$manifest"
    ! grep -n '{{' "$manifest" || fail "$manifest still has what is to be filled in"
    grep -q 'sha256: [0-9a-f]\{64\}' "$manifest" || fail "$manifest has no checksum: $template names no archive"
    echo "release: $manifest is filled"
}

case ${1:-} in
    check) check "${2:-}" ;;
    dry-run) dry_run "${2:-}" ;;
    publish) publish ;;
    archive) [ $# -ge 2 ] || usage && archive "$2" "${3:-}" ;;
    krew) [ $# -ge 2 ] || usage && krew "$2" "${3:-}" ;;
    notes) section "$(version)" ;;
    *) usage ;;
esac
