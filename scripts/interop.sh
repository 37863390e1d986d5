#!/usr/bin/env bash
# Builds the Go programs of the tests against a real control plane, once for
# each state of their sources, and prints the directory that they are in.
#   scripts/interop.sh [MINOR]   MINOR: an older Kubernetes, as 1.33
set -euo pipefail
cd "$(dirname "$0")/../interop"
minor=${1:-}

if ! command -v go >/dev/null; then
    echo "interop: no Go here, so nothing is built and what needs a real API server is not tested" >&2
    exit 0
fi
if [ "$(uname -s)" != Linux ]; then
    echo "interop: only Linux is known, so nothing is built and what needs a real API server is not tested" >&2
    exit 0
fi

module=go.mod
[ -z "$minor" ] || module=kubernetes-$minor.mod
if [ ! -f "$module" ]; then
    echo "interop: no interop/$module" >&2
    exit 1
fi

# What the programs are made of: the sources, one pair of module files, the compiler.
hash=$({
    go version
    sha256sum ../scripts/interop.sh "$module" "${module%.mod}.sum" control-plane/*.go candidate/*.go
} | sha256sum | cut -c1-16)
directory=$(cd .. && pwd)/target/interop/$hash

if [ ! -x "$directory/control-plane" ] || [ ! -x "$directory/candidate" ]; then
    version=$(awk '$1 == "k8s.io/kubernetes" { print $2 }' "$module")
    echo "interop: building Kubernetes $version with $(go env GOVERSION); up to a quarter of an hour" >&2
    mkdir -p "$directory"
    scratch=$(mktemp -d "$directory/build.XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    flags="-s -w"
    for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
        flags+=" -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=$(cut -d. -f2 <<<"$version")"
    done
    go build -trimpath -modfile="$module" -ldflags="$flags" -o "$scratch/" ./control-plane ./candidate
    mv "$scratch/candidate" "$scratch/control-plane" "$directory/"
fi
echo "$directory"
