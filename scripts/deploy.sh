#!/usr/bin/env bash
# Renders deploy/ with the real helm and kustomize, and compares with what is checked in.
# With --write it rewrites deploy/rendered/ instead, which crates/kunobi-ha/tests/deploy reads, and what
# components/monitoring has from the chart.
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
renderings=0
refusals=0

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
    renderings=$((renderings + 1))
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
    # What the chart itself says, and not its schema: tests/deploy reads that.
    if grep -q 'execution error at' "$work/refusal"; then
        printf '# refused: %s\n' "$*"
        sed -n 's/^.*execution error at ([^)]*): //p' "$work/refusal"
    fi >>"$work/refusals.txt"
}

accepted() { # values
    "$helm" template kunobi-operator "$chart" "$@" >/dev/null 2>"$work/refusal" ||
        { cat "$work/refusal"; fail "refused: $*"; }
}

refused_by_kustomize() { # component, what the message must name, an operation on the Deployment, where, a value
    local before=$work/kustomize/overlays/before after=$work/kustomize/overlays/after
    rm -rf "$work/kustomize"
    mkdir -p "$before" "$after"
    cp -r deploy/kustomize/{base,components} "$work/kustomize/"
    printf '%s\n' 'resources: [../../base]' 'patches:' '- target: { kind: Deployment }' \
        "  patch: '[{\"op\":\"$3\",\"path\":\"$4\",\"value\":$5}]'" >"$before/kustomization.yaml"
    printf '%s\n' 'resources: [../before]' "components: [../../components/$1]" >"$after/kustomization.yaml"
    "$kustomize" build "$before" >/dev/null
    if "$kustomize" build "$after" >/dev/null 2>"$work/refusal"; then
        fail "$1 is accepted after $3 $4 $5"
    elif ! grep -qF "$2" "$work/refusal"; then
        fail "$1 after $3 $4 $5 is refused, but without a word of $2"
        cat "$work/refusal"
    fi
    refusals=$((refusals + 1))
}

same() { # file of deploy/, what it should be
    if $write; then
        cp "$2" "deploy/$1"
    elif ! diff -u "deploy/$1" "$2"; then
        fail "deploy/$1 is not what is rendered; see the difference, then: $0 --write"
    fi
}

compare() { # file
    same "rendered/$1" "$work/$1"
}

without_dashboard() { # file: the text of its dashboard is checked to be that of the chart, and left out
    rm -f "$work/dashboard.json"
    awk -v copy="$work/dashboard.json" '
        /^  kunobi-ha.json: \|/ { print "  kunobi-ha.json: monitoring/dashboard.json of the chart"; inside = 1; next }
        inside && /^    / { print substr($0, 5) >copy; next }
        { inside = 0; print }' "$1" >"$work/without"
    mv "$work/without" "$1"
    cmp "$chart/monitoring/dashboard.json" "$work/dashboard.json" || fail "another dashboard than that of the chart: $1"
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
render fast-failover all --set leader.fastFailover=true
render one-handover all --set rollout.oneHandover=true
render both all --set leader.fastFailover=true,rollout.oneHandover=true
render host-network deployment.yaml --set hostNetwork=true
render monitoring all --set monitoring.podMonitor=true,monitoring.rules.enabled=true,monitoring.rules.everyLease=true \
    --set monitoring.dashboard.enabled=true
without_dashboard "$work/monitoring.yaml"
render service-monitor servicemonitor.yaml --set monitoring.serviceMonitor=true,monitoring.interval=15s,monitoring.labels.release=prometheus
render one-lease prometheusrule.yaml --set monitoring.rules.enabled=true
render single-replica prometheusrule.yaml --set monitoring.rules.enabled=true,replicas=1
render thresholds prometheusrule.yaml --set monitoring.rules.enabled=true,leaseName=the-lease,replicas=8 \
    --set monitoring.rules.noLeader.for=5m,monitoring.rules.renewalsSlow.deadlinePercent=50,monitoring.rules.runbooks=https://example.com/runbooks
# What kustomize is given, which can't leave its folder; the labels that name the installer are helm's.
"$helm" template kunobi-operator "$chart" --namespace kunobi-operator --show-only templates/prometheusrule.yaml \
    --set monitoring.rules.enabled=true,monitoring.rules.everyLease=true >"$work/all-rules.yaml"
{
    echo "# Made by scripts/deploy.sh --write from the chart's templates/prometheusrule.yaml."
    grep -vE '^---|^# Source|^  namespace:|app.kubernetes.io/(version|managed-by)|helm.sh/chart' "$work/all-rules.yaml"
} >"$work/rules.yaml"
same kustomize/components/monitoring/rules.yaml "$work/rules.yaml"
same kustomize/components/monitoring/dashboard.json "$chart/monitoring/dashboard.json"
# What `helm upgrade --reuse-values` keeps of a release of an earlier chart.
render earlier all --set leader=null,rollout=null,monitoring=null
cmp -s "$work/defaults.yaml" "$work/earlier.yaml" || fail "without leader, monitoring and rollout it is not as with both off"
render everything all --set election.events=true,election.watch=true,leaseName=the-lease,replicas=3 \
    --set shutdown.preStopSeconds=1,shutdown.unreadyDelaySeconds=5,priorityClassName=system-cluster-critical \
    --set serviceAccount.name=robot,image.repository=example-operator,image.tag=1.4.2,labels.team=storage \
    --set 'imagePullSecrets[0].name=pull,extraArgs={--verbose}' \
    --set-string 'nodeSelector.kubernetes\.io/os=linux,podAnnotations.checked=true,serviceAccount.annotations.role=robot' \
    --set-json 'extraEnv=[{"name":"RUST_LOG","value":"info"}]' --set shareProcessNamespace=true \
    --set-json 'extraVolumes=[{"name":"scratch","emptyDir":{"sizeLimit":"64Mi"}}]' \
    --set-json 'extraVolumeMounts=[{"name":"scratch","mountPath":"/tmp"}]' \
    --set-json 'tolerations=[{"key":"node-role.kubernetes.io/control-plane","operator":"Exists"}]' \
    --set-json 'affinity={"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"kubernetes.io/arch","operator":"In","values":["amd64","arm64"]}]}]}}}' \
    --set-json "rbac.extraRules=$own_rules" --set-json "rbac.clusterRules=$cluster_rules"
# As deploy/README.md says it, word for word: the names of the README have to come out of that.
documented=$(sed -n '/^helm install/,/[^\\]$/p' deploy/README.md | sed 's/\\$//' | tr '\n' ' ')
eval "set -- ${documented#helm install}"
"$helm" template "$@" >"$work/documented.yaml"
renderings=$((renderings + 1))
for command in upgrade template; do
    documented=$(sed -n "/^helm $command /,/[^\\]\$/p" deploy/README.md |
        sed 's/\\$//; s/--reset-then-reuse-values//; s/| kubectl.*//' | tr '\n' ' ')
    eval "set -- ${documented#helm "$command"}"
    "$helm" template "$@" >"$work/$command.yaml" || fail "helm $command of deploy/README.md"
    grep -q 'alert: KunobiHaNoLeader' "$work/$command.yaml" || fail "helm $command of deploy/README.md has no alerts"
    renderings=$((renderings + 1))
done
set --
for name in defaults events watch pauses everything documented fast-failover one-handover both host-network \
    monitoring service-monitor one-lease single-replica thresholds; do
    echo "# render: $name"
    cat "$work/$name.yaml"
done >"$work/helm.yaml"

for name in base overlays/production overlays/fast overlays/monitored; do
    echo "# render: ${name#overlays/}"
    "$kustomize" build "deploy/kustomize/$name"
done >"$work/kustomize.yaml"
without_dashboard "$work/kustomize.yaml"

compare helm.yaml
compare kustomize.yaml

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

refused /leader/fastFailover --set-string leader.fastFailover=yes
refused fastFailOver --set leader.fastFailOver=true
refused /rollout/oneHandover --set-string rollout.oneHandover=true
refused maxSurge --set rollout.oneHandover=true,rollout.maxSurge=2
refused maxUnavailable --set rollout.maxUnavailable=1
refused hostPID --set hostPID=true
refused terminationMessagePath --set leader.terminationMessagePath=/tmp/words
refused 'HA_DEATH_CERTIFICATES is set by the chart' --set-json 'extraEnv=[{"name":"HA_DEATH_CERTIFICATES","value":"operator"}]'
refused 'HA_SUCCESSOR is set by the chart' --set-json 'extraEnv=[{"name":"HA_SUCCESSOR","value":"true"}]'
refused /hostNetwork --set-string hostNetwork=yes
refused /shareProcessNamespace --set-string shareProcessNamespace=yes
refused /extraVolumes/0 --set-json 'extraVolumes=[{"emptyDir":{}}]'
refused /extraVolumeMounts/0/mountPath --set-json 'extraVolumeMounts=[{"name":"data","mountPath":"data"}]'
refused mountpath --set-json 'extraVolumeMounts=[{"name":"data","mountpath":"/data"}]'

refused /monitoring/podMonitor --set-string monitoring.podMonitor=yes
refused serviceMonitors --set monitoring.serviceMonitors=true
refused /monitoring/interval --set-string monitoring.interval=30
refused /monitoring/rules/noLeader/for --set-string monitoring.rules.noLeader.for=120
refused deadlinePercents --set monitoring.rules.renewalsSlow.deadlinePercents=50
refused /monitoring/rules/renewalsSlow/deadlinePercent --set monitoring.rules.renewalsSlow.deadlinePercent=100
refused /monitoring/rules/flapping/transitions --set monitoring.rules.flapping.transitions=0
refused /monitoring/rules/runbooks --set monitoring.rules.runbooks=https://example.com/runbooks/
refused /monitoring/dashboard/labels --set monitoring.dashboard.labels.grafana_dashboard=1
refused 'is set by the chart' --set 'monitoring.labels.app\.kubernetes\.io/name=other'
refused 'is in labels, too' --set labels.team=storage,monitoring.labels.team=network
refused 'everyLease without enabled' --set monitoring.rules.everyLease=true
refused 'not podMonitor and serviceMonitor' --set monitoring.podMonitor=true,monitoring.serviceMonitor=true

refused 'not with shareProcessNamespace' --set leader.fastFailover=true,shareProcessNamespace=true
refused 'not with hostNetwork' --set leader.fastFailover=true,hostNetwork=true
for path in /dev/termination-log /dev /dev/ / //dev/./termination-log/ /tmp/../dev; do
    refused "at $path," --set "leader.fastFailover=true,extraVolumeMounts[0].name=data,extraVolumeMounts[0].mountPath=$path"
done
elsewhere='extraEnv=[{"name":"HA_TERMINATION_LOG","value":"/tmp/words"}]'
refused 'not with HA_TERMINATION_LOG' --set leader.fastFailover=true --set-json "$elsewhere"
on_nodes() { # operator, value: an affinity
    printf 'affinity={"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[%s]}}}' \
        "{\"matchExpressions\":[{\"key\":\"kubernetes.io/os\",\"operator\":\"$1\",\"values\":[\"$2\"]}]}"
}
refused 'kubernetes.io/os: windows' --set leader.fastFailover=true --set 'nodeSelector.kubernetes\.io/os=windows'
refused 'beta.kubernetes.io/os: windows' --set leader.fastFailover=true --set 'nodeSelector.beta\.kubernetes\.io/os=windows'
refused 'windows among the values' --set leader.fastFailover=true --set-json "$(on_nodes In windows)"
refused 'not with hostNetwork' --set rollout.oneHandover=true,hostNetwork=true
accepted --set leader.fastFailover=true,extraVolumeMounts[0].name=data,extraVolumeMounts[0].mountPath=/dev/shm
accepted --set leader.fastFailover=true,extraVolumeMounts[0].name=data,extraVolumeMounts[0].mountPath=/dev/termination-logs
accepted --set leader.fastFailover=true --set 'nodeSelector.kubernetes\.io/os=linux'
accepted --set leader.fastFailover=true --set-json "$(on_nodes NotIn windows)"
accepted --set leader.fastFailover=true --set-json 'affinity={"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"kubernetes.io/os","operator":"Exists"}]}]}}}'
accepted --set rollout.oneHandover=true,shareProcessNamespace=true --set-json "$elsewhere"
accepted --set hostNetwork=true,shareProcessNamespace=true --set 'nodeSelector.kubernetes\.io/os=windows' \
    --set extraVolumeMounts[0].name=data,extraVolumeMounts[0].mountPath=/dev
compare refusals.txt

pod=/spec/template/spec
rolling=/spec/strategy/rollingUpdate
for field in shareProcessNamespace hostPID hostNetwork; do
    refused_by_kustomize fast-failover "$pod/$field" add "$pod/$field" true
done
refused_by_kustomize one-handover "$rolling/maxSurge" replace "$rolling/maxSurge" 2
refused_by_kustomize one-handover "$rolling/maxSurge" replace /spec/strategy '{"type":"Recreate"}'
refused_by_kustomize one-handover "$rolling/maxUnavailable" replace "$rolling/maxUnavailable" 1
refused_by_kustomize one-handover "$pod/hostNetwork" add "$pod/hostNetwork" true

[ "$failed" = 0 ] || exit 1
echo "  helm $helm_version: $renderings sets of values rendered and linted"
echo "  kustomize $kustomize_version: base and overlays built"
echo "  $refusals wrong values and patches refused"
