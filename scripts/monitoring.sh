#!/usr/bin/env bash
# Checks the alerts and the dashboard of deploy/ with a real Prometheus.
#   scripts/monitoring.sh rules    each alert: fires when it must, and is silent when it must (promtool)
#   scripts/monitoring.sh          that, and a fleet on loopback: a failover, then every query returns data
# PROMETHEUS may name a folder with the programs prometheus and promtool. Without it they are had once: from the
# Debian package where there is apt, else built with Go, which takes minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
go_version=v0.316.0 # Prometheus 3.16
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
tools=${PROMETHEUS:-$target/tools/prometheus}
scope=${1:-all}
case "$scope" in
all | rules) ;;
*) echo "usage: $0 [rules]" >&2 && exit 2 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

found() {
    [ -x "$tools/prometheus" ] && [ -x "$tools/promtool" ]
}

unpack() { # the Debian package: nothing is installed
    local own=(-o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache")
    (
        cd "$work"
        # A new machine has no lists of packages yet; those of the machine are left as they are.
        apt-get download -q prometheus ||
            { mkdir -p lists/partial cache/archives/partial && apt-get update -q "${own[@]}" && apt-get download -q "${own[@]}" prometheus; }
        dpkg -x prometheus_*.deb unpacked
    ) >"$work/apt.log" 2>&1 || return 1
    mkdir -p "$tools" && mv "$work"/unpacked/usr/bin/prom{etheus,tool} "$tools/"
}

build() {
    local module=github.com/prometheus/prometheus/cmd
    # Without the discovery in clouds, which is most of it.
    GOBIN=$tools go install -tags remove_all_sd "$module/prometheus@$go_version" "$module/promtool@$go_version"
}

if ! found; then
    if [ -n "${PROMETHEUS:-}" ]; then
        echo "  PROMETHEUS is $PROMETHEUS, and there is no prometheus or no promtool in it" >&2
        exit 1
    fi
    if ! { command -v apt-get >/dev/null && command -v dpkg >/dev/null && unpack; }; then
        if ! command -v go >/dev/null; then
            echo "  neither apt nor Go can get Prometheus here, so alerts and dashboard were not checked"
            exit 0
        fi
        echo "  building Prometheus $go_version, once; some minutes" >&2
        build
    fi
fi
# What Go has built does not know its version.
version=$("$tools/promtool" --version 2>&1 | sed -nE 's/^promtool, version ([0-9.]+).*/\1/p')
echo "  Prometheus ${version:-$go_version}"

# The rules as they are rendered; scripts/deploy.sh keeps them up to date.
rules() { # rendering: prints what stands below `spec:`
    sed -n "/^# render: $1\$/,/^# render: /p" deploy/rendered/helm.yaml |
        awk '/^kind: / { inside = /PrometheusRule/ } /^---/ { inside = 0 } inside && /^  groups:/ { groups = 1 }
            !inside { groups = 0 } groups && /^  / { print substr($0, 3) }'
}

labels='namespace="kunobi-operator",lease_namespace="kunobi-operator",name="kunobi-operator"'
for rendering in one-lease single-replica thresholds monitoring; do
    rules "$rendering" >"$work/$rendering.yaml"
    [ -s "$work/$rendering.yaml" ] || { echo "  no rules in the rendering $rendering" >&2 && exit 1; }
done
mv "$work/monitoring.yaml" "$work/every-lease.yaml"
"$tools/promtool" check rules "$work"/*.yaml >"$work/check.log" 2>&1 || { cat "$work/check.log"; exit 1; }
for test in deploy/monitoring/*.test.yaml; do
    sed "s/LEASE/$labels/" "$test" >"$work/$(basename "$test")"
done
"$tools/promtool" test rules "$work"/*.test.yaml >"$work/test.log" 2>&1 || { cat "$work/test.log"; exit 1; }
echo "  $(grep -ch 'alert:' "$work/one-lease.yaml") alerts, $(grep -h '^  - name:' "$work"/*.test.yaml | wc -l) situations: each fires when it must, and only then"
[ "$scope" = all ] || exit 0

cargo build --quiet -p kunobi-ha --example operator
cargo build --quiet -p kunobi-ha-test --bin ha-test-server
python3 scripts/monitoring-fleet.py --prometheus "$tools/prometheus" --rules "$work/one-lease.yaml" \
    --server "$target/debug/ha-test-server" --operator "$target/debug/examples/operator" --folder "$work"
