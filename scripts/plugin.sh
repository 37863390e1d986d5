#!/usr/bin/env bash
# The kubectl plugin as its users have it: krew's validator reads the manifest, real kubectl runs `kubectl ha`
# against ha-test-server, and the shells complete its words. It says what it skipped, and why.
set -euo pipefail
cd "$(dirname "$0")/.."
krew_version=v0.5.0
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")

work=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
failed=0
checks=0

fail() {
    echo "  $1"
    failed=1
}

# 1. krew's own validator reads the manifest.
validator=$target/tools/validate-krew-manifest-$krew_version/validate-krew-manifest
if [ ! -x "$validator" ] && command -v go >/dev/null; then
    GOBIN=$(dirname "$validator") go install "sigs.k8s.io/krew/cmd/validate-krew-manifest@$krew_version" >&2
fi
if [ -x "$validator" ]; then
    version=$(sed -n '/^\[workspace.package\]/,/^version/s/^version = "\(.*\)"/\1/p' Cargo.toml)
    mkdir "$work/archives"
    while read -r target_name extension; do # made-up checksums: the archives are not built here
        archive=kubectl-ha-v$version-$target_name.$extension
        sha256sum <<<"$archive" >"$work/archives/$archive.sha256"
    done < <(sed -n 's/.*TagName }}-\([a-z0-9_-]*\)\.\(tar\.gz\|zip\)".*/\1 \2/p' crates/kubectl-ha/krew.yaml)
    bash scripts/release.sh krew "v$version" "$work/archives" >/dev/null
    mv "$work/archives/ha.yaml" "$work/ha.yaml"
    "$validator" -skip-install -manifest "$work/ha.yaml" >"$work/krew" 2>&1 || { cat "$work/krew"; fail "krew refuses the manifest"; }
    # Distrust green: a manifest with a fault is refused.
    sed 's/kind: Plugin/kind: Plug/' "$work/ha.yaml" >"$work/bad.yaml"
    if "$validator" -skip-install -manifest "$work/bad.yaml" >/dev/null 2>&1; then fail "krew's validator accepts anything"; fi
    echo "  krew $krew_version: the manifest of version $version is accepted"
else
    echo "  Go is missing, so krew's validator can't be built: the manifest was not checked"
fi

# 2. The programs, and a cluster.
kubectl=${CLIENTS:+$CLIENTS/kubectl}
[ -x "$kubectl" ] || kubectl=$(command -v kubectl || true)
cargo build --quiet -p kubectl-ha -p kunobi-ha-test --bins
mkdir "$work/bin"
ln -s "$target/debug/kubectl-ha" "$target/debug/kubectl_complete-ha" "$work/bin/"
[ -z "$kubectl" ] || ln -s "$kubectl" "$work/bin/kubectl"
export PATH=$work/bin:$PATH

# A Lease of the namespace default that was renewed when this began.
lease() { # name, labels, holder
    printf -- '---\napiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: { name: %s, labels: { %s } }\n' "$1" "$2"
    printf 'spec: { holderIdentity: "%s", leaseDurationSeconds: 15, leaseTransitions: 3, renewTime: "%s" }\n' "$3" "$(date -u +%FT%T.000000Z)"
}
{ lease orders 'team: blue' orders-0; lease batch 'team: red' 'batch-0_5f6b1c1e'; } >"$work/objects.yaml"
"$target/debug/ha-test-server" --listen 127.0.0.1:0 --objects "$work/objects.yaml" --clients me \
    --kubeconfig "$work/kubeconfig" >"$work/server" 2>&1 &
server=$!
for _ in $(seq 100); do [ ! -s "$work/kubeconfig" ] || break; sleep 0.1; done
export KUBECONFIG=$work/kubeconfig

prints() { # what must be in the output, command
    local wanted=$1
    shift
    "$@" >"$work/output" 2>&1 || { cat "$work/output"; fail "fails: $*"; }
    grep -qE -- "$wanted" "$work/output" || { cat "$work/output"; fail "prints nothing like '$wanted': $*"; }
    checks=$((checks + 1))
}

if [ -z "$kubectl" ]; then
    echo "  kubectl is missing: \`kubectl ha\` was not run by it"
else
    prints 'kubectl-ha$' kubectl plugin list
    prints '^orders +orders-0 +[0-9]+s +≤15s +3 ' kubectl ha list
    prints '^batch' kubectl ha list --context me -l team=red --no-headers
    prints '^Holder: +batch-0_5f6b1c1e$' kubectl ha get batch
    prints '^orders.*[[:space:]]orders-0$' kubectl __complete ha get o
    prints '^default$' kubectl __complete ha list -n de
    prints '^json' kubectl __complete ha list -o ''
    prints '^:4$' kubectl __complete ha get or
    prints 'Usage: kubectl ha' kubectl ha --help
    # Credentials of another program, as clouds have it.
    printf '#!/bin/sh\ntouch %q\n' "$work/asked" >"$work/bin/credentials"
    printf "echo '%s'\n" '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"me"}}' >>"$work/bin/credentials"
    chmod +x "$work/bin/credentials"
    cp "$KUBECONFIG" "$work/exec"
    kubectl --kubeconfig "$work/exec" config set-credentials clever --exec-command "$work/bin/credentials" \
        --exec-api-version client.authentication.k8s.io/v1 --exec-interactive-mode Never >/dev/null
    kubectl --kubeconfig "$work/exec" config set-context me --user clever >/dev/null
    prints '^orders' kubectl ha list --kubeconfig "$work/exec"
    [ -e "$work/asked" ] || fail "the program for credentials was not run"
    if kubectl ha get nothing >/dev/null 2>&1; then fail "a Lease that does not exist is found"; fi
    echo "  $(kubectl version --client 2>/dev/null | head -1): $checks commands"
fi

# 3. What Tab proposes in the shells.
cat >"$work/complete.bash" <<'BASH'
source <(kubectl-ha completion bash)
COMP_WORDS=(kubectl-ha get o) COMP_CWORD=2
_kubectl_ha
echo "${COMPREPLY[@]}"
BASH
prints '^orders$' bash "$work/complete.bash"
if command -v zsh >/dev/null; then
    cat >"$work/complete.zsh" <<'ZSH'
compdef() { }
source <(kubectl-ha completion zsh)
_describe() { print -l -- "${(@P)2}" }
words=(kubectl-ha get o) CURRENT=3
_kubectl-ha
ZSH
    prints '^orders:orders-0$' zsh -f "$work/complete.zsh"
else
    echo "  zsh is missing: its completion was not run"
fi
if command -v fish >/dev/null; then
    prints '^orders[[:space:]]+orders-0$' fish --no-config -c 'kubectl-ha completion fish | source; complete -C "kubectl-ha get o"'
    prints '^--output=json' fish --no-config -c 'kubectl-ha completion fish | source; complete -C "kubectl-ha list --output="'
    prints '^orders' fish --no-config -c 'kubectl-ha completion fish | source; complete -C "kubectl-ha get "'
else
    echo "  fish is missing: its completion was not run"
fi

[ "$failed" = 0 ] || exit 1
echo "  $checks commands printed what they should"
