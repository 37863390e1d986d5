#!/usr/bin/env bash
# Renders deploy/ with the real helm and kustomize, and compares with what is checked in.
# With --write it rewrites deploy/rendered/ instead, which crates/kunobi-ha/tests/deploy reads.
set -euo pipefail
cd "$(dirname "$0")/.."
helm_version=v4.3.1
kustomize_version=v5.8.2
chart=deploy/helm/kunobi-operator
tools=$(realpath -m "${CARGO_TARGET_DIR:-target}/tools")
write=false
case "${1:-}" in
"") ;;
--write) write=true ;;
*) echo "usage: $0 [--write]" >&2 && exit 2 ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Whatever repositories, plugins and caches the caller has play no part.
export HELM_CACHE_HOME=$work/helm HELM_CONFIG_HOME=$work/helm HELM_DATA_HOME=$work/helm
failed=0

fail() {
    echo "  $1"
    failed=1
}

tool() { # name, package, version: prints where it is
    echo "$tools/$1-$3/$1"
    [ -x "$tools/$1-$3/$1" ] || GOBIN=$tools/$1-$3 go install "$2@$3" >&2
}

render() { # name, a template or "all", values; linted with the same values
    local name=$1 only=()
    [ "$2" = all ] || only=(--show-only "templates/$2")
    shift 2
    "$helm" lint --strict --quiet "$chart" "$@" >"$work/lint" 2>&1 || { cat "$work/lint"; fail "helm lint: $name"; }
    "$helm" template kunobi-operator "$chart" --namespace kunobi-operator "${only[@]}" "$@" >"$work/$name.yaml"
}

only_replicas() { # number: the rendering differs from the default one in that number and nowhere else
    local differing
    differing=$(diff "$work/defaults.yaml" "$work/replicas-$1.yaml" | grep '^[<>]' || true)
    [ "$differing" = "$(printf '<   replicas: 2\n>   replicas: %s' "$1")" ] ||
        fail "replicas=$1 changes something else: $differing"
}

refused() { # what the message must name, values
    local named=$1
    shift
    if "$helm" template kunobi-operator "$chart" "$@" >/dev/null 2>"$work/refusal"; then
        fail "accepted: $*"
    elif ! grep -qF "$named" "$work/refusal"; then
        fail "refused, but without a word of $named: $*"
        cat "$work/refusal"
    fi
    refusals=$((refusals + 1))
}

compare() { # file
    if $write; then
        cp "$work/$1" "deploy/rendered/$1"
    elif ! diff -u "deploy/rendered/$1" "$work/$1"; then
        fail "deploy/rendered/$1 is not what is rendered; see the difference, then: $0 --write"
    fi
}

if ! command -v go >/dev/null &&
    ! { [ -x "$tools/helm-$helm_version/helm" ] && [ -x "$tools/kustomize-$kustomize_version/kustomize" ]; }; then
    echo "  Go is missing, so helm and kustomize can't be built: nothing was rendered"
    exit 0
fi
helm=$(tool helm helm.sh/helm/v4/cmd/helm "$helm_version")
kustomize=$(tool kustomize sigs.k8s.io/kustomize/kustomize/v5 "$kustomize_version")

own_rules='[{"apiGroups":[""],"resources":["configmaps"],"verbs":["get","list","watch","patch"]}]'
cluster_rules='[{"apiGroups":["apiextensions.k8s.io"],"resources":["customresourcedefinitions"],"verbs":["get"]}]'
render defaults all
for replicas in 1 3 5; do
    render "replicas-$replicas" all --set "replicas=$replicas"
    only_replicas "$replicas"
done
render events role.yaml --set election.events=true
render watch role.yaml --set election.watch=true
render pauses deployment.yaml --set shutdown.preStopSeconds=5,shutdown.unreadyDelaySeconds=7,shutdown.drainSeconds=40
render everything all --set election.events=true,election.watch=true,leaseName=the-lease,replicas=3 \
    --set shutdown.preStopSeconds=1,shutdown.unreadyDelaySeconds=5,priorityClassName=system-cluster-critical \
    --set serviceAccount.name=robot,image.repository=example-operator,image.tag=1.4.2,labels.team=storage \
    --set 'imagePullSecrets[0].name=pull,extraArgs={--verbose}' \
    --set-string 'nodeSelector.kubernetes\.io/os=linux,podAnnotations.checked=true,serviceAccount.annotations.role=robot' \
    --set-json 'extraEnv=[{"name":"RUST_LOG","value":"info"}]' \
    --set-json 'tolerations=[{"key":"node-role.kubernetes.io/control-plane","operator":"Exists"}]' \
    --set-json 'affinity={"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"kubernetes.io/arch","operator":"In","values":["amd64","arm64"]}]}]}}}' \
    --set-json "rbac.extraRules=$own_rules" --set-json "rbac.clusterRules=$cluster_rules"
# As deploy/README.md says it, word for word: the names of the README have to come out of that.
documented=$(sed -n '/^helm install/,/[^\\]$/p' deploy/README.md | sed 's/\\$//' | tr '\n' ' ')
eval "set -- ${documented#helm install}"
"$helm" template "$@" >"$work/documented.yaml"
set --
for name in defaults events watch pauses everything documented; do
    echo "# render: $name"
    cat "$work/$name.yaml"
done >"$work/helm.yaml"

for name in base overlays/production; do
    echo "# render: ${name#overlays/}"
    "$kustomize" build "deploy/kustomize/$name"
done >"$work/kustomize.yaml"

compare helm.yaml
compare kustomize.yaml

refusals=0
refused /replicas --set replicas=0
refused /replicas --set replicas=two
refused replica --set replica=3
refused /leaseName --set leaseName=My_Lease
refused /election/watch --set-string election.watch=yes
refused polling --set election.polling=true
refused /shutdown/drainSeconds --set shutdown.drainSeconds=-1
refused /shutdown/drainSeconds --set shutdown.drainSeconds=0
refused /shutdown/drainSeconds --set-json shutdown.drainSeconds=1.5
refused /shutdown/preStopSeconds --set shutdown.preStopSeconds=5s
refused drainSecond --set shutdown.drainSecond=20
refused drainSeconds --set shutdown.drainSeconds=null
refused /image/pullPolicy --set image.pullPolicy=Sometimes
refused /image/repository --set image.repository=
refused /runAsUser --set runAsUser=0
refused 'HA_GRACE_PERIOD_SECONDS is set by the chart' --set-json 'extraEnv=[{"name":"HA_GRACE_PERIOD_SECONDS","value":"60"}]'
refused /extraEnv/0/name --set-json 'extraEnv=[{"name":"9-LIVES"}]'
refused 'is set by the chart' --set 'labels.app\.kubernetes\.io/name=other'
refused /extraArgs --set extraArgs=--verbose
refused /rbac/extraRules/0 --set-json 'rbac.extraRules=[{"apiGroups":[""],"resources":["pods"]}]'
refused /rbac/clusterRules --set-json 'rbac.clusterRules=[{"resources":["pods"],"verb":["get"],"verbs":["get"]}]'
refused /podAnnotations --set podAnnotations.number=1

[ "$failed" = 0 ] || exit 1
echo "  helm $helm_version: 9 sets of values rendered and linted, $refusals wrong ones refused"
echo "  kustomize $kustomize_version: base and overlay built"
